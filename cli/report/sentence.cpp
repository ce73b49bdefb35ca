#include "cli/report/sentence.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <optional>

#include "cli/compare/report.hpp"
#include "results/identity.hpp"
#include "results/summary.hpp"
#include "suites/registry.hpp"

namespace gobench::cli::report {

namespace {

struct summarised {
  const results::sample* who;
  results::summary what;
};

std::string count_of(std::size_t n, const char* what) {
  return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
}

std::string time_text(const summarised& one) {
  const auto text = [](double ns) { return compare::value_text(ns, "ns_per_op"); };
  return fmt::format("{} per operation ({} to {})", text(one.what.median_ns),
                     text(one.what.range_ns.low), text(one.what.range_ns.high));
}

// The suite's own answer. The file may say anything of a suite that gobench knows by its name, so an answer that
// stumbles over it is no answer.
std::string own_answer(const std::string& suite, const std::vector<results::sample>& samples) {
  const auto all = suites::all_suites();
  const auto found = std::ranges::find(all, suite, &suites::suite::name);
  if (found == all.end() || !found->answer) return "";
  try {
    return found->answer(samples);
  } catch (const std::exception&) {
    return "";
  }
}

std::string extremes(std::vector<summarised> told) {
  std::erase_if(told, [](const summarised& one) {
    return one.what.count == 0 || one.what.noisy || one.who->impl.starts_with("plain.");
  });
  if (told.empty()) return "";
  const auto [fast, slow] = std::ranges::minmax_element(
      told, {}, [](const summarised& one) { return one.what.median_ns; });
  if (told.size() == 1) {
    return fmt::format(" {} takes {}.", results::description(*fast->who), time_text(*fast));
  }
  const std::string ratio =
      fast->what.median_ns > 0
          ? fmt::format(", {:.3g} times as long", slow->what.median_ns / fast->what.median_ns)
          : std::string();
  return fmt::format(" The fastest is {} with {}; the slowest is {} with {}{}.",
                     results::description(*fast->who), time_text(*fast),
                     results::description(*slow->who), time_text(*slow), ratio);
}

}  // namespace

std::string sentence_about(const run& in, const std::string& suite) {
  std::vector<summarised> told;
  std::vector<results::sample> samples;
  for (const measured_case& one : in.cases) {
    if (one.who().suite != suite) continue;
    told.push_back({&one.who(), results::summarise(one.samples)});
    samples.insert(samples.end(), one.samples.begin(), one.samples.end());
  }
  const auto noisy = static_cast<std::size_t>(
      std::ranges::count_if(told, [](const summarised& one) { return one.what.noisy; }));
  const auto serial = static_cast<std::size_t>(
      std::ranges::count_if(told, [](const summarised& one) { return one.what.serial; }));
  std::string made =
      fmt::format("{}, {}.", count_of(told.size(), "case"), count_of(samples.size(), "sample"));
  const std::string answer = own_answer(suite, samples);
  made += answer.empty() ? extremes(told) : " " + answer;
  if (noisy > 0)
    made += fmt::format(" {} too noisy to tell.",
                        noisy == 1 ? "1 case is" : fmt::format("{} cases are", noisy));
  if (serial > 0) {
    made += fmt::format(" In {} the tasks ran one after another and hardly contended.",
                        count_of(serial, "case"));
  }
  return made;
}

}  // namespace gobench::cli::report
