// The waiter of runtime/park.hpp, common to fibers, coroutines, task threads and foreign threads.
//
// The permit word
//   value            meaning                          set by
//   absent           running, no permit               the waiter when it takes the permit; unpark() when it
//                                                     takes over a parked waiter
//   present          a permit waits to be taken       unpark() on a waiter that is not parked
//   parked           the waiter has left its stack    the waiter, or for a fiber whoever runs next on its
//                    (fiber), has suspended           worker, or for a suspended coroutine whoever had
//                    (coroutine) or sleeps (thread)   resumed it
//   parked_for_ever  the same, a task thread that     the waiter
//                    waits without a deadline for
//                    others of the program
// Transitions: absent -> present -> absent; absent -> parked (either) -> absent. Whoever moves parked ->
// absent owns the wake-up: exactly one of unpark() and the waiter's own deadline.
//
// Why no wake-up is lost: the waiter checks its condition, then parks by compare-exchange from absent.
// An unpark() between the two leaves `present`, the exchange fails, and the waiter returns to look again.
// Taking a permit is a read-modify-write, so that it synchronises with every unpark() before it.
#pragma once

#include <atomic>
#include <cstdint>

#include "runtime/park.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {

// A coroutine comes after the fiber: what is at least a fiber is run by the scheduler.
enum class waiter_kind : std::uint8_t { foreign, thread_task, fiber, coroutine };

enum permit_word : std::uint32_t {
  permit_absent = 0,
  permit_present = 1,
  permit_parked = 2,
  permit_parked_for_ever = 3,  // of a thread task, counted out of those awake
};

class waiter {
 public:
  explicit waiter(waiter_kind k) noexcept : kind(k) {}
  waiter(const waiter&) = delete;
  waiter& operator=(const waiter&) = delete;

  std::atomic<std::uint32_t> permit{permit_absent};
  const waiter_kind kind;

  // Whether the scheduler of fibers runs it, or it is an OS thread.
  bool is_scheduled() const noexcept { return kind >= waiter_kind::fiber; }

  // The run has ended under this task: park() returns `ended` from now on. Set by the thread that ends
  // the run, before it resumes or unparks the task.
  std::atomic<bool> run_ended{false};

  // What it waits for, for reports only: written before parking, read at leisure, all relaxed.
  std::atomic<wait_reason> reason{wait_reason::none};
  std::atomic<const void*> object{nullptr};
  std::atomic<std::int64_t> since_ns{0};  // steady clock; coarse for fibers

  // True if a permit was there and is now taken.
  bool take_permit() noexcept {
    // The relaxed look may miss a permit that is just being set: then the park that follows sees it.
    // Acquire pairs with the release in unpark().
    return permit.load(std::memory_order_relaxed) == permit_present &&
           permit.exchange(permit_absent, std::memory_order_acquire) == permit_present;
  }

  // True if the waiter is parked now; false if a permit came first, which is then taken.
  bool commit_park(permit_word how = permit_parked) noexcept {
    std::uint32_t seen = permit_absent;
    // Release: what the waiter did before it parked is seen by whoever resumes it; acquire on failure
    // pairs with unpark().
    if (permit.compare_exchange_strong(seen, how, std::memory_order_acq_rel,
                                       std::memory_order_acquire))
      return true;
    permit.exchange(permit_absent, std::memory_order_acquire);
    return false;
  }

  // Takes a parked waiter out of the parked state because its deadline has passed.
  bool cancel_park() noexcept {
    std::uint32_t seen = permit_parked;
    return permit.compare_exchange_strong(seen, permit_absent, std::memory_order_acq_rel,
                                          std::memory_order_acquire);
  }

  // The half of unpark() that all kinds share: permit_absent, or how the waiter was parked, and then the
  // caller has to make it run.
  permit_word release_permit() noexcept {
    std::uint32_t seen = permit.load(std::memory_order_relaxed);
    for (;;) {
      // A permit that is already there is written again all the same, so that the waiter synchronises
      // with this unpark() too.
      const std::uint32_t wanted = seen >= permit_parked ? permit_absent : permit_present;
      if (permit.compare_exchange_weak(seen, wanted, std::memory_order_acq_rel,
                                       std::memory_order_relaxed))
        return seen >= permit_parked ? static_cast<permit_word>(seen) : permit_absent;
    }
  }
};

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
