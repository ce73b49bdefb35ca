// A parked fiber or coroutine, held still while somebody looks at its stack.
//
// A claim takes the task out of the parked state exactly as one who wakes it does, so the wake-up is ours
// (waiter.hpp) and nobody else can make it run. Giving it back is what the runtime does when a fiber has
// just been left: park it, unless a permit has come meanwhile; then it becomes runnable. So whoever
// wakes the task in between leaves a permit, and no wake-up is lost; the end of a run waits for it.
#pragma once

#include "runtime/internal/control.hpp"
#include "runtime/internal/scheduler.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {

class claim {
 public:
  // The caller owns a reference to the task.
  explicit claim(control& task) noexcept
      : task_(task), held_(task.is_scheduled() && task.cancel_park()) {}
  ~claim() {
    if (held_ && !task_.commit_park()) scheduler::instance().make_ready(task_);
  }
  claim(const claim&) = delete;
  claim& operator=(const claim&) = delete;

  explicit operator bool() const noexcept { return held_; }

 private:
  control& task_;
  const bool held_;
};

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
