// Switching between fibers, and the life of a fiber from its first instruction to its last.
//
// Invariants
//  - A task that was left is published (as parked, queued, ended) only by the context that runs next on
//    the same worker: `leaving` and `how` are set before the jump and acted on after it. So nobody can
//    resume a task whose stack is still in use.
//  - After a jump nothing that was read from a thread-local before it is used: the fiber may be on another
//    thread. The worker comes with the jump.
//  - The exception globals of the thread belong to whoever runs: saved and loaded by the side that jumps
//    away, while it is still on its own thread.
//  - The functions around a jump are neither inlined nor instrumented: they are entered by one fiber
//    and left by another, which a shadow call stack cannot follow.
//
// A task that ends hands its stack to the next one when that one has not started yet: no jump, no new
// context, and the stack is warm. That makes spawn and finish cheap (CLAIMS.md V7). A coroutine that
// suspends leaves its stack in the same way, so coroutines that take turns run on one stack, as a loop.
#include "runtime/internal/switching.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <utility>

#include "runtime/instrument.hpp"
#include "runtime/internal/context.hpp"
#include "runtime/internal/coroutine.hpp"
#include "runtime/internal/refusal.hpp"
#include "runtime/internal/scheduler.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {
namespace {

// Stacks go between a processor and the arena in batches.
constexpr int stack_batch = 16;

thread_local worker* tls_worker = nullptr;

[[noreturn]] void die_of_overflow(const control& task) noexcept {
  const std::string sentence =
      "gobench: " + name_of(task) + ", has overflowed its stack of " +
      std::to_string(task.lent->reserved()) +
      " bytes (found when it was switched from; there is no guard page here): give it a larger one "
      "with options::stack.reserve or GOBENCH_STACK.\n";
  std::fputs(sentence.c_str(), stderr);
  std::fflush(stderr);
  std::abort();
}

stack* take_stack(worker& w, stack_arena& arena) {
  if (w.p == nullptr) return arena.take(1);  // at the end of a run
  processor& p = *w.p;
  if (p.stacks == nullptr) {
    p.stacks = arena.take(stack_batch);
    p.stack_count = 0;
    for (stack* one = p.stacks; one != nullptr; one = one->next_free) ++p.stack_count;
  }
  stack* one = p.stacks;
  p.stacks = one->next_free;
  p.least_stacks = std::min(p.least_stacks, --p.stack_count);
  one->next_free = nullptr;
  return one;
}

// Of those in the cache the `kept` that were used last, at least one; the others go to the arena.
void keep_stacks(processor& p, stack_arena& arena, int kept) noexcept {
  stack* last_kept = p.stacks;
  for (int i = 1; i < kept; ++i) last_kept = last_kept->next_free;
  stack* rest = std::exchange(last_kept->next_free, nullptr);
  p.stack_count = kept;
  p.least_stacks = std::min(p.least_stacks, kept);
  arena.give(rest);
}

void give_stack(worker& w, stack_arena& arena, stack* one) noexcept {
  if (w.p == nullptr || one->own_mapping) {
    one->next_free = nullptr;
    arena.give(one);
    return;
  }
  processor& p = *w.p;
  one->next_free = p.stacks;
  p.stacks = one;
  if (++p.stack_count < arena.most_cached()) return;
  // Keep the warm half, give the rest back.
  keep_stacks(p, arena, arena.most_cached() / 2);
}

// The first thing on the other side of every jump.
GOBENCH_NO_TSAN __attribute__((noinline)) void arrive(worker& now, fcontext::fcontext_t left_at) {
  control* left = now.leaving;
  if (left == nullptr) {
    if (now.spare_stack == nullptr) {
      now.loop_context = left_at;
    } else {
      give_stack(now, now.home->stacks(), std::exchange(now.spare_stack, nullptr));
    }
    return;
  }
  left->context = left_at;
  now.leaving = nullptr;
  scheduler& home = *now.home;
  if (left->has_canary && !left->lent->intact()) die_of_overflow(*left);
  switch (now.how) {
    case leave::none:
      break;
    case leave::park:
      if (!left->commit_park()) home.make_ready(*left);
      break;
    case leave::requeue:
      home.push_local(now, *left);
      break;
    case leave::requeue_global:
      home.back_from_blocking(*left);
      break;
    case leave::finish:
      give_stack(now, home.stacks(), left->lent);
      left->lent = nullptr;
      instrument::task_finished(left->record);
      if (now.p != nullptr) now.p->counts.finished.add();
      finish_control(*left);
      if (now.trace != nullptr) trace::finished(now);
      break;
    case leave::forget:
      break;
  }
}

__attribute__((noinline)) void run_body(control& task) noexcept {
  task.state.store(task_state::started, std::memory_order_relaxed);
  try {
    work_of(task).run();
  } catch (const ended_exception&) {
    // Unwound to its end because the run has ended.
  } catch (...) {
    task.failure = std::current_exception();
  }
  tell_end<scheduler>(task);
}

bool has_no_stack(const control& task) noexcept {
  return needs_stack(task.state.load(std::memory_order_relaxed));
}

void give_stack_to(worker& w, control& next, stack& carrier, bool has_canary) noexcept {
  next.lent = &carrier;
  next.has_canary = has_canary;
  instrument::stack_lent(next.record, carrier.low, carrier.size());
  w.current.store(&next, std::memory_order_relaxed);
}

// Leaves a stack that no task is on any more, for `to` (null: the loop). It is given back from there.
[[noreturn]] GOBENCH_NO_TSAN __attribute__((noinline)) void leave_stack(worker& w, control* to,
                                                                        stack& carrier) {
  w.leaving = nullptr;
  w.spare_stack = &carrier;
  w.how = leave::none;
  w.current.store(to, std::memory_order_relaxed);
  *w.exceptions = to != nullptr ? to->exceptions : w.loop_exceptions;
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(nullptr, to != nullptr ? to->lent->low : w.stack_low,
                                 to != nullptr ? to->lent->size() : w.stack_size);
#endif
  instrument::task_switched(to != nullptr ? to->record : w.record);
  jump(to != nullptr ? to->context : w.loop_context, &w);
  std::abort();  // nobody knows this context
}

// Runs a step of a coroutine. Returns whom its stack carries next: the same one when it has ended. Does not
// return when that is a task with a stack of its own.
GOBENCH_NO_TSAN __attribute__((noinline)) control& carry(coroutine_task& me) {
  const step_end how = run_step(me);
  if (how == step_end::ended) return me;
  worker& w = *this_worker();
  scheduler& home = *w.home;
  if (me.has_canary && !me.lent->intact()) die_of_overflow(me);
  stack& carrier = *std::exchange(me.lent, nullptr);
  const bool has_canary = me.has_canary;
  // From here on the stack is nobody's, and once `me` is published, others may run it.
  w.current.store(nullptr, std::memory_order_relaxed);
  if (w.trace != nullptr)
    trace::switched(w, &me, nullptr, how == step_end::parks ? leave::park : leave::requeue);
  instrument::task_switched(w.record);
  control* next = nullptr;
  if (how == step_end::parks) {
    if (w.p != nullptr) w.p->counts.parks.add();
    if (!me.commit_park()) home.make_ready(me);
    next = home.pick_local(w);
  } else {
    next = home.pick_local(w);
    // Alone here, it goes on, unless the loop has something to do.
    if (next == nullptr && !home.wanted_in_loop(w)) {
      next = &me;
    } else {
      home.push_local(w, me);
    }
  }
  if (next == nullptr && w.p != nullptr) w.p->counts.misses.add();
  if (w.trace != nullptr) trace::switched(w, nullptr, next, leave::none);
  if (next == nullptr || !has_no_stack(*next)) leave_stack(w, next, carrier);
  give_stack_to(w, *next, carrier, has_canary);
  instrument::task_switched(next->record);
  return *next;
}

[[noreturn]] GOBENCH_NO_TSAN void fiber_main(worker* w) {
  control* me = w->running();
  for (;;) {
    set_float_control(me->floats);
    if (me->kind == waiter_kind::coroutine) {
      me = &carry(static_cast<coroutine_task&>(*me));
      if (has_no_stack(*me)) continue;
    } else {
      run_body(*me);
    }
    w = this_worker();
    scheduler& home = *w->home;
    if (me->is_main) home.main_ended();
    control* next = home.pick_local(*w);
    if (next == nullptr && w->p != nullptr) w->p->counts.misses.add();
    if (next == nullptr || !has_no_stack(*next)) {
      switch_to(*w, me, next, leave::finish);
      std::abort();  // a task that has ended is never resumed
    }
    // Lend our stack to the one that has none. What was ours ends while the stack goes on.
    if (me->has_canary && !me->lent->intact()) die_of_overflow(*me);
    if (w->trace != nullptr) trace::switched(*w, me, next, leave::finish);
    give_stack_to(*w, *next, *std::exchange(me->lent, nullptr), me->has_canary);
    instrument::task_switched(next->record);
    instrument::task_finished(me->record);
    w->p->counts.finished.add();  // before whoever joins it looks
    finish_control(*me);
    if (w->trace != nullptr) trace::finished(*w);
    me = next;
  }
}

GOBENCH_NO_TSAN __attribute__((noinline)) void fiber_entry(fcontext::transfer_t from) {
  auto* w = static_cast<worker*>(from.data);
#if defined(__SANITIZE_ADDRESS__)
  const void* low = nullptr;
  std::size_t size = 0;
  __sanitizer_finish_switch_fiber(nullptr, &low, &size);
  if (w->leaving == nullptr && w->stack_low == nullptr) {
    w->stack_low = low;
    w->stack_size = size;
  }
#endif
  arrive(*w, from.fctx);
  if (w->segmented) load_split_context(w->running()->lent->segments());
  fiber_main(w);
}

}  // namespace

worker* this_worker() noexcept {
  asm volatile("");  // keeps the call from being treated as pure
  return tls_worker;
}

void set_this_worker(worker* w) noexcept { tls_worker = w; }

bool prepare(worker& w, control& fresh) {
  if (!has_no_stack(fresh)) return true;
  try {
    fresh.lent = take_stack(w, w.home->stacks());
  } catch (const std::bad_alloc&) {
    fresh.failure = std::current_exception();
    drop_work(fresh);
    instrument::task_finished(fresh.record);
    if (fresh.is_main) w.home->main_ended();
    finish_control(fresh);
    return false;
  }
  fresh.has_canary = fresh.lent->guard == guard_kind::canary;
  instrument::stack_lent(fresh.record, fresh.lent->low, fresh.lent->size());
  if (fresh.lent->guard == guard_kind::growth) reset_split_stack(fresh.lent->segments());
  fresh.context = fcontext::make_fcontext(fresh.lent->top, fresh.lent->size(), &fiber_entry);
  return true;
}

void flush_stacks(processor& p) noexcept {
  scheduler::instance().stacks().give(p.stacks);
  p.stacks = nullptr;
  p.stack_count = 0;
  p.least_stacks = 0;
}

bool flush_idle_stacks(processor& p) noexcept {
  const bool some = p.stack_count != 0;
  const int kept = p.stack_count - p.least_stacks;
  if (kept == 0) {
    flush_stacks(p);
  } else if (p.least_stacks != 0) {
    keep_stacks(p, scheduler::instance().stacks(), kept);
  }
  p.least_stacks = p.stack_count;
  return some;
}

GOBENCH_NO_TSAN __attribute__((noinline)) worker& switch_to(worker& w, control* from, control* to,
                                                            leave how) {
  w.leaving = from;
  w.how = how;
  w.current.store(to, std::memory_order_relaxed);
  if (w.trace != nullptr) [[unlikely]]
    trace::switched(w, from, to, how);
  (from != nullptr ? from->exceptions : w.loop_exceptions) = *w.exceptions;
  *w.exceptions = to != nullptr ? to->exceptions : w.loop_exceptions;
#if defined(__SANITIZE_ADDRESS__)
  void** fake = from == nullptr        ? &w.fake_stack
                : how == leave::finish ? nullptr
                                       : &from->fake_stack;
  __sanitizer_start_switch_fiber(fake, to != nullptr ? to->lent->low : w.stack_low,
                                 to != nullptr ? to->lent->size() : w.stack_size);
#endif
  instrument::task_switched(to != nullptr ? to->record : w.record);
  if (w.segmented && from != nullptr) [[unlikely]]
    save_split_context(from->lent->segments());
  const fcontext::transfer_t back = jump(to != nullptr ? to->context : w.loop_context, &w);
  auto& now = *static_cast<worker*>(back.data);
#if defined(__SANITIZE_ADDRESS__)
  const void* low = nullptr;
  std::size_t size = 0;
  __sanitizer_finish_switch_fiber(from != nullptr ? from->fake_stack : now.fake_stack, &low, &size);
  if (now.leaving == nullptr && now.stack_low == nullptr) {
    now.stack_low = low;
    now.stack_size = size;
  }
#endif
  arrive(now, back.fctx);
  if (now.segmented) [[unlikely]] {
    split_context none;
    load_split_context(from != nullptr ? from->lent->segments() : none);
  }
  return now;
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
