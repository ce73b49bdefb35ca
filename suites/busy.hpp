// Work that takes a given time: what a task does while it holds a lock.
#pragma once

#include <cmath>
#include <cstdint>

#include "suites/ticks.hpp"

namespace gobench::suites {

// Keeps the CPU computing for a given time. Measured by the clock while it works, not by a number of
// rounds found beforehand: a CPU that changes its frequency, or shares its core, would make that
// number wrong. It never takes less; it takes up to one round (some 5 ns) more. The compiler cannot
// remove it, and nothing in it waits, yields or touches memory that others see.
class busy_work {
 public:
  // `ns` may be 0: then calling it is one test. Measures the clock at the first construction.
  explicit busy_work(std::int64_t ns)
      : source_(&ticking()),
        ticks_(ns <= 0 ? 0
                       : static_cast<std::uint64_t>(
                             std::llround(static_cast<double>(ns) / source_->ns_per_tick))) {}

  void operator()() const noexcept {
    if (ticks_ == 0) return;
    const std::uint64_t start = ticks_now(*source_);
    std::uint64_t state = start;
    do {
      for (int i = 0; i < 4; ++i) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        asm volatile("" : "+r"(state));  // the value is needed, says this to the compiler
      }
    } while (ticks_now(*source_) - start < ticks_);
  }

 private:
  const tick_source* source_;
  std::uint64_t ticks_;
};

}  // namespace gobench::suites
