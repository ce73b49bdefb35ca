#include "results/table/model.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "results/internal/text.hpp"

namespace gobench::results::table {

namespace {

// A value of a dimension: numbers in their order, before texts in theirs.
struct coordinate {
  double number = 0;
  std::string text;

  friend bool operator<(const coordinate& a, const coordinate& b) {
    if (std::isnan(a.number) != std::isnan(b.number)) return std::isnan(b.number);
    if (!std::isnan(a.number) && a.number != b.number) return a.number < b.number;
    return a.text < b.text;
  }
};

using group = std::vector<const sample*>;

constexpr std::string_view tasks_dimension = "tasks";
constexpr std::string_view procs_dimension = "procs";

// Where a sample lies in a dimension: tasks, procs or a parameter; nothing when it has no such one.
std::optional<coordinate> position(const sample& one, std::string_view dimension) {
  if (dimension == tasks_dimension) return coordinate{double(one.tasks), std::to_string(one.tasks)};
  if (dimension == procs_dimension) return coordinate{double(one.procs), std::to_string(one.procs)};
  const value* found = one.parameters.find(dimension);
  if (found == nullptr) return std::nullopt;
  return coordinate{as_number(*found), internal::to_text(*found)};
}

struct spread_of_dimension {
  std::set<coordinate> values;
  bool everywhere = true;  // every sample has it
  bool numeric = true;
};

spread_of_dimension look_along(const group& samples, std::string_view dimension) {
  spread_of_dimension made;
  for (const sample* one : samples) {
    const auto at = position(*one, dimension);
    if (!at) {
      made.everywhere = false;
      continue;
    }
    if (std::isnan(at->number)) made.numeric = false;
    made.values.insert(*at);
  }
  return made;
}

std::string column_dimension(const group& samples, const std::vector<std::string>& dimensions) {
  if (look_along(samples, tasks_dimension).values.size() > 1) return std::string(tasks_dimension);
  std::string best(tasks_dimension);
  std::size_t most = 1;
  for (const std::string& name : dimensions) {
    if (name == procs_dimension || name == tasks_dimension) continue;
    const auto along = look_along(samples, name);
    if (along.everywhere && along.numeric && along.values.size() > most) {
      best = name;
      most = along.values.size();
    }
  }
  if (most == 1 && look_along(samples, procs_dimension).values.size() > 1)
    return std::string(procs_dimension);
  return best;
}

std::string plural(vehicle v) {
  return std::string(to_string(v)) + (v == vehicle::process ? "es" : "s");
}

void append(std::string& list, const std::string& item) {
  if (!list.empty()) list += ", ";
  list += item;
}

// What is compared where, within one case.
struct roles {
  std::string column;
  std::vector<std::string> of_section;
  std::vector<std::string> of_row;
};

std::vector<coordinate> positions(const sample& one, const std::vector<std::string>& dimensions) {
  constexpr double before_all = -std::numeric_limits<double>::infinity();
  std::vector<coordinate> made;
  made.reserve(dimensions.size());
  for (const std::string& name : dimensions) {
    made.push_back(position(one, name).value_or(coordinate{before_all, ""}));
  }
  return made;
}

std::string label_of(const sample& one, const roles& use) {
  std::string label = one.impl;
  for (const std::string& name : use.of_row) {
    if (const auto at = position(one, name)) label += " " + name + "=" + at->text;
  }
  return label;
}

bool is_baseline(const std::string& label) { return label.starts_with("plain."); }

void mark_best(section& in) {
  for (std::size_t column = 0; column < in.columns.size(); ++column) {
    std::vector<cell*> ranked;
    for (row& one : in.rows) {
      cell& here = one.cells[column];
      if (here.found && !here.found->noisy && !here.found->serial && !is_baseline(one.label)) {
        ranked.push_back(&here);
      }
    }
    if (ranked.size() < 2) continue;
    const cell& fastest = **std::ranges::min_element(
        ranked, {}, [](const cell* one) { return one->found->median_ns; });
    for (cell* one : ranked) one->best = one->found->same_as(*fastest.found);
  }
}

void sort_rows(section& in) {
  std::ranges::stable_sort(in.rows, {}, [](const row& one) {
    const auto& last = one.cells.back().found;
    return std::pair(!is_baseline(one.label), last ? last->median_ns : 0.0);
  });
}

// What the repetitions say of a metric: the median of those that have it.
double median_of(const std::vector<sample>& repetitions, const std::string& metric) {
  std::vector<double> values;
  for (const sample& one : repetitions) {
    const value* found = one.metrics.find(metric);
    const double number = found == nullptr ? not_measured : as_number(*found);
    if (!std::isnan(number)) values.push_back(number);
  }
  return values.empty() ? not_measured : median(values);
}

section make_section(const group& samples, const roles& use, std::string title,
                     const std::vector<std::string>& shown) {
  section made{.title = std::move(title), .dimension = use.column};
  for (const std::string& metric : shown) {
    const bool occurs = std::ranges::any_of(samples, [&](const sample* one) {
      const value* found = one->metrics.find(metric);
      return found != nullptr && !std::isnan(as_number(*found));
    });
    if (occurs) made.shown.push_back(metric);
  }
  std::map<coordinate, std::size_t> columns;
  for (const sample* one : samples) columns.emplace(*position(*one, use.column), 0);
  for (auto& [at, index] : columns) {
    index = made.columns.size();
    made.columns.push_back(at.text);
  }

  std::map<std::pair<std::string, std::size_t>, std::vector<sample>> cells;
  for (const sample* one : samples) {
    cells[{label_of(*one, use), columns.at(*position(*one, use.column))}].push_back(*one);
  }
  for (const auto& [where, repetitions] : cells) {
    const auto& [label, column] = where;
    if (made.rows.empty() || made.rows.back().label != label) {
      made.rows.push_back({label, std::vector<cell>(made.columns.size())});
    }
    cell& here = made.rows.back().cells[column];
    here.found = summarise(repetitions);
    for (const std::string& metric : made.shown)
      here.metrics.push_back(median_of(repetitions, metric));
  }
  mark_best(made);
  sort_rows(made);
  return made;
}

std::vector<section> sections_of_case(const group& samples, const std::string& column,
                                      const std::vector<std::string>& varying,
                                      const std::vector<std::string>& shown) {
  roles use{.column = column, .of_section = {}, .of_row = {}};
  for (const std::string& name : varying) {
    if (name == column) continue;
    const auto along = look_along(samples, name);
    if (along.values.empty()) continue;
    (along.everywhere ? use.of_section : use.of_row).push_back(name);
  }
  std::map<std::pair<vehicle, std::vector<coordinate>>, group> parts;
  for (const sample* one : samples) {
    parts[{one->runs_on, positions(*one, use.of_section)}].push_back(one);
  }
  std::vector<section> made;
  for (const auto& [where, part] : parts) {
    std::string title = part.front()->case_name + " on " + plural(where.first);
    for (std::size_t i = 0; i < use.of_section.size(); ++i) {
      append(title, use.of_section[i] + " " + where.second[i].text);
    }
    made.push_back(make_section(part, use, std::move(title), shown));
  }
  return made;
}

block make_block(const std::string& suite, const group& samples,
                 const std::vector<std::string>& parameters,
                 const std::vector<std::string>& shown) {
  block made{.suite = suite};
  std::vector<std::string> dimensions = {std::string(procs_dimension),
                                         std::string(tasks_dimension)};
  for (const std::string& name : parameters) {
    if (!look_along(samples, name).values.empty()) dimensions.push_back(name);
  }
  const std::string column = column_dimension(samples, dimensions);
  std::vector<std::string> varying;
  for (const std::string& name : dimensions) {
    const auto along = look_along(samples, name);
    if (along.values.size() > 1) {
      varying.push_back(name);
    } else if (name != column) {
      made.constants.push_back(name + " " + along.values.begin()->text);
    }
  }
  std::map<std::string, group> cases;
  for (const sample* one : samples) cases[one->case_name].push_back(one);
  for (const auto& [name, own] : cases) {
    for (section& one : sections_of_case(own, column, varying, shown)) {
      made.sections.push_back(std::move(one));
    }
  }
  for (const section& one : made.sections) {
    for (const row& r : one.rows) {
      for (const cell& c : r.cells) {
        if (!c.found) continue;
        made.fewest = made.fewest == 0 ? c.found->count : std::min(made.fewest, c.found->count);
        made.most = std::max(made.most, c.found->count);
      }
    }
  }
  return made;
}

}  // namespace

std::vector<block> arrange(std::span<const sample> samples,
                           const std::vector<std::string>& parameters,
                           const std::vector<std::string>& shown) {
  std::map<std::string, group> suites;
  for (const sample& one : samples) {
    if (std::isfinite(one.ns_per_op)) suites[one.suite].push_back(&one);
  }
  std::vector<block> made;
  made.reserve(suites.size());
  for (const auto& [name, own] : suites) made.push_back(make_block(name, own, parameters, shown));
  return made;
}

}  // namespace gobench::results::table
