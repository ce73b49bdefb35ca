// The workers' side of the poller: when they look, and how one sleeps in it.
#include "runtime/internal/poller.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

#include "runtime/internal/futex.hpp"
#include "runtime/internal/scheduler.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {
namespace {

// A busy worker looks not more often than that: a look costs some 0.4 us.
constexpr std::int64_t busy_look_ns = 50'000;
// The watchdog looks when nobody has for so long.
constexpr std::int64_t unattended_ns = 1'000'000;

// Relaxed: see poller::count().
bool anybody_waits() noexcept { return fibers_at_descriptors.load(std::memory_order_relaxed) != 0; }

}  // namespace

// Who was told of an edge, in that order, to the end of the worker's queue: those that have been running before
// shall not wait for all of them.
void scheduler::make_ready(worker& w, const ready_list& woken) noexcept {
  for (std::size_t i = 0; i < woken.count; ++i) {
    waiter& one = *woken.who[i];
    // At the end of a run everybody is resumed in his turn.
    if (w.p == nullptr || !one.is_scheduled() || ended_.load(std::memory_order_acquire)) {
      unpark(one);
    } else if (one.release_permit() != permit_absent) {
      push_local(w, static_cast<control&>(one));
    }
  }
}

// A worker that has a processor and nothing in its queue. Whether there is something now.
bool scheduler::look_at_descriptors(worker& w) noexcept {
  if (!anybody_waits()) return false;
  ready_list woken;
  poller::of_workers().harvest(woken, 0);
  make_ready(w, woken);
  return !woken.empty();
}

// The same for one that is busy.
void scheduler::look_at_descriptors_at_times(worker& w, std::int64_t now) noexcept {
  if (anybody_waits() && now - poller::of_workers().looked_at_ns() >= busy_look_ns)
    look_at_descriptors(w);
}

// The watchdog's: all who could look are busy, or block, or were asleep before the first fiber waited. Whether
// somebody with nothing else to do should.
bool scheduler::look_for_busy_workers(std::int64_t now) noexcept {
  if (!anybody_waits() || polled_.load(std::memory_order_relaxed)) return false;
  poller& all = poller::of_workers();
  if (now - all.looked_at_ns() >= unattended_ns) {
    ready_list woken;
    all.harvest(woken, 0);
    for (std::size_t i = 0; i < woken.count; ++i) unpark(*woken.who[i]);
  }
  return true;
}

// Under lock_: whether a worker that is about to sleep should do so in epoll_wait().
bool scheduler::should_poll() const noexcept {
  return anybody_waits() && !polled_.load(std::memory_order_relaxed) &&
         poller::of_workers().is_made();
}

// The sleep of a worker that is in the idle list with in_poll set, until `deadline`. As sleep(): false when
// the run has ended.
bool scheduler::sleep_in_poll(worker& w, std::int64_t deadline) {
  poller& all = poller::of_workers();
  ready_list woken;
  bool by_itself = false;
  for (;;) {
    std::int64_t timeout = -1;
    if (deadline != timer_heap::never) timeout = std::max<std::int64_t>(deadline - now_ns(), 1);
    all.harvest(woken, timeout);
    const bool late = deadline != timer_heap::never && now_ns() >= deadline;
    const std::scoped_lock held(lock_);
    // An edge that nobody waits for, a stale kick, a signal.
    if (w.is_idle && woken.empty() && !late) continue;
    // Not before we are out of epoll_wait(), whoever has taken us out of the idle list: the kick is ours, and
    // another worker that waited there could take it.
    polled_.store(false, std::memory_order_relaxed);
    if (!w.is_idle) break;
    leave_idle_list(w);
    by_itself = true;
    if (!ended_.load(std::memory_order_relaxed)) w.p = take_idle_processor();
    break;
  }
  if (!by_itself) {
    // Somebody has taken us out of the list and is about to say so.
    while (w.sleep_word.load(std::memory_order_acquire) == 0) futex_wait(w.sleep_word, 0);
    w.p = std::exchange(w.given, nullptr);
  }
  make_ready(w, woken);
  return !ended_.load(std::memory_order_acquire);
}

// Wakes a worker that the caller has taken out of the idle list. It may be gone as soon as it is told.
void scheduler::rouse(worker& w) noexcept {
  const bool polls = w.in_poll;                      // its own again as soon as it is told
  w.sleep_word.store(1, std::memory_order_release);  // publishes `given`; pairs with sleep()
  if (polls) poller::of_workers().kick();
  futex_wake(w.sleep_word);
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
