// What the runtime counts of itself; runtime/counters.hpp says what each means.
//
// Invariants
//  - A counter of a processor is changed by whoever holds the processor only, with a plain load and store:
//    no locked instruction. It is atomic so that others may read it at any time, relaxed: each value is one
//    that it had, and several read together need not belong together.
//  - The shared ones are for threads without a processor and for what is rare, and are added to.
#pragma once

#include <atomic>
#include <cstdint>

#include "runtime/flavour.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {

class owned_count {
 public:
  void add(std::uint64_t n = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  std::uint64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// Tasks taken up are not counted one by one: a processor's tick, which counts its looks for one, is there
// already. Of these the ones that found nothing are counted, and what was taken from elsewhere after that.
struct processor_counts {
  owned_count misses;
  owned_count taken_elsewhere;
  owned_count parks;
  owned_count spawned;
  owned_count finished;
  owned_count wakes;
  owned_count spins;
  owned_count steals;
  owned_count stolen;
};

class shared_count {
 public:
  void add(std::uint64_t n = 1) noexcept { value_.fetch_add(n, std::memory_order_relaxed); }
  std::uint64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// One per process.
struct shared_counts {
  shared_count spawned;
  shared_count finished;
  shared_count parks;
  shared_count wakes;
  shared_count sleeps;
  shared_count wake_ups;
  shared_count hand_offs;
  shared_count timers;
};
extern shared_counts counted_elsewhere;

// The counters as they were when the current run began are what counters() subtracts.
void begin_counting() noexcept;

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
