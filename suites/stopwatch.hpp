// Wall time and CPU time of a stretch of work, and what the runtime did in it.
#pragma once

#include <cstdint>

#include "suites/registry.hpp"

namespace gobench::suites {

// CPU time of the process so far, all threads together.
double process_cpu_seconds() noexcept;

class stopwatch {
 public:
  void start() noexcept;
  void stop() noexcept;

  // What lay between the two, still to be proved.
  measurement taken(std::uint64_t operations) const;

 private:
  std::uint64_t start_ns_ = 0;
  std::uint64_t end_ns_ = 0;
  double cpu_start_ = 0;
  runtime_counters counted_start_;
  runtime_counters counted_end_;
  double cpu_end_ = 0;
};

}  // namespace gobench::suites
