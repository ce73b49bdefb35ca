// Races by definition: every access is compared with every earlier one to the same variable.
//
// Nothing here is clever and nothing is shared with the engines, so that a mistake in one is not in the other.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "tests/detector/offline/trace_maker.hpp"

namespace reference {

using plain_clock = std::map<std::uint32_t, std::uint64_t>;  // by thread

struct result {
  std::vector<std::uint64_t> racy_events;             // from 1, ascending
  std::map<std::uint32_t, std::uint64_t> first_race;  // by variable
  std::map<std::uint32_t, std::set<std::uint64_t>>
      earlier;  // by variable: what its first race is with
};

result races_of(const std::vector<trace_maker::step>& steps);

}  // namespace reference
