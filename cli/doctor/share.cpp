// How much of the CPUs this process really gets: affinity, control group, load, other guests.
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "cli/doctor/check.hpp"
#include "runtime/cpus.hpp"

namespace gobench::cli::doctor {

namespace {

int allowed_cpus(const sysroot& machine) {
  const std::string status = machine.read("/proc/self/status").value_or("");
  const auto list = line_after(status, "Cpus_allowed_list:");
  return list ? static_cast<int>(cpu_list(*list).size()) : 0;
}

diagnosis affinity(const sysroot& machine) {
  diagnosis one{.name = "cpus"};
  const auto online = static_cast<int>(
      cpu_list(machine.read("/sys/devices/system/cpu/online").value_or("")).size());
  const int allowed = allowed_cpus(machine);
  one.found = fmt::format("{} of {} may be used", allowed, online);
  if (allowed == 1) {
    one.state = mark::warning;
    one.effect = "Tasks only ever take turns: nothing is contended, and every lock looks alike.";
    one.advice = online > 1 ? "Allow more: taskset -c 0- gobench run ...."
                            : "Measure contention on a machine with two CPUs or more.";
  } else if (allowed < online) {
    one.effect = "This process is pinned to some of them, which keeps it steady; procs follows.";
  } else {
    one.effect = "Runs use as many processors unless --procs says otherwise.";
  }
  return one;
}

diagnosis quota(const sysroot& machine) {
  diagnosis one{.name = "quota"};
  const double cpus = runtime::cgroup_cpu_quota(machine.prefix());
  if (cpus <= 0) {
    one.found = "none";
    one.effect = "No control group takes the CPU away in the middle of a sample.";
    return one;
  }
  one.found = fmt::format("{:.2g} CPUs", cpus);
  if (cpus >= allowed_cpus(machine)) {
    one.effect = "It is not less than the CPUs there are, so it takes nothing away.";
    return one;
  }
  one.state = mark::warning;
  one.effect =
      "Once it is used up, all threads stand still until the next period (mostly 100 ms): some "
      "samples take many times as long.";
  one.advice = fmt::format(
      "Raise the quota of the container (docker run --cpus, resources.limits.cpu), or measure with "
      "--procs {}.",
      std::max(1, static_cast<int>(cpus)));
  return one;
}

diagnosis load(const sysroot& machine) {
  diagnosis one{.name = "load"};
  const auto parts = words(machine.read("/proc/loadavg").value_or(""));
  if (parts.empty()) {
    one.found = "cannot be seen from here";
    one.effect = "Other programs that compute make samples longer.";
    return one;
  }
  const double average = std::strtod(parts[0].c_str(), nullptr);
  one.found = fmt::format("{:.2f} in the last minute", average);
  if (average < 0.3) {
    one.effect = "The machine is idle enough.";
    return one;
  }
  one.state = mark::warning;
  one.effect =
      "Other programs take CPU time from the samples, and tasks that should run at the same time "
      "take turns.";
  one.advice = "Wait for them or stop them (top shows which they are), then measure.";
  return one;
}

struct cpu_time {
  double stolen = 0;
  double all = 0;
};

// The first line of /proc/stat: user nice system idle iowait irq softirq steal guest guest_nice; the
// last two are part of the first two.
cpu_time times_of(const sysroot& machine) {
  const auto line = line_after(machine.read("/proc/stat").value_or(""), "cpu ");
  const auto parts = words(line.value_or(""));
  cpu_time found;
  for (std::size_t i = 0; i < parts.size() && i < 8; ++i) {
    const double ticks = std::strtod(parts[i].c_str(), nullptr);
    found.all += ticks;
    if (i == 7) found.stolen = ticks;
  }
  return found;
}

diagnosis steal(const sysroot& machine) {
  diagnosis one{.name = "steal"};
  const cpu_time total = times_of(machine);
  if (total.all == 0) {
    one.found = "cannot be seen from here";
    one.effect = "CPU time that the host gives to other guests makes samples longer.";
    return one;
  }
  const double percent = 100 * total.stolen / total.all;
  one.found = fmt::format("{:.2f} % of all CPU time since the machine was started", percent);
  if (percent < 0.5) {
    one.effect = "The host leaves the CPUs to this machine.";
    return one;
  }
  one.state = mark::warning;
  one.effect =
      "The host runs other guests on these CPUs: tasks stop in the middle of a critical section, "
      "and "
      "those that wait for it wait with them.";
  one.advice =
      "Take many repetitions (--reps 20) and look at the interval, or measure on a machine of your "
      "own.";
  return one;
}

}  // namespace

std::vector<diagnosis> check_share(const sysroot& machine) {
  return {affinity(machine), quota(machine), load(machine), steal(machine)};
}

}  // namespace gobench::cli::doctor
