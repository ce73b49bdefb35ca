#include "suites/child.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <fstream>
#include <system_error>
#include <utility>

namespace gobench::suites {

namespace {

// What was thrown, sent in front of the report; empty when nothing was.
using failure = std::array<char, 256>;

class pipe_of_child {
 public:
  pipe_of_child() {
    if (::pipe(ends_.data()) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  }
  pipe_of_child(const pipe_of_child&) = delete;
  pipe_of_child& operator=(const pipe_of_child&) = delete;
  ~pipe_of_child() {
    close_end(0);
    close_end(1);
  }

  int in() const { return ends_[1]; }
  void close_end(std::size_t end) {
    if (ends_[end] >= 0) ::close(std::exchange(ends_[end], -1));
  }
  // Up to `most` bytes, until nobody can write any more.
  std::string all(std::size_t most) {
    close_end(1);
    std::string text;
    std::array<char, 4096> some;
    for (;;) {
      const ssize_t got = ::read(ends_[0], some.data(), some.size());
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return text;
      if (text.size() < most) text.append(some.data(), static_cast<std::size_t>(got));
    }
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

bool write_all(int to, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(to, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  return true;
}

[[noreturn]] void be_the_child(std::span<const std::byte> report, const std::function<void()>& work,
                               int to) {
  failure thrown{};
  try {
    work();
  } catch (const std::exception& error) {
    std::strncpy(thrown.data(), error.what(), thrown.size() - 1);
  }
  std::fflush(nullptr);
  const bool told = write_all(to, std::as_bytes(std::span(thrown))) && write_all(to, report);
  ::_exit(told ? 0 : 1);
}

}  // namespace

child_end in_a_child(std::span<std::byte> report, const std::function<void()>& work,
                     child_stderr errors) {
  pipe_of_child reports;
  pipe_of_child said;
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (child == 0) {
    if (errors == child_stderr::taken) ::dup2(said.in(), STDERR_FILENO);
    be_the_child(report, work, reports.in());
  }
  child_end end;
  // Each of them is far below what a pipe holds, so it does not matter which is read first.
  reports.close_end(1);
  end.said = said.all(std::size_t{64} << 10);
  const std::string told = reports.all(sizeof(failure) + report.size());
  while (::waitpid(child, &end.status, 0) < 0 && errno == EINTR) {
  }
  if (told.size() < sizeof(failure)) return end;
  failure thrown;
  std::memcpy(thrown.data(), told.data(), sizeof thrown);
  if (thrown[0] != '\0') throw std::system_error(EAGAIN, std::generic_category(), thrown.data());
  if (told.size() != sizeof(failure) + report.size()) return end;
  if (!report.empty()) std::memcpy(report.data(), told.data() + sizeof thrown, report.size());
  end.reported = true;
  return end;
}

double status_bytes(const std::string& field) {
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(field + ":")) return std::stod(line.substr(field.size() + 1)) * 1024;
  }
  return 0;
}

}  // namespace gobench::suites
