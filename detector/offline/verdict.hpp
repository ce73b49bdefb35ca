// What an engine found in a trace.
//
// A racy event is an access that races with at least one earlier access: to the same memory, one of the
// two a write, not both atomic, and the earlier one not ordered before the later. A racy variable has one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "detector/offline/event.hpp"
#include "detector/offline/number_log.hpp"

namespace gobench::detector::offline {

// One of the two accesses of a race, in words.
struct told_access {
  std::uint64_t position = 0;  // line or number of the event
  std::string task;
  std::string operation;  // "read", "write", "atomic read", "atomic write", "free"
  std::string location;   // empty: the trace has none
};

// The first race of a variable.
struct race {
  std::string variable;
  told_access later;
  told_access earlier;            // the latest of those that the later one races with
  std::uint64_t racy_events = 1;  // of this variable
};

struct verdict {
  number_log racy_events;   // positions, ascending
  std::vector<race> races;  // one per racy variable, in the order of their first racy events
  std::uint64_t variables = 0;
};

}  // namespace gobench::detector::offline
