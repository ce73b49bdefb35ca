// Sleeping, and waiting for processes: nothing but cancellation points.
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>

#include "detector/explore/blocking_calls.hpp"
#include "detector/interpose/blocking.hpp"
#include "detector/interpose/real.hpp"

namespace gobench::detector::interpose {

GOBENCH_REAL(nanosleep);
GOBENCH_REAL(clock_nanosleep);
GOBENCH_REAL(usleep);
GOBENCH_REAL(sleep);
GOBENCH_REAL(wait);
GOBENCH_REAL(waitpid);
GOBENCH_REAL(waitid);

namespace {

constexpr long second = 1'000'000'000;

// What the kernel refuses is left to it.
bool sleeps_explored(const timespec* length) noexcept {
  return explore::controls() && length != nullptr && length->tv_sec >= 0 && length->tv_nsec >= 0 &&
         length->tv_nsec < second;
}

// 0, or EINTR and how long is left.
int explore_sleep(std::int64_t deadline, timespec* left, address pc) {
  explore::step(explore::operation::sleep, nullptr, pc);
  const int failed = explore::sleep_until(deadline, pc);
  if (failed != 0 && left != nullptr) {
    const std::int64_t rest = explore::time_until(deadline);
    *left = {static_cast<time_t>(rest / second), static_cast<long>(rest % second)};
  }
  return failed;
}

int returned(int failed) noexcept {
  if (failed == 0) return 0;
  errno = failed;
  return -1;
}

// In the terms of waitid.
int wanted(int options) noexcept {
  return WEXITED | (options & (WNOHANG | WCONTINUED)) | ((options & WUNTRACED) != 0 ? WSTOPPED : 0);
}

}  // namespace

GOBENCH_INTERPOSED(int, nanosleep, const timespec* length, timespec* left) {
  const address pc = GOBENCH_CALLER_PC();
  return cancellation_point([=] {
    if (!sleeps_explored(length)) return real_nanosleep(length, left);
    return returned(explore_sleep(explore::deadline_after(length), left, pc));
  });
}
GOBENCH_INTERPOSED(int, clock_nanosleep, clockid_t clock, int flags, const timespec* until,
                   timespec* left) {
  const address pc = GOBENCH_CALLER_PC();
  return cancellation_point([=] {
    if (!sleeps_explored(until)) return real_clock_nanosleep(clock, flags, until, left);
    const bool absolute = (flags & TIMER_ABSTIME) != 0;
    return explore_sleep(
        absolute ? explore::deadline_of(clock, until) : explore::deadline_after(until),
        absolute ? nullptr : left, pc);
  });
}
GOBENCH_INTERPOSED(int, usleep, useconds_t length) {
  const address pc = GOBENCH_CALLER_PC();
  return cancellation_point([=] {
    if (!explore::controls()) return real_usleep(length);
    const timespec time{static_cast<time_t>(length / 1'000'000),
                        static_cast<long>(length % 1'000'000) * 1'000};
    return returned(explore_sleep(explore::deadline_after(&time), nullptr, pc));
  });
}
GOBENCH_INTERPOSED(unsigned, sleep, unsigned seconds) {
  const address pc = GOBENCH_CALLER_PC();
  return cancellation_point([=] {
    if (!explore::controls()) return real_sleep(seconds);
    const timespec time{static_cast<time_t>(seconds), 0};
    timespec left{};
    explore_sleep(explore::deadline_after(&time), &left, pc);
    return static_cast<unsigned>(left.tv_sec + (left.tv_nsec != 0 ? 1 : 0));
  });
}
GOBENCH_INTERPOSED(pid_t, wait, int* status) {
  const address pc = GOBENCH_CALLER_PC();
  return cancellation_point(
      [=] { return explore::await_child(P_ALL, 0, WEXITED, pc) ? real_wait(status) : pid_t{-1}; });
}
GOBENCH_INTERPOSED(pid_t, waitpid, pid_t process, int* status, int options) {
  const address pc = GOBENCH_CALLER_PC();
  return cancellation_point([=] {
    const idtype_t what = process > 0 ? P_PID : process == -1 ? P_ALL : P_PGID;
    const auto which = static_cast<id_t>(process > 0 ? process : process == -1 ? 0 : -process);
    return explore::await_child(what, which, wanted(options), pc)
               ? real_waitpid(process, status, options)
               : pid_t{-1};
  });
}
GOBENCH_INTERPOSED(int, waitid, idtype_t what, id_t which, siginfo_t* about, int options) {
  const address pc = GOBENCH_CALLER_PC();
  return cancellation_point([=] {
    return explore::await_child(what, which, options, pc) ? real_waitid(what, which, about, options)
                                                          : -1;
  });
}

}  // namespace gobench::detector::interpose
