// What the user calls a strategy, and which one a schedule of it gets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gobench::detector::exploration {

struct strategy_choice {
  std::string name = "mix";          // as typed
  bool searches = false;             // dfs: schedules follow from earlier ones
  std::optional<std::size_t> bound;  // of dfs; nothing: any number of preemptions

  // The strategy, as GOBENCH_EXPLORE wants it, for the schedule with this number. Number 0 is the default rule in any
  // case: what fails by default is told so. Not for one that searches.
  std::string of_schedule(std::uint64_t number) const;
};

// "mix", "random", "pct:D", "pos", "dfs" or "dfs:B"; nothing where it is none of them.
std::optional<strategy_choice> parse_strategy(std::string_view text);

// For a message: what parse_strategy() takes.
const std::vector<std::string>& strategy_names();

}  // namespace gobench::detector::exploration
