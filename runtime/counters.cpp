#include "runtime/counters.hpp"

#include <mutex>

#include "runtime/instrument.hpp"
#include "runtime/internal/counts.hpp"
#include "runtime/internal/scheduler.hpp"
#include "runtime/spin_lock.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {
namespace runtime {

shared_counts counted_elsewhere;

namespace {

spin_lock baseline_lock;
runtime_counters baseline;

}  // namespace

runtime_counters scheduler::count() const noexcept {
  runtime_counters sum;
  const int made = processors_made_.load(std::memory_order_acquire);
  for (int i = 0; i < made; ++i) {
    const processor& p = *processors_[static_cast<std::size_t>(i)];
    const processor_counts& own = p.counts;
    // In this order: a miss is counted after its look, so the difference is never negative.
    const std::uint64_t misses = own.misses.get();
    const std::uint64_t looks = p.tick.load(std::memory_order_relaxed);
    sum.switches += looks - misses + own.taken_elsewhere.get();
    sum.parks += own.parks.get();
    sum.spawned += own.spawned.get();
    sum.finished += own.finished.get();
    sum.wakes += own.wakes.get();
    sum.spins += own.spins.get();
    sum.steals += own.steals.get();
    sum.stolen += own.stolen.get();
    sum.timers += p.timers.fired();
  }
  const shared_counts& others = counted_elsewhere;
  sum.spawned += others.spawned.get();
  sum.finished += others.finished.get();
  sum.parks += others.parks.get();
  sum.wakes += others.wakes.get();
  sum.sleeps += others.sleeps.get();
  sum.wake_ups += others.wake_ups.get();
  sum.hand_offs += others.hand_offs.get();
  sum.timers += others.timers.get();
  return sum;
}

runtime_counters counters_of_process() noexcept { return scheduler::instance().count(); }

void begin_counting() noexcept {
  const runtime_counters now = scheduler::instance().count();
  const std::scoped_lock held(baseline_lock);
  baseline = now;
}

}  // namespace runtime

runtime_counters operator-(const runtime_counters& later,
                           const runtime_counters& earlier) noexcept {
  return {.spawned = later.spawned - earlier.spawned,
          .finished = later.finished - earlier.finished,
          .switches = later.switches - earlier.switches,
          .parks = later.parks - earlier.parks,
          .wakes = later.wakes - earlier.wakes,
          .spins = later.spins - earlier.spins,
          .steals = later.steals - earlier.steals,
          .stolen = later.stolen - earlier.stolen,
          .sleeps = later.sleeps - earlier.sleeps,
          .wake_ups = later.wake_ups - earlier.wake_ups,
          .hand_offs = later.hand_offs - earlier.hand_offs,
          .timers = later.timers - earlier.timers};
}

runtime_counters counters() noexcept {
  GOBENCH_INTERNAL_SCOPE();
  const runtime_counters now = runtime::scheduler::instance().count();
  const std::scoped_lock held(runtime::baseline_lock);
  return now - runtime::baseline;
}

}  // namespace gobench::inline GOBENCH_FLAVOUR
