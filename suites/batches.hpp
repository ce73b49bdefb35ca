// What the suite spawn does: batches of tasks that say that they were there (suites/spawn.cpp).
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "suites/crowd.hpp"
#include "suites/registry.hpp"
#include "suites/stopwatch.hpp"

namespace gobench::suites {

// How often each task of a batch was there, over all batches.
class attendance {
 public:
  explicit attendance(const point& where) : there_(static_cast<std::size_t>(where.tasks), 0) {}

  std::uint32_t& of(int task) { return there_[static_cast<std::size_t>(task)]; }
  proof proved(std::uint64_t batches) const {
    proof all = proof::that(true, "");
    for (const std::uint32_t times : there_) {
      all = all && proof::equal("the number of times that a task ran", times, batches);
    }
    return all;
  }

 private:
  std::vector<std::uint32_t> there_;
};

// The harness asks for whole batches; whoever does not gets at least one.
inline std::uint64_t batches_in(const point& where, std::uint64_t iterations) {
  return std::max<std::uint64_t>(1, iterations / static_cast<std::uint64_t>(where.tasks));
}

// Batches of tasks on threads that are there already or are part of the batch; one_batch(list) does one.
template <class Batch>
measurement timed_batches(const point& where, std::uint64_t iterations, Batch one_batch) {
  attendance list(where);
  const std::uint64_t batches = batches_in(where, iterations);
  stopwatch watch;
  watch.start();
  for (std::uint64_t n = 0; n < batches; ++n) one_batch(list);
  watch.stop();
  measurement taken = watch.taken(batches * static_cast<std::uint64_t>(where.tasks));
  taken.result = list.proved(batches);
  return taken;
}

// The same as the main task of a run.
template <class Carrier = our_tasks, class Batch>
measurement batches_in_a_run(const point& where, std::uint64_t iterations, Batch one_batch) {
  attendance list(where);
  const std::uint64_t batches = batches_in(where, iterations);
  auto taken = measure_main<Carrier>(where, batches * static_cast<std::uint64_t>(where.tasks), [&] {
    for (std::uint64_t n = 0; n < batches; ++n) one_batch(list);
  });
  taken.result = list.proved(batches);
  return taken;
}

template <int Most>
bool at_most(const point& at) {
  return at.tasks <= Most;
}

}  // namespace gobench::suites
