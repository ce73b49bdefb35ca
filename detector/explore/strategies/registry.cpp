#include "detector/explore/strategies/strategies.hpp"

namespace gobench::detector::explore {
namespace {

struct entry {
  std::string_view name;
  strategy_maker make;
};
constexpr entry known[] = {
    {"random", &make_random},
    {"pct", &make_pct},
    {"pos", &make_pos},
    {"follow", &make_follow},
};

}  // namespace

std::unique_ptr<strategy> make_strategy(const settings& wanted) {
  const std::size_t colon = wanted.strategy.find(':');
  const std::string_view name = wanted.strategy.substr(0, colon);
  const std::string_view argument =
      colon == std::string_view::npos ? std::string_view{} : wanted.strategy.substr(colon + 1);
  for (const entry& one : known)
    if (one.name == name) return one.make(wanted, argument);
  return nullptr;
}

std::uint64_t parse_argument(std::string_view text, std::uint64_t most) noexcept {
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return 0;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
    if (value > most) return 0;
  }
  return value;
}

std::size_t default_choice(const situation& now) noexcept {
  // Candidates stand in order of their numbers, and the clock has the highest.
  std::size_t lowest_above = now.enabled.size();
  std::size_t current = now.enabled.size();
  for (std::size_t i = now.enabled.size(); i-- != 0;) {
    if (now.enabled[i].thread == clock_thread) continue;
    if (now.enabled[i].thread == now.current) current = i;
    if (now.enabled[i].thread > now.current) lowest_above = i;
  }
  if (current != now.enabled.size()) {
    // Who steps back alone waits for something that time brings.
    const bool for_time =
        now.stepping_back && now.enabled.size() == 2 && now.enabled.back().thread == clock_thread;
    return for_time ? 1 : current;
  }
  return lowest_above != now.enabled.size() ? lowest_above : 0;
}

}  // namespace gobench::detector::explore
