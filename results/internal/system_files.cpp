#include "results/internal/system_files.hpp"

#include <charconv>
#include <cmath>
#include <fstream>
#include <set>
#include <sstream>
#include <system_error>
#include <vector>

namespace gobench::results::internal {

namespace {

namespace fs = std::filesystem;

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// Nothing that is not a whole number counts as one.
template <class Number>
bool parse(const std::string& text, Number& number) {
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && stop == end && !text.empty();
}

// Calls `each(key, value)` for every line `key : value`.
template <class F>
void for_each_field(const fs::path& file, F each) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const auto colon = line.find(':');
    if (colon != std::string::npos)
      each(trimmed(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
  }
}

// `max 100000` or `150000 100000`.
double quota_v2(const std::string& line) {
  std::istringstream words(line);
  std::string quota;
  std::string period;
  words >> quota >> period;
  std::uint64_t allowed = 0;
  std::uint64_t of = 0;
  if (!parse(quota, allowed) || !parse(period, of) || of == 0) return not_measured;
  return static_cast<double>(allowed) / static_cast<double>(of);
}

double quota_v1(const fs::path& group) {
  std::int64_t allowed = 0;
  std::int64_t of = 0;
  if (!parse(first_line(group / "cpu.cfs_quota_us"), allowed) || allowed <= 0) return not_measured;
  if (!parse(first_line(group / "cpu.cfs_period_us"), of) || of <= 0) return not_measured;
  return static_cast<double>(allowed) / static_cast<double>(of);
}

// Smallest of `quota(group)` from `below / path` up to `below`. In a container the path is that of the
// host, which does not exist below its own mount; then only the top counts, which is the container's.
template <class F>
double smallest_quota(const fs::path& below, const std::string& path, F quota) {
  double smallest = not_measured;
  fs::path relative = fs::path(path).relative_path();
  while (true) {
    const double one = quota(below / relative);
    if (!std::isnan(one)) smallest = std::isnan(smallest) ? one : std::fmin(smallest, one);
    if (relative.empty()) return smallest;
    relative = relative.parent_path();
  }
}

}  // namespace

std::string first_line(const fs::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return trimmed(line);
}

std::string field_of(const fs::path& file, const std::string& key) {
  std::string found;
  for_each_field(file, [&](const std::string& name, const std::string& content) {
    if (found.empty() && name == key) found = content;
  });
  return found;
}

int cpus_in_list(const std::string& list) {
  int count = 0;
  std::istringstream parts(list);
  for (std::string part; std::getline(parts, part, ',');) {
    const auto dash = part.find('-');
    int first = 0;
    int last = 0;
    if (!parse(part.substr(0, dash), first)) return 0;
    if (dash == std::string::npos) {
      last = first;
    } else if (!parse(part.substr(dash + 1), last)) {
      return 0;
    }
    if (last < first) return 0;
    count += last - first + 1;
  }
  return count;
}

int physical_cores(const fs::path& cpuinfo) {
  std::set<std::pair<std::string, std::string>> cores;
  std::string package;
  for_each_field(cpuinfo, [&](const std::string& name, const std::string& content) {
    if (name == "physical id") package = content;
    if (name == "core id") cores.emplace(package, content);
  });
  return static_cast<int>(cores.size());
}

std::string governor(const fs::path& root) {
  std::string found;
  std::error_code error;
  fs::directory_iterator cpu(root / "sys/devices/system/cpu", error);
  for (; !error && cpu != fs::directory_iterator(); cpu.increment(error)) {
    const std::string here = first_line(cpu->path() / "cpufreq/scaling_governor");
    if (here.empty()) continue;
    if (!found.empty() && found != here) return "mixed";
    found = here;
  }
  return found;
}

std::string turbo(const fs::path& root) {
  const fs::path cpus = root / "sys/devices/system/cpu";
  const std::string off = first_line(cpus / "intel_pstate/no_turbo");
  if (!off.empty()) return off == "0" ? "on" : "off";
  const std::string on = first_line(cpus / "cpufreq/boost");
  if (!on.empty()) return on == "0" ? "off" : "on";
  return "";
}

double cgroup_cpus(const fs::path& root) {
  const fs::path mounts = root / "sys/fs/cgroup";
  double smallest = not_measured;
  std::ifstream in(root / "proc/self/cgroup");
  // Lines `id:controllers:path`; version 2 has no controllers there.
  for (std::string line; std::getline(in, line);) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const std::string path = trimmed(line.substr(second + 1));
    double here = not_measured;
    if (controllers == ",,") {
      here = smallest_quota(mounts, path, [](const fs::path& group) {
        return quota_v2(first_line(group / "cpu.max"));
      });
    } else if (controllers.find(",cpu,") != std::string::npos) {
      std::error_code error;
      const fs::path mount =
          fs::exists(mounts / "cpu", error) ? mounts / "cpu" : mounts / "cpu,cpuacct";
      here = smallest_quota(mount, path, quota_v1);
    }
    if (!std::isnan(here)) smallest = std::isnan(smallest) ? here : std::fmin(smallest, here);
  }
  return smallest;
}

cpu_ticks ticks(const fs::path& root) {
  // cpu user nice system idle iowait irq softirq steal guest guest_nice; the guests' time is part of
  // user and nice already.
  std::istringstream words(first_line(root / "proc/stat"));
  std::string word;
  words >> word;
  cpu_ticks found;
  if (word != "cpu") return found;
  for (int column = 0; column < 8 && words >> word; ++column) {
    std::uint64_t spent = 0;
    if (!parse(word, spent)) return {};
    found.total += spent;
    if (column == 3 || column == 4) found.idle += spent;
    if (column == 7) found.steal = spent;
  }
  return found;
}

}  // namespace gobench::results::internal
