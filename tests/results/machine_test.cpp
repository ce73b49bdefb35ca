#include "results/machine.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <regex>

#include "results/internal/system_files.hpp"
#include "tests/results/support.hpp"

namespace gobench::results {
namespace {

using namespace testing;

// The files of a machine with two packages of two cores and four threads, under a quota.
void make_machine(const folder& root) {
  std::string cpuinfo;
  for (int cpu = 0; cpu < 8; ++cpu) {
    cpuinfo += "processor\t: " + std::to_string(cpu) + "\nmodel name\t: Made Up 9000 @ 2.0: GHz\n" +
               "physical id\t: " + std::to_string(cpu / 4) +
               "\ncore id\t\t: " + std::to_string(cpu % 2) + "\n\n";
    write(root / ("sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/cpufreq/scaling_governor"),
          "schedutil\n");
  }
  write(root / "proc/cpuinfo", cpuinfo);
  write(root / "proc/sys/kernel/hostname", "made-up\n");
  write(root / "proc/sys/kernel/osrelease", "6.1.0-test\n");
  write(root / "proc/self/status", "Name:\tx\nCpus_allowed:\tff\nCpus_allowed_list:\t0-2,5\n");
  write(root / "proc/self/cgroup", "0::/user.slice/run.scope\n");
  write(root / "proc/meminfo", "MemTotal:       16384 kB\nMemFree:  1 kB\n");
  write(root / "proc/loadavg", "0.75 0.50 0.25 1/100 12345\n");
  write(root / "proc/stat", "cpu  100 10 50 1000 20 0 5 15 7 3\ncpu0 1 2 3\n");
  write(root / "sys/devices/system/cpu/online", "0-7\n");
  write(root / "sys/devices/system/cpu/smt/control", "on\n");
  write(root / "sys/devices/system/cpu/intel_pstate/no_turbo", "1\n");
  write(root / "sys/fs/cgroup/user.slice/cpu.max", "150000 100000\n");
  write(root / "sys/fs/cgroup/user.slice/run.scope/cpu.max", "max 100000\n");
}

TEST(machine, is_read_from_proc_and_sys) {
  const folder root;
  make_machine(root);
  const context about = machine_probe(root.path()).begin();
  EXPECT_EQ(about.cpu_model, "Made Up 9000 @ 2.0: GHz");
  EXPECT_EQ(about.host, "made-up");
  EXPECT_EQ(about.kernel, "6.1.0-test");
  EXPECT_EQ(about.cpus_online, 8);
  EXPECT_EQ(about.cpus_allowed, 4);
  EXPECT_EQ(about.cores, 4);
  EXPECT_EQ(about.cgroup_cpus, 1.5);
  EXPECT_EQ(about.governor, "schedutil");
  EXPECT_EQ(about.turbo, "off");
  EXPECT_EQ(about.smt, "on");
  EXPECT_EQ(about.memory_bytes, 16384U * 1024);
  EXPECT_EQ(about.load_1min, 0.75);
  EXPECT_TRUE(
      std::regex_match(about.start_time, std::regex("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ")))
      << about.start_time;
  EXPECT_EQ(about.end_time, "");
  EXPECT_TRUE(std::isnan(about.steal_percent));
  EXPECT_FALSE(about.version.empty());
  EXPECT_FALSE(about.compiler.empty());
  EXPECT_NE(about.versions.find("libc"), nullptr);
}

TEST(machine, steal_is_that_of_the_run) {
  const folder root;
  make_machine(root);
  machine_probe probe(root.path());
  context about = probe.begin();
  // 400 ticks later, 100 of them stolen; guest time is counted in user and nice already.
  write(root / "proc/stat", "cpu  300 10 50 1100 20 0 5 115 900 900\n");
  write(root / "proc/loadavg", "2.50 1 1 1/1 1\n");
  probe.end(about);
  EXPECT_DOUBLE_EQ(about.steal_percent, 25);
  EXPECT_EQ(about.load_1min_end, 2.5);
  EXPECT_EQ(about.load_1min, 0.75);
  EXPECT_FALSE(about.end_time.empty());
  ASSERT_EQ(about.warnings.size(), 1U);
  EXPECT_EQ(about.warnings[0],
            "The hypervisor took 25.0% of the CPU time during the run; repeat it when the host is "
            "less busy.");
}

TEST(machine, little_steal_is_no_warning_and_a_counter_that_went_back_is_unknown) {
  const folder root;
  make_machine(root);
  machine_probe probe(root.path());
  context about = probe.begin();
  write(root / "proc/stat", "cpu  2085 10 50 1000 20 0 5 30\n");
  probe.end(about);
  EXPECT_DOUBLE_EQ(about.steal_percent, 0.75);
  EXPECT_TRUE(about.warnings.empty());
  about = probe.begin();
  write(root / "proc/stat", "cpu  3000 10 50 1000 20 0 5 29\n");
  probe.end(about);
  EXPECT_TRUE(std::isnan(about.steal_percent));
}

TEST(machine, that_tells_nothing_leaves_everything_unset) {
  const folder root;
  machine_probe probe(root.path());
  context about = probe.begin();
  probe.end(about);
  EXPECT_EQ(about.cpu_model, "");
  EXPECT_EQ(about.cpus_online, 0);
  EXPECT_EQ(about.cpus_allowed, 0);
  EXPECT_EQ(about.cores, 0);
  EXPECT_EQ(about.governor, "");
  EXPECT_EQ(about.turbo, "");
  EXPECT_EQ(about.memory_bytes, 0U);
  EXPECT_TRUE(std::isnan(about.cgroup_cpus));
  EXPECT_TRUE(std::isnan(about.load_1min));
  EXPECT_TRUE(std::isnan(about.steal_percent));
}

TEST(machine, malformed_files_leave_things_unset) {
  const folder root;
  make_machine(root);
  write(root / "proc/stat", "cpu  1 x 3\n");
  write(root / "proc/loadavg", "busy\n");
  write(root / "proc/meminfo", "MemTotal: lots\n");
  write(root / "sys/devices/system/cpu/online", "0-x\n");
  write(root / "sys/fs/cgroup/user.slice/cpu.max", "150000 0\n");
  machine_probe probe(root.path());
  context about = probe.begin();
  probe.end(about);
  EXPECT_TRUE(std::isnan(about.steal_percent));
  EXPECT_TRUE(std::isnan(about.load_1min));
  EXPECT_TRUE(std::isnan(about.cgroup_cpus));
  EXPECT_EQ(about.memory_bytes, 0U);
  EXPECT_EQ(about.cpus_online, 0);
}

TEST(machine, this_one_is_told) {
  machine_probe probe;
  context about = probe.begin();
  probe.end(about);
  EXPECT_FALSE(about.kernel.empty());
  EXPECT_FALSE(about.architecture.empty());
  EXPECT_GT(about.cpus_online, 0);
  EXPECT_GT(about.cpus_allowed, 0);
  EXPECT_LE(about.cpus_allowed, about.cpus_online);
  EXPECT_GT(about.memory_bytes, 0U);
}

TEST(machine, governors_may_differ) {
  const folder root;
  make_machine(root);
  write(root / "sys/devices/system/cpu/cpu3/cpufreq/scaling_governor", "performance\n");
  EXPECT_EQ(internal::governor(root.path()), "mixed");
}

TEST(machine, turbo_of_other_drivers) {
  const folder root;
  EXPECT_EQ(internal::turbo(root.path()), "");
  write(root / "sys/devices/system/cpu/cpufreq/boost", "1\n");
  EXPECT_EQ(internal::turbo(root.path()), "on");
  write(root / "sys/devices/system/cpu/cpufreq/boost", "0\n");
  EXPECT_EQ(internal::turbo(root.path()), "off");
  write(root / "sys/devices/system/cpu/intel_pstate/no_turbo", "0\n");
  EXPECT_EQ(internal::turbo(root.path()), "on");
}

TEST(machine, lists_of_cpus) {
  EXPECT_EQ(internal::cpus_in_list("0"), 1);
  EXPECT_EQ(internal::cpus_in_list("0-3,8,10-11"), 7);
  for (const char* wrong : {"", "x", "3-1", "1-", "-", "1,,2"}) {
    EXPECT_EQ(internal::cpus_in_list(wrong), 0) << wrong;
  }
}

TEST(machine, quota_is_the_smallest_up_to_the_top) {
  const folder root;
  write(root / "proc/self/cgroup", "0::/a/b/c\n");
  write(root / "sys/fs/cgroup/a/b/c/cpu.max", "400000 100000\n");
  write(root / "sys/fs/cgroup/a/cpu.max", "50000 100000\n");
  EXPECT_EQ(internal::cgroup_cpus(root.path()), 0.5);
}

TEST(machine, quota_of_a_container_is_at_its_top) {
  const folder root;
  write(root / "proc/self/cgroup", "0::/../../system.slice/docker-123.scope\n");
  write(root / "sys/fs/cgroup/cpu.max", "200000 100000\n");
  EXPECT_EQ(internal::cgroup_cpus(root.path()), 2);
}

TEST(machine, quota_of_the_first_version) {
  const folder root;
  write(root / "proc/self/cgroup",
        "4:memory:/docker/1\n3:cpu,cpuacct:/docker/1\n1:name=systemd:/\n");
  write(root / "sys/fs/cgroup/cpu,cpuacct/docker/1/cpu.cfs_quota_us", "250000\n");
  write(root / "sys/fs/cgroup/cpu,cpuacct/docker/1/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(internal::cgroup_cpus(root.path()), 2.5);
  write(root / "sys/fs/cgroup/cpu,cpuacct/docker/1/cpu.cfs_quota_us", "-1\n");
  EXPECT_TRUE(std::isnan(internal::cgroup_cpus(root.path())));
}

}  // namespace
}  // namespace gobench::results
