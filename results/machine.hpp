// What the machine says about itself, for the context of a run.
//
//   machine_probe machine;
//   context about = machine.begin();     // before the first sample
//   ...
//   machine.end(about);                  // after the last one: end time, load, steal
#pragma once

#include <cstdint>
#include <filesystem>

#include "results/record.hpp"

namespace gobench::results {

// CPU time of all CPUs since the machine started, in ticks, and what of it the hypervisor gave to
// others while this machine wanted to run.
struct cpu_ticks {
  std::uint64_t total = 0;
  std::uint64_t steal = 0;
  std::uint64_t idle = 0;  // nobody wanted to run
};

class machine_probe {
 public:
  // Reads /proc and /sys below `root`; another one is for tests. Nothing that is missing or malformed
  // there throws: it stays unset in the context.
  explicit machine_probe(std::filesystem::path root = "/");

  // Everything about machine and build, the start time and the versions of the C and C++ libraries.
  // Command line, seed and further versions are the caller's.
  context begin();

  // Completes it. What others used is the share of all CPU time since begin() in which a CPU was busy and neither
  // with this process nor with its children. Steal is the share of all CPU time since begin(); a warning is added when the
  // hypervisor took 1% or more.
  void end(context& about) const;

 private:
  std::filesystem::path root_;
  cpu_ticks at_start_;
  double own_at_start_ = 0;  // CPU seconds
};

}  // namespace gobench::results
