#include "cli/claims/timed_run.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <system_error>

#include "cli/child_process.hpp"

namespace gobench::cli::claims {

namespace {

using clock = std::chrono::steady_clock;
constexpr int grace_seconds = 3;

struct descriptor {
  int number = -1;
  ~descriptor() { close(); }
  void close() {
    if (number >= 0) ::close(number);
    number = -1;
  }
};

// Reads until the other end is closed by all, or the program has ended and nothing more is there; false when the time
// is over. A program that goes on below the one we wait for keeps its end open and is not waited for.
bool read_until(clock::time_point deadline, int from, child_process& child, std::string& to) {
  std::array<char, 4096> room{};
  for (;;) {
    pollfd ready{from, POLLIN, 0};
    const bool ended = child.ended().has_value();
    const int got = ::poll(&ready, 1, ended ? 0 : 20);
    if (got > 0) {
      const ssize_t count = ::read(from, room.data(), room.size());
      if (count > 0) {
        to.append(room.data(), static_cast<std::size_t>(count));
        continue;
      }
      if (count == 0) {
        if (ended) return true;
        ::usleep(2000);  // it has closed its streams and goes on
      }
    } else if (ended) {
      return true;
    }
    if (clock::now() >= deadline) return false;
  }
}

}  // namespace

timed_run run_timed(const std::vector<std::string>& words, int seconds) {
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    throw std::system_error(errno, std::generic_category(), "a pipe");
  descriptor out{ends[0]};
  descriptor in_child{ends[1]};
  const descriptor nothing{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
  timed_run made;
  child_process child({.path = words.front(),
                       .arguments = words,
                       .environment = {},
                       .in = nothing.number,
                       .out = in_child.number,
                       .err = in_child.number,
                       .directory = {}});
  in_child.close();
  if (!read_until(clock::now() + std::chrono::seconds(seconds), out.number, child, made.output)) {
    made.timed_out = true;
    ::kill(child.id(), SIGTERM);
    if (!read_until(clock::now() + std::chrono::seconds(grace_seconds), out.number, child,
                    made.output))
      ::kill(child.id(), SIGKILL);
  }
  made.code = child.wait().code();
  return made;
}

}  // namespace gobench::cli::claims
