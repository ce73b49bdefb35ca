#include "runtime/cpus.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/runtime/support.hpp"

namespace {

using gobench::runtime::affinity_cpus;
using gobench::runtime::cgroup_cpu_quota;
using gobench::runtime::usable_cpus;

// A file tree that stands for "/".
class fake_root {
 public:
  fake_root() {
    std::string name = (std::filesystem::temp_directory_path() / "gobench-root-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~fake_root() { std::filesystem::remove_all(path_); }
  fake_root(const fake_root&) = delete;
  fake_root& operator=(const fake_root&) = delete;

  void write(const std::string& file, const std::string& text) const {
    const std::filesystem::path at = path_ + file;
    std::filesystem::create_directories(at.parent_path());
    std::ofstream(at) << text;
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST(cpus, without_a_cgroup_there_is_no_quota) {
  const fake_root root;
  EXPECT_EQ(cgroup_cpu_quota(root.path()), 0);
  EXPECT_EQ(usable_cpus(root.path()), affinity_cpus());
}

TEST(cpus, version_2) {
  const fake_root root;
  root.write("/proc/self/cgroup", "0::/service/app\n");
  root.write("/sys/fs/cgroup/service/app/cpu.max", "max 100000\n");
  EXPECT_EQ(cgroup_cpu_quota(root.path()), 0);
  root.write("/sys/fs/cgroup/service/app/cpu.max", "150000 100000\n");
  EXPECT_DOUBLE_EQ(cgroup_cpu_quota(root.path()), 1.5);
}

TEST(cpus, the_tightest_group_above_counts) {
  const fake_root root;
  root.write("/proc/self/cgroup", "0::/service/app\n");
  root.write("/sys/fs/cgroup/cpu.max", "800000 100000\n");
  root.write("/sys/fs/cgroup/service/cpu.max", "50000 100000\n");
  root.write("/sys/fs/cgroup/service/app/cpu.max", "400000 100000\n");
  EXPECT_DOUBLE_EQ(cgroup_cpu_quota(root.path()), 0.5);
  EXPECT_EQ(usable_cpus(root.path()), 1);
}

TEST(cpus, version_1) {
  const fake_root root;
  root.write("/proc/self/cgroup", "5:memory:/app\n3:cpu,cpuacct:/app\n0::/\n");
  root.write("/sys/fs/cgroup/cpu/app/cpu.cfs_quota_us", "-1\n");
  root.write("/sys/fs/cgroup/cpu/app/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(cgroup_cpu_quota(root.path()), 0);
  root.write("/sys/fs/cgroup/cpu/app/cpu.cfs_quota_us", "250000\n");
  EXPECT_DOUBLE_EQ(cgroup_cpu_quota(root.path()), 2.5);
}

TEST(cpus, a_file_that_makes_no_sense_is_no_quota) {
  const fake_root root;
  root.write("/proc/self/cgroup", "0::/app\nnonsense\n");
  root.write("/sys/fs/cgroup/app/cpu.max", "12 fish\n");
  EXPECT_EQ(cgroup_cpu_quota(root.path()), 0);
  root.write("/sys/fs/cgroup/app/cpu.max", "10000 0\n");
  EXPECT_EQ(cgroup_cpu_quota(root.path()), 0);
}

TEST(cpus, follow_the_affinity_mask) {
  EXPECT_GE(affinity_cpus(), 1);
  const one_cpu confined;
  EXPECT_EQ(affinity_cpus(), 1);
  EXPECT_EQ(usable_cpus(), 1);
}

}  // namespace
