#include "runtime/cpus.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>
#include <vector>

namespace gobench::inline GOBENCH_FLAVOUR::runtime {
namespace {

double smaller_quota(double a, double b) {
  if (a == 0) return b;
  return b == 0 ? a : std::min(a, b);
}

// "max 100000" or "50000 100000"
double quota_v2(const std::string& folder) {
  std::ifstream file(folder + "/cpu.max");
  std::string quota;
  double period = 0;
  if (!(file >> quota >> period) || quota == "max" || period <= 0) return 0;
  try {
    return std::stod(quota) / period;
  } catch (const std::exception&) {
    return 0;
  }
}

double quota_v1(const std::string& folder) {
  double quota = -1;
  double period = 0;
  std::ifstream(folder + "/cpu.cfs_quota_us") >> quota;
  std::ifstream(folder + "/cpu.cfs_period_us") >> period;
  return quota > 0 && period > 0 ? quota / period : 0;
}

bool names_cpu(const std::string& controllers) {
  std::istringstream list(controllers);
  for (std::string one; std::getline(list, one, ',');)
    if (one == "cpu") return true;
  return false;
}

}  // namespace

double cgroup_cpu_quota(const std::string& root) {
  double least = 0;
  std::ifstream groups(root + "/proc/self/cgroup");
  // hierarchy:controllers:path; an empty list of controllers means version 2
  for (std::string line; std::getline(groups, line);) {
    const auto first = line.find(':');
    const auto second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    std::string path = line.substr(second + 1);
    const bool unified = controllers.empty();
    if (!unified && !names_cpu(controllers)) continue;
    std::vector<std::string> mounts;
    if (unified) {
      mounts = {root + "/sys/fs/cgroup", root + "/sys/fs/cgroup/unified"};
    } else {
      mounts = {root + "/sys/fs/cgroup/cpu", root + "/sys/fs/cgroup/cpu,cpuacct"};
    }
    for (const std::string& mount : mounts) {
      for (std::string at = path;;) {
        const std::string folder = at == "/" ? mount : mount + at;
        least = smaller_quota(least, unified ? quota_v2(folder) : quota_v1(folder));
        if (at.empty() || at == "/") break;
        at.resize(at.find_last_of('/'));
      }
    }
  }
  return least;
}

int affinity_cpus() noexcept {
  // More CPUs than fit cpu_set_t make the call fail; ask with ever larger sets.
  for (int bits = 1024; bits <= (1 << 18); bits *= 2) {
    cpu_set_t* set = CPU_ALLOC(bits);
    if (set == nullptr) break;
    const std::size_t bytes = CPU_ALLOC_SIZE(bits);
    const bool known = ::sched_getaffinity(0, bytes, set) == 0;
    const int count = known ? CPU_COUNT_S(bytes, set) : 0;
    CPU_FREE(set);
    if (known) return std::max(1, count);
  }
  return std::max(1, static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN)));
}

int usable_cpus(const std::string& root) {
  const int allowed = affinity_cpus();
  const double quota = cgroup_cpu_quota(root);
  if (quota == 0) return allowed;
  return std::clamp(static_cast<int>(std::ceil(quota)), 1, allowed);
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
