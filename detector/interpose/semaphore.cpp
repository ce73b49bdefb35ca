// POSIX semaphores, named ones as well: one name has one address in a process.
#include <semaphore.h>

#include <ctime>

#include "detector/blocking/blocking.hpp"
#include "detector/explore/blocking_calls.hpp"
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
  explore::step(explore::operation::wait, semaphore, pc);
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
  const address pc = GOBENCH_CALLER_PC();
  return wait(semaphore, false, pc, [=] {
    return explore::controls() ? explore::semaphore_wait(semaphore, explore::never, pc)
                               : real_sem_wait(semaphore);
  });
}

GOBENCH_INTERPOSED(int, sem_trywait, sem_t* semaphore) {
  explore::step(explore::operation::try_lock, semaphore, GOBENCH_CALLER_PC());
  const int failed = real_sem_trywait(semaphore);
  if (failed == 0 && !is_internal()) acquire(semaphore);
  return failed;
}

GOBENCH_INTERPOSED(int, sem_timedwait, sem_t* semaphore, const timespec* until) {
  const address pc = GOBENCH_CALLER_PC();
  return wait(semaphore, true, pc, [=] {
    return explore::controls()
               ? explore::semaphore_wait(semaphore, explore::deadline_of(CLOCK_REALTIME, until), pc)
               : real_sem_timedwait(semaphore, until);
  });
}

GOBENCH_INTERPOSED(int, sem_clockwait, sem_t* semaphore, clockid_t clock, const timespec* until) {
  const address pc = GOBENCH_CALLER_PC();
  return wait(semaphore, true, pc, [=] {
    return explore::controls()
               ? explore::semaphore_wait(semaphore, explore::deadline_of(clock, until), pc)
               : real_sem_clockwait(semaphore, clock, until);
  });
}

GOBENCH_INTERPOSED(int, sem_post, sem_t* semaphore) {
  explore::step(explore::operation::signal, semaphore, GOBENCH_CALLER_PC());
  if (!is_internal()) release_merge(semaphore);
  const int failed = real_sem_post(semaphore);
  explore::wake_all(semaphore);
  return failed;
}

// Who sees a count knows of the posts that made it.
GOBENCH_INTERPOSED(int, sem_getvalue, sem_t* semaphore, int* value) {
  const int failed = real_sem_getvalue(semaphore, value);
  if (failed == 0 && !is_internal()) acquire(semaphore);
  return failed;
}

}  // namespace gobench::detector::interpose
