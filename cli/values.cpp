#include "cli/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "cli/failure.hpp"
#include "cli/messages.hpp"
#include "cli/nearest.hpp"

namespace gobench::cli {

namespace {

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

// The whole text as a number; false when it is none.
template <class Number>
bool whole(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::vector<std::string> split(std::string_view text, char at) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t end = text.find(at);
    parts.emplace_back(trimmed(text.substr(0, end)));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::int64_t parse_number(std::string_view setting, std::string_view text, std::int64_t least,
                          std::int64_t most) {
  std::int64_t number = 0;
  if (!whole(trimmed(text), number) || number < least || number > most) {
    const std::string range = most == std::numeric_limits<std::int64_t>::max()
                                  ? fmt::format("a whole number from {}", least)
                                  : fmt::format("a whole number from {} to {}", least, most);
    throw usage_error(messages::bad_number(setting, text, range));
  }
  return number;
}

std::vector<int> parse_counts(std::string_view setting, std::string_view text, int most) {
  std::vector<int> counts;
  for (const std::string& part : split(text)) {
    int number = 0;
    if (!whole(std::string_view(part), number) || number < 1 || number > most) {
      throw usage_error(messages::bad_number(
          setting, text, fmt::format("whole numbers from 1 to {}, separated by commas", most)));
    }
    counts.push_back(number);
  }
  return counts;
}

double parse_seconds(std::string_view setting, std::string_view text) {
  constexpr std::pair<std::string_view, double> units[] = {
      {"ms", 1e-3}, {"us", 1e-6}, {"µs", 1e-6}, {"s", 1.0}};
  const std::string_view all = trimmed(text);
  for (const auto& [unit, factor] : units) {
    if (!all.ends_with(unit)) continue;
    double number = 0;
    if (!whole(trimmed(all.substr(0, all.size() - unit.size())), number)) break;
    const double seconds = number * factor;
    // Written so that "nan" fails.
    if (!(seconds >= 0.999e-6 && seconds <= 1000)) break;
    return seconds;
  }
  throw usage_error(messages::bad_duration(setting, text));
}

double parse_share(std::string_view setting, std::string_view text, double least, double most) {
  std::string_view all = trimmed(text);
  const bool percent = all.ends_with('%');
  if (percent) all.remove_suffix(1);
  double number = 0;
  const bool read = whole(trimmed(all), number);
  const double share = percent ? number / 100 : number;
  // Written so that "nan" fails.
  if (!read || !(share >= least && share <= most)) {
    throw usage_error(messages::bad_share(
        setting, text, fmt::format("from {:g}% to {:g}%", 100 * least, 100 * most)));
  }
  return share;
}

std::regex parse_regex(std::string_view setting, std::string_view text) {
  try {
    return std::regex(std::string(text), std::regex::ECMAScript | std::regex::optimize);
  } catch (const std::regex_error& error) {
    throw usage_error(messages::bad_regex(setting, text, error.what()));
  }
}

std::vector<results::vehicle> parse_vehicles(std::string_view setting, std::string_view text) {
  using results::vehicle;
  constexpr vehicle all[] = {vehicle::process, vehicle::thread, vehicle::fiber, vehicle::coroutine};
  std::vector<std::string> names;
  for (const vehicle v : all) names.emplace_back(results::to_string(v));
  std::vector<vehicle> chosen;
  for (const std::string& part : split(text)) {
    const auto found = std::ranges::find(names, part);
    if (found == names.end()) {
      throw usage_error(messages::bad_choice(setting, part, names, nearest(part, names)));
    }
    chosen.push_back(all[found - names.begin()]);
  }
  return chosen;
}

std::pair<std::string, std::vector<std::string>> parse_parameter(std::string_view setting,
                                                                 std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0 || equals + 1 == text.size()) {
    throw usage_error(messages::bad_parameter(setting, text));
  }
  return {std::string(trimmed(text.substr(0, equals))), split(text.substr(equals + 1))};
}

results::value parse_value(std::string_view text) {
  std::int64_t number = 0;
  if (whole(text, number)) return number;
  return std::string(text);
}

}  // namespace gobench::cli
