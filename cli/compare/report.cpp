#include "cli/compare/report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "results/table/text.hpp"

namespace gobench::cli::compare {

namespace {

namespace table = results::table;
using results::verdict;

struct format {
  std::vector<std::string> endings;
  renderer make;
};

std::map<std::string, format>& formats() {
  static std::map<std::string, format> all;
  return all;
}

// Columns in the order in which a label tells them.
std::vector<std::string> columns_of(const results::comparison& found) {
  std::vector<std::string> all = {"suite", "case", "impl", "vehicle", "procs", "tasks"};
  for (const auto& one : found.cases) {
    for (const auto& field : one.who.parameters) {
      if (std::ranges::find(all, field.name) == all.end()) all.push_back(field.name);
    }
  }
  return all;
}

bool names_itself(const std::string& column) {
  return column == "suite" || column == "case" || column == "impl" || column == "vehicle";
}

std::string told(const results::sample& who, const std::string& column) {
  const std::string content = table::printable(results::column_of(who, column));
  if (content.empty() || names_itself(column)) return content;
  // Counts that the file does not tell.
  if (content == "0" && (column == "procs" || column == "tasks")) return "";
  return table::printable(column) + "=" + content;
}

std::string words(const results::sample& who, const std::vector<std::string>& columns) {
  std::string made;
  for (const std::string& column : columns) {
    const std::string word = told(who, column);
    if (word.empty()) continue;
    made += (made.empty() ? "" : " ") + word;
  }
  return made;
}

}  // namespace

std::string report::label(const results::compared& one) const {
  const std::string made = words(one.who, varying);
  return made.empty() ? std::string("all") : made;
}

void arrange(report& made, const std::string& column) {
  std::vector<std::string> constant;
  for (const std::string& name : columns_of(made.found)) {
    std::set<std::string> values;
    for (const auto& one : made.found.cases) values.insert(results::column_of(one.who, name));
    // A case alone is told by its name.
    const bool varies =
        values.size() > 1 || (made.found.cases.size() == 1 && (name == "case" || name == "impl"));
    (varies && name != column ? made.varying : constant).push_back(name);
  }
  if (!made.found.cases.empty()) {
    std::erase(constant, column);
    made.constants = words(made.found.cases.front().who, constant);
  }
  std::vector<std::string> names;
  for (const auto& one : made.found.cases) {
    const std::string content = column.empty() ? "" : results::column_of(one.who, column);
    const std::string name =
        column.empty() ? "" : fmt::format("{} {}", column, content.empty() ? "(none)" : content);
    auto there = std::ranges::find(made.groups, name, &group::name);
    if (there == made.groups.end()) {
      made.groups.push_back({name, {}, {}});
      there = made.groups.end() - 1;
    }
    there->cases.push_back(&one);
  }
  for (group& one : made.groups) {
    std::vector<results::judged> all;
    for (const auto* c : one.cases) all.push_back(c->what);
    one.mean = results::geometric_mean(all);
  }
}

format_registration::format_registration(std::string name, std::vector<std::string> endings,
                                         renderer made) {
  formats().emplace(std::move(name), format{std::move(endings), std::move(made)});
}

std::vector<std::string> format_names() {
  std::vector<std::string> names;
  for (const auto& [name, made] : formats()) names.push_back(name);
  return names;
}

const renderer* find_format(const std::string& name) {
  const auto found = formats().find(name);
  return found == formats().end() ? nullptr : &found->second.make;
}

std::string format_of_file(const std::string& file) {
  std::string best;
  std::size_t longest = 0;
  for (const auto& [name, made] : formats()) {
    for (const std::string& ending : made.endings) {
      if (file.ends_with(ending) && ending.size() > longest) {
        best = name;
        longest = ending.size();
      }
    }
  }
  return best;
}

std::string change_text(double ratio) {
  if (std::isnan(ratio)) return "-";
  if (ratio >= 10) return fmt::format("x{:.3g}", ratio);
  return fmt::format("{:+.1f} %", (ratio - 1) * 100);
}

std::string range_text(const results::interval& range) {
  if (range.coverage == 0) return "-";
  if (range.high >= 10) return fmt::format("[x{:.3g}, x{:.3g}]", range.low, range.high);
  return fmt::format("[{:+.1f}, {:+.1f}] %", (range.low - 1) * 100, (range.high - 1) * 100);
}

std::string value_text(double number, const std::string& metric) {
  if (std::isnan(number)) return "-";
  if (!metric.ends_with("ns_per_op") && !metric.ends_with("_ns")) return table::readable(number);
  const double one[] = {number};
  const table::time_unit unit = table::unit_for(one);
  return fmt::format("{} {}", table::readable(number / unit.ns), unit.name);
}

std::string p_text(double p) {
  if (std::isnan(p)) return "-";
  return p < 0.0005 ? "<0.001" : fmt::format("{:.3f}", p);
}

std::string counts_text(const results::comparison& found) {
  return fmt::format("{} better, {} worse, {} the same, {} cannot be told",
                     found.count(verdict::better), found.count(verdict::worse),
                     found.count(verdict::same), found.count(verdict::cannot_tell));
}

}  // namespace gobench::cli::compare
