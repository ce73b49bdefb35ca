// What `gobench doctor` looks at: facts of the machine that spoil a measurement or limit it.
//
// A check reads files below a root, which is "/" but for tests (GOBENCH_SYSROOT=DIR reads DIR/proc/...
// and DIR/sys/...), and says what it found, what that does to a measurement, and what to do.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gobench::cli::doctor {

enum class mark { ok, warning };

struct diagnosis {
  std::string name;  // one word: governor
  mark state = mark::ok;
  std::string found = {};   // "powersave on 2 CPUs"
  std::string effect = {};  // what it does to a measurement: a sentence
  std::string advice = {};  // what to do: a sentence; empty when there is nothing to do
};

// The files of a machine.
class sysroot {
 public:
  explicit sysroot(std::filesystem::path root = "/") : root_(std::move(root)) {}

  // The content without the newline at its end; nothing when it cannot be read.
  std::optional<std::string> read(std::string_view path) const;
  std::optional<std::int64_t> number(std::string_view path) const;
  // Names in a directory, sorted; empty when there is none.
  std::vector<std::string> list(std::string_view path) const;
  bool real() const { return root_ == "/"; }
  // What to put before an absolute path: empty for the real machine.
  std::string prefix() const { return real() ? std::string() : root_.string(); }

 private:
  std::filesystem::path below(std::string_view path) const;
  std::filesystem::path root_;
};

// Groups of checks, one file each.
std::vector<diagnosis> check_build();
std::vector<diagnosis> check_cpu(const sysroot& machine);
std::vector<diagnosis> check_share(const sysroot& machine);
std::vector<diagnosis> check_memory(const sysroot& machine);
std::vector<diagnosis> check_threads(const sysroot& machine);
// Nothing where no run was saved yet.
std::vector<diagnosis> check_store(const sysroot& machine);

// All of them, in the order in which they are shown.
std::vector<diagnosis> examine(const sysroot& machine);

// "0-3,8" -> {0, 1, 2, 3, 8}. What is not a number is left out.
std::vector<int> cpu_list(std::string_view text);

// A line of /proc/self/limits or /proc/self/status: the words after the name.
std::vector<std::string> words(std::string_view line);
std::optional<std::string> line_after(std::string_view text, std::string_view prefix);

// The directory of this process's control group for a controller, from the mount point down; empty when
// there is none. `version` is 1 or 2.
struct control_group {
  int version = 0;
  std::string mount;  // /sys/fs/cgroup or /sys/fs/cgroup/cpu
  std::string path;   // below it, beginning with /
};
std::vector<control_group> control_groups(const sysroot& machine, std::string_view controller);

// From the process's group up to the root of the hierarchy.
std::vector<std::string> directories_of(const control_group& group);

}  // namespace gobench::cli::doctor
