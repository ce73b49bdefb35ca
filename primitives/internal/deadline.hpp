// Turning the deadlines of users, on any clock, into those of the waiting seam, which are steady.
#pragma once

#include <chrono>
#include <type_traits>

#include "runtime/flavour.hpp"
#include "runtime/park.hpp"
#include "runtime/task.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::primitives {

// Whether a deadline has passed; no_deadline never has, and costs no look at the clock.
inline bool passed(steady_time deadline) {
  return deadline != runtime::no_deadline && std::chrono::steady_clock::now() >= deadline;
}

// The steady time that lies as far ahead as `when` does on its own clock, as things stand now.
template <class Clock, class Duration>
steady_time steady_deadline(std::chrono::time_point<Clock, Duration> when) {
  using steady = std::chrono::steady_clock;
  if constexpr (std::is_same_v<Clock, steady> && std::is_same_v<Duration, steady::duration>) {
    return when;
  } else {
    const auto now = Clock::now();
    // Compared first: the difference to a time far in the past would overflow.
    return when <= now ? steady::now() : runtime::deadline_after(when - now);
  }
}

// Calls attempt(deadline) until it returns true or `when` has come on its own clock; the clock may
// be set back while we wait. Returns whether an attempt succeeded. At least one attempt is made.
template <class Clock, class Duration, class Attempt>
bool attempt_until(std::chrono::time_point<Clock, Duration> when, Attempt attempt) {
  for (;;) {
    if (attempt(steady_deadline(when))) return true;
    if (Clock::now() >= when) return false;
  }
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::primitives
