#include "runtime/park.hpp"

#include <sched.h>

#include "runtime/cpus.hpp"
#include "runtime/errors.hpp"
#include "runtime/instrument.hpp"
#include "runtime/internal/identity.hpp"
#include "runtime/internal/refusal.hpp"
#include "runtime/internal/scheduler.hpp"
#include "runtime/internal/switching.hpp"
#include "runtime/internal/thread_backend.hpp"
#include "runtime/random.hpp"
#include "runtime/spin_lock.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {
namespace {

// Rounds of relax(): this many of the CPU's pauses before anybody is asked to run.
constexpr unsigned pause_rounds = 6;

park_result park_fiber(control& self, wait_info why, steady_time deadline) {
  if (self.run_ended.load(std::memory_order_acquire)) return refuse(self);
  if (self.take_permit()) return park_result::woken;
  worker* w = this_worker();
  scheduler& home = *w->home;
  timer_entry timer;
  if (deadline != no_deadline) {
    timer.when_ns =
        std::chrono::duration_cast<std::chrono::nanoseconds>(deadline.time_since_epoch()).count();
    if (timer.when_ns <= now_ns()) return park_result::timed_out;
    timer.wakes = &self;
    w->p->timers.add(timer);
  }
  self.object.store(why.object, std::memory_order_relaxed);
  self.reason.store(why.reason, std::memory_order_relaxed);
  self.since_ns.store(home.coarse_now_ns(), std::memory_order_relaxed);
  GOBENCH_WAIT_SCOPE(why, deadline != no_deadline);
  control* next = nullptr;
  do {
    next = home.pick_local(*w);
  } while (next != nullptr && !prepare(*w, *next));
  if (processor* p = w->p) {
    p->counts.parks.add();
    if (next == nullptr) p->counts.misses.add();
  }
  switch_to(*w, &self, next, leave::park);
  self.reason.store(wait_reason::none, std::memory_order_relaxed);
  const bool timed_out = deadline != no_deadline && !timer.home->remove(timer);
  if (self.run_ended.load(std::memory_order_acquire)) {
    GOBENCH_HOOK(acquire(&end_of_run));
    return park_result::ended;
  }
  return timed_out ? park_result::timed_out : park_result::woken;
}

}  // namespace

waiter& this_waiter() {
  if (const worker* w = this_worker()) {
    if (control* task = w->running()) {
      if (w->p == nullptr && !w->ending)
        throw misuse(
            "waiting inside blocking(): leave it before you use channels, locks or timers");
      return *task;
    }
  }
  note_outsider();
  return thread_waiter();
}

park_result park(waiter& self, wait_info why, steady_time deadline) {
  if (self.is_scheduled()) return park_fiber(static_cast<control&>(self), why, deadline);
  // The destructor of a function that never ran waits on the thread that ends the run: as hopeless.
  if (const worker* w = this_worker(); w != nullptr && w->ending) return park_result::ended;
  return thread_backend::instance().park(self, why, deadline);
}

void unpark(waiter& target) noexcept {
  const permit_word was = target.release_permit();
  if (was == permit_absent) return;
  note_outsider();
  if (target.is_scheduled()) {
    scheduler::instance().make_ready(static_cast<control&>(target));
  } else {
    thread_backend::instance().resume(target, was);
  }
}

void throw_ended() { throw ended_exception{}; }

bool spinning_helps() noexcept {
  if (instrument::explored()) return false;
  static const bool many_cpus = affinity_cpus() > 1;
  if (!many_cpus) return false;
  const worker* w = this_worker();
  return w == nullptr || w->home->limit() > 1;
}

void relax(unsigned round) noexcept {
  if (round < pause_rounds && spinning_helps()) {
    for (unsigned i = 0; i < (1U << round); ++i) cpu_pause();
    return;
  }
  worker* w = this_worker();
  control* self = w != nullptr ? w->running() : nullptr;
  if (self == nullptr) self = this_thread_task();
  if (self != nullptr && self->run_ended.load(std::memory_order_acquire)) {
    spin_after_end(*self, round);
    return;
  }
  if (w == nullptr || w->p == nullptr) {
    ::sched_yield();
    return;
  }
  if (!w->home->yield(*w)) ::sched_yield();
}

random_source& this_random() noexcept {
  const worker* w = this_worker();
  if (w != nullptr && w->p != nullptr) return w->p->random;
  thread_local random_source own{static_cast<std::uint64_t>(now_ns())};
  return own;
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
