// Waiting until something that a lock protects has changed.
//
//   gobench::mutex m;
//   gobench::condition_variable changed;
//   std::deque<int> jobs;
//   // consumer
//   std::unique_lock held(m);
//   changed.wait(held, [&] { return !jobs.empty(); });
//   // producer
//   {
//     const std::scoped_lock adding(m);
//     jobs.push_back(1);
//   }
//   changed.notify_one();
//
// Invariants (of condition_queue, which both classes share)
//  - A waiter stands in the queue before it unlocks the user's lock, so a notify that is ordered
//    after that unlock finds it.
//  - waiting_ is the length of the queue; it changes only under lock(). A notify that sees 0 has
//    nobody to wake: a waiter that it should wake is ordered before it by the user's lock.
//  - A notify claims waiters in the order in which they came. A claimed waiter is woken by that
//    notify and by nothing else: it reports no_timeout, however late it is.
//  - A claimed waiter never touches the condition variable again, so that it may be destroyed as
//    soon as all waiters have been notified (the standard's rule). A waiter whose time is over
//    cannot know whether it has been claimed without taking the lock of the queue; that lock
//    therefore is not in the object but one of a fixed set that lives for ever, chosen by address,
//    as parking_lot keeps all of its queues.
#pragma once

#include <atomic>
#include <chrono>
#include <concepts>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <utility>

#include "primitives/internal/deadline.hpp"
#include "primitives/internal/wait_queue.hpp"
#include "primitives/mutex.hpp"
#include "runtime/errors.hpp"
#include "runtime/flavour.hpp"
#include "runtime/instrument.hpp"
#include "runtime/park.hpp"
#include "runtime/spin_lock.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {

namespace primitives {

class condition_queue {
 public:
  constexpr condition_queue() noexcept = default;
  condition_queue(const condition_queue&) = delete;
  condition_queue& operator=(const condition_queue&) = delete;

  // Two steps of a wait: in between the caller unlocks. `node` is queued by enter() and out of the
  // queue when await() or leave() returns.
  void enter(wait_node& node) noexcept;
  wait_outcome await(wait_node& node, steady_time deadline);
  // A part of await(), for a coroutine that was woken or gives up: true when the wait is over.
  bool settle(wait_node& node, runtime::park_result why, wait_outcome& outcome) noexcept;
  // Instead of await(): returns whether a notify had chosen us meanwhile.
  bool leave(wait_node& node) noexcept;

  void notify_one() noexcept;
  void notify_all() noexcept;

 private:
  runtime::spin_lock& lock() const noexcept;
  void waiter_left() noexcept;  // under lock()

  std::atomic<std::uint32_t> waiting_{0};
  wait_queue queue_;
};

class awaited_condition;

// Types like std::unique_lock, which know whether they hold their lock.
template <class Lock>
concept knows_ownership = requires(const Lock& lock) {
  { lock.owns_lock() } -> std::convertible_to<bool>;
};

}  // namespace primitives

// Works with any lock: anything with lock() and unlock(). Every method may be called from fibers,
// task threads and OS threads that the runtime did not start, mixed. As in Go, a notify happens
// before the return of the wait that it wakes. Waits may return spuriously, as the standard's.
// Preconditions: callers of wait hold `lock` once (not recursively); the destructor may run when
// all waiters have been notified, also before they have returned.
class condition_variable_any {
 public:
  constexpr condition_variable_any() noexcept = default;
  condition_variable_any(const condition_variable_any&) = delete;
  condition_variable_any& operator=(const condition_variable_any&) = delete;

  // Wakes one waiter, or nobody when there is none. With or without the lock held.
  void notify_one() noexcept { queue_.notify_one(); }
  void notify_all() noexcept { queue_.notify_all(); }

  // Unlocks, waits for a notify, locks again. Throws misuse when `lock` knows that it does not hold
  // its lock, and what its lock() and unlock() throw.
  //
  // When the run ends meanwhile, the task is unwound. A lock that knows whether it is held (such as
  // std::unique_lock) is left unlocked; any other one is locked again first, as pthread_cond_wait
  // does when cancelled, because somebody further out is going to unlock it.
  template <class Lock>
  void wait(Lock& lock) {
    wait_before(lock, runtime::no_deadline);
  }
  template <class Lock, class Predicate>
  void wait(Lock& lock, Predicate satisfied) {
    while (!satisfied()) wait(lock);
  }

  // As wait, but no longer than that. A waiter that a notify has chosen reports no_timeout.
  template <class Lock, class Clock, class Duration>
  std::cv_status wait_until(Lock& lock, std::chrono::time_point<Clock, Duration> when) {
    if (wait_before(lock, primitives::steady_deadline(when))) return std::cv_status::no_timeout;
    // The clock may have been set back while we waited on the steady one.
    return Clock::now() < when ? std::cv_status::no_timeout : std::cv_status::timeout;
  }
  template <class Lock, class Clock, class Duration, class Predicate>
  bool wait_until(Lock& lock, std::chrono::time_point<Clock, Duration> when, Predicate satisfied) {
    while (!satisfied()) {
      if (wait_until(lock, when) == std::cv_status::timeout) return satisfied();
    }
    return true;
  }
  template <class Lock, class Rep, class Period>
  std::cv_status wait_for(Lock& lock, std::chrono::duration<Rep, Period> d) {
    return wait_before(lock, runtime::deadline_after(d)) ? std::cv_status::no_timeout
                                                         : std::cv_status::timeout;
  }
  template <class Lock, class Rep, class Period, class Predicate>
  bool wait_for(Lock& lock, std::chrono::duration<Rep, Period> d, Predicate satisfied) {
    return wait_until(lock, runtime::deadline_after(d), std::move(satisfied));
  }

 private:
  // Returns whether a notify woke us.
  template <class Lock>
  bool wait_before(Lock& lock, steady_time deadline);
  template <class Lock>
  static void relock_to_unwind(Lock& lock);

  friend class primitives::awaited_condition;
  primitives::condition_queue queue_;
};

// As condition_variable_any, for std::unique_lock<gobench::mutex>.
class condition_variable {
 public:
  constexpr condition_variable() noexcept = default;
  condition_variable(const condition_variable&) = delete;
  condition_variable& operator=(const condition_variable&) = delete;

  void notify_one() noexcept { any_.notify_one(); }
  void notify_all() noexcept { any_.notify_all(); }

  void wait(std::unique_lock<mutex>& lock) { any_.wait(lock); }
  template <class Predicate>
  void wait(std::unique_lock<mutex>& lock, Predicate satisfied) {
    any_.wait(lock, std::move(satisfied));
  }
  template <class Clock, class Duration>
  std::cv_status wait_until(std::unique_lock<mutex>& lock,
                            std::chrono::time_point<Clock, Duration> when) {
    return any_.wait_until(lock, when);
  }
  template <class Clock, class Duration, class Predicate>
  bool wait_until(std::unique_lock<mutex>& lock, std::chrono::time_point<Clock, Duration> when,
                  Predicate satisfied) {
    return any_.wait_until(lock, when, std::move(satisfied));
  }
  template <class Rep, class Period>
  std::cv_status wait_for(std::unique_lock<mutex>& lock, std::chrono::duration<Rep, Period> d) {
    return any_.wait_for(lock, d);
  }
  template <class Rep, class Period, class Predicate>
  bool wait_for(std::unique_lock<mutex>& lock, std::chrono::duration<Rep, Period> d,
                Predicate satisfied) {
    return any_.wait_for(lock, d, std::move(satisfied));
  }

 private:
  friend class primitives::awaited_condition;
  condition_variable_any any_;
};

template <class Lock>
bool condition_variable_any::wait_before(Lock& lock, steady_time deadline) {
  if constexpr (primitives::knows_ownership<Lock>) {
    if (!lock.owns_lock())
      throw misuse("wait on a condition variable without holding the lock; lock it before");
  }
  // The lock is the user's, perhaps of the user's making: its functions are not ours to hide.
  GOBENCH_OPERATION(wait, &queue_);
  primitives::wait_node node(runtime::this_waiter());
  queue_.enter(node);
  try {
    GOBENCH_USER_SCOPE();
    lock.unlock();
  } catch (...) {
    // A notify that chose us belongs to another waiter now.
    if (queue_.leave(node)) queue_.notify_one();
    throw;
  }
  bool notified = false;
  try {
    const primitives::wait_outcome outcome = queue_.await(node, deadline);
    if (outcome == primitives::wait_outcome::ended) runtime::throw_ended();
    notified = outcome == primitives::wait_outcome::granted;
    // What the notifier did before it notified; see condition_queue::notify_one().
    if (notified) GOBENCH_HOOK(acquire(&node));
    GOBENCH_USER_SCOPE();
    lock.lock();
  } catch (const runtime::ended_exception&) {
    relock_to_unwind(lock);
    throw;
  }
  return notified;
}

template <class Lock>
void condition_variable_any::relock_to_unwind(Lock& lock) {
  GOBENCH_USER_SCOPE();
  if constexpr (primitives::knows_ownership<Lock>) {
    // It knows that it is not held; nobody will unlock it.
  } else if constexpr (requires {
                         { lock.try_lock() } -> std::convertible_to<bool>;
                       }) {
    // Not by lock(), which would park and so throw in place of us.
    for (unsigned round = 0; !lock.try_lock(); ++round) runtime::relax(round);
  } else {
    lock.lock();
  }
}

}  // namespace gobench::inline GOBENCH_FLAVOUR
