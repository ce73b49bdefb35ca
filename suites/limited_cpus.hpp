// For the operating system's ways, which have no processors of ours: the CPUs that they may use.
#pragma once

#include <sched.h>

namespace gobench::suites {

// While it lives, the calling thread, and what it starts, may use as many of its CPUs as there are
// processors at the point. Where the system refuses, all of them.
class limited_cpus {
 public:
  explicit limited_cpus(int procs) {
    if (::sched_getaffinity(0, sizeof before_, &before_) != 0) return;
    cpu_set_t fewer;
    CPU_ZERO(&fewer);
    for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&fewer) < procs; ++cpu) {
      if (CPU_ISSET(cpu, &before_)) CPU_SET(cpu, &fewer);
    }
    limited_ = ::sched_setaffinity(0, sizeof fewer, &fewer) == 0;
  }
  limited_cpus(const limited_cpus&) = delete;
  limited_cpus& operator=(const limited_cpus&) = delete;
  ~limited_cpus() {
    if (limited_) ::sched_setaffinity(0, sizeof before_, &before_);
  }

 private:
  cpu_set_t before_{};
  bool limited_ = false;
};

}  // namespace gobench::suites
