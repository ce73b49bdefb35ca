#include "runtime/internal/refusal.hpp"

#include <sched.h>

#include <cstdio>
#include <cstdlib>

#include "runtime/instrument.hpp"
#include "runtime/internal/switching.hpp"
#include "runtime/internal/thread_backend.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {
namespace {

// As many waits inside one unwinding mean that somebody swallows the exception.
constexpr int most_refusals = 10'000;
// A task that spins for so long waits for somebody who cannot run any more.
constexpr unsigned hopeless_rounds = 1U << 22;
// A thread that spins for so long may be waiting for a task that is unwound after it.
constexpr unsigned patient_rounds = 1U << 8;

// Leaves the calling task for good: nothing can make it end by itself.
[[noreturn]] void forget(control& task, const char* why) {
  std::fprintf(stderr, "gobench: the run has ended, but %s, %s; it is left behind.\n",
               name_of(task).c_str(), why);
  if (task.kind == waiter_kind::thread_task) thread_backend::instance().leave_behind(task);
  finish_control(task);
  switch_to(*this_worker(), &task, nullptr, leave::forget);
  std::abort();
}

}  // namespace

park_result refuse(control& self) {
  GOBENCH_HOOK(acquire(&end_of_run));
  const bool swallows = ++self.refusals > most_refusals;
  if (self.kind == waiter_kind::thread_task && self.is_main) {
    // It is the caller of run(), which cannot be left behind.
    if (swallows) {
      std::fputs(
          "gobench: a deadlock was found, but the main task catches every exception and goes on "
          "waiting, so run() cannot return (let what ends the run pass).\n",
          stderr);
      std::abort();
    }
    return park_result::ended;
  }
  if (swallows)
    forget(self, "catches every exception and goes on waiting (let what ends the run pass)");
  if (self.kind == waiter_kind::thread_task && thread_backend::instance().abandons())
    thread_backend::instance().leave_behind(self);
  return park_result::ended;
}

void spin_after_end(control& self, unsigned round) {
  if (round > hopeless_rounds) forget(self, "spins for what a task holds that has ended");
  if (self.kind == waiter_kind::thread_task) {
    if (round > patient_rounds) self.spins.store(true, std::memory_order_relaxed);
    ::sched_yield();
    return;
  }
  worker& w = *this_worker();
  w.gave_way = true;
  switch_to(w, &self, nullptr, leave::none);
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
