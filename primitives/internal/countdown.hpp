// A number that callers bring down to zero, and others who wait for that: the core of wait_group
// and latch.
//
// Invariants
//  - The state word is count * 2 + WAITERS; WAITERS is set exactly while the queue is not empty,
//    and both change only under lock_.
//  - Zero with WAITERS never stands in the word: the step that reaches zero takes all waiters out.
//    So no wake-up is lost: a waiter queues by an exchange that sees a count above zero, and
//    whoever brings that down to zero later sees WAITERS.
//  - Who reaches zero while nobody waits touches the object no more: a waiter may see the zero and
//    destroy it. While somebody waits, that waiter keeps it alive, and is granted only after lock_
//    was dropped.
#pragma once

#include <atomic>
#include <cstdint>

#include "primitives/internal/wait_queue.hpp"
#include "runtime/flavour.hpp"
#include "runtime/instrument.hpp"
#include "runtime/park.hpp"
#include "runtime/spin_lock.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::primitives {

class countdown {
 public:
  static constexpr std::int64_t most = INT64_MAX / 2;

  enum class change : std::uint8_t { done, below_zero, too_many };

  // Precondition: 0 <= count <= most.
  explicit constexpr countdown(std::int64_t count) noexcept : state_(count * 2) {}
  countdown(const countdown&) = delete;
  countdown& operator=(const countdown&) = delete;

  // Adds n, which may be negative; wakes all waiters when that makes zero. Changes nothing unless
  // `done`.
  change add(std::int64_t n) noexcept {
    // Relaxed: a guess, verified by the exchange.
    std::int64_t seen = state_.load(std::memory_order_relaxed);
    for (;;) {
      const std::int64_t count = seen / 2;
      if (n < -count) return change::below_zero;
      if (n > most - count) return change::too_many;
      if (count + n == 0 && (seen & waiters_bit) != 0) return add_slow(n);
      // Release pairs with the acquire of who sees zero, through all later changes of the word.
      // Acquire: who brings it to zero grants the waiters on behalf of all who came before.
      if (state_.compare_exchange_weak(seen, seen + n * 2, std::memory_order_acq_rel,
                                       std::memory_order_relaxed))
        return change::done;
    }
  }

  bool zero() const noexcept {
    return state_.load(std::memory_order_acquire) == 0;  // pairs with the release in add()
  }

  // Returns when the count was zero.
  void wait(runtime::wait_info why) {
    if (!zero()) wait_slow(why);
  }

  // The halves of wait(), for coroutines: true when the node stands in the queue; true when the wait is over.
  bool begin_wait(wait_node& node) noexcept;
  bool settle_wait(wait_node& node, runtime::park_result why, wait_outcome& outcome) noexcept;

 private:
  static constexpr std::int64_t waiters_bit = 1;

  change add_slow(std::int64_t n) noexcept;
  void wait_slow(runtime::wait_info why);
  void waiter_left() noexcept;  // under lock_

  std::atomic<std::int64_t> state_;
  runtime::spin_lock lock_;
  wait_queue queue_;
};

}  // namespace gobench::inline GOBENCH_FLAVOUR::primitives
