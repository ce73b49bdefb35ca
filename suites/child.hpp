// Samples that are taken in a process of their own: because memory kept from an earlier one would hide what
// is measured, or because the process is to end in the way that is measured.
//
// The child is a fork of a process in which nothing runs: to be called between runs only.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <stdexcept>
#include <string>
#include <type_traits>

namespace gobench::suites {

#if defined(GOBENCH_FLAVOUR_TSAN)
inline constexpr bool has_children = false;  // ThreadSanitizer allows no threads after a fork
#else
inline constexpr bool has_children = true;
#endif

struct child_end {
  bool reported = false;  // the report was written
  int status = 0;         // as waitpid() tells it
  std::string said;       // to stderr; empty unless asked for
};

enum class child_stderr : bool { passed_on, taken };

// Calls work() in a child, which fills the report there; the parent gets it. Throws std::system_error when there
// is no process to be had, and with its message what work() has thrown.
child_end in_a_child(std::span<std::byte> report, const std::function<void()>& work,
                     child_stderr errors = child_stderr::passed_on);

// What work() returns in a child, or here where there can be none. Throws, as well, std::runtime_error when the
// child has ended early.
template <class Work>
auto report_of_a_child(Work work) {
  using report = std::invoke_result_t<Work>;
  static_assert(std::is_trivially_copyable_v<report>, "it goes through a pipe");
  if constexpr (!has_children) {
    return work();
  } else {
    report made{};
    if (!in_a_child(std::as_writable_bytes(std::span(&made, 1)), [&] { made = work(); }).reported) {
      throw std::runtime_error(
          "the process with the tasks has ended early, perhaps for want of memory");
    }
    return made;
  }
}

// A field of /proc/self/status in bytes: VmRSS is main memory, VmPTE page tables, VmSize address space.
double status_bytes(const std::string& field);

}  // namespace gobench::suites
