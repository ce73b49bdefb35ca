#include "runtime/task.hpp"

#include <sched.h>

#include <exception>
#include <new>
#include <utility>

#include "runtime/instrument.hpp"
#include "runtime/internal/context.hpp"
#include "runtime/internal/identity.hpp"
#include "runtime/internal/refusal.hpp"
#include "runtime/internal/scheduler.hpp"
#include "runtime/internal/thread_backend.hpp"
#include "runtime/run.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {
namespace runtime {
namespace {

bool on_fibers() noexcept { return this_worker() != nullptr || scheduler::instance().active(); }
bool on_threads() noexcept {
  const control* task = this_thread_task();
  return task != nullptr || thread_backend::instance().active();
}

bool ended(const control& task) noexcept { return task.run_ended.load(std::memory_order_acquire); }

void yield_after_end(control& self) {
  if (std::uncaught_exceptions() == 0) {
    refuse(self);
    throw_ended();
  }
  // A destructor that yields while its task unwinds just goes on, after the others.
  spin_after_end(self, self.yields_after_end++);
}

}  // namespace

namespace {

control& new_scheduled(waiter_kind kind, source_location born) {
  control& task = take_control(kind, born);
  save_float_control(task.floats);
  return task;
}

}  // namespace

control* new_coroutine(source_location born) {
  note_outsider();
  if (on_fibers()) return &new_scheduled(waiter_kind::coroutine, born);
  if (on_threads()) return nullptr;
  throw no_runtime("spawn() outside of gobench::run(): start the runtime first");
}

control* new_task(source_location born) {
  note_outsider();
  if (on_fibers()) return &new_scheduled(waiter_kind::fiber, born);
  if (on_threads()) return &take_control(waiter_kind::thread_task, born);
  throw no_runtime("go() outside of gobench::run(): start the runtime first");
}

closure& closure_of(control& task) noexcept { return work_of(task); }

void start_task(control& task) {
  if (task.is_scheduled()) {
    // Born now: its function was made by its parent.
    task.record =
        instrument::task_created(task.kind == waiter_kind::fiber ? instrument::born_as::fiber
                                                                 : instrument::born_as::coroutine);
    GOBENCH_HOOK(task_is(task.record, &task));
    scheduler::instance().start(task);
  } else {
    thread_backend::instance().start(task);
  }
}

void discard_task(control& task) noexcept {
  drop_work(task);
  task.ending.store(control::finished, std::memory_order_release);
  drop_reference(task);
  drop_reference(task);
}

bool join_over(const control& task) noexcept {
  // Acquire pairs with the release in finish_control(): the task's effects and its failure.
  return task.ending.load(std::memory_order_acquire) == control::finished;
}

bool begin_join(control& task, waiter& self) noexcept {
  std::uintptr_t seen = control::running;
  return !join_over(task) &&
         task.ending.compare_exchange_strong(seen, reinterpret_cast<std::uintptr_t>(&self),
                                             std::memory_order_acq_rel, std::memory_order_acquire);
}

bool withdraw_join(control& task, waiter& self) noexcept {
  std::uintptr_t mine = reinterpret_cast<std::uintptr_t>(&self);
  // Too late to withdraw means that the task is over. Else finish_control() drops the reference.
  return task.ending.compare_exchange_strong(mine, control::dropped, std::memory_order_acq_rel,
                                             std::memory_order_acquire);
}

void end_join(control& task) {
  struct reference {
    control& held;
    ~reference() { drop_reference(held); }
  } const ours{task};
  GOBENCH_HOOK(acquire(&task));  // released at the end of its function
  if (task.failure != nullptr) std::rethrow_exception(std::exchange(task.failure, nullptr));
}

void join_task(control& task) {
  GOBENCH_OPERATION(join, &task);
  struct reference {
    control* held;
    ~reference() {
      if (held != nullptr) drop_reference(*held);
    }
  } ours{&task};
  waiter& self = this_waiter();
  if (begin_join(task, self)) {
    while (!join_over(task)) {
      if (park(self, {wait_reason::join, &task}) == park_result::ended &&
          withdraw_join(task, self)) {
        ours.held = nullptr;
        throw_ended();
      }
    }
  }
  end_join(*std::exchange(ours.held, nullptr));
}

void drop_task(control& task) noexcept {
  GOBENCH_INTERNAL_SCOPE();
  std::uintptr_t seen = control::running;
  if (task.ending.compare_exchange_strong(seen, control::dropped, std::memory_order_acq_rel,
                                          std::memory_order_acquire))
    return;  // finish_control() drops our reference
  if (task.failure != nullptr && !task.run_ended.load(std::memory_order_relaxed))
    die_of_exception(task, task.failure);
  drop_reference(task);
}

}  // namespace runtime

void yield() {
  using namespace runtime;
  GOBENCH_INTERNAL_SCOPE();
  if (worker* w = this_worker()) {
    if (control* self = w->running()) {
      if (!ended(*self) && w->p != nullptr) w->home->yield(*w);
      if (ended(*self)) yield_after_end(*self);
      return;
    }
  }
  if (control* self = this_thread_task(); self != nullptr && ended(*self)) {
    yield_after_end(*self);
    return;
  }
  ::sched_yield();
}

void sleep_until(steady_time when) {
  using namespace runtime;
  GOBENCH_OPERATION(sleep, nullptr);
  waiter& self = this_waiter();
  for (;;) {
    switch (park(self, {wait_reason::sleep, nullptr}, when)) {
      case park_result::timed_out:
        return;
      case park_result::ended:
        throw_ended();
      case park_result::woken:
        // A permit that was meant for an earlier wait.
        if (when != no_deadline && std::chrono::steady_clock::now() >= when) return;
        break;
    }
  }
}

int max_procs() {
  using namespace runtime;
  GOBENCH_INTERNAL_SCOPE();
  if (on_fibers()) return scheduler::instance().asked_limit();
  if (on_threads()) return thread_backend::instance().limit();
  return procs_to_start_with();
}

int set_max_procs(int n) {
  using namespace runtime;
  GOBENCH_INTERNAL_SCOPE();
  if (n < 1 || n > largest_procs)
    throw misuse("set_max_procs takes a number from 1 to " + std::to_string(largest_procs));
  if (on_fibers()) return scheduler::instance().set_limit(n);
  if (on_threads()) return thread_backend::instance().set_limit(n);
  throw no_runtime(
      "set_max_procs() outside of gobench::run(): use options::procs or GOBENCH_PROCS");
}

}  // namespace gobench::inline GOBENCH_FLAVOUR
