// Contexts: telling tasks, and those that they started, that nobody waits for them any more.
//
//   auto [ctx, cancel] = gobench::with_timeout(gobench::background(), 2s);
//   gobench::go([ctx = ctx] { fetch(ctx); });
//   ...
//   cancel();                          // or the two seconds pass: whatever comes first
//
//   void fetch(const gobench::context& ctx) {
//     gobench::select(gobench::on_recv(answers, [&](auto a) { use(a); }),
//                     gobench::on_recv(ctx.done(), [&] { say(to_string(ctx.err())); }));
//   }
//
// Invariants
//  - A context is cancelled once, and stays so: its own cancel(), its deadline or its parent, whatever comes first,
//    decides err(). Then done() is closed.
//  - A context that is made from a cancelled one is cancelled from the start, for the same reason.
//  - Cancelling takes all that descend from a context along: when a cancel() returns, also one that came too
//    late to decide, they all are cancelled. One that is cancelled leaves its parent.
//  - Dropping handles cancels nothing. As in Go, a parent keeps the children that were not cancelled until
//    it is cancelled or dropped itself, and a deadline keeps its context until it has come: so call cancel when
//    the work is done.
//
// Source: Go's package context. Where we deviate: values (WithValue) are left to arguments and captures.
//
// Who may call: fibers, task threads and OS threads that the runtime did not start. Only deadlines need a
// run: with_timeout and with_deadline throw no_runtime outside of one. Deadlines that have not come when
// the run ends never come.
//
// Happens before: a cancel before what is seen through done() and err(), and before the return of every
// later with_* and cancel on the same parent, which are as if under one lock.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "primitives/chan.hpp"
#include "primitives/internal/deadline.hpp"
#include "runtime/flavour.hpp"
#include "runtime/park.hpp"
#include "runtime/task.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {

// Why a context is done.
enum class context_error : std::uint8_t { none, cancelled, deadline_exceeded };

// "not cancelled", "cancelled", "deadline exceeded".
const char* to_string(context_error reason) noexcept;

namespace primitives {
class context_state;
}

struct cancellable;

// A handle to a context; copies are the same one. Default-constructed it is background(). Every method may
// be called by many at once.
class context {
 public:
  context() noexcept = default;
  // Copying and dropping a handle orders nothing, so it is kept out of code that a detector may have instrumented.
  context(const context& other) noexcept;
  context(context&& other) noexcept;
  context& operator=(const context& other) noexcept;
  context& operator=(context&& other) noexcept;
  ~context();

  // Closed when the context is cancelled; nothing is ever sent. Nil for background(): waiting for it alone is
  // waiting for ever, and select skips it.
  receiver<unit> done() const noexcept;

  // Why it was cancelled; `none` exactly while done() is open.
  context_error err() const noexcept;

  // When it is cancelled at the latest: the earliest deadline of its own and those above it.
  std::optional<steady_time> deadline() const noexcept;

  friend bool operator==(const context& a, const context& b) noexcept {
    return a.state_ == b.state_;
  }

 private:
  friend class cancel_function;
  friend struct cancellable;
  friend cancellable with_cancel(const context& parent);
  friend cancellable with_deadline(const context& parent, steady_time when);
  explicit context(std::shared_ptr<primitives::context_state> state) noexcept;

  std::shared_ptr<primitives::context_state> state_;
};

// Cancels the context that it was made with, and all that descend from it. Call it any number of times, from
// anywhere; copies do the same. A default-constructed one does nothing.
class cancel_function {
 public:
  cancel_function() noexcept = default;

  void operator()() const noexcept;

 private:
  friend struct cancellable;
  explicit cancel_function(context whose) noexcept : whose_(std::move(whose)) {}

  context whose_;
};

// What the with_ functions return: `auto [ctx, cancel] = ...`. (To capture these two in a lambda, clang before
// version 16 wants `[ctx = ctx]`.)
struct cancellable {
  explicit cancellable(context made) noexcept : ctx(std::move(made)), cancel(ctx) {}

  context ctx;
  cancel_function cancel;
};

// The context that is never cancelled and has no deadline: the root of all others.
inline context background() noexcept { return {}; }

// A child of `parent` that is cancelled with it, or by the function that comes along. Throws std::bad_alloc.
cancellable with_cancel(const context& parent);

// The same with a deadline, at which it is cancelled with deadline_exceeded; at once if that has passed. When the
// parent's deadline is earlier, this is with_cancel. Throws no_runtime outside of a run, std::bad_alloc,
// and std::system_error as timers do (timer.hpp).
cancellable with_deadline(const context& parent, steady_time when);
template <class Clock, class Duration>
cancellable with_deadline(const context& parent, std::chrono::time_point<Clock, Duration> when) {
  return with_deadline(parent, primitives::steady_deadline(when));
}
template <class Rep, class Period>
cancellable with_timeout(const context& parent, std::chrono::duration<Rep, Period> d) {
  return with_deadline(parent, runtime::deadline_after(d));
}

}  // namespace gobench::inline GOBENCH_FLAVOUR
