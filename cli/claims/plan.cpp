#include "cli/claims/plan.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "cli/claims/evidence.hpp"
#include "cli/claims/messages.hpp"

namespace gobench::cli::claims {

namespace {

const suites::variant* variant_at(const suites::suite& in, const place& where) {
  for (const suites::variant& one : in.variants) {
    if (one.case_name == where.case_name && one.impl == where.impl &&
        std::ranges::find(one.vehicles, where.runs_on) != one.vehicles.end())
      return &one;
  }
  return nullptr;
}

// The value that a place sets, else the first of a default run: parameters that make no difference to a claim
// need not be named there.
results::fields parameters_at(const suites::suite& in, const suites::variant& what,
                              const place& where, bool quick) {
  results::fields made;
  for (const suites::parameter& one : in.parameters) {
    if (std::ranges::find(what.parameters, one.name) == what.parameters.end()) continue;
    const results::value* set = where.parameters.find(one.name);
    const results::value* set_quick = where.quick_parameters.find(one.name);
    if (quick && set_quick != nullptr) set = set_quick;
    made.set(one.name, set != nullptr ? *set : one.usual.front());
  }
  return made;
}

bool declares_all(const suites::variant& what, const place& where) {
  const auto known = [&](const auto& entry) {
    return std::ranges::find(what.parameters, entry.name) != what.parameters.end();
  };
  return std::ranges::all_of(where.parameters, known) &&
         std::ranges::all_of(where.quick_parameters, known);
}

std::optional<suites::planned_case> case_at(const suites::suite& in, const place& where,
                                            const planning& how) {
  const suites::variant* what = variant_at(in, where);
  if (what == nullptr || !declares_all(*what, where)) return std::nullopt;
  suites::planned_case made{&in, what, {}};
  made.where.runs_on = where.runs_on;
  made.where.procs = where.procs == 0 ? how.procs : where.procs;
  made.where.tasks = how.quick && where.quick_tasks != 0 ? where.quick_tasks : where.tasks;
  made.where.parameters = parameters_at(in, *what, where, how.quick);
  if (what->applies && !what->applies(made.where)) return std::nullopt;
  return made;
}

class planner {
 public:
  explicit planner(const planning& how) : how_(how) {}

  void add(const place& where) {
    const std::string name = describe(where, how_.quick);
    if (!seen_.insert(name).second) return;
    const suites::suite* in = suites::find_suite(where.suite);
    if (in == nullptr) {
      made_.missing[name] = messages::no_such_suite(where.suite);
      return;
    }
    auto found = case_at(*in, where, how_);
    if (!found) {
      made_.missing[name] = messages::no_such_variant(where.suite, name);
      return;
    }
    suite_plan& home = plan_for(*in);
    home.cases.push_back(std::move(*found));
    home.places.push_back(name);
  }

  void add(const trial& one) {
    if (seen_.insert(describe(one)).second) made_.trials.push_back(&one);
  }

  plan_of_claims take() {
    std::ranges::sort(made_.suites, {}, [](const suite_plan& one) { return one.of->name; });
    return std::move(made_);
  }

 private:
  suite_plan& plan_for(const suites::suite& in) {
    for (suite_plan& one : made_.suites) {
      if (one.of == &in) return one;
    }
    const effort much = effort_for(in.name);
    return made_.suites.emplace_back(
        suite_plan{.of = &in,
                   .how = {.repetitions = how_.quick ? much.quick_repetitions : much.repetitions,
                           .min_seconds = how_.quick ? much.quick_seconds : much.seconds,
                           .seed = how_.seed}});
  }

  planning how_;
  plan_of_claims made_;
  std::set<std::string> seen_;
};

}  // namespace

std::size_t plan_of_claims::samples() const {
  std::size_t count = 0;
  for (const suite_plan& one : suites)
    count += one.cases.size() * static_cast<std::size_t>(one.how.repetitions);
  return count;
}

plan_of_claims plan(const std::vector<const claim*>& chosen, const planning& how) {
  planner made(how);
  for (const claim* one : chosen) {
    for (const figure& each : one->figures) {
      made.add(each.of.where);
      if (each.to) made.add(each.to->where);
    }
    for (const trial& each : one->trials) made.add(each);
  }
  return made.take();
}

}  // namespace gobench::cli::claims
