#include "runtime/internal/coroutine.hpp"

#include <utility>

#include "runtime/co_task.hpp"
#include "runtime/instrument.hpp"
#include "runtime/internal/refusal.hpp"
#include "runtime/internal/scheduler.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {
namespace {

void resume_frame(std::coroutine_handle<> frame) {
  GOBENCH_USER_SCOPE();
  frame.resume();
}

void resume_frames(co_runner& runner) {
  while (runner.next_frame != nullptr && runner.wait == nullptr && !runner.yields)
    resume_frame(std::exchange(runner.next_frame, nullptr));
}

// What a wait came to. Its entry leaves the heap only when the time has come.
park_result reason_to_look(const suspension& wait) noexcept {
  return wait.timer != nullptr && !wait.timer->home->holds(*wait.timer) ? park_result::timed_out
                                                                        : park_result::woken;
}

void withdraw_timer(suspension& wait) noexcept {
  if (wait.timer != nullptr) wait.timer->home->remove(*wait.timer);
}

}  // namespace

void destroy_frame(coroutine_task& task) noexcept {
  if (suspension* wait = std::exchange(task.wait, nullptr)) {
    if (!wait->give_up()) wait->discard();
    withdraw_timer(*wait);
  }
  task.next_frame = nullptr;
  if (task.first != nullptr) {
    GOBENCH_USER_SCOPE();
    std::exchange(task.first, nullptr).destroy();
  }
}

step_end run_step(coroutine_task& task) noexcept {
  task.state.store(task_state::started, std::memory_order_relaxed);
  if (task.run_ended.load(std::memory_order_relaxed)) {
    GOBENCH_HOOK(acquire(&end_of_run));
    destroy_frame(task);
    GOBENCH_HOOK(release_merge(&end_of_run));
    return step_end::ended;
  }
  if (suspension* wait = task.wait) {
    if (!wait->after_wake(reason_to_look(*wait))) {
      task.state.store(task_state::suspended, std::memory_order_relaxed);
      return step_end::parks;
    }
    withdraw_timer(*wait);
    task.wait = nullptr;
    GOBENCH_HOOK(unblocked());
    task.reason.store(wait_reason::none, std::memory_order_relaxed);
  }
  task.yields = false;
  resume_frames(task);
  if (task.next_frame == nullptr) {
    destroy_frame(task);
    tell_end<scheduler>(task);  // for join()
    return step_end::ended;
  }
  task.state.store(task_state::suspended, std::memory_order_relaxed);
  return task.wait != nullptr ? step_end::parks : step_end::yields;
}

namespace {

// The task that suspends, unless its run has ended: waiting is refused then.
coroutine_task& may_suspend(co_runner& runner) {
  auto& task = static_cast<coroutine_task&>(runner);
  if (task.run_ended.load(std::memory_order_acquire)) {
    static_cast<void>(refuse(task));
    throw_ended();
  }
  return task;
}

}  // namespace

bool awaitable::suspend(co_runner& runner, std::coroutine_handle<> frame) {
  coroutine_task& task = may_suspend(runner);
  wait_plan plan;
  if (!begin(task, plan)) return false;
  timer = nullptr;
  const worker& w = *this_worker();
  if (plan.deadline != no_deadline) {
    plan.timer->when_ns =
        std::chrono::duration_cast<std::chrono::nanoseconds>(plan.deadline.time_since_epoch())
            .count();
    if (plan.timer->when_ns <= now_ns()) {
      static_cast<void>(after_wake(park_result::timed_out));
      return false;
    }
    plan.timer->wakes = &task;
    try {
      w.p->timers.add(*plan.timer);
    } catch (...) {
      // If somebody has served us meanwhile, then we did not wait.
      if (give_up()) throw;
      return false;
    }
    timer = plan.timer;
  }
  task.object.store(plan.why.object, std::memory_order_relaxed);
  task.reason.store(plan.why.reason, std::memory_order_relaxed);
  task.since_ns.store(w.home->coarse_now_ns(), std::memory_order_relaxed);
  GOBENCH_HOOK(blocked(plan.why.object, static_cast<std::uint8_t>(plan.why.reason),
                       plan.deadline != no_deadline));
  runner.next_frame = frame;
  runner.wait = this;
  return true;
}

co_runner& give_frame(control& task, std::coroutine_handle<> first) noexcept {
  auto& owner = static_cast<coroutine_task&>(task);
  owner.first = first;
  owner.next_frame = first;
  return owner;
}

void frame_failed(co_runner& runner) noexcept {
  auto& task = static_cast<coroutine_task&>(runner);
  try {
    throw;
  } catch (const ended_exception&) {
    // Unwound to its end because the run has ended.
  } catch (...) {
    task.failure = std::current_exception();
  }
}

void drive(co_runner& runner) {
  GOBENCH_INTERNAL_SCOPE();
  resume_frames(runner);
}

void begin_yield(co_runner& runner, std::coroutine_handle<> frame) {
  coroutine_task& task = may_suspend(runner);
  task.next_frame = frame;
  task.yields = true;
}

// ---- joining ----

joining::~joining() {
  GOBENCH_INTERNAL_SCOPE();
  if (task_ == nullptr) return;
  if (self_ == nullptr) {
    drop_task(*task_);
    return;
  }
  // The run has ended under the wait, but the task had ended before. Nobody is there to be told how.
  try {
    end_join(*std::exchange(task_, nullptr));
  } catch (...) {
  }
}

bool joining::begin(waiter& self, wait_plan& plan) {
  plan.why = {wait_reason::join, task_};
  self_ = &self;
  return begin_join(*task_, self);
}

bool joining::give_up() noexcept {
  if (!withdraw_join(*task_, *self_)) return false;
  task_ = nullptr;
  return true;
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
