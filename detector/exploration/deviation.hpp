// One decision that is not the one of the default rule, and where in a schedule it is: right after the `count`-th step
// of a thread. See detector/explore/strategies/follow.cpp, which does them.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gobench::detector::exploration {

struct place {
  std::uint32_t thread = 0;  // 0 with count 0: before the first step of all
  std::uint64_t count = 0;
  std::uint64_t nth = 0;  // 0: who goes on; else the nth choice of a value in that step

  auto operator<=>(const place&) const = default;
};

struct deviation {
  place where;
  std::uint64_t choice = 0;  // a thread, or the value

  auto operator<=>(const deviation&) const = default;
};

// The file that the strategy `follow` reads.
std::string follow_text(const std::vector<deviation>& list,
                        const std::vector<std::uint32_t>& asleep = {});

}  // namespace gobench::detector::exploration
