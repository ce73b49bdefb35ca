// Waiting for what others than threads of the program may bring: descriptors, children.
//
// A thread is a candidate once the kernel says that its call would not block. So what is written and read inside of the
// process happens as the strategy decides, and only what comes from outside does not.
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "detector/explore/blocking_calls.hpp"
#include "detector/interpose/real.hpp"

namespace gobench::detector::explore {

GOBENCH_REAL(pthread_testcancel);
GOBENCH_REAL(write);

namespace {

long poll_now(pollfd* polled, nfds_t count) noexcept {
  timespec none{};
  return syscall(SYS_ppoll, polled, count, &none, nullptr, 0);
}

struct polled_set {
  pollfd* polled;
  nfds_t count;
};

bool some_are_ready(void* about) noexcept {
  const auto& set = *static_cast<polled_set*>(about);
  return poll_now(set.polled, set.count) != 0;  // an error is for the caller as well
}

bool blocks(int fd) noexcept {
  const long flags = syscall(SYS_fcntl, fd, F_GETFL);
  return flags >= 0 && (flags & O_NONBLOCK) == 0;
}

struct child_query {
  idtype_t what;
  id_t which;
  int options;
};

bool child_is_there(void* about) noexcept {
  const auto& query = *static_cast<child_query*>(about);
  siginfo_t found{};
  const long failed = syscall(SYS_waitid, query.what, query.which, &found,
                              query.options | WNOHANG | WNOWAIT, nullptr);
  return failed != 0 || found.si_pid != 0;
}

bool wait_for_it(const wait_for& how, const probe& by) {
  real_pthread_testcancel();
  const wait_end end = wait_until_ready(how, by);
  if (end != wait_end::interrupted) return true;
  real_pthread_testcancel();
  errno = EINTR;
  return false;
}

}  // namespace

bool await(int fd, short events, address pc) {
  if (!controls()) return true;
  const auto* const object = reinterpret_cast<const void*>(static_cast<std::intptr_t>(fd));
  step(operation::descriptor, object, pc);
  if (!blocks(fd)) return true;
  pollfd one{fd, events, 0};
  if (poll_now(&one, 1) != 0) return true;
  polled_set set{&one, 1};
  return wait_for_it({.key = nullptr,
                      .what = operation::descriptor,
                      .then = operation::descriptor,
                      .then_object = object,
                      .interruptible = true,
                      .pc = pc},
                     {&some_are_ready, &set, &one, 1});
}

ssize_t write_all(int fd, const void* bytes, std::size_t size, address pc) {
  struct stat about {};
  // Only a pipe takes less than it is given and then waits; sockets are polled with a margin of their own.
  if (size <= PIPE_BUF || !blocks(fd) || syscall(SYS_fstat, fd, &about) != 0 ||
      (!S_ISFIFO(about.st_mode) && !S_ISSOCK(about.st_mode)))
    return await(fd, POLLOUT, pc) ? real_write(fd, bytes, size) : -1;
  std::size_t done = 0;
  while (done != size) {
    if (!await(fd, POLLOUT, pc)) return done == 0 ? -1 : static_cast<ssize_t>(done);
    const std::size_t piece = std::min<std::size_t>(size - done, PIPE_BUF);
    const ssize_t got = real_write(fd, static_cast<const char*>(bytes) + done, piece);
    if (got < 0) return done == 0 ? -1 : static_cast<ssize_t>(done);
    done += static_cast<std::size_t>(got);
  }
  return static_cast<ssize_t>(size);
}

int poll_descriptors(pollfd* polled, nfds_t count, std::int64_t deadline, address pc) {
  const auto* const object = reinterpret_cast<const void*>(
      count == 0 ? std::intptr_t{-1} : static_cast<std::intptr_t>(polled[0].fd));
  step(operation::descriptor, object, pc);
  long ready = poll_now(polled, count);
  if (ready == 0 && deadline > 0) {
    polled_set set{polled, count};
    if (!wait_for_it({.key = nullptr,
                      .what = operation::descriptor,
                      .then = operation::descriptor,
                      .then_object = object,
                      .deadline = deadline,
                      .interruptible = true,
                      .pc = pc},
                     {&some_are_ready, &set, polled, count}))
      return -1;
    ready = poll_now(polled, count);
  }
  return static_cast<int>(ready);
}

bool await_child(idtype_t what, id_t which, int options, address pc) {
  if (!controls()) return true;
  step(operation::other, nullptr, pc);
  if ((options & WNOHANG) != 0) return true;
  child_query query{what, which, options & (WEXITED | WSTOPPED | WCONTINUED)};
  if (child_is_there(&query)) return true;
  return wait_for_it({.key = nullptr,
                      .what = operation::other,
                      .then = operation::other,
                      .then_object = nullptr,
                      .interruptible = true,
                      .pc = pc},
                     {&child_is_there, &query});
}

}  // namespace gobench::detector::explore
