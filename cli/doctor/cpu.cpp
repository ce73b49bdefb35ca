#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <string>

#include "cli/doctor/check.hpp"

namespace gobench::cli::doctor {

namespace {

constexpr std::string_view cpus_directory = "/sys/devices/system/cpu";

diagnosis governor(const sysroot& machine) {
  diagnosis one{.name = "governor"};
  std::map<std::string, int> governors;
  for (const std::string& name : machine.list(cpus_directory)) {
    if (!name.starts_with("cpu")) continue;
    const auto text =
        machine.read(fmt::format("{}/{}/cpufreq/scaling_governor", cpus_directory, name));
    if (text) ++governors[*text];
  }
  if (governors.empty()) {
    one.found = "not set by this kernel";
    one.effect =
        "The host or the firmware chooses the CPU's frequency, which cannot be seen from here.";
    return one;
  }
  std::vector<std::string> parts;
  for (const auto& [name, count] : governors) {
    parts.push_back(fmt::format("{} on {} CPU{}", name, count, count == 1 ? "" : "s"));
  }
  one.found = fmt::format("{}", fmt::join(parts, ", "));
  if (governors.size() == 1 && governors.contains("performance")) {
    one.effect = "The CPUs keep their highest frequency, so that samples compare.";
    return one;
  }
  one.state = mark::warning;
  one.effect =
      "The CPUs raise their frequency only after a while of work, so that the first and the short "
      "samples look slower.";
  one.advice = "Set it for the measurement: sudo cpupower frequency-set -g performance.";
  return one;
}

diagnosis turbo(const sysroot& machine) {
  diagnosis one{.name = "turbo"};
  const auto no_turbo = machine.number("/sys/devices/system/cpu/intel_pstate/no_turbo");
  const auto boost = machine.number("/sys/devices/system/cpu/cpufreq/boost");
  if (!no_turbo && !boost) {
    one.found = "cannot be seen from here";
    one.effect = "If the host lets CPUs go above their base frequency, samples vary with its heat.";
    return one;
  }
  const bool on = no_turbo ? *no_turbo == 0 : *boost != 0;
  one.found = on ? "on" : "off";
  if (!on) {
    one.effect = "The frequency does not depend on heat or on how many cores are busy.";
    return one;
  }
  one.state = mark::warning;
  one.effect =
      "One busy core runs faster than several, and all slow down as they get warm: cases with more "
      "tasks look worse than they are.";
  one.advice = no_turbo ? "Switch it off for the measurement: echo 1 | sudo tee "
                          "/sys/devices/system/cpu/intel_pstate/no_turbo."
                        : "Switch it off for the measurement: echo 0 | sudo tee "
                          "/sys/devices/system/cpu/cpufreq/boost.";
  return one;
}

diagnosis smt(const sysroot& machine) {
  diagnosis one{.name = "smt"};
  const auto active = machine.number("/sys/devices/system/cpu/smt/active");
  if (!active) {
    one.found = "cannot be seen from here";
    one.effect = "If two CPUs are threads of one core, tasks on them slow each other down.";
    return one;
  }
  one.found = *active != 0 ? "on" : "off";
  if (*active == 0) {
    one.effect = "Every CPU is a core of its own.";
    return one;
  }
  one.state = mark::warning;
  one.effect =
      "Two CPUs share a core: work on one slows the other, and which tasks meet on a core changes "
      "from sample to sample.";
  one.advice =
      "Pin to one CPU of each core with taskset -c (lscpu -e shows the cores), or switch it off: "
      "echo off | sudo tee /sys/devices/system/cpu/smt/control.";
  return one;
}

diagnosis clock(const sysroot& machine) {
  diagnosis one{.name = "clock"};
  const auto source =
      machine.read("/sys/devices/system/clocksource/clocksource0/current_clocksource");
  one.found = source.value_or("cannot be seen from here");
  static const std::vector<std::string> fast = {"tsc", "kvm-clock", "arch_sys_counter",
                                                "hyperv_clocksource_tsc_page"};
  if (!source || std::ranges::find(fast, *source) != fast.end()) {
    one.effect = "Reading the time takes some 20 to 50 ns without a system call.";
    return one;
  }
  one.state = mark::warning;
  one.effect =
      "Reading the time is a system call that takes up to a microsecond, which shows in everything "
      "with timeouts and in short samples.";
  one.advice =
      "Use a longer --min-time; if /sys/devices/system/clocksource/clocksource0/"
      "available_clocksource lists tsc, boot with clocksource=tsc.";
  return one;
}

diagnosis virtual_machine(const sysroot& machine) {
  diagnosis one{.name = "machine"};
  const std::string info = machine.read("/proc/cpuinfo").value_or("");
  if (info.find(" hypervisor") == std::string::npos) {
    one.found = "no hypervisor seen";
    one.effect = "Nobody else's machine shares these CPUs.";
    return one;
  }
  one.state = mark::warning;
  one.found = "virtual";
  one.effect =
      "Others may share its CPUs, and waking a sleeping thread goes through the hypervisor, which "
      "takes several times as long.";
  one.advice =
      "Compare only figures of the same machine, repeat the run at another time, and take figures "
      "that are to be published from hardware of your own.";
  return one;
}

diagnosis isolation(const sysroot& machine) {
  diagnosis one{.name = "isolation"};
  const std::string isolated = machine.read("/sys/devices/system/cpu/isolated").value_or("");
  if (!isolated.empty() && !cpu_list(isolated).empty()) {
    one.found = fmt::format("CPUs {} are kept free of other work", isolated);
    one.effect = "What runs there is hardly ever interrupted.";
    one.advice = fmt::format("Measure on them: taskset -c {} gobench run ....", isolated);
    return one;
  }
  one.found = "no CPU is kept free of other work";
  one.effect = "Other programs and interrupts can fall into any sample; repetitions even that out.";
  one.advice =
      "For steadier figures pin the run away from CPU 0, which serves most interrupts (taskset -c "
      "1- gobench run ...), or boot with isolcpus=.";
  return one;
}

}  // namespace

std::vector<diagnosis> check_cpu(const sysroot& machine) {
  return {governor(machine), turbo(machine),           smt(machine),
          clock(machine),    virtual_machine(machine), isolation(machine)};
}

}  // namespace gobench::cli::doctor
