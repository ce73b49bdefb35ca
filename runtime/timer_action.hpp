// What is to be done at a time, without a task that waits for it: the seam below timers, tickers and the
// deadlines of contexts.
//
// Model. A timer_action is pending or not. start(when) makes it pending, replacing what was; stop() ends
// that. When the time has come, and it still is pending, it is done once: on_time() under the action's lock,
// so that start() and stop() come either before it or after it, then act() without.
//
// How. While anything is pending there is one task more, the timer service: it keeps all pending actions in a
// heap, parks until the first is due, does what is due, and ends when nothing is pending any more. So
//  - a pending action costs a heap entry and no task, on both backends;
//  - to the runtime it is a sleeping task: run() reports no deadlock while something is pending, and reports
//    one, without a word of timers, once nothing is;
//  - the end of the run unwinds the service, which forgets what is pending: nothing is done after the end. (If
//    the run abandons its tasks, then the next start() or run that uses timers forgets it.)
// What it costs (measured through gobench::timer, 2-core virtual machine): making and stopping one takes 0.4 us
// while another is pending, 0.7 us on fibers when it is the only one, and 60 us on the thread backend when it
// is the only one, since that starts a thread.
//
// Rejected: callbacks in the processors' own heaps, which save the service's switch, but only for fibers:
// the thread backend has no heap and would need a second mechanism; and whoever fires those heaps (the watchdog,
// a worker without a processor) may not run what a callback does. A service thread per process: the
// searches for deadlocks on both backends would have to know about it, its wake-ups cross threads, and
// what it does would not count as done by the run. A service task that stays: each report of a deadlock
// would list it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <utility>

#include "runtime/flavour.hpp"
#include "runtime/instrument.hpp"
#include "runtime/internal/timer_heap.hpp"
#include "runtime/park.hpp"
#include "runtime/spin_lock.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {

// Invariants
//  - Counted references; a pending action has one more, the service's. So it may be dropped while pending.
//  - Under lock_: armed_ tells whether it is pending. Armed means in the heap, or on the way from there to
//    expire(), or without end (no_deadline).
//  - Locks are taken in this order: lock_, the service's, the heap's.
class timer_action {
 public:
  timer_action() noexcept { entry_.owner = this; }
  timer_action(const timer_action&) = delete;
  timer_action& operator=(const timer_action&) = delete;

  // Makes it pending until `when`; with no_deadline it is pending and nothing comes of it. With an interval it
  // is done again and again, on the grid that begins with `when`, and not more than once for what was
  // missed. Returns whether it was pending before. From any fiber or thread while a run is on, which may be
  // another one than before.
  // Throws no_runtime otherwise, std::bad_alloc, and std::system_error when the service cannot be
  // started; nothing has changed then. In a run that has ended it does nothing.
  bool start(steady_time when, std::chrono::nanoseconds interval = {});

  // Afterwards it is not pending. Returns whether it was. From anywhere.
  bool stop() noexcept;

  // Counting orders nothing, so it is kept out of code that a detector may have instrumented.
  void retain() noexcept;
  void release() noexcept;

 protected:
  virtual ~timer_action() = default;

 private:
  friend class timer_service;

  // The time has come. Under lock_: a few instructions, nothing that waits.
  virtual void on_time(steady_time /*now*/) noexcept {}
  // What is to be done after that without the lock, on the service's task: nothing that waits for long.
  virtual void act() {}
  // The run has ended before its time came. Not under lock_; it may be the end of the action.
  virtual void forgotten() noexcept {}
  // Under lock_: takes back what on_time() has done, if that is possible; then the action counts as pending.
  virtual bool take_back() noexcept { return false; }

  bool withdraw() noexcept;  // under lock_

  // Whatever is done when the time has come is done for this one, and not with the past of the service's task,
  // which has looked after other timers.
  [[no_unique_address, maybe_unused]] instrument::actor actor_;
  std::atomic<std::uint32_t> references_{1};
  spin_lock lock_;
  bool armed_ = false;
  std::int64_t interval_ns_ = 0;  // 0: once
  timer_entry entry_;
  timer_action* next_forgotten_ = nullptr;  // of those that the service forgets
};

// An owner of one reference.
template <class Action>
class action_ref {
 public:
  action_ref() noexcept = default;
  explicit action_ref(Action* adopted) noexcept : action_(adopted) {}
  action_ref(const action_ref& other) noexcept : action_(other.action_) {
    if (action_ != nullptr) action_->retain();
  }
  action_ref(action_ref&& other) noexcept : action_(std::exchange(other.action_, nullptr)) {}
  action_ref& operator=(action_ref other) noexcept {
    std::swap(action_, other.action_);
    return *this;
  }
  ~action_ref() {
    if (action_ != nullptr) action_->release();
  }

  explicit operator bool() const noexcept { return action_ != nullptr; }
  Action* operator->() const noexcept { return action_; }
  Action* get() const noexcept { return action_; }

 private:
  Action* action_ = nullptr;
};

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
