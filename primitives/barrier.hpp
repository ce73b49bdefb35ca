// A meeting point that n callers reach again and again.
//
//   gobench::barrier step(4);
//   for (int i = 0; i < 4; ++i) {
//     gobench::go([&] { for (int round = 0; round < 100; ++round) { work(); step.arrive_and_wait();
//     } });
//   }
//
// Invariants
//  - The queue holds those who have arrived in the current round; fewer than expected_, outside
//    lock_.
//  - The last to arrive does not wait: it takes all others out, which starts the next round.
#pragma once

#include <cstdint>

#include "primitives/internal/wait_queue.hpp"
#include "runtime/flavour.hpp"
#include "runtime/spin_lock.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {

// Every method may be called from fibers, task threads and OS threads that the runtime did not
// start, mixed. All arrivals of a round happen before all returns of it. The destructor may run as
// soon as every arrive_and_wait() of the last round has been let go.
class barrier {
 public:
  // Throws misuse when n is less than 1.
  explicit barrier(std::int64_t n);
  barrier(const barrier&) = delete;
  barrier& operator=(const barrier&) = delete;

  // Waits until n callers are here. Returns true to the last one of them and false to the others.
  bool arrive_and_wait();

 private:
  const std::int64_t expected_;
  std::int64_t arrived_ = 0;  // length of the queue
  bool odd_ = false;          // the number of the round, modulo 2
  // Rounds that follow one another have edges of their own; a caller that is slow to leave one
  // round must not see the arrivals of the next. It cannot be slower than that: it is needed for
  // it.
  char edges_[2] = {};
  runtime::spin_lock lock_;
  primitives::wait_queue queue_;
};

}  // namespace gobench::inline GOBENCH_FLAVOUR
