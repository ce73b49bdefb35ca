#include "suites/parking.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <type_traits>

namespace gobench::suites {

namespace {

#if defined(GOBENCH_FLAVOUR_TSAN)
constexpr bool in_a_child = false;  // ThreadSanitizer allows no threads after a fork
#else
constexpr bool in_a_child = true;
#endif

// A field of /proc/self/status in bytes.
double status_bytes(const std::string& field) {
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(field + ":")) return std::stod(line.substr(field.size() + 1)) * 1024;
  }
  return 0;
}

// What the child tells its parent.
struct report {
  parking made;
  std::array<char, 256> failure{};  // what was thrown; empty when nothing was
};
static_assert(std::is_trivially_copyable_v<report>);

parking from_a_child(const point& where, parking (*park)(const point&)) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child < 0) {
    const int refused = errno;
    ::close(ends[0]);
    ::close(ends[1]);
    throw std::system_error(refused, std::generic_category(), "fork");
  }
  if (child == 0) {
    report made;
    try {
      made.made = park(where);
    } catch (const std::exception& error) {
      std::strncpy(made.failure.data(), error.what(), made.failure.size() - 1);
    }
    // A report is far below what a pipe moves as a whole.
    const bool told = ::write(ends[1], &made, sizeof made) == sizeof made;
    ::_exit(told ? 0 : 1);
  }
  ::close(ends[1]);
  report made;
  ssize_t got = 0;
  do {
    got = ::read(ends[0], &made, sizeof made);
  } while (got < 0 && errno == EINTR);
  ::close(ends[0]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (got != sizeof made) {
    throw std::runtime_error(
        "the process with the tasks has ended early, perhaps for want of memory");
  }
  if (made.failure[0] != '\0') {
    throw std::system_error(EAGAIN, std::generic_category(), made.failure.data());
  }
  return made.made;
}

}  // namespace

void parking::begin() {
  resident_bytes_ = status_bytes("VmRSS");
  table_bytes_ = status_bytes("VmPTE");
  all_.start();
}

void parking::all_are_parked() {
  creating_.stop();
  resident_bytes_ = (status_bytes("VmRSS") - resident_bytes_) / tasks_;
  table_bytes_ = (status_bytes("VmPTE") - table_bytes_) / tasks_;
}

void parking::end(std::uint64_t woken) {
  all_.stop();
  woken_ = woken;
}

measurement parking::taken() const {
  const auto tasks = static_cast<std::uint64_t>(tasks_);
  measurement made = all_.taken(tasks);
  made.metrics.set("create_ns", creating_.taken(tasks).seconds * 1e9 / tasks_);
  made.metrics.set("resident_bytes", resident_bytes_);
  made.metrics.set("table_bytes", table_bytes_);
  made.result = proof::equal("the number of tasks woken", woken_, tasks);
  return made;
}

measurement park_in_a_child(const point& where, parking (*park)(const point&)) {
  return (in_a_child ? from_a_child(where, park) : park(where)).taken();
}

}  // namespace gobench::suites
