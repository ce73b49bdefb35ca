// POSIX semaphores, named ones as well: one name has one address in a process.
#include <semaphore.h>

#include <ctime>

#include "detector/blocking/blocking.hpp"
#include "detector/interpose/blocking.hpp"
#include "detector/interpose/real.hpp"

namespace gobench::detector::interpose {

GOBENCH_REAL(sem_init);
GOBENCH_REAL(sem_destroy);
GOBENCH_REAL(sem_wait);
GOBENCH_REAL(sem_trywait);
GOBENCH_REAL(sem_timedwait);
GOBENCH_REAL(sem_clockwait);
GOBENCH_REAL(sem_post);
GOBENCH_REAL(sem_getvalue);

namespace {

template <typename Wait>
int wait(sem_t* semaphore, bool timed, address pc, Wait real_wait) {
  if (is_internal()) return real_wait();
  int failed = 0;
  {
    const blocking::wait_scope waiting{blocking::wait_kind::semaphore, semaphore, pc, timed};
    failed = cancellation_point(real_wait);
  }
  if (failed == 0) acquire(semaphore);
  return failed;
}

}  // namespace

GOBENCH_INTERPOSED(int, sem_init, sem_t* semaphore, int shared, unsigned value) {
  if (!is_internal()) forget_object(semaphore);
  return real_sem_init(semaphore, shared, value);
}

GOBENCH_INTERPOSED(int, sem_destroy, sem_t* semaphore) {
  if (!is_internal()) forget_object(semaphore);
  return real_sem_destroy(semaphore);
}

GOBENCH_INTERPOSED(int, sem_wait, sem_t* semaphore) {
  return wait(semaphore, false, GOBENCH_CALLER_PC(), [=] { return real_sem_wait(semaphore); });
}

GOBENCH_INTERPOSED(int, sem_trywait, sem_t* semaphore) {
  const int failed = real_sem_trywait(semaphore);
  if (failed == 0 && !is_internal()) acquire(semaphore);
  return failed;
}

GOBENCH_INTERPOSED(int, sem_timedwait, sem_t* semaphore, const timespec* until) {
  return wait(semaphore, true, GOBENCH_CALLER_PC(),
              [=] { return real_sem_timedwait(semaphore, until); });
}

GOBENCH_INTERPOSED(int, sem_clockwait, sem_t* semaphore, clockid_t clock, const timespec* until) {
  return wait(semaphore, true, GOBENCH_CALLER_PC(),
              [=] { return real_sem_clockwait(semaphore, clock, until); });
}

GOBENCH_INTERPOSED(int, sem_post, sem_t* semaphore) {
  if (!is_internal()) release_merge(semaphore);
  return real_sem_post(semaphore);
}

// Who sees a count knows of the posts that made it.
GOBENCH_INTERPOSED(int, sem_getvalue, sem_t* semaphore, int* value) {
  const int failed = real_sem_getvalue(semaphore, value);
  if (failed == 0 && !is_internal()) acquire(semaphore);
  return failed;
}

}  // namespace gobench::detector::interpose
