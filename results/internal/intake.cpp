#include "results/internal/intake.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "results/identity.hpp"
#include "results/table/text.hpp"

namespace gobench::results::internal {

namespace {

constexpr std::size_t most_bytes_of_names = std::size_t{64} << 20;
constexpr std::size_t most_fields = 10'000;
constexpr int repetitions_apart = 1024;

}  // namespace

void intake::declare_parameter(const std::string& name) {
  if (parameters_.insert(name).second) content.columns.parameters.push_back(name);
}

void intake::declare_metric(const std::string& name) {
  if (metrics_.insert(name).second) content.columns.metrics.push_back(name);
}

void intake::require_measure(std::string_view name, double number) const {
  if (std::isfinite(number) && number >= 0) return;
  fail(fmt::format("{} is {}, and nothing takes that; correct the row or remove it.", name,
                   std::isnan(number) ? "NaN (leave it empty where it was not measured)"
                   : number < 0       ? fmt::format("negative ({})", number)
                                      : "infinite"));
}

intake::repetitions& intake::of(const sample& one) {
  std::string key = identity(one);
  const std::size_t size = key.size();
  const auto [found, made] = cases_.try_emplace(std::move(key));
  if (made) {
    bytes_of_names_ += size;
    if (cases_.size() > how_.most_cases || bytes_of_names_ > most_bytes_of_names) {
      fail(fmt::format(
          "There are more than {} cases so far, which is more than gobench takes; split the file.",
          cases_.size() - 1));
    }
  }
  return found->second;
}

bool intake::seen_before(repetitions& in, int rep) const {
  const auto index = static_cast<std::size_t>(rep);
  // Bits for what is near, so that a repetition of a billion takes no memory.
  if (rep - in.next < repetitions_apart) {
    if (in.near.size() <= index) in.near.resize(std::max(index + 1, 2 * in.near.size()));
    if (in.near[index]) return true;
    in.near[index] = true;
    in.next = std::max(in.next, rep + 1);
    return in.far.contains(rep);
  }
  return (index < in.near.size() && in.near[index]) || !in.far.insert(rep).second;
}

void intake::add(sample&& one) {
  if (one.rep < 0) fail("A repetition is negative; they count from 0.");
  if (seen_before(of(one), one.rep)) {
    fail(fmt::format(
        "The case {} has repetition {} twice; the file was put together from several runs, so give "
        "these one by one.",
        table::shortened(table::printable(one.suite + " " + description(one)), 200), one.rep));
  }
  pass_on(std::move(one));
}

void intake::add_next(sample&& one) {
  one.rep = of(one).next++;
  pass_on(std::move(one));
}

void intake::pass_on(sample&& one) {
  if (content.samples == how_.most_samples) {
    fail(fmt::format(
        "There are more than {} samples, which is more than gobench takes; split the file.",
        how_.most_samples));
  }
  ++content.samples;
  note(content.columns.parameters, parameters_, one.parameters);
  note(content.columns.metrics, metrics_, one.metrics);
  if (parameters_.size() + metrics_.size() > most_fields) {
    fail(fmt::format("There are more than {} columns so far; give a result file.", most_fields));
  }
  take_(std::move(one));
}

void intake::note(std::vector<std::string>& names, std::set<std::string, std::less<>>& known,
                  const fields& used) {
  for (const auto& field : used) {
    if (known.insert(field.name).second) names.push_back(field.name);
  }
}

void intake::remark(const std::string& sentence) {
  if (std::ranges::find(content.remarks, sentence) == content.remarks.end() &&
      content.remarks.size() < 20) {
    content.remarks.push_back(sentence);
  }
}

}  // namespace gobench::results::internal
