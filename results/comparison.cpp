#include "results/comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "results/identity.hpp"
#include "results/internal/text.hpp"
#include "results/sequence.hpp"
#include "results/shape.hpp"
#include "results/summary.hpp"

namespace gobench::results {

namespace {

// Less of the CPUs than this is the system's own and what ticks cannot tell.
constexpr double unavoidable = 0.05;
constexpr std::size_t few_samples = 5;

double metric_of(const sample& one, const std::string& name) {
  if (name == "ns_per_op") return one.ns_per_op;
  if (name == "cpu_ns_per_op") return one.cpu_ns_per_op;
  if (name == "ops_per_s") return one.ops_per_s;
  const value* found = one.metrics.find(name);
  return found == nullptr ? not_measured : as_number(*found);
}

// The case alone, without what is ignored.
sample only_case(const sample& one, const std::vector<std::string>& ignored) {
  const auto kept = [&](std::string_view name) {
    return std::ranges::find(ignored, name) == ignored.end();
  };
  sample made;
  if (kept("suite")) made.suite = one.suite;
  if (kept("case")) made.case_name = one.case_name;
  if (kept("impl")) made.impl = one.impl;
  if (kept("vehicle")) made.runs_on = one.runs_on;
  if (kept("procs")) made.procs = one.procs;
  if (kept("tasks")) made.tasks = one.tasks;
  for (const auto& field : one.parameters) {
    if (kept(field.name)) made.parameters.set(field.name, field.content);
  }
  return made;
}

void add_notes(std::vector<std::string>& to, const std::vector<double>& values, const char* side) {
  if (values.size() < few_samples) {
    to.push_back(
        fmt::format("{} sample{} ({})", values.size(), values.size() == 1 ? "" : "s", side));
    return;
  }
  if (warm_up(values) > 0) to.push_back(fmt::format("slow start ({})", side));
  if (drifts(values)) to.push_back(fmt::format("drifts ({})", side));
  if (is_bimodal(values)) to.push_back(fmt::format("two modes ({})", side));
}

}  // namespace

case_collector::entry& case_collector::of(const sample& one) {
  sample reduced = only_case(one, how_.ignored);
  const auto [found, made] = places_.try_emplace(identity(reduced), cases_.size());
  if (made) {
    cases_.push_back({std::move(reduced), {}, how_.ignored.empty() ? "" : identity(one)});
    cases_.back().what.taken_by_others = taken_by_others_;
  }
  entry& here = cases_[found->second];
  if (!how_.ignored.empty() && here.full_identity != identity(one)) {
    throw ambiguous_case(fmt::format(
        "Without the columns that are ignored, {} {} and another case of the same run are one; "
        "leave out --ignore for what tells them apart, or choose cases with --filter.",
        one.suite, description(one)));
  }
  return here;
}

void case_collector::add(const sample& one) {
  entry& here = of(one);
  const double found = metric_of(one, how_.metric);
  if (!std::isfinite(found)) return;
  has_metric_ = true;
  here.what.values.push_back(found);
  // Tasks that wait for each other may spend CPU time on that: theirs does not stand for anything.
  if (how_.metric == "ns_per_op") {
    here.what.cpu_values.push_back(one.tasks > 1 ? not_measured : one.cpu_ns_per_op);
  }
}

void case_collector::about(const context& found) {
  const double others = std::isfinite(found.others_percent) ? found.others_percent / 100 : 0;
  const double stolen = std::isfinite(found.steal_percent) ? found.steal_percent / 100 : 0;
  taken_by_others_ = std::max(0.0, std::min(others + stolen, 1.0) - unavoidable);
  for (entry& one : cases_) one.what.taken_by_others = taken_by_others_;
}

const case_collector::entry* case_collector::find(const std::string& key) const {
  const auto found = places_.find(key);
  return found == places_.end() ? nullptr : &cases_[found->second];
}

std::size_t comparison::count(verdict of) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(cases, [&](const compared& one) { return one.what.said == of; }));
}

comparison compare(const case_collector& base, const case_collector& fresh, const judging& how) {
  comparison made;
  std::vector<measured> before;
  std::vector<measured> after;
  for (const auto& one : base.cases()) {
    const auto* other = fresh.find(identity(one.who));
    if (other == nullptr) {
      made.only_in_base.push_back(one.who);
      continue;
    }
    made.cases.push_back({one.who, {}, {}});
    before.push_back(one.what);
    after.push_back(other->what);
  }
  for (const auto& one : fresh.cases()) {
    if (base.find(identity(one.who)) == nullptr) made.only_in_new.push_back(one.who);
  }
  const std::vector<judged> all = judge(before, after, how);
  for (std::size_t i = 0; i < all.size(); ++i) {
    made.cases[i].what = all[i];
    const bool cpu = all[i].by_cpu;
    if (all[i].busy) made.cases[i].notes.emplace_back("machine busy with other programs");
    add_notes(made.cases[i].notes, cpu ? before[i].cpu_values : before[i].values, "base");
    add_notes(made.cases[i].notes, cpu ? after[i].cpu_values : after[i].values, "new");
  }
  return made;
}

std::string column_of(const sample& who, const std::string& name) {
  if (name == "suite") return who.suite;
  if (name == "case") return who.case_name;
  if (name == "impl") return who.impl;
  if (name == "vehicle") return std::string(to_string(who.runs_on));
  if (name == "procs") return std::to_string(who.procs);
  if (name == "tasks") return std::to_string(who.tasks);
  const value* found = who.parameters.find(name);
  return found == nullptr ? std::string() : internal::to_text(*found);
}

}  // namespace gobench::results
