#include "detector/explore/controller.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <utility>

#include "detector/engine/engine.hpp"
#include "detector/engine/memory.hpp"
#include "detector/engine/task_state.hpp"
#include "detector/explore/log_file.hpp"
#include "detector/explore/options.hpp"
#include "detector/explore/real_time.hpp"

namespace gobench::detector::explore {

constinit bool on = false;
constinit controller* state = nullptr;
__thread thread_record* self __attribute__((tls_model("initial-exec"))) = nullptr;
__thread bool creates_service_threads __attribute__((tls_model("initial-exec"))) = false;

namespace {

constexpr std::int64_t step_ns = 1'000;
// Where all who could run only yield, time passes after each has done so this often.
constexpr std::uint64_t yields_each = 2;
// One who yields alone waits for time at last; but first it may only have been polite.
constexpr std::uint64_t polite_yields = 16;
// Asked again after so long, where the process really waits.
constexpr int look_every_ms = 20;
constexpr int children_grace_ms = 50;

void sleep_on(std::atomic<std::uint32_t>& word, std::uint32_t while_it_is) noexcept {
  // With a time, or it would go on after a handler that restarts calls.
  constexpr timespec long_enough{3600, 0};
  syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, while_it_is, &long_enough);
}

void give_baton(thread_record& to) noexcept {
  to.baton.store(1, std::memory_order_release);  // pairs with take_baton()
  syscall(SYS_futex, &to.baton, FUTEX_WAKE_PRIVATE, 1);
}

// The thread that ended last goes on to run code of the C library, which gives memory back, until the kernel says that it
// is gone. Nobody else runs meanwhile, or what the next ones get would depend on who is faster.
void await_gone() noexcept {
  thread_record* const ended = std::exchange(state->last_ended, nullptr);
  if (ended == nullptr) return;
  if (ended->kernel_word != nullptr) {
    std::uint32_t seen = 0;
    // The kernel wakes who waits without FUTEX_PRIVATE.
    while ((seen = __atomic_load_n(ended->kernel_word, __ATOMIC_ACQUIRE)) != 0)
      syscall(SYS_futex, ended->kernel_word, FUTEX_WAIT, seen, nullptr);
  }
  while (syscall(SYS_tgkill, getpid(), ended->kernel_number, 0) == 0) syscall(SYS_sched_yield);
  if (ended->detached) joined(ended);
}

bool is_ready(thread_record& thread) noexcept {
  if (thread.stage == stage::ready) return true;
  if (thread.stage != stage::waiting) return false;
  if (thread.interruptible && thread.signalled.load(std::memory_order_relaxed)) {
    make_ready(thread, wait_end::interrupted);
    return true;
  }
  if (thread.probe != nullptr && thread.probe->ready(thread.probe->about)) {
    make_ready(thread, wait_end::woken);
    return true;
  }
  return false;
}

thread_record* earliest() noexcept {
  thread_record* first = nullptr;
  for (thread_record* one : state->live) {
    if (one->stage != stage::waiting || one->deadline == never) continue;
    if (first == nullptr || one->deadline < first->deadline ||
        (one->deadline == first->deadline && one->since < first->since))
      first = one;
  }
  return first;
}

// Time has come to there: whoever waited until then can go on.
void pass_deadlines() noexcept {
  for (thread_record* one : state->live)
    if (one->stage == stage::waiting && one->deadline <= state->now)
      make_ready(*one, wait_end::timed_out);
}

void next_deadline(thread_record& first) noexcept {
  state->now = std::max(state->now, first.deadline);
  make_ready(first, wait_end::timed_out);
}

// The process really waits: for descriptors, children, and whatever else only the kernel knows.
bool wait_outside(int most_ms) noexcept {
  std::vector<pollfd> all;
  bool all_are_descriptors = true;
  bool any = false;
  for (const thread_record* one : state->live) {
    if (one->stage != stage::waiting || one->probe == nullptr) continue;
    any = true;
    if (one->probe->polled == nullptr) all_are_descriptors = false;
    all.insert(all.end(), one->probe->polled, one->probe->polled + one->probe->count);
  }
  if (!any) return false;
  constexpr int often_ms = 1;
  const int length = all_are_descriptors ? most_ms : std::min(most_ms, often_ms);
  timespec until{length / 1000, (length % 1000) * 1'000'000L};
  syscall(SYS_ppoll, all.data(), all.size(), &until, nullptr, 0);
  return true;
}

bool somebody_is_probed() noexcept {
  return std::any_of(state->live.begin(), state->live.end(), [](const thread_record* one) {
    return one->stage == stage::waiting && one->probe != nullptr;
  });
}

void write_step(std::size_t chosen, const thread_record* me, bool stepping_back,
                bool me_enabled) noexcept {
  const auto& candidates = state->candidates;
  const candidate& next = candidates[chosen];
  log_record record{};
  record.step = static_cast<std::uint32_t>(state->steps);
  record.thread = static_cast<std::uint16_t>(next.thread);
  record.what = next.next;
  if (candidates.size() > 1) record.flags |= flag_open;
  if (me_enabled && me != nullptr && next.thread != me->number) record.flags |= flag_preemption;
  if (stepping_back) record.flags |= flag_stepping_back;
  record.chosen = static_cast<std::uint16_t>(chosen);
  record.count = static_cast<std::uint16_t>(candidates.size());
  record.before = state->last_ran;
  record.object = next.object;
  record.pc = next.pc;
  for (const candidate& one : candidates)
    record.enabled |= std::uint64_t{1}
                      << (one.thread == clock_thread ? 63u : std::min(one.thread, 62u));
  log_file::append(record);
}

// How many steps others could have made instead decides whether a thread has to let them.
bool has_spun(const thread_record* me, std::size_t others) noexcept {
  if (me == nullptr || others == 0) return false;
  return state->in_row >= option_values.spin;
}

void count_step() noexcept {
  ++state->steps;
  state->now += step_ns;
  if (state->steps > option_values.steps) end_in_hang("it makes more steps than it may");
}

// Who goes on: the caller decides under the lock. Null: nobody can, and somebody outside may change that.
thread_record* choose_next(thread_record* me, bool stepping_back) noexcept {
  controller& now = *state;
  int grace_ms = 0;
  for (;;) {
    pass_deadlines();
    now.candidates.clear();
    std::size_t others = 0;
    bool me_ready = false;
    for (thread_record* one : now.live) {
      if (!is_ready(*one)) continue;
      if (one == me)
        me_ready = true;
      else
        ++others;
      now.candidates.push_back({one->number, one->next, one->object, one->pc});
    }
    thread_record* const first = earliest();
    if (me_ready && !stepping_back && has_spun(me, others + (first != nullptr ? 1 : 0)))
      stepping_back = true;
    now.idle_yields = me_ready && stepping_back ? now.idle_yields + 1 : 0;
    if (first != nullptr && me_ready && stepping_back &&
        now.idle_yields > polite_yields + yields_each * others) {
      // All stand back for what time has to bring.
      now.candidates.clear();
    } else if (others == 0) {
      stepping_back = false;
    } else if (me_ready && stepping_back && others != 0) {
      std::erase_if(now.candidates, [&](const candidate& one) { return one.thread == me->number; });
      me_ready = false;
    }
    if (now.candidates.empty() && first == nullptr) {
      if (wait_outside(look_every_ms)) {
        real_time::check();
        now.lock.unlock();  // for those who are not controlled
        now.lock.lock();
        continue;
      }
      if (now.live.empty() || now.services != 0) return nullptr;
      end_in_standstill();
    }
    // What children do takes real time, which a deadline that passes at once would leave them none of.
    if (now.candidates.empty() && grace_ms < children_grace_ms && real_time::has_children() &&
        somebody_is_probed()) {
      static_cast<void>(wait_outside(1));
      ++grace_ms;
      continue;
    }
    if (first != nullptr)
      now.candidates.push_back({clock_thread, operation::timeout,
                                reinterpret_cast<std::uintptr_t>(first->key), first->pc});
    const situation seen{now.steps, now.last_ran, me_ready, stepping_back, now.candidates};
    std::size_t chosen = now.decides->pick(seen);
    if (chosen >= now.candidates.size()) chosen = 0;
    const std::uint32_t number = now.candidates[chosen].thread;
    write_step(chosen, me, stepping_back, me_ready);
    count_step();
    if (number == clock_thread) {
      next_deadline(*first);
      now.idle_yields = 0;
      // Whoever spins has let others go first.
      now.in_row = 0;
      continue;
    }
    now.in_row = number == now.last_ran && now.candidates.size() > 1 ? now.in_row + 1 : 0;
    const auto at = std::lower_bound(
        now.live.begin(), now.live.end(), number,
        [](const thread_record* one, std::uint32_t wanted) { return one->number < wanted; });
    return *at;
  }
}

}  // namespace

void take_baton(thread_record& me) noexcept {
  while (me.baton.load(std::memory_order_acquire) == 0) {
    sleep_on(me.baton, 0);
    // Perhaps it was a signal, while nobody runs.
    const locked guard(state->lock);
    run_somebody();
  }
  me.baton.store(0, std::memory_order_relaxed);  // only the holder of the baton gives it away
  await_gone();
}

void make_ready(thread_record& thread, wait_end how) noexcept {
  thread.stage = stage::ready;
  thread.how = how;
  thread.key = nullptr;
  thread.probe = nullptr;
  thread.deadline = never;
  thread.next = how == wait_end::woken ? thread.then : operation::timeout;
  thread.object = thread.then_object;
}

void hand_over(thread_record* me, bool stepping_back) noexcept {
  controller& now = *state;
  if (me != nullptr) me->task = current_task;
  thread_record* const next = choose_next(me, stepping_back);
  now.running = next;
  if (next != nullptr) now.last_ran = next->number;
  now.lock.unlock();
  if (next != nullptr && next == me) return;
  if (next != nullptr) give_baton(*next);
  if (me != nullptr) take_baton(*me);
}

void run_somebody() noexcept {
  controller& now = *state;
  if (now.running != nullptr || now.live.empty()) return;
  const bool any = std::any_of(now.live.begin(), now.live.end(),
                               [](thread_record* one) { return is_ready(*one); });
  if (!any) return;
  thread_record* const next = choose_next(nullptr, false);
  now.running = next;
  if (next == nullptr) return;
  now.last_ran = next->number;
  give_baton(*next);
}

namespace {

void take_step(operation what, const void* object, address pc, bool stepping_back) noexcept {
  const internal_mark inside;
  thread_record& me = *self;
  me.next = what;
  me.object = reinterpret_cast<std::uintptr_t>(object);
  me.pc = pc;
  state->lock.lock();
  hand_over(&me, stepping_back);
}

}  // namespace

void step(operation what, const void* object, address pc) noexcept {
  if (!controls() || current_task->in_our_code != 0) return;
  take_step(what, object, pc, false);
  state->clock_reads = 0;
}

void told_step(operation what, const void* object, address pc) noexcept {
  if (!controls()) return;
  take_step(what, object, pc, false);
  state->clock_reads = 0;
}

void yield(address pc) noexcept {
  if (controls()) take_step(operation::yield, nullptr, pc, true);
}

std::size_t choose(std::size_t count, operation why, const void* object, address pc) noexcept {
  if (count <= 1 || !controls()) return 0;
  const internal_mark inside;
  const locked guard(state->lock);
  return choose_value(count, why, reinterpret_cast<std::uintptr_t>(object), pc);
}

std::size_t choose_value(std::size_t count, operation why, std::uintptr_t object,
                         address pc) noexcept {
  controller& now = *state;
  std::size_t chosen = now.decides->choose(now.steps, count, why);
  if (chosen >= count) chosen = 0;
  log_record record{};
  record.step = static_cast<std::uint32_t>(now.steps);
  record.thread = static_cast<std::uint16_t>(now.last_ran);
  record.what = why;
  record.flags = flag_value | flag_open;
  record.chosen = static_cast<std::uint16_t>(chosen);
  record.count = static_cast<std::uint16_t>(count);
  record.before = now.last_ran;
  record.object = object;
  record.pc = pc;
  log_file::append(record);
  count_step();
  return chosen;
}

}  // namespace gobench::detector::explore
