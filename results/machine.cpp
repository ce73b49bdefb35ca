#include "results/machine.hpp"

#include <fmt/format.h>
#include <gnu/libc-version.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <string>
#include <utility>

#include "results/build_info.hpp"
#include "results/internal/own_cpu.hpp"
#include "results/internal/system_files.hpp"

namespace gobench::results {

namespace {

using namespace internal;

constexpr double steal_worth_a_warning = 1.0;  // percent

std::string now() {
  const std::time_t seconds = std::time(nullptr);
  std::tm parts = {};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 32> room{};
  const std::size_t size = std::strftime(room.data(), room.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {room.data(), size};
}

// The number that a text begins with, such as `16384 kB`.
template <class Number>
Number leading_number(const std::string& text, Number otherwise) {
  Number found{};
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), found);
  return error == std::errc() ? found : otherwise;
}

double load(const std::filesystem::path& root) {
  return leading_number(first_line(root / "proc/loadavg"), not_measured);
}

void tell_machine(context& about, const std::filesystem::path& root) {
  const auto proc = root / "proc";
  const auto cpus = root / "sys/devices/system/cpu";
  about.host = first_line(proc / "sys/kernel/hostname");
  about.kernel = first_line(proc / "sys/kernel/osrelease");
  utsname names = {};
  if (::uname(&names) == 0) about.architecture = names.machine;
  about.cpu_model = field_of(proc / "cpuinfo", "model name");
  // Boards with ARM processors name themselves, not the processor.
  if (about.cpu_model.empty()) about.cpu_model = field_of(proc / "cpuinfo", "Model");
  about.cpus_online = cpus_in_list(first_line(cpus / "online"));
  about.cpus_allowed = cpus_in_list(field_of(proc / "self/status", "Cpus_allowed_list"));
  about.cores = physical_cores(proc / "cpuinfo");
  about.cgroup_cpus = cgroup_cpus(root);
  about.governor = governor(root);
  about.turbo = turbo(root);
  about.smt = first_line(cpus / "smt/control");
  about.memory_bytes =
      leading_number(field_of(proc / "meminfo", "MemTotal"), std::uint64_t{0}) * 1024;
  about.load_1min = load(root);
}

// Of all CPU time between two moments, what was neither idle, nor stolen, nor our own.
double others_percent(const cpu_ticks& from, const cpu_ticks& to, double own_seconds) {
  const auto ticks_of = [](std::uint64_t later, std::uint64_t earlier) {
    return later > earlier ? static_cast<double>(later - earlier) : 0.0;
  };
  const double all = ticks_of(to.total, from.total);
  const double own = own_seconds * static_cast<double>(::sysconf(_SC_CLK_TCK));
  const double busy = all - ticks_of(to.idle, from.idle) - ticks_of(to.steal, from.steal);
  return 100 * std::clamp((busy - own) / all, 0.0, 1.0);
}

void tell_build(context& about) {
  const build_info& build = this_build();
  about.version = build.version;
  about.git_commit = build.git_commit;
  about.compiler = build.compiler;
  about.compiler_flags = build.flags;
  about.build_type = build.build_type;
  about.versions.set("libc", ::gnu_get_libc_version());
#ifdef _GLIBCXX_RELEASE
  about.versions.set("libstdc++", std::to_string(_GLIBCXX_RELEASE));
#endif
}

}  // namespace

machine_probe::machine_probe(std::filesystem::path root) : root_(std::move(root)) {}

context machine_probe::begin() {
  context about;
  about.start_time = now();
  tell_machine(about, root_);
  tell_build(about);
  at_start_ = ticks(root_);
  own_at_start_ = own_cpu_seconds();
  return about;
}

void machine_probe::end(context& about) const {
  about.end_time = now();
  about.load_1min_end = load(root_);
  const cpu_ticks at_end = ticks(root_);
  // The kernel's counter of steal is known to go backwards at times (a guest that was moved).
  if (at_end.total <= at_start_.total || at_end.steal < at_start_.steal) return;
  const double own = own_cpu_seconds() - own_at_start_;
  about.others_percent = others_percent(at_start_, at_end, own);
  about.steal_percent = 100.0 * static_cast<double>(at_end.steal - at_start_.steal) /
                        static_cast<double>(at_end.total - at_start_.total);
  if (about.steal_percent >= steal_worth_a_warning) {
    about.warnings.push_back(fmt::format(
        "The hypervisor took {:.1f}% of the CPU time during the run; repeat it when the "
        "host is less busy.",
        about.steal_percent));
  }
}

}  // namespace gobench::results
