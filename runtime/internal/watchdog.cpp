#include "runtime/internal/watchdog.hpp"

#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <mutex>

#include "runtime/instrument.hpp"
#include "runtime/internal/futex.hpp"
#include "runtime/internal/identity.hpp"
#include "runtime/internal/os_thread.hpp"
#include "runtime/internal/quit_signal.hpp"
#include "runtime/internal/scheduler.hpp"
#include "runtime/internal/switching.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {
namespace {

constexpr std::size_t watchdog_stack_bytes = 128 * 1024;
// Looks without anything running before it sleeps for good: bursts of work should not pay for waking it.
constexpr int idle_looks = 10;
// How long a stack has to be idle before its memory is given back, and at most twice that.
constexpr std::int64_t trim_period_ns = 500'000'000;
// Within so many periods without work every idle stack is seen: a processor's own go to the arena in the
// second, and were idle there in the third.
constexpr int trims_at_rest = 3;

spin_lock starting;
pid_t started_in = 0;
std::atomic<std::uint32_t> number{0};
std::atomic<std::uint32_t> noticed{0};
std::atomic<bool> asleep{false};

// Until there is something to watch.
void rest() noexcept {
  scheduler& watched = scheduler::instance();
  for (int trims = trims_at_rest; noticed.exchange(0) == 0;) {
    const steady_time until =
        trims > 0 ? steady_time(std::chrono::nanoseconds(now_ns() + trim_period_ns)) : no_deadline;
    if (futex_wait(noticed, 0, until)) continue;
    const bool more = watched.trim_stacks();
    trims = std::max(trims - 1, more ? 1 : 0);
  }
}

void* watchdog_main(void*) {
  GOBENCH_INTERNAL_SCOPE();
  number.store(static_cast<std::uint32_t>(this_thread_number()), std::memory_order_release);
  futex_wake(number);
  become_runtime_thread();
  ::prctl(PR_SET_NAME, "gobench-watch");
  int idle = 0;
  std::int64_t trimmed_at = now_ns();
  for (;;) {
    serve_quit_signal();
    const std::int64_t period = scheduler::instance().inspect();
    idle = period == 0 ? idle + 1 : 0;
    if (const std::int64_t now = now_ns(); now - trimmed_at >= trim_period_ns) {
      trimmed_at = now;
      scheduler::instance().trim_stacks();
    }
    if (idle < idle_looks) {
      const std::int64_t nap = period == 0 ? 10'000'000 : period;
      const std::atomic<std::uint32_t> nobody{0};
      futex_wait(nobody, 0, steady_time(std::chrono::nanoseconds(now_ns() + nap)));
      continue;
    }
    idle = 0;
    // Sequentially consistent with the first processor that becomes busy: it counts itself and then looks
    // at `asleep`, we set `asleep` and then look at the count.
    asleep.store(true);
    if (!scheduler::instance().busy()) rest();
    asleep.store(false);
  }
}

}  // namespace

void start_watchdog() {
  const std::scoped_lock held(starting);
  if (started_in == ::getpid()) return;
  // The program's signals are not for this thread.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  number.store(0, std::memory_order_relaxed);  // of the parent, after a fork
  try {
    start_service_thread(&watchdog_main, nullptr, watchdog_stack_bytes);
  } catch (...) {
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    throw;
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  // Until it is known, the census would take it for a thread of somebody else.
  while (number.load(std::memory_order_acquire) == 0) futex_wait(number, 0);
  started_in = ::getpid();
}

void watchdog_notice() noexcept {
  // The common case costs one load: it is awake and will see for itself.
  if (!asleep.load()) return;
  noticed.store(1);
  futex_wake(noticed);
}

void watchdog_wake() noexcept {
  noticed.store(1);
  futex_wake(noticed);
}

int watchdog_number() noexcept { return static_cast<int>(number.load(std::memory_order_acquire)); }

bool scheduler::trim_stacks() noexcept {
  bool more = false;
  trimming_.store(true);  // in this order with ended_: see end_tasks()
  if (active() && !ended_.load()) {
    {
      // Nobody owns an idle processor, and to own it takes this lock.
      const std::scoped_lock held(lock_);
      const int made = processors_made_.load(std::memory_order_relaxed);
      for (int i = 0; i < made; ++i) {
        processor& p = *processors_[static_cast<std::size_t>(i)];
        if (p.status.load(std::memory_order_relaxed) == processor_status::idle)
          more = flush_idle_stacks(p) || more;
      }
    }
    more = arena_->trim_idle() || more;
  }
  trimming_.store(false);
  return more;
}

// From the queue of a processor whose task computes to the global one.
void scheduler::move_queue_of(processor& p) noexcept {
  if (p.queued() == 0) return;
  control* all = nullptr;
  {
    const stranger_section held(p.work);
    if (held) all = empty_out(p);
  }
  push_all_global(all);
}

// Here and not with the workers' code, because it is the watchdog's view of the scheduler.
std::int64_t scheduler::inspect() noexcept {
  constexpr std::int64_t attentive_ns = 1'000'000;
  constexpr std::int64_t relaxed_ns = 10'000'000;
  constexpr std::int64_t compute_ns = 10'000'000;
  // More threads than that are not started for tasks that compute; what waits behind them then waits.
  constexpr int most_lent = 64;
  const std::int64_t now = now_ns();
  coarse_ns_.store(now, std::memory_order_relaxed);
  if (!active()) return 0;
  firing_.fetch_add(1);
  const int made = processors_made_.load(std::memory_order_acquire);
  bool anything = blocking_.load(std::memory_order_relaxed) != 0;
  const bool lends = lends_.load(std::memory_order_relaxed);
  bool wanted = false;
  const bool global_waits = global_size_.load(std::memory_order_relaxed) != 0;
  const bool global_overdue = global_waits && global_waited_;
  global_waited_ = global_waits;
  // A worker with nothing to do would wait for the descriptors.
  const bool unattended = look_for_busy_workers(now);
  int computing = 0;  // processors whose task has not come to a scheduling point for long
  for (int i = 0; i < made; ++i) {
    processor& p = *processors_[static_cast<std::size_t>(i)];
    const processor_status status = p.status.load(std::memory_order_acquire);
    const std::uint64_t tick = p.tick.load(std::memory_order_relaxed);
    const bool stood_still = tick == p.tick_seen;
    p.tick_seen = tick;
    if (!stood_still || status != processor_status::running) p.same_tick_since_ns = now;
    if (status == processor_status::blocking) {
      const bool work = p.queued() != 0 || p.timers.earliest() <= now || unattended ||
                        global_size_.load(std::memory_order_relaxed) != 0;
      if (p.blocking_seen && work) hand_off(p);
      p.blocking_seen = true;
      anything = true;
    } else {
      p.blocking_seen = false;
    }
    if (status == processor_status::running) {
      anything = true;
      if (global_overdue) {
        // Release: who sees that it is wanted sees for what. One flag too many costs one look.
        p.global_first.store(true, std::memory_order_relaxed);
        p.attention.store(true, std::memory_order_release);
      }
      if (p.queued() != 0 && (stood_still || p.queued_ns() >= worth_waking_ns)) wanted = true;
      if (now - p.same_tick_since_ns >= compute_ns) {
        ++computing;
        if (lends) move_queue_of(p);
      }
    }
    // Overdue by a whole look: its owner computes, or the sleeper that watched it is busy.
    if (p.timers.earliest() < now - attentive_ns) p.timers.fire(now);
    if (p.timers.earliest() != timer_heap::never) anything = true;
  }
  firing_.fetch_sub(1);
  if (lends) {
    const int lent = limit() - asked_limit();
    if (computing < lent) {
      lend(computing);
    } else if (computing > lent && lent < most_lent &&
               global_size_.load(std::memory_order_relaxed) != 0 &&
               idle_processors_.load(std::memory_order_relaxed) == 0) {
      lend(lent + 1);
    }
  }
  const bool idle = idle_processors_.load(std::memory_order_relaxed) != 0;
  if (idle && (wanted || unattended || global_size_.load(std::memory_order_relaxed) != 0))
    wake_one();
  if (!anything) return 0;
  return idle || blocking_.load(std::memory_order_relaxed) != 0 ? attentive_ns : relaxed_ns;
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
