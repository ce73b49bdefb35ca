// A number of units that callers take and give back, first come first served.
//
//   gobench::semaphore seats(3);
//   seats.acquire();          // waits for one unit
//   seats.release();
//   seats.acquire(2);         // waits for two at once
//   seats.release(2);
//
// Invariants
//  - The state word is units * 2 + WAITERS; WAITERS is set exactly while the queue is not empty,
//    and both change only under lock_.
//  - While WAITERS is set, the units change only under lock_ and are fewer than the first waiter
//    wants; nobody overtakes it, so that a big request is not starved by small ones.
//  - Units are handed over: a waiter that was claimed has them already.
//
// Source: golang.org/x/sync/semaphore (weighted, first in first out). Where we deviate: there is no
// upper limit, so that it also serves to signal, as the standard's counting_semaphore does.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "primitives/internal/deadline.hpp"
#include "primitives/internal/wait_queue.hpp"
#include "runtime/errors.hpp"
#include "runtime/flavour.hpp"
#include "runtime/instrument.hpp"
#include "runtime/park.hpp"
#include "runtime/spin_lock.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {

namespace primitives {
class awaited_semaphore;
}

// Every method may be called from fibers, task threads and OS threads that the runtime did not
// start, mixed; units may be released by anybody. An acquire is ordered after all earlier releases.
// Every method throws misuse for a negative k. The destructor may run as soon as the last acquire()
// that matters has returned, also while the release() before it is still on its way out.
class semaphore {
 public:
  // Throws misuse when n is negative.
  explicit semaphore(std::int64_t n);
  semaphore(const semaphore&) = delete;
  semaphore& operator=(const semaphore&) = delete;

  // Takes k units; waits until they are there and all who came before have been served.
  void acquire(std::int64_t k = 1) {
    GOBENCH_OPERATION(wait, this);
    if (!take(k)) static_cast<void>(acquire_slow(k, runtime::no_deadline));
    GOBENCH_HOOK(acquire(this));
  }

  // Takes k units if they are there and nobody waits. A failure orders nothing.
  bool try_acquire(std::int64_t k = 1) {
    GOBENCH_OPERATION(try_lock, this);
    if (!take(k)) return false;
    GOBENCH_HOOK(acquire(this));
    return true;
  }

  // As acquire(k), but gives up when the time is over; returns whether the units were taken.
  template <class Rep, class Period>
  bool try_acquire_for(std::chrono::duration<Rep, Period> d, std::int64_t k = 1) {
    return try_acquire(k) || acquire_before(k, runtime::deadline_after(d));
  }
  template <class Clock, class Duration>
  bool try_acquire_until(std::chrono::time_point<Clock, Duration> when, std::int64_t k = 1) {
    return try_acquire(k) || primitives::attempt_until(when, [&](steady_time deadline) {
             return acquire_before(k, deadline);
           });
  }

  // Gives k units. Throws misuse, and changes nothing, when there would be more than 2^62.
  void release(std::int64_t k = 1) {
    GOBENCH_OPERATION(signal, this);
    if (k < 0) [[unlikely]]
      negative();
    GOBENCH_HOOK(release_merge(this));
    // Relaxed: a guess, verified by the exchange.
    std::int64_t seen = state_.load(std::memory_order_relaxed);
    while ((seen & waiters_bit) == 0 && k <= most - seen / 2) {
      // Release pairs with the acquire in take(), through all later changes of the word.
      if (state_.compare_exchange_weak(seen, seen + k * 2, std::memory_order_release,
                                       std::memory_order_relaxed))
        return;
    }
    release_slow(k);
  }

 private:
  static constexpr std::int64_t waiters_bit = 1;
  static constexpr std::int64_t most = INT64_MAX / 2;

  bool take(std::int64_t k) {
    if (k < 0) [[unlikely]]
      negative();
    // Relaxed: a guess, verified by the exchange.
    std::int64_t seen = state_.load(std::memory_order_relaxed);
    while ((seen & waiters_bit) == 0 && seen / 2 >= k) {
      // Acquire pairs with the release in release().
      if (state_.compare_exchange_weak(seen, seen - k * 2, std::memory_order_acquire,
                                       std::memory_order_relaxed))
        return true;
    }
    return false;
  }
  bool acquire_before(std::int64_t k, steady_time deadline) {
    GOBENCH_OPERATION(wait, this);
    if (primitives::passed(deadline) || !acquire_slow(k, deadline)) return false;
    GOBENCH_HOOK(acquire(this));
    return true;
  }
  bool acquire_slow(std::int64_t k, steady_time deadline);
  // The halves of acquire_slow(): true when the node stands in the queue; true when the wait is over.
  friend class primitives::awaited_semaphore;
  bool begin_acquire(std::int64_t k, primitives::wait_node& node) noexcept;
  bool settle_acquire(primitives::wait_node& node, runtime::park_result why,
                      primitives::wait_outcome& outcome) noexcept;
  void release_slow(std::int64_t k);
  // Adds k units, not negative, and claims those at the front of the queue who can be served then.
  // Under lock_, with WAITERS set.
  void serve(std::int64_t k, primitives::claimed_list& served) noexcept;
  [[noreturn]] static void negative();

  std::atomic<std::int64_t> state_;
  runtime::spin_lock lock_;
  primitives::wait_queue queue_;
};

}  // namespace gobench::inline GOBENCH_FLAVOUR
