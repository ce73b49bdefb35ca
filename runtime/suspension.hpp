// How a coroutine waits: the counterpart of park() for a task that gives its stack up while it waits.
//
// Model. A coroutine that is a task of its own is a waiter as every task is (park.hpp), and waits for its
// permit too. What park() does in one call comes in halves here, since the coroutine returns in between:
//   begin()       stands in a queue, or finds that there is nothing to wait for
//                 ... the coroutine returns to whoever resumed it, who publishes it as parked ...
//   after_wake()  a permit came, perhaps spuriously, or the deadline has passed: over, or park again
//   give_up()     the run has ended: leaves the queue; the coroutine's frame is destroyed next
// Each awaitable is one such wait. It lives in the frame, as a function's wait does on its stack.
//
// A coroutine that is driven by a caller who may block (block_on(), tasks of the thread backend) does not
// suspend at all: there `block()` is the whole wait.
//
// Invariants
//  - Between begin() and the publishing others may already unpark() the task, which then only leaves a
//    permit. Nobody but the resumer touches the frame.
//  - The chain of frames of one task (one co_task awaits another) shares one co_runner. `next_frame` is the frame
//    to be resumed next. A frame that awaits another, and one that has ended, hands over by setting it
//    and returning: no frame is resumed on top of another, whatever the compiler makes of tail calls, which
//    symmetric transfer depends on (gcc makes none without optimisation).
#pragma once

#include <coroutine>

#include "runtime/flavour.hpp"
#include "runtime/instrument.hpp"
#include "runtime/internal/timer_heap.hpp"
#include "runtime/park.hpp"
#include "runtime/source_location.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {

class suspension {
 public:
  suspension() noexcept = default;
  suspension(const suspension&) = delete;
  suspension& operator=(const suspension&) = delete;

  // By the resumer. False to park again, which never follows timed_out.
  virtual bool after_wake(park_result why) noexcept = 0;
  // Leaves whatever begin() has entered. False when the wait was over already, and brought something.
  virtual bool give_up() noexcept = 0;
  // After that: takes back what it brought, since nobody is there to use it.
  virtual void discard() noexcept {}

  timer_entry* timer = nullptr;  // where there is a deadline: in a heap while the task waits

 protected:
  ~suspension() = default;
};

// Who resumes the frames of one coroutine.
struct co_runner {
  explicit co_runner(bool may_block) noexcept : blocks(may_block) {}

  std::coroutine_handle<> next_frame;  // null: all have ended
  suspension* wait = nullptr;          // of `next_frame`, before which it is not resumed
  bool yields = false;                 // others go first
  const bool blocks;                   // a caller on a stack of its own; false: a coroutine_task
};

// What a frame of ours knows beside its result.
struct co_frame {
  co_runner* runner = nullptr;
  std::coroutine_handle<> continuation;  // who awaits this one; null for a task's first frame
};

// What a wait is like.
struct wait_plan {
  wait_info why;
  steady_time deadline = no_deadline;
  timer_entry* timer = nullptr;  // for the deadline; in the awaitable
};

// The base of all that a co_task can co_await, other than a co_task. To be awaited at once, and once.
class awaitable : public suspension {
 public:
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> frame) {
    GOBENCH_OPERATION(other, nullptr);
    co_runner& runner = *static_cast<co_frame&>(frame.promise()).runner;
    if (runner.blocks) {
      block();
      return false;
    }
    return suspend(runner, frame);
  }

 protected:
  ~awaitable() = default;

  // The whole wait of a caller that may block.
  virtual void block() = 0;
  // True when it has to wait; fills in the plan then.
  virtual bool begin(waiter& self, wait_plan& plan) = 0;

 private:
  // Leaves through throw_ended() in a run that has ended, and throws what begin() does and std::bad_alloc.
  bool suspend(co_runner& runner, std::coroutine_handle<> frame);
};

// For the frames of co_task<T>; co_task.hpp uses them.
class control;
// A new coroutine task of the run, without a frame; null where tasks are threads. Throws as new_task().
control* new_coroutine(source_location born);
// Gives it its first frame. The task ends the frame.
co_runner& give_frame(control& task, std::coroutine_handle<> first) noexcept;
// The first frame was left by the exception that is being handled.
void frame_failed(co_runner& runner) noexcept;
// Resumes frames until the last has ended. Precondition: the runner blocks.
void drive(co_runner& runner);

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
