// A mutual exclusion lock for fibers and OS threads alike.
//
//   gobench::mutex m;
//   long counter = 0;
//   {
//     const std::scoped_lock held(m);   // or m.lock() ... m.unlock()
//     ++counter;
//   }
//   if (m.try_lock_for(1ms)) m.unlock();
//
// Invariants
//  - The state word decides who holds the lock; the bits are in the table below (LOCKED is
//    locked_bit in the code, and so on).
//  - WAITERS is set exactly while the queue is not empty; both change only under queue_lock_.
//  - The rule against lost wake-ups: a mutex that is unlocked and has waiters has WOKEN set, and
//    WOKEN belongs to exactly one caller who is awake inside lock(). mutex.cpp argues why.
//
//   bit      means                                    set by                  cleared by
//   LOCKED   somebody holds the mutex                 whoever takes it        its unlock
//   WAITERS  the queue is not empty                   a waiter that queues,   who empties the
//                                                     while LOCKED            queue
//   WOKEN    one caller is awake inside lock() and    an unlock that wakes a  that caller, in a
//            will take the mutex or queue: no unlock  waiter; a waiter that   step that leaves
//            needs to wake another                    spins, while LOCKED     LOCKED set
//   STARVED  the first in the queue has waited for    that waiter as it       the unlock that hands
//            more than 1 ms: the next unlock gives    queues again, while     the mutex over; that
//            it the mutex without unlocking it        LOCKED                  waiter as it gives up
//   STARVED implies WAITERS; WAITERS without LOCKED implies WOKEN.
//
// Source: Go's internal/sync/mutex.go (barging, WOKEN, hand-off after 1 ms) with the queue and the
// timed forms of parking_lot's raw_mutex.rs. Where we deviate from Go: STARVED ends with one
// hand-off, while Go stays in that mode until a waiter arrives that waited for less. With many OS
// threads every hand-off costs a wake-up of some 30 us, so all of them have always waited for more
// than 1 ms and the mode would never end; with one hand-off each, a waiter is still served in the
// order of the queue, and others make use of the lock while it wakes.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "primitives/internal/deadline.hpp"
#include "primitives/internal/spinning.hpp"
#include "primitives/internal/wait_queue.hpp"
#include "runtime/errors.hpp"
#include "runtime/flavour.hpp"
#include "runtime/instrument.hpp"
#include "runtime/park.hpp"
#include "runtime/spin_lock.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {

namespace primitives {
class awaited_mutex;
}

// Meets the standard's TimedLockable. Every method may be called from fibers, task threads and OS
// threads that the runtime did not start, mixed. The unlock of one holder happens before the lock
// of the next returns. Not recursive: locking again by the holder blocks for ever. Precondition of
// the destructor: nobody holds it and nobody is inside lock(); it may run as soon as the last
// lock() that matters has returned, also while the unlock before it is still on its way out.
class mutex {
 public:
  constexpr mutex() noexcept = default;
  GOBENCH_LOCK_DESTRUCTOR(mutex)
  mutex(const mutex&) = delete;
  mutex& operator=(const mutex&) = delete;

  // Waits until the mutex is ours. Throws nothing of the standard's kind.
  void lock() {
    GOBENCH_OPERATION(lock, this);
    // Takes it whatever the other bits say, also while others wait: one instruction (bts) tells. Acquire
    // pairs with the release in unlock() and unlock_slow().
    if ((state_.fetch_or(locked_bit, std::memory_order_acquire) & locked_bit) != 0) [[unlikely]]
      lock_slow(runtime::no_deadline);
    locked();
  }

  // Takes the mutex if nobody holds it. A failure orders nothing.
  bool try_lock() noexcept {
    GOBENCH_OPERATION(try_lock, this);
    // The relaxed look spares the holder a write to its cache line. Acquire as in lock().
    if ((state_.load(std::memory_order_relaxed) & locked_bit) != 0 ||
        (state_.fetch_or(locked_bit, std::memory_order_acquire) & locked_bit) != 0)
      return false;
    locked();
    return true;
  }

  // Waits until the mutex is ours or the time is over; returns whether it is ours.
  template <class Rep, class Period>
  bool try_lock_for(std::chrono::duration<Rep, Period> d) {
    return try_lock() || lock_before(runtime::deadline_after(d));
  }
  template <class Clock, class Duration>
  bool try_lock_until(std::chrono::time_point<Clock, Duration> when) {
    return try_lock() || primitives::attempt_until(
                             when, [&](steady_time deadline) { return lock_before(deadline); });
  }

  // Gives the mutex up. Throws misuse when it is not locked; that another task locked it is not
  // noticed here.
  void unlock() {
    GOBENCH_OPERATION(unlock, this);
    GOBENCH_HOOK(lock_released(this, instrument::lock_mode::exclusive));
    // Guessed, and not read from the state word: a load of what a locked instruction has just written
    // takes 4 ns of the 17 that lock and unlock take here.
    std::uint32_t seen = locked_bit;
    if (!others_wait_.load(std::memory_order_relaxed)) [[likely]] {
      // Release pairs with the acquire of the next holder.
      if (state_.compare_exchange_strong(seen, 0, std::memory_order_release,
                                         std::memory_order_relaxed)) [[likely]]
        return;
    } else {
      seen = state_.load(std::memory_order_relaxed);
      // Release as above.
      if (leaves_quietly(seen) &&
          state_.compare_exchange_strong(seen, seen & ~locked_bit, std::memory_order_release,
                                         std::memory_order_relaxed))
        return;
    }
    unlock_slow(seen);
  }

 private:
  static constexpr std::uint32_t locked_bit = 1;
  static constexpr std::uint32_t waiters_bit = 2;
  static constexpr std::uint32_t woken_bit = 4;
  static constexpr std::uint32_t starved_bit = 8;

  // Whether the holder may leave this state without waking anybody.
  static constexpr bool leaves_quietly(std::uint32_t state) noexcept {
    return (state & (locked_bit | starved_bit)) == locked_bit &&
           (state & (waiters_bit | woken_bit)) != waiters_bit;
  }

  bool lock_before(steady_time deadline) {
    GOBENCH_OPERATION(lock, this);
    if (primitives::passed(deadline) || !lock_slow(deadline)) return false;
    locked();
    return true;
  }
  void locked() noexcept { GOBENCH_HOOK(lock_acquired(this, instrument::lock_mode::exclusive)); }

  // What one caller inside lock() knows.
  struct attempt {
    attempt() noexcept = default;
    explicit attempt(runtime::waiter& self) noexcept : node(self) {}

    primitives::wait_node node;
    steady_time waiting_since{};  // the epoch: has not waited yet
    primitives::spin_budget spins;
    bool own_woken = false;
    bool starved = false;
  };

  // Returns whether the mutex is ours; always true without a deadline.
  bool lock_slow(steady_time deadline);
  // Its parts. True when the mutex is ours; false when the node stands in the queue.
  bool take_or_queue(attempt& ours) noexcept;
  // After the node was granted: true when the mutex came with it.
  bool granted(attempt& ours) noexcept;
  void waiter_left(const attempt& ours) noexcept;  // under queue_lock_
  // For a coroutine, once it was woken or gives up: true when the wait is over; `taken` then says how.
  friend class primitives::awaited_mutex;
  bool settle_lock(attempt& ours, runtime::park_result why, bool& taken) noexcept;
  void unlock_slow(std::uint32_t seen);

  std::atomic<std::uint32_t> state_{0};
  runtime::spin_lock queue_lock_;
  // Whether the queue is not empty, for unlock() to guess from; changed with it, relaxed.
  std::atomic<bool> others_wait_{false};
  primitives::wait_queue queue_;
};

}  // namespace gobench::inline GOBENCH_FLAVOUR
