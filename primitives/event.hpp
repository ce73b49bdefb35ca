// A flag that can be waited for.
//
//   gobench::event stop;
//   gobench::go([&] { while (!stop.wait_for(10ms)) work(); });
//   stop.set();
//
// Invariants
//  - SET and WAITERS (set_bit and waiters_bit) are never both in the state word; WAITERS is set
//    exactly while the queue is not empty, and both change only under lock_.
//  - set() takes all waiters out in the step that sets SET, so a reset() right after it cannot keep
//    them.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "primitives/internal/deadline.hpp"
#include "primitives/internal/wait_queue.hpp"
#include "runtime/flavour.hpp"
#include "runtime/instrument.hpp"
#include "runtime/park.hpp"
#include "runtime/spin_lock.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {

namespace primitives {
class awaited_event;
}

// Every method may be called from fibers, task threads and OS threads that the runtime did not
// start, mixed. A set() happens before the return of every wait() that it lets through, and before
// an is_set() that sees it. The destructor may run as soon as every wait() has returned, also while
// the set() that let it through is still on its way out.
class event {
 public:
  constexpr event() noexcept = default;
  event(const event&) = delete;
  event& operator=(const event&) = delete;

  // Sets the flag and lets all waiters go. It stays set until reset().
  void set() noexcept {
    GOBENCH_OPERATION(signal, this);
    GOBENCH_HOOK(release_merge(this));
    std::uint32_t seen = state_.load(std::memory_order_relaxed);
    // Also when it is set already: release pairs with the acquire in is_set() and wait().
    while ((seen & waiters_bit) == 0) {
      if (state_.compare_exchange_weak(seen, set_bit, std::memory_order_release,
                                       std::memory_order_relaxed))
        return;
    }
    set_slow();
  }

  // Clears the flag; those who were let go stay so. Orders nothing.
  void reset() noexcept {
    GOBENCH_OPERATION(signal, this);
    state_.fetch_and(~set_bit, std::memory_order_relaxed);
  }

  bool is_set() const noexcept {
    GOBENCH_OPERATION(try_lock, this);
    // Acquire pairs with the release in set().
    if ((state_.load(std::memory_order_acquire) & set_bit) == 0) return false;
    GOBENCH_HOOK(acquire(this));
    return true;
  }

  // Waits until the flag is set.
  void wait() {
    if (!is_set()) static_cast<void>(wait_slow(runtime::no_deadline));
  }

  // Waits until the flag is set or the time is over; returns whether it was set.
  template <class Rep, class Period>
  bool wait_for(std::chrono::duration<Rep, Period> d) {
    return is_set() || wait_before(runtime::deadline_after(d));
  }
  template <class Clock, class Duration>
  bool wait_until(std::chrono::time_point<Clock, Duration> when) {
    return is_set() || primitives::attempt_until(
                           when, [&](steady_time deadline) { return wait_before(deadline); });
  }

 private:
  static constexpr std::uint32_t set_bit = 1;
  static constexpr std::uint32_t waiters_bit = 2;

  bool wait_before(steady_time deadline) {
    return !primitives::passed(deadline) && wait_slow(deadline);
  }
  bool wait_slow(steady_time deadline);
  // The halves of wait_slow(): true when the node stands in the queue; true when the wait is over.
  friend class primitives::awaited_event;
  bool begin_wait(primitives::wait_node& node) noexcept;
  bool settle_wait(primitives::wait_node& node, runtime::park_result why,
                   primitives::wait_outcome& outcome) noexcept;
  void waiter_left() noexcept;  // under lock_
  void set_slow() noexcept;

  std::atomic<std::uint32_t> state_{0};
  runtime::spin_lock lock_;
  primitives::wait_queue queue_;
};

}  // namespace gobench::inline GOBENCH_FLAVOUR
