#include "runtime/internal/thread_backend.hpp"

#include <sched.h>

#include <algorithm>
#include <cstdio>
#include <mutex>
#include <string>
#include <utility>

#include "runtime/cpus.hpp"
#include "runtime/errors.hpp"
#include "runtime/instrument.hpp"
#include "runtime/internal/census.hpp"
#include "runtime/internal/context.hpp"
#include "runtime/internal/futex.hpp"
#include "runtime/internal/identity.hpp"
#include "runtime/internal/os_thread.hpp"
#include "runtime/internal/overflow.hpp"
#include "runtime/internal/poller.hpp"
#include "runtime/internal/refusal.hpp"
#include "runtime/internal/report.hpp"
#include "runtime/internal/scheduler.hpp"
#include "runtime/internal/trace_point.hpp"
#include "runtime/internal/watchdog.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {
namespace {

constexpr std::int64_t blocking_grace_ns = 100'000'000;
constexpr std::int64_t complain_after_ns = 1'000'000'000;
constexpr std::int64_t suspicion_period_ns = 50'000'000;
constexpr std::size_t most_unjoined = 64;

steady_time time_at(std::int64_t ns) { return steady_time(std::chrono::nanoseconds(ns)); }

void run_to_its_end(control& task) noexcept {
  task.state.store(task_state::started, std::memory_order_relaxed);
  try {
    if (task.run_ended.load(std::memory_order_acquire)) {
      drop_work(task);
      throw_ended();
    }
    work_of(task).run();
  } catch (const ended_exception&) {
    // Unwound to its end because the run has ended, of which the main task's caller is told by run().
    if (!task.is_main) task.failure = ended_failure();
  } catch (...) {
    task.failure = std::current_exception();
  }
  tell_end<thread_backend>(task);
}

}  // namespace

thread_backend& thread_backend::instance() {
  static auto& one = *new thread_backend;
  return one;
}

// The first n CPUs of the thread's mask, when the run asked for fewer than there are.
void thread_backend::limit_cpus() noexcept {
  cpu_set_t set;
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return;
  int left = limit();
  if (left >= CPU_COUNT(&set)) return;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
    if (CPU_ISSET(cpu, &set) && left-- <= 0) CPU_CLR(cpu, &set);
  ::sched_setaffinity(0, sizeof set, &set);
}

void* thread_task_main(void* argument) {
  GOBENCH_INTERNAL_SCOPE();
  auto& task = *static_cast<control*>(argument);
  GOBENCH_HOOK(acquire(&task));  // released by start()
  GOBENCH_HOOK(task_is(nullptr, &task));
  if constexpr (instrument::listening) instrument::task_named(nullptr, short_name_of(task).c_str());
  thread_backend& home = thread_backend::instance();
  const signal_stack overflow_stack;
  const thread_stack_bounds bounds;
  set_thread_task(&task);
  home.limit_cpus();
  {
    const std::scoped_lock held(home.lock_);
    home.started_numbers_.push_back(this_thread_number());
  }
  if (trace::is_on()) trace::thread_began(task);
  run_to_its_end(task);
  // The end of the run may have reached it by way of another task, before its own turn: it has joined that
  // one, say. Then there is nobody either to be told of a failure.
  if (home.ended_.load()) task.run_ended.store(true, std::memory_order_relaxed);
  if (trace::is_on()) trace::thread_ends(task);
  set_thread_task(nullptr);
  become_runtime_thread();
  {
    const std::scoped_lock held(home.lock_);
    home.finished_.push_back(::pthread_self());
  }
  counted_elsewhere.finished.add();
  finish_control(task);
  home.endings_.fetch_add(1, std::memory_order_release);
  futex_wake_all(home.endings_);
  // Counted out after the joiner, whom finish_control() has counted in, or it would look like a deadlock.
  if (home.count_out() && !instrument::explored()) home.watch_standstill();
  {
    const std::scoped_lock held(home.lock_);
    std::erase(home.started_numbers_, this_thread_number());
  }
  return nullptr;
}

void thread_backend::start(control& fresh) {
  std::vector<pthread_t> over;
  bool in_time = false;
  {
    // Asks whether the run is on and enters it in one step, so that its end cannot miss the task.
    const std::scoped_lock held(lock_);
    in_time = !ended_.load(std::memory_order_relaxed);
    if (in_time) {
      number_control(fresh, run_);
      awake_.fetch_add(1);
      if (finished_.size() >= most_unjoined) over.swap(finished_);
    }
  }
  if (!in_time) {
    fresh.run_ended.store(true, std::memory_order_relaxed);
    drop_work(fresh);
    fresh.failure = ended_failure();
    finish_control(fresh);
    return;
  }
  counted_elsewhere.spawned.add();
  if (trace::is_on()) trace::spawned(nullptr, fresh);
  if (!over.empty()) {
    // One of them may be watching a standstill, which is over now that we are counted.
    endings_.fetch_add(1, std::memory_order_release);
    futex_wake_all(endings_);
  }
  for (const pthread_t thread : over) ::pthread_join(thread, nullptr);
  GOBENCH_HOOK(release(&fresh));
  try {
    start_os_thread(&thread_task_main, &fresh, chosen_.stack.reserve);
  } catch (...) {
    awake_.fetch_sub(1);
    throw;
  }
}

park_result thread_backend::park(waiter& self, wait_info why, steady_time deadline) {
  const auto ended = [&] { return self.run_ended.load(std::memory_order_acquire); };
  if (ended()) return refuse(static_cast<control&>(self));
  if (self.take_permit()) return park_result::woken;
  GOBENCH_WAIT_SCOPE(why, deadline != no_deadline);
  self.object.store(why.object, std::memory_order_relaxed);
  self.reason.store(why.reason, std::memory_order_relaxed);
  self.since_ns.store(now_ns(), std::memory_order_relaxed);
  const bool counted = self.kind == waiter_kind::thread_task && deadline == no_deadline &&
                       !waits_for_descriptor(why.reason);
  const permit_word how = counted ? permit_parked_for_ever : permit_parked;
  bool timed_out = false;
  const bool traced = trace::is_on() && self.kind == waiter_kind::thread_task;
  if (self.kind == waiter_kind::thread_task) counted_elsewhere.parks.add();
  if (traced) trace::thread_parks(static_cast<control&>(self));
  if (self.commit_park(how)) {
    // An explorer sees for itself when nobody can go on.
    bool suspicious = counted && count_out() && !instrument::explored();
    while (self.permit.load(std::memory_order_acquire) == how) {
      // Whoever is the last one awake looks, until somebody is awake again.
      if (suspicious && (deadlocked() || awake_.load() != 0)) suspicious = false;
      const steady_time until = suspicious ? time_at(now_ns() + suspicion_period_ns) : deadline;
      if (futex_wait(self.permit, how, until) || counted) continue;
      timed_out = self.cancel_park();
      if (timed_out && self.kind == waiter_kind::thread_task) {
        counted_elsewhere.wakes.add();
        counted_elsewhere.timers.add();
      }
      break;
    }
  }
  self.reason.store(wait_reason::none, std::memory_order_relaxed);
  if (traced) trace::thread_goes_on(static_cast<control&>(self));
  if (ended()) {
    // A deadlock has ended the run. The others go first: they may use what lies in our frames.
    if (&self == main_) end_tasks();
    return refuse(static_cast<control&>(self));
  }
  return timed_out ? park_result::timed_out : park_result::woken;
}

void thread_backend::resume(waiter& target, permit_word was) noexcept {
  if (was == permit_parked_for_ever) awake_.fetch_add(1);
  if (target.kind == waiter_kind::thread_task) counted_elsewhere.wakes.add();
  if (trace::is_on()) trace::woken(nullptr, target);
  futex_wake(target.permit);
}

bool thread_backend::count_out() noexcept {
  if (awake_.fetch_sub(1) != 1) return false;
  const std::scoped_lock held(lock_);
  suspected_since_ns_ = 0;
  return true;
}

// Whether all tasks wait for ever; then the run is over.
bool thread_backend::deadlocked() {
  if (awake_.load() != 0 || ended_.load() || outsider_seen_.load(std::memory_order_relaxed))
    return false;
  {
    const std::scoped_lock held(lock_);
    const std::int64_t now = now_ns();
    if (suspected_since_ns_ == 0) suspected_since_ns_ = now;
    if (now - suspected_since_ns_ < patience_ns(run_began_among_)) return false;
    std::vector<int> ours = started_numbers_;
    ours.push_back(watchdog_number());
    ours.push_back(trace::writer_number());
    ours.push_back(poller::thread_number());
    if (threads_born_since(run_began_among_, ours)) return false;
    if (awake_.load() != 0 || outsider_seen_.load(std::memory_order_relaxed)) return false;
    // Whoever wakes a task counts it in a moment after he has taken it out of the parked state, and a
    // signal may let it run before that.
    if (!all_parked(run_)) return false;
    if (ended_.exchange(true)) return false;
    trouble_ = describe_deadlock(run_);
  }
  GOBENCH_HOOK(standstill());
  // The main task is resumed and unwinds to run(), which ends all others.
  main_->run_ended.store(true, std::memory_order_release);
  unpark(*main_);
  return true;
}

// A task has ended and left nobody awake: somebody has to look at it until that changes.
void thread_backend::watch_standstill() {
  while (awake_.load() == 0 && !ended_.load() && !outsider_seen_.load(std::memory_order_relaxed)) {
    if (deadlocked()) return;
    const std::uint32_t seen = endings_.load(std::memory_order_acquire);
    futex_wait(endings_, seen, time_at(now_ns() + suspicion_period_ns));
  }
}

void thread_backend::enter_blocking(control& self) noexcept {
  if (self.blocking_depth++ != 0) return;
  if (trace::is_on()) trace::thread_blocks(self, true);
  self.in_blocking.store(1, std::memory_order_release);
}

void thread_backend::leave_blocking(control& self) noexcept {
  if (--self.blocking_depth != 0) return;
  std::uint32_t inside = 1;
  if (!self.in_blocking.compare_exchange_strong(inside, 0, std::memory_order_acq_rel))
    sleep_for_ever();  // the run is over and has left this thread behind
  if (trace::is_on()) trace::thread_blocks(self, false);
}

void thread_backend::run(const options& chosen, control& main_task) {
  run_began_among_ = thread_numbers();
  // They look after fibers and descriptors, and are nobody who steps in.
  std::erase(run_began_among_, watchdog_number());
  std::erase(run_began_among_, trace::writer_number());
  std::erase(run_began_among_, poller::thread_number());
  chosen_ = chosen;
  main_ = &main_task;
  run_ = main_task.run.load(std::memory_order_relaxed);
  trouble_ = nullptr;
  suspected_since_ns_ = 0;
  awake_.store(1);
  limit_.store(chosen.procs);
  outsider_seen_.store(false, std::memory_order_relaxed);
  ended_.store(false);
  {
    const std::scoped_lock held(lock_);
    started_numbers_.clear();
  }
  active_.store(true, std::memory_order_release);

  cpu_set_t before;
  const bool restore = ::sched_getaffinity(0, sizeof before, &before) == 0;
  {
    const signal_stack overflow_stack;
    const thread_stack_bounds bounds;
    set_thread_task(&main_task);
    limit_cpus();
    if (trace::is_on()) trace::thread_began(main_task);
    run_to_its_end(main_task);
    if (trace::is_on()) trace::thread_ends(main_task);
    set_thread_task(nullptr);
  }
  if constexpr (instrument::listening) {
    if (!ended_.load()) instrument::main_ended(others_parked(run_));
  }
  {
    const std::scoped_lock held(lock_);  // pairs with start()
    ended_.store(true);
  }
  active_.store(false, std::memory_order_release);
  endings_.fetch_add(1, std::memory_order_release);
  futex_wake_all(endings_);
  main_task.run_ended.store(true, std::memory_order_relaxed);
  finish_control(main_task);
  end_tasks();
  if (restore) ::sched_setaffinity(0, sizeof before, &before);
  if (trouble_ != nullptr) std::rethrow_exception(std::exchange(trouble_, nullptr));
}

void thread_backend::end_tasks() {
  // Newest first; by hand, since clang 14 does not compile libstdc++'s views.
  const std::vector<control*> tasks = hold_live_tasks(run_);
  std::vector<control*> deferred;
  for (auto task = tasks.rbegin(); task != tasks.rend(); ++task) {
    if (*task == main_) {
      drop_reference(*main_);
      continue;
    }
    if (!end_task(**task, true)) deferred.push_back(*task);
  }
  for (control* task : deferred) end_task(*task, false);
  join_finished();
}

// False when the task spins, perhaps for what an older one holds, and has to be waited for again.
bool thread_backend::end_task(control& task, bool may_defer) {
  task.run_ended.store(true, std::memory_order_release);
  unpark(task);
  const std::int64_t begin = now_ns();
  bool complained = false;
  for (;;) {
    const std::uint32_t seen = endings_.load(std::memory_order_acquire);
    if (task.ending.load(std::memory_order_acquire) == control::finished) break;
    const std::int64_t now = now_ns();
    std::uint32_t inside = 1;
    if (now - begin > blocking_grace_ns &&
        task.in_blocking.compare_exchange_strong(inside, 2, std::memory_order_acq_rel)) {
      // Its thread never comes back to it. With our reference, so that the block is never used again.
      task.failure = ended_failure();
      finish_control(task);
      return true;
    }
    if (may_defer && task.spins.load(std::memory_order_relaxed)) return false;
    if (!complained && now - begin > complain_after_ns && inside == 0) {
      complained = true;
      std::fprintf(stderr,
                   "gobench: the main task has ended, and %s, still computes: waiting until it "
                   "reaches a scheduling point (call gobench::yield() in its loop).\n",
                   name_of(task).c_str());
    }
    futex_wait(endings_, seen, time_at(now + 10'000'000));
  }
  drop_reference(task);
  return true;
}

void thread_backend::leave_behind(control& self) {
  ::pthread_detach(::pthread_self());
  // One reference more than anybody drops: this thread stands for the block for ever.
  self.references.fetch_add(1, std::memory_order_relaxed);
  self.failure = ended_failure();
  finish_control(self);
  endings_.fetch_add(1, std::memory_order_release);
  futex_wake_all(endings_);
  sleep_for_ever();
}

void thread_backend::join_finished() {
  std::vector<pthread_t> over;
  {
    const std::scoped_lock held(lock_);
    over.swap(finished_);
  }
  for (const pthread_t thread : over) ::pthread_join(thread, nullptr);
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
