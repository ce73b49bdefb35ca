// Waiting on keys, and waking who waits there.
#include <algorithm>

#include "detector/engine/schedule.hpp"
#include "detector/explore/controller.hpp"

namespace gobench::detector::explore {
namespace {

wait_end wait_here(const wait_for& how, const probe* by) noexcept {
  const internal_mark inside;
  thread_record& me = *self;
  state->lock.lock();
  me.stage = stage::waiting;
  me.key = how.key;
  me.waits_in = how.what;
  me.then = how.then;
  me.then_object = reinterpret_cast<std::uintptr_t>(how.then_object);
  me.deadline = how.deadline;
  me.interruptible = how.interruptible;
  me.since = ++state->arrivals;
  me.probe = by;
  if (how.pc != 0) me.pc = how.pc;
  // Perhaps one came just before, and waits until we leave.
  if (!signal_waits) me.signalled.store(false, std::memory_order_relaxed);
  hand_over(&me, false);
  me.signalled.store(false, std::memory_order_relaxed);  // a handler runs when we leave
  return me.how;
}

// In order of arrival.
std::vector<thread_record*>& waiters_of(const void* key) noexcept {
  std::vector<thread_record*>& found = state->found;
  found.clear();
  for (thread_record* one : state->live)
    if (one->stage == stage::waiting && one->key == key) found.push_back(one);
  std::sort(found.begin(), found.end(),
            [](const thread_record* a, const thread_record* b) { return a->since < b->since; });
  return found;
}

}  // namespace

wait_end wait(const wait_for& how) noexcept { return wait_here(how, nullptr); }

wait_end wait_until_ready(const wait_for& how, const probe& by) noexcept {
  return wait_here(how, &by);
}

std::size_t wake_all(const void* key) noexcept {
  // Nothing of the detector's own is waited for here.
  if (!on || internal_depth != 0) return 0;
  const internal_mark inside;
  const locked guard(state->lock);
  std::size_t count = 0;
  for (thread_record* one : state->live) {
    if (one->stage != stage::waiting || one->key != key) continue;
    make_ready(*one, wait_end::woken);
    ++count;
  }
  if (count != 0) run_somebody();
  return count;
}

std::size_t wake_some(const void* key, std::size_t most, operation why, address pc) noexcept {
  // Nothing of the detector's own is waited for here.
  if (!on || internal_depth != 0) return 0;
  const internal_mark inside;
  const locked guard(state->lock);
  std::vector<thread_record*>& waiters = waiters_of(key);
  std::size_t count = 0;
  while (count != most && !waiters.empty()) {
    std::size_t which = 0;
    // Somebody who is not controlled has no say in it.
    if (waiters.size() > most - count && self != nullptr)
      which = choose_value(waiters.size(), why, reinterpret_cast<std::uintptr_t>(key), pc);
    make_ready(*waiters[which], wait_end::woken);
    waiters.erase(waiters.begin() + static_cast<std::ptrdiff_t>(which));
    ++count;
  }
  if (count != 0) run_somebody();
  return count;
}

std::size_t waiting_on(const void* key) noexcept {
  const internal_mark inside;
  const locked guard(state->lock);
  return waiters_of(key).size();
}

bool somebody_waits(const void* key, operation what) noexcept {
  const internal_mark inside;
  const locked guard(state->lock);
  const auto& waiters = waiters_of(key);
  return std::any_of(waiters.begin(), waiters.end(),
                     [&](const thread_record* one) { return one->waits_in == what; });
}

void interrupt(thread_record* thread) noexcept {
  if (thread == nullptr) return;
  const internal_mark inside;
  const locked guard(state->lock);
  if (thread->stage == stage::waiting && thread->interruptible)
    make_ready(*thread, wait_end::interrupted);
}

void somebody_outside_may_wake() noexcept {
  if (!controls()) return;
  const internal_mark inside;
  const locked guard(state->lock);
  ++state->services;
}

}  // namespace gobench::detector::explore

namespace gobench::detector {

explored_wait explored_wait_of(const task_state& task) noexcept {
  using namespace explore;
  if (!on) return explored_wait::unknown;
  const internal_mark inside;
  const locked guard(state->lock);
  for (const thread_record* one : state->live) {
    if (one->task == &task)
      return one->stage == stage::waiting && one->deadline == never ? explored_wait::waits
                                                                    : explored_wait::goes_on;
  }
  return explored_wait::goes_on;
}

}  // namespace gobench::detector
