#include "cli/plot/dimensions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "results/comparison.hpp"
#include "results/table/text.hpp"

namespace gobench::cli::plot {

namespace {

namespace table = results::table;

constexpr std::size_t longest_name = 36;

bool names_itself(const std::string& dimension) {
  return dimension == "run" || dimension == "case" || dimension == "impl" || dimension == "vehicle";
}

}  // namespace

std::string text_of(const place& one, const std::string& dimension) {
  return dimension == "run" ? one.in->name : results::column_of(one.what->who(), dimension);
}

std::optional<double> number_of(const place& one, const std::string& dimension) {
  const std::string text = text_of(one, dimension);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(number)) {
    return std::nullopt;
  }
  return number;
}

bool all_numbers(const std::vector<place>& all, const std::string& dimension) {
  if (names_itself(dimension)) return false;
  return std::ranges::all_of(all, [&](const place& one) {
    return text_of(one, dimension).empty() || number_of(one, dimension).has_value();
  });
}

std::vector<std::string> values_of(const std::vector<place>& all, const std::string& dimension) {
  std::vector<std::string> values;
  std::vector<std::pair<double, std::string>> numbers;
  const bool by_size = all_numbers(all, dimension);
  for (const place& one : all) {
    const std::string text = text_of(one, dimension);
    if (text.empty() || std::ranges::find(values, text) != values.end()) continue;
    values.push_back(text);
    if (by_size) numbers.emplace_back(*number_of(one, dimension), text);
  }
  if (by_size) {
    std::ranges::sort(numbers);
    values.clear();
    for (auto& [number, text] : numbers) values.push_back(std::move(text));
  } else {
    std::ranges::sort(values);
  }
  return values;
}

std::vector<std::string> varying(const std::vector<place>& all) {
  std::vector<std::string> names = {"run", "case", "impl", "vehicle", "procs", "tasks"};
  for (const place& one : all) {
    for (const auto& field : one.what->who().parameters) {
      if (std::ranges::find(names, field.name) == names.end()) names.push_back(field.name);
    }
  }
  std::erase_if(names, [&](const std::string& name) { return values_of(all, name).size() < 2; });
  return names;
}

std::string told(const std::string& dimension, const std::string& value) {
  if (value.empty()) return "";
  const std::string name = table::shortened(table::printable(value), longest_name);
  return names_itself(dimension)
             ? name
             : fmt::format("{} {}", table::shortened(table::printable(dimension), longest_name),
                           name);
}

std::string axis_title(const std::string& column) {
  if (column == "ns_per_op") return "time per operation (ns)";
  if (column == "cpu_ns_per_op") return "CPU time per operation (ns)";
  if (column == "ops_per_s") return "operations per second";
  if (column == "procs") return "procs (CPUs)";
  for (const auto& [ending, unit] :
       {std::pair{"_ns", "ns"}, {"_us", "µs"}, {"_ms", "ms"}, {"_bytes", "bytes"}, {"_pct", "%"}}) {
    if (column.ends_with(ending)) {
      return fmt::format(
          "{} ({})",
          table::printable(column.substr(0, column.size() - std::string_view(ending).size())),
          unit);
    }
  }
  return table::shortened(table::printable(column), longest_name);
}

}  // namespace gobench::cli::plot
