#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "cli/doctor/check.hpp"
#include "cli/values.hpp"

namespace gobench::cli::doctor {

namespace {

struct limit {
  std::int64_t threads = 0;
  std::string name;
  std::string advice;
};

void add(std::vector<limit>& limits, std::optional<std::int64_t> threads, std::string name,
         std::string advice) {
  if (threads) limits.push_back({*threads, std::move(name), std::move(advice)});
}

// "Max processes  7823  7823  processes": the soft limit; nothing when unlimited.
std::optional<std::int64_t> process_limit(const sysroot& machine) {
  const auto line = line_after(machine.read("/proc/self/limits").value_or(""), "Max processes");
  const auto parts = words(line.value_or(""));
  if (parts.empty() || parts[0] == "unlimited") return std::nullopt;
  return std::strtoll(parts[0].c_str(), nullptr, 10);
}

std::optional<std::int64_t> group_limit(const sysroot& machine) {
  std::optional<std::int64_t> smallest;
  for (const control_group& group : control_groups(machine, "pids")) {
    for (const std::string& directory : directories_of(group)) {
      // "max" is no number.
      const auto most = machine.number(directory + "/pids.max");
      if (most) smallest = std::min(smallest.value_or(*most), *most);
    }
  }
  return smallest;
}

}  // namespace

std::vector<diagnosis> check_threads(const sysroot& machine) {
  std::vector<limit> limits;
  add(limits, process_limit(machine), "ulimit -u", "ulimit -u unlimited");
  add(limits, machine.number("/proc/sys/kernel/threads-max"), "kernel.threads-max",
      "sudo sysctl kernel.threads-max=2000000");
  add(limits, machine.number("/proc/sys/kernel/pid_max"), "kernel.pid_max",
      "sudo sysctl kernel.pid_max=4194304");
  add(limits, group_limit(machine), "pids.max of the control group",
      "docker run --pids-limit -1, or raise TasksMax of the systemd unit");

  diagnosis one{.name = "threads"};
  if (limits.empty()) {
    one.found = "no limit seen";
    one.effect = "OS threads are limited by memory alone.";
    return {one};
  }
  const limit& least = *std::ranges::min_element(limits, {}, &limit::threads);
  one.found = fmt::format("{} at most, by {}", least.threads, least.name);
  constexpr std::int64_t plenty = 100'000;
  if (least.threads >= plenty) {
    one.effect = "Enough for any case that runs on OS threads.";
    return {one};
  }
  one.state = mark::warning;
  one.effect =
      "Cases with more tasks than that on OS threads cannot be measured; fibers are not limited by "
      "it.";
  one.advice = fmt::format("For more: {}.", least.advice);
  return {one};
}

}  // namespace gobench::cli::doctor
