// How long a lock is waited for awake before its caller sleeps, and how long it may be kept
// waiting.
#pragma once

#include <chrono>

#include "runtime/flavour.hpp"
#include "runtime/park.hpp"
#include "runtime/spin_lock.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::primitives {

// A waiter that others have overtaken for this long is handed the lock (Go's
// starvationThresholdNs).
inline constexpr auto starved_after = std::chrono::milliseconds(1);

// A few rounds of pause instructions of doubling length, some microseconds in all: a lock that is
// held for longer is better waited for asleep. None where spinning cannot help.
class spin_budget {
 public:
  // Whether spinning on may help; otherwise it is time to sleep.
  bool left() const noexcept {
    return round_ < rounds && (round_ != 0 || runtime::spinning_helps());
  }
  // Spins for a moment. Precondition: left().
  void spend() noexcept {
    for (unsigned i = 0; i < (16U << round_); ++i) runtime::cpu_pause();
    ++round_;
  }
  void refill() noexcept { round_ = 0; }

 private:
  static constexpr unsigned rounds = 4;
  unsigned round_ = 0;
};

// For a writer that waits for a gap between readers, who come and go: it looks often, for about as long. Once it
// bars the way instead, everybody sleeps and is woken for one write: with 8 fibers on 2 CPUs and a
// write in ten operations that was 126 ns for each of them instead of 60.
class gap_budget {
 public:
  bool left() const noexcept {
    return round_ < rounds && (round_ != 0 || runtime::spinning_helps());
  }
  // Precondition: left().
  void spend() noexcept {
    for (unsigned i = 0; i < 6; ++i) runtime::cpu_pause();
    ++round_;
  }
  void refill() noexcept { round_ = 0; }

 private:
  static constexpr unsigned rounds = 40;
  unsigned round_ = 0;
};

}  // namespace gobench::inline GOBENCH_FLAVOUR::primitives
