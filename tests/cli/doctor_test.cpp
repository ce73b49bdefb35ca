#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/doctor/check.hpp"
#include "tests/cli/process.hpp"

namespace {

using gobench::cli::doctor::diagnosis;
using gobench::cli::doctor::examine;
using gobench::cli::doctor::mark;
using gobench::cli::doctor::sysroot;

// What is found on a machine that has these files.
std::map<std::string, diagnosis> found_on(const std::map<std::string, std::string>& files) {
  const scratch machine;
  for (const auto& [name, content] : files) machine.write(name, content + "\n");
  std::map<std::string, diagnosis> by_name;
  for (const diagnosis& one : examine(sysroot(machine.path()))) by_name[one.name] = one;
  return by_name;
}

const std::string cpu = "sys/devices/system/cpu/";

TEST(doctor, a_machine_made_for_measuring_has_no_warnings_but_for_guards) {
  const auto found = found_on({
      {cpu + "cpu0/cpufreq/scaling_governor", "performance"},
      {cpu + "cpu1/cpufreq/scaling_governor", "performance"},
      {cpu + "cpufreq/boost", "0"},
      {cpu + "smt/active", "0"},
      {cpu + "online", "0-1"},
      {cpu + "isolated", "1"},
      {"sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc"},
      {"sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never"},
      {"proc/cpuinfo", "flags : fpu tsc"},
      {"proc/self/status", "Name:\tx\nCpus_allowed_list:\t0-1"},
      {"proc/self/cgroup", "0::/"},
      {"proc/self/limits", "Max processes  unlimited  unlimited  processes"},
      {"proc/loadavg", "0.05 0.10 0.20 1/100 999"},
      {"proc/stat", "cpu  100 0 100 10000 0 0 0 1 0 0"},
      {"proc/sys/vm/max_map_count", "2000000"},
      {"proc/sys/vm/overcommit_memory", "0"},
      {"proc/sys/kernel/threads-max", "1000000"},
      {"proc/sys/kernel/pid_max", "4194304"},
  });
  EXPECT_GE(found.size(), 15U);
  for (const auto& [name, one] : found) {
    if (name == "guards" || name == "build") continue;  // of the real machine and of this build
    EXPECT_EQ(one.state, mark::ok) << name << ": " << one.found;
  }
  EXPECT_EQ(found.at("cpus").found, "2 of 2 may be used");
  EXPECT_EQ(found.at("thp").found, "madvise");
}

TEST(doctor, every_trouble_is_a_warning_with_its_effect_and_advice) {
  const auto found = found_on({
      {cpu + "cpu0/cpufreq/scaling_governor", "performance"},
      {cpu + "cpu1/cpufreq/scaling_governor", "powersave"},
      {cpu + "intel_pstate/no_turbo", "0"},
      {cpu + "smt/active", "1"},
      {cpu + "online", "0-3"},
      {"sys/devices/system/clocksource/clocksource0/current_clocksource", "hpet"},
      {"sys/kernel/mm/transparent_hugepage/enabled", "[always] madvise never"},
      {"proc/cpuinfo", "flags : fpu tsc hypervisor lahf_lm"},
      {"proc/self/status", "Cpus_allowed_list:\t2"},
      {"proc/self/limits",
       "Max processes             7823                 7823                 "
       "processes"},
      {"proc/loadavg", "3.50 2 1 1/100 999"},
      {"proc/stat", "cpu  100 0 100 700 0 0 0 100 0 0"},
      {"proc/sys/vm/max_map_count", "65530"},
      {"proc/sys/vm/overcommit_memory", "2"},
      {"proc/sys/kernel/threads-max", "1000000"},
      {"proc/sys/kernel/pid_max", "32768"},
  });
  for (const char* name : {"governor", "turbo", "smt", "clock", "machine", "cpus", "load", "steal",
                           "thp", "mappings", "overcommit", "threads"}) {
    const diagnosis& one = found.at(name);
    EXPECT_EQ(one.state, mark::warning) << name << ": " << one.found;
    EXPECT_FALSE(one.advice.empty()) << name;
  }
  EXPECT_EQ(found.at("governor").found, "performance on 1 CPU, powersave on 1 CPU");
  EXPECT_EQ(found.at("cpus").found, "1 of 4 may be used");
  EXPECT_EQ(found.at("threads").found, "7823 at most, by ulimit -u");
  EXPECT_EQ(found.at("load").found, "3.50 in the last minute");
  EXPECT_EQ(found.at("steal").found, "10.00 % of all CPU time since the machine was started");
}

TEST(doctor, every_effect_and_advice_is_a_sentence) {
  for (const auto& one : examine(sysroot("/"))) {
    EXPECT_FALSE(one.found.empty()) << one.name;
    EXPECT_EQ(one.effect.back(), '.') << one.name;
    if (!one.advice.empty()) {
      EXPECT_EQ(one.advice.back(), '.') << one.name;
    }
  }
}

TEST(doctor, quotas_of_both_versions_of_control_groups) {
  const std::map<std::string, std::string> cpus = {{"proc/self/status", "Cpus_allowed_list:\t0-7"},
                                                   {cpu + "online", "0-7"}};
  auto second = cpus;
  second["proc/self/cgroup"] = "0::/a/b";
  second["sys/fs/cgroup/a/b/cpu.max"] = "max 100000";
  second["sys/fs/cgroup/a/cpu.max"] = "150000 100000";
  second["sys/fs/cgroup/a/pids.max"] = "500";
  second["sys/fs/cgroup/a/b/pids.max"] = "max";
  auto found = found_on(second);
  EXPECT_EQ(found.at("quota").state, mark::warning);
  EXPECT_EQ(found.at("quota").found, "1.5 CPUs");
  EXPECT_NE(found.at("quota").advice.find("--procs 1"), std::string::npos);
  EXPECT_EQ(found.at("threads").found, "500 at most, by pids.max of the control group");

  auto first = cpus;
  first["proc/self/cgroup"] = "5:cpu,cpuacct:/c\n4:pids:/c";
  first["sys/fs/cgroup/cpu/c/cpu.cfs_quota_us"] = "250000";
  first["sys/fs/cgroup/cpu/c/cpu.cfs_period_us"] = "100000";
  first["sys/fs/cgroup/pids/c/pids.max"] = "77";
  found = found_on(first);
  EXPECT_EQ(found.at("quota").found, "2.5 CPUs");
  EXPECT_EQ(found.at("threads").found, "77 at most, by pids.max of the control group");
}

TEST(doctor, a_machine_that_tells_nothing_is_no_trouble) {
  const auto found = found_on({});
  EXPECT_EQ(found.at("governor").state, mark::ok);
  EXPECT_EQ(found.at("quota").state, mark::ok);
  EXPECT_EQ(found.at("threads").found, "no limit seen");
}

TEST(doctor, the_command_shows_marks_and_ends_well) {
  const outcome found = typed({"doctor"});
  EXPECT_EQ(found.code, 0);
  EXPECT_EQ(found.err, "");
  EXPECT_EQ(found.out.substr(0, 2) == "ok" || found.out.substr(0, 7) == "warning", true);
  for (const std::string& line : lines_of(found.out)) EXPECT_LE(line.size(), 100U) << line;
}

TEST(doctor, json_has_every_check_and_the_root_can_be_elsewhere) {
  const scratch machine;
  machine.write("proc/loadavg", "9.00 1 1 1/1 1\n");
  const outcome found = run(
      {.arguments = {"doctor", "--json"}, .environment = {{"GOBENCH_SYSROOT", machine.path()}}});
  EXPECT_EQ(found.code, 0);
  const auto document = nlohmann::json::parse(found.out);
  std::size_t warnings = 0;
  bool loaded = false;
  for (const auto& one : document.at("checks")) {
    if (one.at("status") == "warning") ++warnings;
    if (one.at("name") == "load") loaded = one.at("found") == "9.00 in the last minute";
  }
  EXPECT_TRUE(loaded) << found.out;
  EXPECT_EQ(document.at("warnings"), warnings);
}

TEST(doctor, lists_of_cpus) {
  using gobench::cli::doctor::cpu_list;
  EXPECT_EQ(cpu_list("0-2,8"), (std::vector<int>{0, 1, 2, 8}));
  EXPECT_EQ(cpu_list(""), std::vector<int>{});
}

}  // namespace
