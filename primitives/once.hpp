// Doing something exactly once.
//
//   gobench::once initialised;
//   initialised.call([&] { table = load(); });   // any number of times, from anywhere
//
// Invariants
//  - At most one caller runs its function at a time: running_ is true exactly while one does, or is
//    about to. It changes only under lock_.
//  - done_ becomes true once, after a function has returned, and never false again.
//  - Waiters are queued only while running_. When a function throws, running_ is handed to the
//    first of them without ever becoming false; when one returns, all are let go.
//
// Source: Go's sync/once.go for the fast path; std::call_once for exceptions.
#pragma once

#include <atomic>
#include <functional>
#include <utility>

#include "primitives/internal/wait_queue.hpp"
#include "runtime/flavour.hpp"
#include "runtime/instrument.hpp"
#include "runtime/park.hpp"
#include "runtime/spin_lock.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {

// May be called from fibers, task threads and OS threads that the runtime did not start, mixed. The
// function's return happens before the return of every call().
class once {
 public:
  constexpr once() noexcept = default;
  once(const once&) = delete;
  once& operator=(const once&) = delete;

  // Calls f() unless a call has succeeded before; returns when one has. When f throws, this call
  // throws the same and the next caller, waiting or to come, tries with its own function. f may not
  // use this very object: that is a deadlock.
  template <std::invocable F>
  void call(F&& f) {
    GOBENCH_OPERATION(once, this);
    // Acquire pairs with the release in finish().
    if (!done_.load(std::memory_order_acquire) && begin()) [[unlikely]] {
      GOBENCH_HOOK(acquire(this));  // of a call that has thrown
      struct attempt {
        once& of;
        bool succeeded = false;
        // A destructor rather than a handler: the end of the run unwinds through us as well.
        ~attempt() { of.finish(succeeded); }
      } running{*this};
      GOBENCH_HOOK(acquire(this));  // calls that have thrown
      call_of_user(std::forward<F>(f));
      running.succeeded = true;
      return;
    }
    GOBENCH_HOOK(acquire(this));
  }

 private:
  template <class F>
  static void call_of_user(F&& f) {
    GOBENCH_USER_SCOPE();
    std::invoke(std::forward<F>(f));
  }
  // Waits for a running call. Returns whether the caller is to run its function.
  bool begin();
  void finish(bool succeeded) noexcept;

  std::atomic<bool> done_{false};
  bool running_ = false;
  runtime::spin_lock lock_;
  primitives::wait_queue queue_;
};

}  // namespace gobench::inline GOBENCH_FLAVOUR
