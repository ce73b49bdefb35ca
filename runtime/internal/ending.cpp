// Starting and ending a run on fibers.
//
// The order of the end, each step on the thread that called run():
//  1. `ended_` is set by whoever saw the end (the main task, or the worker that found a deadlock); every
//     worker leaves its loop at its next scheduling point.
//  2. All workers are waited for. One whose task sits in blocking() is left behind after a short grace;
//     one whose task computes is waited for.
//  3. No task runs any more. Those that are left are resumed here, newest first, one after the other; in
//     each, park() returns `ended` and the primitive throws, so the stack unwinds. Of a coroutine that is
//     suspended the frames are destroyed, on a stack that it gets for that.
#include <sched.h>

#include <algorithm>
#include <cstdio>
#include <mutex>
#include <string>
#include <system_error>
#include <utility>

#include "runtime/cpus.hpp"
#include "runtime/errors.hpp"
#include "runtime/internal/census.hpp"
#include "runtime/internal/context.hpp"
#include "runtime/internal/futex.hpp"
#include "runtime/internal/os_thread.hpp"
#include "runtime/internal/poller.hpp"
#include "runtime/internal/refusal.hpp"
#include "runtime/internal/scheduler.hpp"
#include "runtime/internal/switching.hpp"
#include "runtime/internal/watchdog.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {
namespace {

// A call that is about to return gets the chance to do so before its thread is left behind.
constexpr std::int64_t blocking_grace_ns = 100'000'000;
// After so long the user is told which task does not come to a scheduling point.
constexpr std::int64_t complain_after_ns = 1'000'000'000;

}  // namespace

void scheduler::run(const options& chosen, control& main_task) {
  start_watchdog();
  run_began_among_ = thread_numbers();
  // Not ours to wait for: these may be among them, and are nobody who steps in.
  std::erase(run_began_among_, watchdog_number());
  std::erase(run_began_among_, trace::writer_number());
  std::erase(run_began_among_, poller::thread_number());
  chosen_ = chosen;
  arena_ = &arena_for(chosen.stack);
  trouble_ = nullptr;
  done_.store(0, std::memory_order_relaxed);
  suspected_since_ns_ = 0;
  busy_.store(0);
  timekeeper_ = nullptr;
  idle_workers_ = nullptr;
  polled_.store(false, std::memory_order_relaxed);
  fibers_at_descriptors.store(0,
                              std::memory_order_relaxed);  // an earlier run may have abandoned some
  limit_.store(0, std::memory_order_relaxed);
  asked_limit_.store(0, std::memory_order_relaxed);
  lends_.store(chosen.hand_off, std::memory_order_relaxed);
  shared_queue_ = chosen.queues == queue_policy::global;
  idle_processors_.store(0, std::memory_order_relaxed);
  blocking_.store(0, std::memory_order_relaxed);
  outsider_seen_.store(false, std::memory_order_relaxed);
  refused_.store(false);
  coarse_ns_.store(now_ns(), std::memory_order_relaxed);
  spin_before_sleep_ = chosen.procs <= affinity_cpus();
  if (processors_.empty()) processors_.resize(largest_procs);
  // Those that an earlier run has made; the others when they are made.
  for (int i = 0; i < processors_made_.load(std::memory_order_relaxed); ++i)
    processors_[static_cast<std::size_t>(i)]->random = random_of(i);
  run_ = main_task.run.load(std::memory_order_relaxed);
  ended_.store(false, std::memory_order_release);
  active_.store(true, std::memory_order_release);
  // In this order: a worker that starts and finds nothing would take it for a deadlock.
  push_global(main_task);
  set_limit(chosen.procs);
  if (!first_worker_started()) {
    // Not a single thread to be had. Nothing has run; say why.
    begin_end();
    end_tasks(at_end::unwind);
    throw std::system_error(EAGAIN, std::generic_category(),
                            "cannot start a worker thread (look at `ulimit -u` and the cgroup's "
                            "pids.max)");
  }
  while (done_.load(std::memory_order_acquire) == 0) futex_wait(done_, 0);
  wait_for_workers();
  if constexpr (instrument::listening) {
    if (trouble_ == nullptr) instrument::main_ended(others_parked(run_));
  }
  end_tasks(chosen.end);
  if (trouble_ != nullptr) std::rethrow_exception(std::exchange(trouble_, nullptr));
}

// Normally set_limit() has started it. Somebody from outside who was waking a worker at that moment does it
// in its place, a little later.
bool scheduler::first_worker_started() const noexcept {
  for (;;) {
    {
      const std::scoped_lock held(lock_);
      const bool started = std::ranges::any_of(workers_, [](const worker* w) {
        return w->phase.load(std::memory_order_acquire) != worker_never_started;
      });
      if (started || refused_.load()) return started;
    }
    ::sched_yield();
  }
}

void scheduler::main_ended() noexcept { begin_end(); }

void scheduler::begin_end() noexcept {
  worker* sleepers = nullptr;
  {
    const std::scoped_lock held(lock_);
    ended_.store(true);
    active_.store(false, std::memory_order_release);
    const int made = processors_made_.load(std::memory_order_relaxed);
    for (int i = 0; i < made; ++i)
      processors_[static_cast<std::size_t>(i)]->attention.store(true);  // pairs with find_work()
    while (worker* w = idle_workers_) {
      leave_idle_list(*w);
      w->next_idle = sleepers;
      sleepers = w;
    }
  }
  while (sleepers != nullptr) {
    worker* next = sleepers->next_idle;  // it may be gone as soon as it is woken
    rouse(*sleepers);
    sleepers = next;
  }
  done_.store(1, std::memory_order_release);
  futex_wake(done_);
}

void scheduler::wait_for_workers() {
  const std::int64_t begin = now_ns();
  bool complained = false;
  for (worker* w : workers_) {  // no more are added after the end
    for (;;) {
      const std::uint32_t phase = w->phase.load(std::memory_order_acquire);
      if (phase == worker_gone) {
        ::pthread_join(w->thread, nullptr);
        delete w;
        break;
      }
      if (phase == worker_never_started) {
        delete w;
        break;
      }
      const std::int64_t now = now_ns();
      if (phase == worker_blocking && now - begin > blocking_grace_ns) {
        std::uint32_t expected = worker_blocking;
        if (w->phase.compare_exchange_strong(expected, worker_abandoned,
                                             std::memory_order_acq_rel)) {
          ::pthread_detach(w->thread);
          break;  // its worker object stays: the thread still looks at it
        }
        continue;
      }
      if (phase == worker_active && !complained && now - begin > complain_after_ns) {
        complained = true;
        if (const control* task = w->running())
          std::fprintf(stderr,
                       "gobench: the main task has ended, and %s, still computes: waiting until it "
                       "reaches a scheduling point (call gobench::yield() in its loop).\n",
                       name_of(*task).c_str());
      }
      futex_wait(w->phase, phase, steady_time(std::chrono::nanoseconds(now + 10'000'000)));
    }
  }
  workers_.clear();
}

void scheduler::end_tasks(at_end how) {
  const int made = processors_made_.load(std::memory_order_relaxed);
  for (int i = 0; i < made; ++i) {
    processor& p = *processors_[static_cast<std::size_t>(i)];
    {
      // Nobody owns it any more, but the watchdog may be looking; so it goes on whatever the kernel says.
      const stranger_section held(p.work);
      for (control* task = empty_out(p); task != nullptr; task = task->next)
        task->at_rest.store(true, std::memory_order_relaxed);
    }
    // Their entries lie on stacks that others may get now.
    if (how == at_end::abandon) p.timers.clear();
    p.status.store(processor_status::retired, std::memory_order_relaxed);
    p.attention.store(false, std::memory_order_relaxed);
    p.sampled_at_ns = 0;
    p.slice_ns.store(1'000'000, std::memory_order_relaxed);
    p.disturbed_samples = 0;
    p.disturbed_allowed = 1;
    p.disturbed.store(false, std::memory_order_relaxed);
    p.keeps.store(false, std::memory_order_relaxed);
    flush_stacks(p);
  }
  {
    const std::scoped_lock held(lock_);
    for (control* task = global_first_; task != nullptr; task = task->next)
      task->at_rest.store(true, std::memory_order_relaxed);
    global_first_ = global_last_ = nullptr;
    global_size_.store(0, std::memory_order_relaxed);
  }

  const signal_stack overflow_stack;
  const no_growth_here at_all;
  worker here;
  here.home = this;
  here.ending = true;
  here.segmented = arena_->segmented();
  here.exceptions = thread_exception_state();
  here.record = instrument::thread_record();
  set_this_worker(&here);
  // Newest first; by hand, since clang 14 does not compile libstdc++'s views.
  std::vector<control*> tasks = live_tasks(run_);
  std::ranges::reverse(tasks);
  // Those that give way to the ones behind them get another turn.
  while (!tasks.empty()) {
    const std::size_t before = tasks.size();
    std::erase_if(tasks, [&](control* task) { return end_task(here, *task, how); });
    if (tasks.size() == before) ::sched_yield();
  }
  set_this_worker(nullptr);
  // The watchdog holds the arena's lock for moments, but not when nothing runs: a program may fork between
  // two runs. Sequentially consistent: we have set ended_ and look, it does the reverse.
  while (trimming_.load()) ::sched_yield();
  arena_->trim();
}

void scheduler::end_fresh(control& task) noexcept {
  task.run_ended.store(true, std::memory_order_relaxed);
  {
    // By itself, as it were: whoever ends the run need not know what its parent did.
    const instrument::acting_for whose(task.record);
    drop_work(task);
    GOBENCH_HOOK(release_merge(&end_of_run));
  }
  task.failure = ended_failure();
  instrument::task_finished(task.record);
  finish_control(task);
}

// False when the task is not over yet, because it waits for what another one holds.
bool scheduler::end_task(worker& w, control& task, at_end how) {
  if (task.state.load(std::memory_order_relaxed) == task_state::fresh) {
    end_fresh(task);
    return true;
  }
  if (!task.run_ended.load(std::memory_order_relaxed)) {
    task.failure = ended_failure();
    task.run_ended.store(true, std::memory_order_release);
    if (task.in_blocking.load(std::memory_order_relaxed) != 0) {
      // Its thread was left behind with it and never comes back. One reference more than anybody drops,
      // so that the block is never used again.
      task.references.fetch_add(1, std::memory_order_relaxed);
      finish_control(task);
      return true;
    }
    // Somebody outside may have taken it out of the parked state and not be done yet; until then it would
    // be made runnable in the middle of the next run.
    while (!task.at_rest.load(std::memory_order_acquire) && !task.cancel_park()) ::sched_yield();
    if (how == at_end::abandon) {
      abandon_task(task);
      return true;
    }
  }
  if (!prepare(w, task)) return true;  // a suspended coroutine; it is over, though without a stack
  w.gave_way = false;
  switch_to(w, nullptr, &task, leave::none);
  return !w.gave_way;
}

void scheduler::abandon_task(control& task) noexcept {
  if (task.lent != nullptr) {
    task.lent->next_free = nullptr;
    arena_->give(std::exchange(task.lent, nullptr));
  }
  instrument::task_finished(task.record);
  finish_control(task);
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
