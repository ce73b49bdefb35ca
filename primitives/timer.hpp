// Timers: something that comes through a channel, or a function that runs, at a time to come.
//
//   gobench::timer limit(100ms);
//   gobench::select(gobench::on_recv(answers, [&](auto answer) { use(answer); }),
//                   gobench::on_recv(limit.chan(), [&] { give_up(); }));
//
//   gobench::timer cleaning = gobench::after_func(1h, [&] { clean(); });   // in a task of its own
//   if (cleaning.stop()) return;                                           // it will not run
//
//   gobench::ticker beat(1s);
//   for (auto when : beat.chan()) report(when);
//
// Invariants
//  - A timer is pending from when it is made or reset until its time has come or it is stopped. Its channel
//    stores at most one value, and none of an earlier setting: once stop() or reset() has returned, nothing
//    that was due before is received any more.
//  - What is pending costs no task (runtime/timer_action.hpp). While anything is pending no deadlock is
//    reported, as for a sleeping task; afterwards it is. What is pending when the run ends never happens.
//
// Source: Go's time.Timer and time.Ticker as of Go 1.23. Where we deviate: the end of the handle stops a
// timer that has a channel, since nothing collects it otherwise; and the channel has room for the value, so
// its len() may be 1.
//
// Who may call: fibers, task threads and OS threads that the runtime did not start, while a run is on; one
// handle by many at once, apart from moving and destroying it. Making and resetting throw no_runtime
// outside of a run, std::bad_alloc, and std::system_error when no thread can be had for the one task that
// looks after all timers; nothing has changed then.
//
// Happens before: making or resetting a timer before the receive of its value and before its function. The
// passing of time orders nothing.
#pragma once

#include <chrono>
#include <concepts>
#include <functional>
#include <type_traits>
#include <utility>

#include "primitives/chan.hpp"
#include "primitives/internal/timer_actions.hpp"
#include "runtime/flavour.hpp"
#include "runtime/park.hpp"
#include "runtime/task.hpp"
#include "runtime/timer_action.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {

class timer;

// Calls f() in a new task after d, unless the timer is stopped before. Dropping the timer does not stop it. What
// f throws ends the program, as in every task that nobody can join. f goes with the last of the timer
// and the calls. `born` is shown in reports.
template <class Rep, class Period, std::invocable F>
timer after_func(std::chrono::duration<Rep, Period> d, F&& f,
                 source_location born = source_location::current());

// One event in time. Movable; without one (default-constructed, moved from) chan() is nil and stop() is
// false.
class timer {
 public:
  timer() noexcept = default;

  // Pending for d; then the time comes through chan(). At once for d <= 0, never for a d that is too
  // long for the clock.
  template <class Rep, class Period>
  explicit timer(std::chrono::duration<Rep, Period> d)
      : timer(new primitives::channel_action, runtime::deadline_after(d)) {}

  timer(timer&& other) noexcept = default;
  timer& operator=(timer&& other) noexcept {
    timer old(std::move(*this));
    action_ = std::move(other.action_);
    chan_ = std::move(other.chan_);
    return *this;
  }
  // Stops a timer that has a channel; one made by after_func goes on without its handle.
  ~timer() {
    if (chan_) stop();
  }

  // Where the time comes, on the steady clock; nil for after_func. The timer has to outlive the wait for it:
  // so not from a temporary (a select has after() for that).
  const receiver<steady_time>& chan() const& noexcept { return chan_; }
  const receiver<steady_time>& chan() const&& = delete;

  // Afterwards it is not pending, and chan() is empty. Returns whether that prevented anything: true if it
  // was pending, or its value was not received yet; false if the value was received, the function has been
  // started (which it does not wait for), or it was stopped before. From anywhere, also outside of a run.
  bool stop() noexcept { return action_ && action_->stop(); }

  // Pending for d from now, whatever it was before. Returns what stop() would have. With after_func, f runs
  // again, and if the earlier call still runs, beside it. Throws misuse when there is no timer.
  template <class Rep, class Period>
  bool reset(std::chrono::duration<Rep, Period> d) {
    if (!action_)
      throw misuse("reset of no timer: make it with timer(d) or after_func(d, f) first");
    return action_->start(runtime::deadline_after(d));
  }

 private:
  template <class Rep, class Period, std::invocable F>
  friend timer after_func(std::chrono::duration<Rep, Period> d, F&& f, source_location born);

  timer(primitives::channel_action* adopted, steady_time when);
  timer(runtime::timer_action* adopted, steady_time when);

  runtime::action_ref<runtime::timer_action> action_;
  receiver<steady_time> chan_;
};

template <class Rep, class Period, std::invocable F>
timer after_func(std::chrono::duration<Rep, Period> d, F&& f, source_location born) {
  runtime::timer_action* made =
      new primitives::function_action<std::decay_t<F>>(std::forward<F>(f), born);
  return timer(made, runtime::deadline_after(d));
}

// The same event again and again. Movable, as timer is.
class ticker {
 public:
  ticker() noexcept = default;

  // Ticks every `period`, for the first time after one. A receiver that is too slow misses ticks: at most
  // one waits for it, and the others stay on the grid of periods. Throws misuse for period <= 0.
  template <class Rep, class Period>
  explicit ticker(std::chrono::duration<Rep, Period> period)
      : ticker(new primitives::channel_action) {
    restart(primitives::whole_nanoseconds(period));
  }

  ticker(ticker&& other) noexcept = default;
  ticker& operator=(ticker&& other) noexcept {
    ticker old(std::move(*this));
    action_ = std::move(other.action_);
    chan_ = std::move(other.chan_);
    return *this;
  }
  // Stops it.
  ~ticker() { stop(); }

  // Where the ticks come; nil when there is no ticker. It is never closed: who waits in it when the ticker
  // stops waits until reset().
  const receiver<steady_time>& chan() const& noexcept { return chan_; }
  const receiver<steady_time>& chan() const&& = delete;

  // No more ticks; one that was not received yet is gone. From anywhere, also outside of a run.
  void stop() noexcept {
    if (action_) action_->stop();
  }

  // Ticks every `period` from now on, also after stop(). Throws misuse for period <= 0, and when there is no
  // ticker.
  template <class Rep, class Period>
  void reset(std::chrono::duration<Rep, Period> period) {
    restart(primitives::whole_nanoseconds(period));
  }

 private:
  explicit ticker(primitives::channel_action* adopted);
  void restart(std::chrono::nanoseconds period);

  runtime::action_ref<runtime::timer_action> action_;
  receiver<steady_time> chan_;
};

}  // namespace gobench::inline GOBENCH_FLAVOUR
