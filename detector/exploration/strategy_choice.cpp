#include "detector/exploration/strategy_choice.hpp"

#include <array>
#include <charconv>

namespace gobench::detector::exploration {

namespace {

// One after the other: a bug that one of them hardly meets another one does. Random walks and partial order sampling meet
// what needs many switches, PCT what needs one thread to stand still for long; depth 3 is what nearly all bugs that
// were studied need at most (Burckhardt et al., ASPLOS 2010, section 4).
constexpr std::array<const char*, 4> mixed = {"random", "pct:2", "pos", "pct:3"};

std::optional<std::size_t> parse_number(std::string_view text, std::size_t least,
                                        std::size_t most) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < least || value > most) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

std::string strategy_choice::of_schedule(std::uint64_t number) const {
  if (number == 0) return "follow";
  return name == "mix" ? mixed[(number - 1) % mixed.size()] : name;
}

std::optional<strategy_choice> parse_strategy(std::string_view text) {
  strategy_choice made;
  made.name = text;
  if (text == "mix" || text == "random" || text == "pos") return made;
  constexpr std::size_t deepest = 1000;
  if (text.starts_with("pct:")) {
    return parse_number(text.substr(4), 1, deepest) ? std::optional(made) : std::nullopt;
  }
  made.searches = true;
  if (text == "dfs") return made;
  if (text.starts_with("dfs:")) {
    made.bound = parse_number(text.substr(4), 0, deepest);
    return made.bound ? std::optional(made) : std::nullopt;
  }
  return std::nullopt;
}

const std::vector<std::string>& strategy_names() {
  static const std::vector<std::string> names = {"mix", "random", "pct:3", "pos", "dfs:2", "dfs"};
  return names;
}

}  // namespace gobench::detector::exploration
