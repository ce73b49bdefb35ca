#include "runtime/task.hpp"

#include <sched.h>

#include <exception>
#include <new>
#include <utility>

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

control* new_task(source_location born) {
  note_outsider();
  if (on_fibers()) {
    control& task = take_control(waiter_kind::fiber, born);
    save_float_control(task.floats);
    task.record = instrument::task_created();
    return &task;
  }
  if (on_threads()) return &take_control(waiter_kind::thread_task, born);
  throw no_runtime("go() outside of gobench::run(): start the runtime first");
}

closure& closure_of(control& task) noexcept { return task.work; }

void start_task(control& task) {
  if (task.kind == waiter_kind::fiber) {
    scheduler::instance().start(task);
  } else {
    thread_backend::instance().start(task);
  }
}

void discard_task(control& task) noexcept {
  task.work.drop();
  if (task.kind == waiter_kind::fiber) instrument::task_finished(task.record);
  task.ending.store(control::finished, std::memory_order_release);
  drop_reference(task);
  drop_reference(task);
}

void join_task(control& task) {
  struct reference {
    control* held;
    ~reference() {
      if (held != nullptr) drop_reference(*held);
    }
  } ours{&task};
  waiter& self = this_waiter();
  // Acquire pairs with the release in finish_control(): the task's effects and its failure.
  const auto over = [&] {
    return task.ending.load(std::memory_order_acquire) == control::finished;
  };
  std::uintptr_t seen = control::running;
  if (!over() &&
      task.ending.compare_exchange_strong(seen, reinterpret_cast<std::uintptr_t>(&self),
                                          std::memory_order_acq_rel, std::memory_order_acquire)) {
    while (!over()) {
      if (park(self, {wait_reason::join, nullptr}) != park_result::ended) continue;
      std::uintptr_t mine = reinterpret_cast<std::uintptr_t>(&self);
      // Too late to withdraw means that the task is over.
      if (task.ending.compare_exchange_strong(mine, control::dropped, std::memory_order_acq_rel,
                                              std::memory_order_acquire)) {
        ours.held = nullptr;  // finish_control() drops it
        throw_ended();
      }
    }
  }
  if (task.failure != nullptr) std::rethrow_exception(std::exchange(task.failure, nullptr));
}

void drop_task(control& task) noexcept {
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
  if (on_fibers()) return scheduler::instance().asked_limit();
  if (on_threads()) return thread_backend::instance().limit();
  return procs_to_start_with();
}

int set_max_procs(int n) {
  using namespace runtime;
  if (n < 1 || n > largest_procs)
    throw misuse("set_max_procs takes a number from 1 to " + std::to_string(largest_procs));
  if (on_fibers()) return scheduler::instance().set_limit(n);
  if (on_threads()) return thread_backend::instance().set_limit(n);
  throw no_runtime(
      "set_max_procs() outside of gobench::run(): use options::procs or GOBENCH_PROCS");
}

}  // namespace gobench::inline GOBENCH_FLAVOUR
