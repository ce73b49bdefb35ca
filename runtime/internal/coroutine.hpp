// A coroutine as a task of the scheduler.
//
// Invariants
//  - It is `fresh` until its first step, `suspended` between two steps, `started` during one. A step needs a
//    stack, and takes any: that of the task that ran before it on the worker, else one from the cache
//    (switching.cpp). What is suspended has none.
//  - During a step it is the worker's current task, and whatever blocks there parks it as any task, with
//    the stack that carries it. So all of the runtime may be used in a coroutine; only that waiting by
//    co_await costs a frame, and waiting by a call costs a stack.
//  - It is published, as parked or queued, after its frame has returned, by the one that resumed it.
//  - The block owns the first frame, which owns the others.
#pragma once

#include "runtime/internal/control.hpp"
#include "runtime/suspension.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {

class coroutine_task : public control, public co_runner {
 public:
  explicit coroutine_task(waiter_kind k) noexcept : control(k), co_runner(false) {}

  std::coroutine_handle<> first;
};

enum class step_end : std::uint8_t { ended, parks, yields };

// Runs the current task, a coroutine, up to its next suspension or its end; in a run that has ended, ends it.
step_end run_step(coroutine_task& task) noexcept;

// Leaves what it waits in and destroys its frames. Nothing when that is done already.
void destroy_frame(coroutine_task& task) noexcept;

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
