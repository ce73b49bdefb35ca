// Coroutines as tasks: a million of them wait in 400 bytes each.
//
//   gobench::co_task<int> sum(gobench::chan<int> numbers) {
//     int all = 0;
//     while (auto n = co_await gobench::co::recv(numbers)) all += *n;
//     co_return all;
//   }
//   auto s = gobench::spawn(sum(numbers));   // a task like those of go(), on the same processors
//   int all = s.join();                      // or, in a coroutine: co_await gobench::co::join(s)
//
// What can be awaited: another co_task (its result or exception comes through), and what namespace co
// makes: here yield, sleep_for, sleep_until and join; in primitives/co.hpp channels, select, locks and the rest.
// Make it and await it in one expression. Awaiting costs the bytes of a frame while the task waits. A function
// that blocks, such as chan::recv(), may be called as well: then the task keeps a stack until it returns.
//
// A coroutine runs on a stack that it shares with others and gives back whenever it waits. So a reference
// to a thread_local is not good across co_await, and neither is a lock of the standard library.
//
// When the run ends, the frames of a coroutine that is suspended are destroyed, and with them what they
// hold; one that is in a call that blocks is unwound as any task.
//
// Beware of what all C++ coroutines have in common: parameters are copied into the frame, but a reference
// parameter, and the captures of a lambda that is a coroutine, only live as long as what they refer to. And of gcc
// 12: in `a ? b : co_await c` it awaits c in any case.
#pragma once

#include <concepts>
#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "runtime/errors.hpp"
#include "runtime/flavour.hpp"
#include "runtime/instrument.hpp"
#include "runtime/source_location.hpp"
#include "runtime/suspension.hpp"
#include "runtime/task.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {

template <class T = void>
class co_task;

namespace runtime {

template <class A>
concept awaitable_type = std::derived_from<std::remove_cvref_t<A>, awaitable>;

template <class T>
class awaited_task;

// Stands for an awaitable, which lives as long as the expression: gcc 12 copies what await_transform refers to.
template <class A>
struct forwarded {
  bool await_ready() const { return what.await_ready(); }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> frame) const {
    return what.await_suspend(frame);
  }
  decltype(auto) await_resume() const { return what.await_resume(); }

  A& what;
};

// What the promises of all co_tasks share.
struct co_promise_base : co_frame {
  // Hands over to who awaits this frame.
  struct hand_over {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> ended) const noexcept {
      GOBENCH_INTERNAL_SCOPE();
      co_frame& frame = ended.promise();
      frame.runner->next_frame = frame.continuation;
    }
    void await_resume() const noexcept {}
  };

  std::suspend_always initial_suspend() const noexcept { return {}; }
  hand_over final_suspend() const noexcept { return {}; }

  void unhandled_exception() noexcept {
    GOBENCH_INTERNAL_SCOPE();
    if (continuation == nullptr && !runner->blocks) {
      frame_failed(*runner);
    } else {
      failure = std::current_exception();
    }
  }

  template <class A>
  forwarded<std::remove_reference_t<A>> await_transform(A&& what) const noexcept {
    static_assert(
        awaitable_type<A>,
        "a co_task can await another co_task (use std::move for one that has a name) and what "
        "namespace gobench::co makes");
    return {what};
  }
  template <class U>
  awaited_task<U> await_transform(co_task<U>&& child) const;

  void rethrow_failure() {
    if (failure != nullptr) std::rethrow_exception(std::exchange(failure, nullptr));
  }

  std::exception_ptr failure;
};

template <class T>
class co_promise : public co_promise_base {
  using stored = std::conditional_t<std::is_reference_v<T>, std::remove_reference_t<T>*, T>;

 public:
  co_task<T> get_return_object() noexcept;

  template <class U = T>
  requires std::is_constructible_v<T, U>
  void return_value(U&& value) {
    if constexpr (std::is_reference_v<T>) {
      result_.emplace(std::addressof(value));
    } else {
      result_.emplace(std::forward<U>(value));
    }
  }

  // The result, once.
  T take() {
    rethrow_failure();
    if constexpr (std::is_reference_v<T>) {
      return static_cast<T>(**result_);
    } else {
      return std::move(*result_);
    }
  }

 private:
  std::optional<stored> result_;
};

template <>
class co_promise<void> : public co_promise_base {
 public:
  co_task<void> get_return_object() noexcept;
  void return_void() const noexcept {}
  void take() { rethrow_failure(); }
};

}  // namespace runtime

// A coroutine that has not begun, and the owner of its frame; dropping it destroys the frame. It runs when it is
// awaited, spawned or given to block_on(), each of which takes it over. Movable, not copyable. T may be a
// reference.
template <class T>
class [[nodiscard]] co_task {
 public:
  using promise_type = runtime::co_promise<T>;
  using value_type = T;

  co_task() noexcept = default;
  co_task(co_task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  co_task& operator=(co_task&& other) noexcept {
    std::swap(frame_, other.frame_);
    return *this;
  }
  ~co_task() {
    if (frame_ != nullptr) frame_.destroy();
  }

  // Whether there is a coroutine.
  explicit operator bool() const noexcept { return frame_ != nullptr; }

 private:
  using handle = std::coroutine_handle<promise_type>;
  friend promise_type;
  template <class U>
  friend class runtime::awaited_task;
  template <class U>
  friend U block_on(co_task<U> task);
  friend task spawn(co_task<void> coroutine, source_location born);

  explicit co_task(handle frame) noexcept : frame_(frame) {}
  handle checked() const {
    if (frame_ == nullptr)
      throw misuse("a co_task without a coroutine: it was moved from, or has run already");
    return frame_;
  }

  handle frame_;
};

namespace runtime {

template <class T>
co_task<T> co_promise<T>::get_return_object() noexcept {
  return co_task<T>(std::coroutine_handle<co_promise>::from_promise(*this));
}
inline co_task<void> co_promise<void>::get_return_object() noexcept {
  return co_task<void>(std::coroutine_handle<co_promise>::from_promise(*this));
}

template <class T>
class [[nodiscard]] awaited_task {
 public:
  explicit awaited_task(co_task<T>&& child) : child_(std::move(child)) {
    static_cast<void>(child_.checked());
  }
  awaited_task(const awaited_task&) = delete;
  awaited_task& operator=(const awaited_task&) = delete;

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> parent) const noexcept {
    GOBENCH_INTERNAL_SCOPE();
    co_frame& frame = child_.frame_.promise();
    frame.runner = static_cast<co_frame&>(parent.promise()).runner;
    frame.continuation = parent;
    frame.runner->next_frame = child_.frame_;
  }
  T await_resume() const { return child_.frame_.promise().take(); }

 private:
  co_task<T> child_;
};

template <class U>
awaited_task<U> co_promise_base::await_transform(co_task<U>&& child) const {
  return awaited_task<U>(std::move(child));
}

}  // namespace runtime

// Runs a coroutine to its end on the caller's stack and returns its result: what it awaits blocks the caller,
// which may be a fiber, a task thread, an OS thread that the runtime did not start, or a coroutine. Throws
// what the coroutine throws, and misuse for one that is gone.
template <class T>
T block_on(co_task<T> task) {
  runtime::co_runner caller(true);
  const auto frame = task.checked();
  frame.promise().runner = &caller;
  caller.next_frame = frame;
  runtime::drive(caller);
  return frame.promise().take();
}

// Makes the coroutine a task of the run and returns a handle as go() does. On fibers it is a task of 400
// bytes beside its frame's locals; on the thread backend a thread runs it as block_on() would. From any fiber,
// coroutine or thread while a run is on; throws no_runtime otherwise, and misuse for one that is gone.
inline task spawn(co_task<void> coroutine, source_location born = source_location::current()) {
  const auto first = coroutine.checked();
  GOBENCH_INTERNAL_SCOPE();
  runtime::control* block = runtime::new_coroutine(born);
  if (block == nullptr) {
    return go([kept = std::move(coroutine)]() mutable { block_on(std::move(kept)); }, born);
  }
  coroutine.frame_ = nullptr;
  first.promise().runner = &runtime::give_frame(*block, first);
  runtime::start_task(*block);
  return runtime::task_handle::adopt(*block);
}

namespace runtime {

// Where a task of spawn() leaves its result for its handle.
template <class T>
using result_cell =
    std::optional<std::conditional_t<std::is_reference_v<T>, std::remove_reference_t<T>*, T>>;

template <class T>
T take_result(result_cell<T>& cell) {
  if constexpr (std::is_reference_v<T>) {
    return static_cast<T>(**cell);
  } else {
    return std::move(*cell);
  }
}

template <class T>
co_task<void> keep_result(co_task<T> coroutine, std::shared_ptr<result_cell<T>> cell) {
  if constexpr (std::is_reference_v<T>) {
    cell->emplace(std::addressof(co_await std::move(coroutine)));
  } else {
    cell->emplace(co_await std::move(coroutine));
  }
}

template <class T>
class joining_value;

}  // namespace runtime

// A handle to a task with a result: what `task` is, and join() returns the result.
template <class T>
class co_handle {
 public:
  co_handle() noexcept = default;

  bool joinable() const noexcept { return task_.joinable(); }
  T join() {
    task_.join();
    const auto cell = std::move(cell_);
    return runtime::take_result<T>(*cell);
  }
  void detach() noexcept {
    task_.detach();
    cell_ = nullptr;
  }

 private:
  template <class U>
  requires(!std::is_void_v<U>) friend co_handle<U> spawn(co_task<U> coroutine,
                                                         source_location born);
  template <class U>
  friend class runtime::joining_value;

  task task_;
  std::shared_ptr<runtime::result_cell<T>> cell_;
};

template <class T>
requires(!std::is_void_v<T>) co_handle<T> spawn(co_task<T> coroutine,
                                                source_location born = source_location::current()) {
  if (!coroutine) throw misuse("spawn of a co_task without a coroutine");
  co_handle<T> made;
  made.cell_ = std::make_shared<runtime::result_cell<T>>();
  made.task_ = spawn(runtime::keep_result<T>(std::move(coroutine), made.cell_), born);
  return made;
}

namespace runtime {

// Leaves through throw_ended() in a run that has ended.
void begin_yield(co_runner& runner, std::coroutine_handle<> frame);

class [[nodiscard]] yielding : public awaitable {
 public:
  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> frame) {
    GOBENCH_INTERNAL_SCOPE();
    co_runner& runner = *static_cast<co_frame&>(frame.promise()).runner;
    if (runner.blocks) {
      block();
      return false;
    }
    begin_yield(runner, frame);
    return true;
  }
  void await_resume() const noexcept {}

 private:
  void block() override { yield(); }
  bool begin(waiter& /*self*/, wait_plan& /*plan*/) override { return false; }
  bool after_wake(park_result /*why*/) noexcept override { return true; }
  bool give_up() noexcept override { return true; }
};

class [[nodiscard]] sleeping : public awaitable {
 public:
  explicit sleeping(steady_time when) noexcept : when_(when) {}
  bool await_ready() const noexcept { return false; }
  void await_resume() const noexcept {}

 private:
  void block() override { sleep_until(when_); }
  bool begin(waiter& /*self*/, wait_plan& plan) override {
    plan = {{wait_reason::sleep, nullptr}, when_, &timer_};
    return true;
  }
  bool after_wake(park_result why) noexcept override { return why == park_result::timed_out; }
  bool give_up() noexcept override { return true; }

  const steady_time when_;
  timer_entry timer_;
};

class [[nodiscard]] joining : public awaitable {
 public:
  explicit joining(task& handle) : task_(task_handle::release(handle)) {
    if (task_ == nullptr) throw misuse("join of a task that was already joined or detached");
  }
  ~joining();
  bool await_ready() const noexcept {
    GOBENCH_INTERNAL_SCOPE();
    return join_over(*task_);
  }
  void await_resume() {
    GOBENCH_INTERNAL_SCOPE();
    if (task_ != nullptr) end_join(*std::exchange(task_, nullptr));
  }

 private:
  void block() override { join_task(*std::exchange(task_, nullptr)); }
  bool begin(waiter& self, wait_plan& plan) override;
  bool after_wake(park_result /*why*/) noexcept override { return join_over(*task_); }
  bool give_up() noexcept override;

  control* task_;
  waiter* self_ = nullptr;  // once it has begun
};

template <class T>
class [[nodiscard]] joining_value : public joining {
 public:
  explicit joining_value(co_handle<T>& handle)
      : joining(handle.task_), cell_(std::move(handle.cell_)) {}
  T await_resume() {
    joining::await_resume();
    return take_result<T>(*cell_);
  }

 private:
  std::shared_ptr<result_cell<T>> cell_;
};

}  // namespace runtime

// Inside a co_task: `co_await co::yield();` and so on.
namespace co {

// Lets other runnable tasks go first. Orders nothing.
inline runtime::yielding yield() noexcept { return {}; }

// Waits until the time has come, never less. A time that is over does not wait at all.
inline runtime::sleeping sleep_until(steady_time when) noexcept { return runtime::sleeping(when); }
template <class Rep, class Period>
runtime::sleeping sleep_for(std::chrono::duration<Rep, Period> d) {
  return runtime::sleeping(runtime::deadline_after(d));
}

// Waits for a task of go() or spawn() to end; what it did happens before. Rethrows its exception. The handle
// is not joinable any more. Throws misuse when it is not joinable now.
inline runtime::joining join(task& handle) { return runtime::joining(handle); }
inline runtime::joining join(task&& handle) { return runtime::joining(handle); }
// The same; the result of the await is that of the task.
template <class T>
runtime::joining_value<T> join(co_handle<T>& handle) {
  return runtime::joining_value<T>(handle);
}
template <class T>
runtime::joining_value<T> join(co_handle<T>&& handle) {
  return runtime::joining_value<T>(handle);
}

}  // namespace co
}  // namespace gobench::inline GOBENCH_FLAVOUR
