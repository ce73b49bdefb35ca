#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <gobench.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/claims/messages.hpp"
#include "cli/claims/source.hpp"
#include "cli/claims/trials.hpp"
#include "cli/doctor/check.hpp"
#include "cli/run/environment.hpp"
#include "results/build_info.hpp"
#include "results/machine.hpp"

namespace gobench::cli::claims {

namespace {

// Forwards samples. A suite is measured again without a case that failed; the repetitions go on being counted.
class renumbering : public results::sink {
 public:
  explicit renumbering(results::sink& to) : to_(to) {}
  void begin(const results::context&, const results::schema&) override {}
  void add(const results::sample& one) override {
    results::sample numbered = one;
    numbered.rep += first_;
    to_.add(numbered);
  }
  void finish(const results::context&) override {}
  void from(int repetition) { first_ = repetition; }

 private:
  results::sink& to_;
  int first_ = 0;
};

std::string whole_cause(const std::exception& error) {
  try {
    std::rethrow_if_nested(error);
  } catch (const std::exception& cause) {
    return whole_cause(cause);
  }
  return error.what();
}

// What doctor says of a check, when it is a warning.
std::optional<std::string> warning(const std::vector<doctor::diagnosis>& all,
                                   std::string_view name) {
  const auto found = std::ranges::find(all, name, &doctor::diagnosis::name);
  if (found == all.end() || found->state != doctor::mark::warning) return std::nullopt;
  return found->advice.empty() ? found->effect : found->effect + " " + found->advice;
}

class machine_source : public source {
 public:
  explicit machine_source(std::string program) : programs_(std::move(program)) {}

  fitness examine() override {
    const std::vector<doctor::diagnosis> all = doctor::examine(doctor::sysroot());
    fitness found;
    found.procs = gobench::max_procs();
    found.no_contention = warning(all, "cpus").value_or("");
    found.no_times = warning(all, "build").value_or("");
    // Threads stand still together, for longer than most samples take.
    if (found.no_times.empty()) found.no_times = warning(all, "quota").value_or("");
    return found;
  }

  bool measure(const suite_plan& one, results::sink& out, evidence& to,
               const suites::observer& watching) override {
    results::machine_probe machine;
    results::context about = machine.begin();
    const bool complete = measure_what_can_be(one, out, to, watching);
    machine.end(about);
    const auto known = [](double percent) { return percent == percent ? percent : 0.0; };
    to.busy[one.of->name].others = (known(about.others_percent) + known(about.steal_percent)) / 100;
    return complete;
  }

  tried attempt(const trial& one, int runs) override { return programs_.attempt(one, runs); }

 private:
  static bool measure_what_can_be(suite_plan left, results::sink& out, evidence& to,
                                  const suites::observer& watching) {
    renumbering numbered(out);
    const int repetitions = left.how.repetitions;
    while (!left.cases.empty() && left.how.repetitions > 0) {
      const suites::planned_case* current = nullptr;
      int rep = 0;
      suites::observer noting = watching;
      noting.starting = [&](const suites::progress& now) {
        current = now.next;
        rep = now.rep;
        if (watching.starting) watching.starting(now);
      };
      try {
        return suites::measure_all(left.cases, left.how, numbered, noting);
      } catch (const suites::failed_case& failed) {
        const auto index = static_cast<std::size_t>(current - left.cases.data());
        to.missing[left.places[index]] =
            fmt::format("It could not be measured: {}.", whole_cause(failed));
        left.cases.erase(left.cases.begin() + static_cast<std::ptrdiff_t>(index));
        left.places.erase(left.places.begin() + static_cast<std::ptrdiff_t>(index));
        left.how.repetitions -= rep;
        numbered.from(repetitions - left.how.repetitions);
      }
    }
    return true;
  }

  trial_runner programs_;
};

}  // namespace

std::unique_ptr<source> make_machine_source(const std::string& program) {
  return std::make_unique<machine_source>(program);
}

}  // namespace gobench::cli::claims
