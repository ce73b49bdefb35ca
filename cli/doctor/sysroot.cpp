#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>
#include <system_error>

#include "cli/doctor/check.hpp"
#include "cli/values.hpp"

namespace gobench::cli::doctor {

std::filesystem::path sysroot::below(std::string_view path) const {
  return root_ / std::filesystem::path(path).relative_path();
}

std::optional<std::string> sysroot::read(std::string_view path) const {
  std::ifstream in(below(path));
  if (!in) return std::nullopt;
  std::ostringstream text;
  text << in.rdbuf();
  std::string all = text.str();
  while (!all.empty() && (all.back() == '\n' || all.back() == ' ')) all.pop_back();
  return all;
}

std::optional<std::int64_t> sysroot::number(std::string_view path) const {
  const auto text = read(path);
  if (!text) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  static_cast<void>(end);
  return error == std::errc() ? std::optional(value) : std::nullopt;
}

std::vector<std::string> sysroot::list(std::string_view path) const {
  std::vector<std::string> names;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(below(path), failed)) {
    names.push_back(entry.path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

std::vector<int> cpu_list(std::string_view text) {
  std::vector<int> cpus;
  for (const std::string& part : split(text)) {
    int first = 0;
    int last = 0;
    const char* end = part.data() + part.size();
    const auto [dash, error] = std::from_chars(part.data(), end, first);
    if (error != std::errc()) continue;
    last = first;
    if (dash != end && *dash == '-') std::from_chars(dash + 1, end, last);
    for (int cpu = first; cpu <= last; ++cpu) cpus.push_back(cpu);
  }
  return cpus;
}

std::vector<std::string> words(std::string_view line) {
  std::istringstream in{std::string(line)};
  std::vector<std::string> found;
  for (std::string word; in >> word;) found.push_back(word);
  return found;
}

std::optional<std::string> line_after(std::string_view text, std::string_view prefix) {
  std::istringstream in{std::string(text)};
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(prefix)) return line.substr(prefix.size());
  }
  return std::nullopt;
}

// Lines of /proc/self/cgroup: "0::/path" for version 2, "4:cpu,cpuacct:/path" for version 1.
std::vector<control_group> control_groups(const sysroot& machine, std::string_view controller) {
  std::vector<control_group> groups;
  const std::string text = machine.read("/proc/self/cgroup").value_or("");
  for (const std::string& line : split(text, '\n')) {
    const std::vector<std::string> parts = split(line, ':');
    if (parts.size() < 3) continue;
    const std::string& path = parts[2];
    if (parts[0] == "0" && parts[1].empty()) {
      groups.push_back({2, "/sys/fs/cgroup", path});
      continue;
    }
    const std::vector<std::string> controllers = split(parts[1]);
    if (std::ranges::find(controllers, controller) == controllers.end()) continue;
    groups.push_back({1, "/sys/fs/cgroup/" + std::string(controller), path});
  }
  return groups;
}

std::vector<std::string> directories_of(const control_group& group) {
  std::vector<std::string> directories;
  std::string path = group.path;
  while (path.size() > 1) {
    directories.push_back(group.mount + path);
    path.resize(path.find_last_of('/'));
  }
  directories.push_back(group.mount);
  return directories;
}

std::vector<diagnosis> examine(const sysroot& machine) {
  std::vector<diagnosis> all;
  const auto add = [&](std::vector<diagnosis> some) {
    for (diagnosis& one : some) all.push_back(std::move(one));
  };
  add(check_build());
  add(check_cpu(machine));
  add(check_share(machine));
  add(check_memory(machine));
  add(check_threads(machine));
  add(check_store(machine));
  return all;
}

}  // namespace gobench::cli::doctor
