#include "suites/stopwatch.hpp"

#include <time.h>

#include "suites/ticks.hpp"

namespace gobench::suites {

double process_cpu_seconds() noexcept {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

void stopwatch::start() noexcept {
  counted_start_ = runtime::counters_of_process();
  cpu_start_ = process_cpu_seconds();
  start_ns_ = internal::steady_ns();
}

void stopwatch::stop() noexcept {
  end_ns_ = internal::steady_ns();
  cpu_end_ = process_cpu_seconds();
  counted_end_ = runtime::counters_of_process();
}

measurement stopwatch::taken(std::uint64_t operations) const {
  measurement made;
  made.seconds = static_cast<double>(end_ns_ - start_ns_) * 1e-9;
  made.operations = operations;
  made.cpu_seconds = cpu_end_ - cpu_start_;
  made.counted = counted_end_ - counted_start_;
  return made;
}

}  // namespace gobench::suites
