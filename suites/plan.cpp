#include "suites/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <gobench.hpp>

#include "suites/counter_columns.hpp"

namespace gobench::suites {

namespace {

using values = std::vector<results::value>;

const values& values_of(const parameter& one, const selection& chosen) {
  const auto found = chosen.parameters.find(one.name);
  if (found != chosen.parameters.end()) return found->second;
  return chosen.quick ? one.quick : one.usual;
}

template <class T>
std::vector<T> without_repeats(const std::vector<T>& from) {
  std::vector<T> kept;
  for (const T& one : from) {
    if (std::ranges::find(kept, one) == kept.end()) kept.push_back(one);
  }
  return kept;
}

// Every combination of the values of the parameters that the variant has, the last varying fastest.
std::vector<results::fields> combinations(const suite& one, const variant& what,
                                          const selection& chosen) {
  std::vector<results::fields> made(1);
  for (const parameter& p : one.parameters) {
    if (std::ranges::find(what.parameters, p.name) == what.parameters.end()) continue;
    std::vector<results::fields> longer;
    for (const results::fields& shorter : made) {
      for (const results::value& v : without_repeats(values_of(p, chosen))) {
        longer.push_back(shorter);
        longer.back().set(p.name, v);
      }
    }
    made = std::move(longer);
  }
  return made;
}

std::vector<int> procs_of(const suite& one, const selection& chosen) {
  if (!chosen.procs.empty()) return without_repeats(chosen.procs);
  std::vector<int> made;
  for (const int p : one.procs) made.push_back(p == 0 ? gobench::max_procs() : p);
  return without_repeats(made);
}

bool takes_part(const variant& what, const selection& chosen) {
  return what.peer.empty() || std::ranges::find(chosen.peers, what.peer) != chosen.peers.end();
}

bool selects(const selection& chosen, results::vehicle v) {
  return chosen.vehicles.empty() || std::ranges::find(chosen.vehicles, v) != chosen.vehicles.end();
}

}  // namespace

std::string describe(const planned_case& one) {
  const point& at = one.where;
  std::string text =
      fmt::format("{} {} {} on {}, procs {}, tasks {}", one.of->name, one.what->case_name,
                  one.what->impl, results::to_string(at.runs_on), at.procs, at.tasks);
  for (const auto& [name, content] : at.parameters) {
    const auto number = std::get_if<std::int64_t>(&content);
    const auto word = std::get_if<std::string>(&content);
    text += number != nullptr ? fmt::format(", {} {}", name, *number)
                              : fmt::format(", {} {}", name, word != nullptr ? *word : "?");
  }
  return text;
}

std::vector<planned_case> plan(const suite& one, const selection& chosen) {
  const std::vector<int> procs = procs_of(one, chosen);
  const std::vector<int> tasks = !chosen.tasks.empty()
                                     ? without_repeats(chosen.tasks)
                                     : without_repeats(chosen.quick ? one.quick_tasks : one.tasks);
  static const std::vector<int> alone = {1};

  std::vector<planned_case> made;
  for (const variant& what : one.variants) {
    if (!takes_part(what, chosen)) continue;
    if (chosen.impl && !std::regex_search(what.impl, *chosen.impl)) continue;
    for (const results::vehicle v : what.vehicles) {
      if (!selects(chosen, v)) continue;
      for (const int p : procs) {
        for (const results::fields& fields : combinations(one, what, chosen)) {
          for (const int t : what.baseline ? alone : tasks) {
            planned_case next{&one, &what, point{v, p, t, fields}};
            if (!what.applies || what.applies(next.where)) made.push_back(std::move(next));
          }
        }
      }
    }
  }
  return made;
}

results::schema columns_of(const std::vector<const suite*>& chosen) {
  results::schema columns;
  for (const suite* one : chosen) {
    for (const parameter& p : one->parameters) columns.add_parameters({p.name});
    for (const std::string& m : one->metrics) columns.add_metrics({m});
    for (const std::string& m : one->shown) columns.add_shown({m});
  }
  add_counter_columns(columns);
  return columns;
}

}  // namespace gobench::suites
