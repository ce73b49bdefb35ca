#include "cli/race/options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <type_traits>

#include "cli/failure.hpp"
#include "cli/nearest.hpp"
#include "cli/race/messages.hpp"

namespace gobench::cli::race {

namespace {

template <typename Type>
constexpr option_type type_of() {
  if constexpr (std::is_same_v<Type, bool>) {
    return option_type::flag;
  } else if constexpr (std::is_integral_v<Type>) {
    return option_type::number;
  } else {
    return option_type::text;
  }
}

constexpr std::string_view separators = ": ,\t\n\r";

std::string standard_text(bool value) { return value ? "true" : "false"; }
std::string standard_text(int value) { return std::to_string(value); }
std::string standard_text(const char* value) { return value; }

}  // namespace

const std::vector<detector_option>& detector_options() {
  static const std::vector<detector_option> all = {
#define GOBENCH_RACE_OPTION(name, type, standard, help) \
  {#name, type_of<type>(), standard_text(static_cast<type>(standard)), help},
#include "detector/engine/options.def"
  };
  return all;
}

const detector_option* find_option(std::string_view name) {
  const auto& all = detector_options();
  const auto found = std::ranges::find(all, name, &detector_option::name);
  return found == all.end() ? nullptr : &*found;
}

std::string flag_of(const detector_option& one) {
  std::string name = "--" + one.name;
  std::ranges::replace(name, '_', '-');
  return name;
}

void require_value(const detector_option& one, std::string_view setting, std::string_view text) {
  switch (one.type) {
    case option_type::flag: {
      constexpr std::string_view known[] = {"true", "false", "yes", "no", "1", "0"};
      if (std::ranges::find(known, text) != std::end(known)) return;
      throw usage_error(messages::bad_option_value(setting, one.name, "true or false", text));
    }
    case option_type::number: {
      int value = 0;
      const auto end = text.data() + text.size();
      const auto [stopped, error] = std::from_chars(text.data(), end, value);
      if (error == std::errc{} && stopped == end && value >= 0) return;
      throw usage_error(
          messages::bad_option_value(setting, one.name, "a whole number from 0 on", text));
    }
    case option_type::text:
      if (one.name != "leaks" || text == "note" || text == "on" || text == "all" || text == "off")
        return;
      throw usage_error(
          messages::bad_option_value(setting, one.name, "note, on, all or off", text));
  }
}

std::map<std::string, std::string> parse_options(std::string_view setting, std::string_view text) {
  std::map<std::string, std::string> values;
  std::size_t at = 0;
  while ((at = text.find_first_not_of(separators, at)) != std::string_view::npos) {
    const std::size_t equals = text.find_first_of("=: ,\t\n\r", at);
    const std::string_view name = text.substr(at, equals - at);
    if (equals == std::string_view::npos || text[equals] != '=') {
      throw usage_error(messages::option_without_value(setting, name));
    }
    std::string_view value;
    at = equals + 1;
    if (at < text.size() && (text[at] == '"' || text[at] == '\'')) {
      const std::size_t end = text.find(text[at], at + 1);
      if (end == std::string_view::npos) throw usage_error(messages::open_quote(setting, name));
      value = text.substr(at + 1, end - at - 1);
      at = end + 1;
    } else {
      const std::size_t end = std::min(text.find_first_of(separators, at), text.size());
      value = text.substr(at, end - at);
      at = end;
    }
    const detector_option* known = find_option(name);
    if (known == nullptr) {
      std::vector<std::string> names;
      for (const detector_option& one : detector_options()) names.push_back(one.name);
      throw usage_error(
          messages::unknown_detector_option(setting, name, nearest(std::string(name), names)));
    }
    require_value(*known, setting, value);
    values[std::string(name)] = value;
  }
  return values;
}

std::string format_options(const std::map<std::string, std::string>& values) {
  std::string made;
  for (const auto& [name, value] : values) {
    std::string quote;
    const bool doubled = value.find('"') != std::string::npos;
    if (doubled || value.find('\'') != std::string::npos ||
        value.find_first_of(separators) != std::string::npos) {
      quote = doubled ? "'" : "\"";
      if (value.find(quote) != std::string::npos) {
        throw usage_error(messages::both_quotes(name, value));
      }
    }
    made += fmt::format("{}{}={}{}{}", made.empty() ? "" : ":", name, quote, value, quote);
  }
  return made;
}

}  // namespace gobench::cli::race
