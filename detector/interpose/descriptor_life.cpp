// Descriptors are opened, duplicated and closed.
#include <fcntl.h>
#include <mqueue.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cstdarg>

#include "detector/interpose/blocking.hpp"
#include "detector/interpose/descriptors.hpp"
#include "detector/interpose/real.hpp"

namespace gobench::detector::interpose {

using namespace descriptors;

GOBENCH_REAL_TYPE(open, int(const char*, int, mode_t));
GOBENCH_REAL_TYPE(openat, int(int, const char*, int, mode_t));
GOBENCH_REAL(creat);
GOBENCH_REAL(close);
GOBENCH_REAL(dup);
GOBENCH_REAL(dup2);
GOBENCH_REAL(dup3);
GOBENCH_REAL_TYPE(fcntl, int(int, int, void*));
GOBENCH_REAL_TYPE(close_range, int(unsigned, unsigned, int));
GOBENCH_REAL_TYPE(closefrom, void(int));
GOBENCH_REAL(pipe);
GOBENCH_REAL(pipe2);
GOBENCH_REAL(eventfd);
GOBENCH_REAL(timerfd_create);
GOBENCH_REAL(signalfd);
GOBENCH_REAL(inotify_init);
GOBENCH_REAL(inotify_init1);
GOBENCH_REAL(epoll_create);
GOBENCH_REAL(epoll_create1);
GOBENCH_REAL(socket);
GOBENCH_REAL(socketpair);
GOBENCH_REAL(flock);

namespace {

// The variable argument is there only where a file may be made; reading it otherwise gives any value, which
// is not used.
mode_t mode_argument(int flags, va_list rest) noexcept {
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
}

int open_at(int folder, const char* path, int flags, mode_t mode) {
  return opened(cancellation_point([=] { return real_openat(folder, path, flags, mode); }));
}

}  // namespace

#define GOBENCH_OPEN(name)                                                           \
  GOBENCH_INTERPOSED(int, name, const char* path, int flags, ...) {                  \
    va_list rest;                                                                    \
    va_start(rest, flags);                                                           \
    const mode_t mode = mode_argument(flags, rest);                                  \
    va_end(rest);                                                                    \
    return opened(cancellation_point([=] { return real_open(path, flags, mode); })); \
  }
GOBENCH_OPEN(open)
GOBENCH_OPEN(open64)

#define GOBENCH_OPENAT(name)                                                    \
  GOBENCH_INTERPOSED(int, name, int folder, const char* path, int flags, ...) { \
    va_list rest;                                                               \
    va_start(rest, flags);                                                      \
    const mode_t mode = mode_argument(flags, rest);                             \
    va_end(rest);                                                               \
    return open_at(folder, path, flags, mode);                                  \
  }
GOBENCH_OPENAT(openat)
GOBENCH_OPENAT(openat64)

GOBENCH_INTERPOSED(int, creat, const char* path, mode_t mode) {
  return opened(real_creat(path, mode));
}

GOBENCH_INTERPOSED(int, close, int fd) {
  closing(fd);
  return cancellation_point([=] { return real_close(fd); });
}

GOBENCH_INTERPOSED(int, close_range, unsigned first, unsigned last, int flags) {
  constexpr unsigned beyond = 65536;
  if ((static_cast<unsigned>(flags) & CLOSE_RANGE_CLOEXEC) == 0)
    for (unsigned fd = first; fd <= last && fd < beyond; ++fd) closing(static_cast<int>(fd));
  return real_close_range(first, last, flags);
}

GOBENCH_INTERPOSED(int, dup, int fd) { return duplicated(fd, real_dup(fd)); }
GOBENCH_INTERPOSED(int, dup2, int fd, int to) {
  if (fd != to && real_fcntl(fd, F_GETFD, nullptr) != -1) closing(to);
  return duplicated(fd, real_dup2(fd, to));
}
GOBENCH_INTERPOSED(int, dup3, int fd, int to, int flags) {
  if (fd != to && real_fcntl(fd, F_GETFD, nullptr) != -1) closing(to);
  return duplicated(fd, real_dup3(fd, to, flags));
}

// Locks of an open file keep threads apart that opened it each for themselves.
static int control(int fd, int command, void* argument) {
  const bool locks = command == F_OFD_SETLK || command == F_OFD_SETLKW;
  const bool unlocks =
      locks && argument != nullptr && static_cast<struct flock*>(argument)->l_type == F_UNLCK;
  if (unlocks) written(fd);
  const int result = cancellation_point([=] { return real_fcntl(fd, command, argument); });
  if (command == F_DUPFD || command == F_DUPFD_CLOEXEC) return duplicated(fd, result);
  if (locks && !unlocks && result == 0) was_read(fd);
  return result;
}

#define GOBENCH_FCNTL(name)                                 \
  GOBENCH_INTERPOSED(int, name, int fd, int command, ...) { \
    va_list rest;                                           \
    va_start(rest, command);                                \
    void* argument = va_arg(rest, void*);                   \
    va_end(rest);                                           \
    return control(fd, command, argument);                  \
  }
GOBENCH_FCNTL(fcntl)
GOBENCH_FCNTL(fcntl64)

GOBENCH_INTERPOSED(int, flock, int fd, int operation) {
  if ((operation & LOCK_UN) != 0) written(fd);
  const int failed = real_flock(fd, operation);
  if (failed == 0 && (operation & LOCK_UN) == 0) was_read(fd);
  return failed;
}

GOBENCH_INTERPOSED(int, pipe, int* ends) {
  const int failed = real_pipe(ends);
  if (failed != 0) return failed;
  opened(ends[0]);
  opened(ends[1]);
  return failed;
}
GOBENCH_INTERPOSED(int, pipe2, int* ends, int flags) {
  const int failed = real_pipe2(ends, flags);
  if (failed != 0) return failed;
  opened(ends[0]);
  opened(ends[1]);
  return failed;
}

GOBENCH_INTERPOSED(int, eventfd, unsigned count, int flags) {
  return opened_alone(real_eventfd(count, flags));
}
GOBENCH_INTERPOSED(int, timerfd_create, clockid_t clock, int flags) {
  return opened_alone(real_timerfd_create(clock, flags));
}
GOBENCH_INTERPOSED(int, signalfd, int fd, const sigset_t* set, int flags) {
  const int made = real_signalfd(fd, set, flags);
  return fd == -1 ? opened_alone(made) : made;
}
GOBENCH_INTERPOSED(int, inotify_init, ) { return opened_alone(real_inotify_init()); }
GOBENCH_INTERPOSED(int, inotify_init1, int flags) {
  return opened_alone(real_inotify_init1(flags));
}
GOBENCH_INTERPOSED(int, epoll_create, int size) { return opened_alone(real_epoll_create(size)); }
GOBENCH_INTERPOSED(int, epoll_create1, int flags) {
  return opened_alone(real_epoll_create1(flags));
}

GOBENCH_INTERPOSED(int, socket, int domain, int type, int protocol) {
  return opened(real_socket(domain, type, protocol));
}
GOBENCH_INTERPOSED(int, socketpair, int domain, int type, int protocol, int* ends) {
  const int failed = real_socketpair(domain, type, protocol, ends);
  if (failed == 0) opened_pair(ends[0], ends[1]);
  return failed;
}

}  // namespace gobench::detector::interpose
