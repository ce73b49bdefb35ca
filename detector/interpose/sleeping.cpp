// Sleeping, and waiting for processes: nothing but cancellation points.
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

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

GOBENCH_INTERPOSED(int, nanosleep, const timespec* length, timespec* left) {
  return cancellation_point([=] { return real_nanosleep(length, left); });
}
GOBENCH_INTERPOSED(int, clock_nanosleep, clockid_t clock, int flags, const timespec* until,
                   timespec* left) {
  return cancellation_point([=] { return real_clock_nanosleep(clock, flags, until, left); });
}
GOBENCH_INTERPOSED(int, usleep, useconds_t length) {
  return cancellation_point([=] { return real_usleep(length); });
}
GOBENCH_INTERPOSED(unsigned, sleep, unsigned seconds) {
  return cancellation_point([=] { return real_sleep(seconds); });
}
GOBENCH_INTERPOSED(pid_t, wait, int* status) {
  return cancellation_point([=] { return real_wait(status); });
}
GOBENCH_INTERPOSED(pid_t, waitpid, pid_t process, int* status, int options) {
  return cancellation_point([=] { return real_waitpid(process, status, options); });
}
GOBENCH_INTERPOSED(int, waitid, idtype_t what, id_t which, siginfo_t* about, int options) {
  return cancellation_point([=] { return real_waitid(what, which, about, options); });
}

}  // namespace gobench::detector::interpose
