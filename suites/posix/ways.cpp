#include "suites/posix/ways.hpp"

#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "suites/limited_cpus.hpp"
#include "suites/round_trips.hpp"
#include "suites/stopwatch.hpp"

namespace gobench::suites::posix {

namespace {

[[noreturn]] void refuse(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

double cpu_of_children() {
  rusage used{};
  ::getrusage(RUSAGE_CHILDREN, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

}  // namespace

descriptors::~descriptors() {
  std::array<int, 4> ends = {there_[0], there_[1], back_[0], back_[1]};
  std::ranges::sort(ends);  // one that serves both directions is closed once
  for (std::size_t i = 0; i < ends.size(); ++i) {
    if (ends[i] >= 0 && (i == 0 || ends[i] != ends[i - 1])) ::close(ends[i]);
  }
}

// A number is far below what these move as a whole.
void descriptors::write_number(int to, std::uint64_t number) {
  while (::write(to, &number, sizeof number) != sizeof number) {
    if (errno != EINTR) refuse("write of a number");
  }
}

std::uint64_t descriptors::read_number(int from) {
  std::uint64_t number = 0;
  while (::read(from, &number, sizeof number) != sizeof number) {
    if (errno != EINTR) refuse("read of a number");
  }
  return number;
}

pipes::pipes() {
  if (::pipe(there_.data()) != 0 || ::pipe(back_.data()) != 0) refuse("pipe");
}

sockets::sockets() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0) refuse("socketpair");
  there_ = {ends[0], ends[1]};
  back_ = {ends[1], ends[0]};
}

eventfds::eventfds() {
  there_.fill(::eventfd(0, 0));
  back_.fill(::eventfd(0, 0));
  if (there_[0] < 0 || back_[0] < 0) refuse("eventfd");
}

measurement ask_a_child(descriptors& way, const point& where, std::uint64_t round_trips) {
  const limited_cpus cpus(where.procs);
  const double children = cpu_of_children();
  const pid_t child = ::fork();
  if (child < 0) refuse("fork");
  if (child == 0) {
    for (std::uint64_t i = 0; i < round_trips; ++i) way.echo();
    ::_exit(0);
  }
  stopwatch watch;
  watch.start();
  std::uint64_t sum = 0;
  for (std::uint64_t i = 0; i < round_trips; ++i) sum += way.ask(i);
  watch.stop();
  while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  measurement taken = watch.taken(round_trips);
  taken.cpu_seconds += cpu_of_children() - children;
  taken.result = proof::equal("the sum of the answers", sum, answers(round_trips));
  return taken;
}

}  // namespace gobench::suites::posix
