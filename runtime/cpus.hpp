// How many CPUs this process may really use.
#pragma once

#include <string>

#include "runtime/flavour.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {

// The CPUs in the calling thread's affinity mask, limited by the CPU quota of its cgroup and of every
// group above it (version 1 and 2), rounded up; at least 1. `root` replaces "/" in tests.
int usable_cpus(const std::string& root = "");

// The affinity mask alone; at least 1.
int affinity_cpus() noexcept;

// The cgroup quota in CPUs; 0 when there is none.
double cgroup_cpu_quota(const std::string& root = "");

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
