// Programs small enough that their schedules can be counted by hand: each thread is a list of operations.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "detector/exploration/schedule_log.hpp"
#include "detector/explore/strategy.hpp"

namespace model {

using gobench::detector::exploration::schedule_log;
using gobench::detector::explore::operation;

struct step {
  operation what = operation::atomic_update;
  std::uint64_t object = 0;
  std::uint16_t values = 1;  // more: it has a choice of so many
};

// Threads 1, 2, ... exist from the beginning. A lock that is held stops others; `yield` steps back.
struct program {
  std::vector<std::vector<step>> threads;
};

// Runs it as the controller would. Ends as a deadlock where nobody can go on.
schedule_log run(const program& what, gobench::detector::explore::strategy& decides);

// Under a strategy by its name in GOBENCH_EXPLORE.
schedule_log run(const program& what, const std::string& strategy, std::uint64_t schedule,
                 std::uint64_t length = 0, std::uint64_t seed = 1);

// Following deviations, with threads that sleep after the last.
schedule_log follow(const program& what,
                    const std::vector<gobench::detector::exploration::deviation>& list,
                    const std::vector<std::uint32_t>& asleep = {});

// Who took each step, such as "1 2 2 1".
std::string order_of(const schedule_log& log);
// The same up to the order of independent operations: the lexicographically least of all equivalent orders.
std::string trace_of(const schedule_log& log);

inline bool deadlocked(const schedule_log& log) {
  return log.header.end == gobench::detector::explore::end_reason::deadlock;
}

}  // namespace model
