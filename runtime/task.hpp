// Tasks: spawning, joining, yielding, sleeping.
//
//   auto t = gobench::go([&] { work(); });   // runs beside us, on the backend of the run
//   t.join();                                // waits; rethrows what work() threw
//
// A task is a fiber or an OS thread, as the run's backend says; the code is the same.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <utility>

#include "runtime/closure.hpp"
#include "runtime/errors.hpp"
#include "runtime/flavour.hpp"
#include "runtime/instrument.hpp"
#include "runtime/park.hpp"
#include "runtime/source_location.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {

namespace runtime {

class control;  // what the runtime knows about a task; counted references

// The three steps of go(). new_task throws no_runtime when nothing is running and std::bad_alloc;
// start_task hands the task to the scheduler and keeps a reference for the handle.
control* new_task(source_location born);
closure& closure_of(control& task) noexcept;
void start_task(control& task);
void discard_task(control& task) noexcept;

void join_task(control& task);
// The same in steps, for one who does not park in the middle: begin_join is true when `self` has to wait
// until join_over; withdraw_join gives up, and then the reference is not the caller's any more (false: it is
// over); end_join rethrows and drops the reference.
bool begin_join(control& task, waiter& self) noexcept;
bool join_over(const control& task) noexcept;
bool withdraw_join(control& task, waiter& self) noexcept;
void end_join(control& task);
void drop_task(control& task) noexcept;
bool ended_run() noexcept;

}  // namespace runtime

class task;

namespace runtime {
// The control block behind a handle, for what else makes and joins tasks.
struct task_handle {
  static task adopt(control& started) noexcept;
  static control* release(task& handle) noexcept;  // null when not joinable
};
}  // namespace runtime

// Spawns a task that runs f() and returns its handle. What the caller did before happens before f().
// From any fiber or thread while a run is on; throws no_runtime otherwise. `born` is shown in reports.
template <std::invocable F>
task go(F&& f, source_location born = source_location::current());

// A handle to a task. Movable, not copyable. May be used from any fiber or thread, but one handle by
// one at a time.
class task {
 public:
  task() noexcept = default;
  task(task&& other) noexcept : control_(std::exchange(other.control_, nullptr)) {}
  task& operator=(task&& other) noexcept {
    if (this != &other) {
      detach();
      control_ = std::exchange(other.control_, nullptr);
    }
    return *this;
  }
  // Dropping a handle detaches the task. If the task has thrown, or throws later, with nobody left to
  // join it, the program ends with a sentence that names the task.
  ~task() { detach(); }

  // Whether this handle still stands for a task that was neither joined nor detached.
  bool joinable() const noexcept { return control_ != nullptr; }

  // Waits for the task to end; what it did happens before the return. Rethrows its exception. The
  // handle is not joinable afterwards. Throws misuse when it is not joinable now.
  void join() {
    if (control_ == nullptr) throw misuse("join of a task that was already joined or detached");
    runtime::join_task(*std::exchange(control_, nullptr));
  }

  // Lets the task go on alone. Nothing when not joinable.
  void detach() noexcept {
    if (control_ != nullptr) runtime::drop_task(*std::exchange(control_, nullptr));
  }

 private:
  template <std::invocable F>
  friend task go(F&& f, source_location born);
  friend struct runtime::task_handle;
  explicit task(runtime::control* control) noexcept : control_(control) {}

  runtime::control* control_ = nullptr;
};

inline task runtime::task_handle::adopt(control& started) noexcept { return task(&started); }
inline runtime::control* runtime::task_handle::release(task& handle) noexcept {
  return std::exchange(handle.control_, nullptr);
}

template <std::invocable F>
task go(F&& f, source_location born) {
  GOBENCH_INTERNAL_SCOPE();
  struct guard {
    runtime::control* control;
    ~guard() {
      if (control != nullptr) runtime::discard_task(*control);
    }
  } fresh{runtime::new_task(born)};
  runtime::closure_of(*fresh.control).emplace(std::forward<F>(f));
  runtime::start_task(*fresh.control);
  return task(std::exchange(fresh.control, nullptr));
}

// Lets other runnable tasks go first. Orders nothing. From anywhere; on an OS thread it yields the CPU.
void yield();

// Waits until the time has come (never less); parks the fiber, not its thread. From anywhere.
void sleep_until(steady_time when);

template <class Rep, class Period>
void sleep_for(std::chrono::duration<Rep, Period> d);

template <class Clock, class Duration>
void sleep_until(std::chrono::time_point<Clock, Duration> when) {
  for (;;) {
    const auto now = Clock::now();
    if (when <= now) return;  // before the subtraction, which a time long past would overflow
    sleep_for(when - now);
  }
}

namespace runtime {

// now + d without overflow: a duration too long for the clock means "for ever".
template <class Rep, class Period>
steady_time deadline_after(std::chrono::duration<Rep, Period> d) {
  using steady = std::chrono::steady_clock;
  const steady_time now = steady::now();
  if (d <= d.zero()) return now;
  // Compared in floating point, where no duration overflows.
  const std::chrono::duration<double> seconds = d;
  const std::chrono::duration<double> room = no_deadline - now;
  if (seconds >= room) return no_deadline;
  return now + std::chrono::ceil<steady::duration>(d);
}

}  // namespace runtime

template <class Rep, class Period>
void sleep_for(std::chrono::duration<Rep, Period> d) {
  if (d > d.zero()) {
    sleep_until(runtime::deadline_after(d));
  } else {
    yield();
  }
}

// The number of processors, that is of tasks that run at the same time on fibers. set_max_procs
// returns the previous number and throws misuse for n < 1; each worker follows at its next scheduling
// point. On the thread backend the number limits the CPUs that task threads started later may use.
// Outside a run max_procs() is what a run would start with, and set_max_procs throws no_runtime.
int max_procs();
int set_max_procs(int n);

}  // namespace gobench::inline GOBENCH_FLAVOUR
