// Tasks that belong together: waited for as one, and told to stop when one of them fails.
//
//   gobench::task_group group;
//   for (const url& u : urls)
//     group.go([&] { fetch(u, group.context()); });   // who sees the context done, stops
//   group.wait();                                     // rethrows what the first one to fail threw
//
// Invariants
//  - Every task that go() has started holds a seat until its function, with all that it captured, is gone;
//    wait() waits for the seats. With a limit each seat also holds a unit of the semaphore.
//  - The first exception is kept, then the context is cancelled; later ones are dropped. What ends the
//    tasks of a run that is over is no exception in this sense.
//
// Source: golang.org/x/sync/errgroup. Where we deviate: the destructor waits, since tasks usually refer to
// what lives in the same scope.
#pragma once

#include <atomic>
#include <concepts>
#include <exception>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

#include "primitives/context.hpp"
#include "primitives/semaphore.hpp"
#include "primitives/wait_group.hpp"
#include "runtime/flavour.hpp"
#include "runtime/instrument.hpp"
#include "runtime/source_location.hpp"
#include "runtime/spin_lock.hpp"
#include "runtime/task.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {

// Every method may be called from fibers, task threads and OS threads that the runtime did not start; go() also
// from the group's own tasks. What a task has done happens before the return of the wait() that waited
// for it.
class task_group {
 public:
  // A group whose context is a child of `parent`. Throws std::bad_alloc.
  task_group() : task_group(background()) {}
  explicit task_group(const gobench::context& parent);
  task_group(const task_group&) = delete;
  task_group& operator=(const task_group&) = delete;
  // Cancels the context and waits for the tasks, if nobody has. An exception that no wait() has rethrown is
  // dropped. While the task itself is unwound because the run has ended, it does not wait.
  ~task_group();

  // Cancelled by the first exception, when wait() returns, and with the parent.
  const gobench::context& context() const noexcept { return shared_->ctx; }

  // Lets at most n tasks be active at a time; go() waits while there are as many. 0 lets nobody start, a
  // negative n lifts the limit. Throws misuse while tasks are active.
  void limit(int n);

  // Spawns a task that runs f(). Not after wait(), unless by a task that it waits for. Throws as
  // gobench::go does; `born` is shown in reports.
  template <std::invocable F>
  void go(F&& f, source_location born = source_location::current()) {
    take_unit();
    start(std::forward<F>(f), born);
  }

  // The same if that does not exceed the limit; returns whether it did. f is untouched if not.
  template <std::invocable F>
  bool try_go(F&& f, source_location born = source_location::current()) {
    if (!try_take_unit()) return false;
    start(std::forward<F>(f), born);
    return true;
  }

  // Waits until all tasks have ended, cancels the context, and rethrows the first exception, each time it is
  // called.
  void wait();

 private:
  void take_unit() {
    GOBENCH_INTERNAL_SCOPE();
    if (shared_->units != nullptr) shared_->units->acquire();
  }
  bool try_take_unit() {
    GOBENCH_INTERNAL_SCOPE();
    return shared_->units == nullptr || shared_->units->try_acquire();
  }

  // Outlives the group while tasks are active: a run that ends may unwind the group first.
  struct shared_state {
    explicit shared_state(const gobench::context& parent) : shared_state(with_cancel(parent)) {}
    explicit shared_state(cancellable made) noexcept
        : ctx(std::move(made.ctx)), cancel(std::move(made.cancel)) {}

    void failed(std::exception_ptr with) noexcept;
    void leave() noexcept;

    gobench::context ctx;
    cancel_function cancel;
    wait_group active;
    std::atomic<int> count{0};  // of the seats taken, for limit()
    std::unique_ptr<semaphore> units;
    runtime::spin_lock lock;
    std::exception_ptr first;  // under lock
  };

  class seat {
   public:
    // The caller has a unit, if units are needed.
    explicit seat(std::shared_ptr<shared_state> group);
    seat(seat&& other) noexcept = default;
    seat& operator=(seat&&) = delete;
    ~seat() {
      GOBENCH_INTERNAL_SCOPE();
      if (group_ != nullptr) group_->leave();
      group_.reset();
    }
    shared_state& group() const noexcept { return *group_; }

   private:
    std::shared_ptr<shared_state> group_;
  };

  // What a task runs. f ends before the seat is given up.
  template <class F>
  struct member {
    void operator()() {
      try {
        static_cast<void>(std::invoke(f));
      } catch (const runtime::ended_exception&) {
        throw;
      } catch (...) {
        place.group().failed(std::current_exception());
      }
    }
    seat place;
    F f;
  };

  seat take_seat() {
    GOBENCH_INTERNAL_SCOPE();
    return seat(shared_);
  }

  template <class F>
  void start(F&& f, source_location born) {
    seat place = take_seat();
    static_cast<void>(
        gobench::go(member<std::decay_t<F>>{std::move(place), std::forward<F>(f)}, born));
  }

  std::shared_ptr<shared_state> shared_;
};

}  // namespace gobench::inline GOBENCH_FLAVOUR
