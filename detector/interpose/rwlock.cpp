// Read-write locks.
#include <pthread.h>

#include <cerrno>
#include <ctime>

#include "detector/blocking/blocking.hpp"
#include "detector/interpose/real.hpp"

namespace gobench::detector::interpose {

GOBENCH_REAL(pthread_rwlock_init);
GOBENCH_REAL(pthread_rwlock_destroy);
GOBENCH_REAL(pthread_rwlock_rdlock);
GOBENCH_REAL(pthread_rwlock_tryrdlock);
GOBENCH_REAL(pthread_rwlock_timedrdlock);
GOBENCH_REAL(pthread_rwlock_clockrdlock);
GOBENCH_REAL(pthread_rwlock_wrlock);
GOBENCH_REAL(pthread_rwlock_trywrlock);
GOBENCH_REAL(pthread_rwlock_timedwrlock);
GOBENCH_REAL(pthread_rwlock_clockwrlock);
GOBENCH_REAL(pthread_rwlock_unlock);

namespace {

// A reader may read-lock again, which is no double lock.
constexpr unsigned reader = lock_shared | lock_recursive;
constexpr unsigned writer = lock_exclusive;

// The real call blocks; `timed`: until then.
template <typename Try, typename Lock>
int waited_for(pthread_rwlock_t* lock, unsigned mode, bool timed, address pc, Try& real_try,
               Lock real_lock) {
  if (is_internal()) return real_lock();
  int failed = real_try(lock);
  // As deep as readers go is told apart from "somebody writes" by the real call only.
  if (failed == EBUSY || failed == EAGAIN) {
    const blocking::wait_scope waiting{
        mode == writer ? blocking::wait_kind::write_lock : blocking::wait_kind::read_lock, lock, pc,
        timed};
    failed = real_lock();
  }
  if (failed == 0) lock_acquired(lock, timed ? mode | lock_tried : mode, pc);
  return failed;
}

template <typename Lock>
int locked(pthread_rwlock_t* lock, unsigned mode, address pc, Lock real_lock) {
  const int failed = real_lock();
  if (failed == 0 && !is_internal()) lock_acquired(lock, mode | lock_tried, pc);
  return failed;
}

}  // namespace

GOBENCH_INTERPOSED(int, pthread_rwlock_init, pthread_rwlock_t* lock,
                   const pthread_rwlockattr_t* attributes) {
  const int failed = real_pthread_rwlock_init(lock, attributes);
  if (failed == 0 && !is_internal()) lock_created(lock, lock_exclusive, GOBENCH_CALLER_PC());
  return failed;
}

GOBENCH_INTERPOSED(int, pthread_rwlock_destroy, pthread_rwlock_t* lock) {
  if (!is_internal()) lock_destroyed(lock, GOBENCH_CALLER_PC());
  return real_pthread_rwlock_destroy(lock);
}

GOBENCH_INTERPOSED(int, pthread_rwlock_rdlock, pthread_rwlock_t* lock) {
  return waited_for(lock, reader, false, GOBENCH_CALLER_PC(), real_pthread_rwlock_tryrdlock,
                    [=] { return real_pthread_rwlock_rdlock(lock); });
}

GOBENCH_INTERPOSED(int, pthread_rwlock_tryrdlock, pthread_rwlock_t* lock) {
  return locked(lock, reader, GOBENCH_CALLER_PC(),
                [=] { return real_pthread_rwlock_tryrdlock(lock); });
}

GOBENCH_INTERPOSED(int, pthread_rwlock_timedrdlock, pthread_rwlock_t* lock, const timespec* until) {
  return waited_for(lock, reader, true, GOBENCH_CALLER_PC(), real_pthread_rwlock_tryrdlock,
                    [=] { return real_pthread_rwlock_timedrdlock(lock, until); });
}

GOBENCH_INTERPOSED(int, pthread_rwlock_clockrdlock, pthread_rwlock_t* lock, clockid_t clock,
                   const timespec* until) {
  return waited_for(lock, reader, true, GOBENCH_CALLER_PC(), real_pthread_rwlock_tryrdlock,
                    [=] { return real_pthread_rwlock_clockrdlock(lock, clock, until); });
}

GOBENCH_INTERPOSED(int, pthread_rwlock_wrlock, pthread_rwlock_t* lock) {
  return waited_for(lock, writer, false, GOBENCH_CALLER_PC(), real_pthread_rwlock_trywrlock,
                    [=] { return real_pthread_rwlock_wrlock(lock); });
}

GOBENCH_INTERPOSED(int, pthread_rwlock_trywrlock, pthread_rwlock_t* lock) {
  return locked(lock, writer, GOBENCH_CALLER_PC(),
                [=] { return real_pthread_rwlock_trywrlock(lock); });
}

GOBENCH_INTERPOSED(int, pthread_rwlock_timedwrlock, pthread_rwlock_t* lock, const timespec* until) {
  return waited_for(lock, writer, true, GOBENCH_CALLER_PC(), real_pthread_rwlock_trywrlock,
                    [=] { return real_pthread_rwlock_timedwrlock(lock, until); });
}

GOBENCH_INTERPOSED(int, pthread_rwlock_clockwrlock, pthread_rwlock_t* lock, clockid_t clock,
                   const timespec* until) {
  return waited_for(lock, writer, true, GOBENCH_CALLER_PC(), real_pthread_rwlock_trywrlock,
                    [=] { return real_pthread_rwlock_clockwrlock(lock, clock, until); });
}

GOBENCH_INTERPOSED(int, pthread_rwlock_unlock, pthread_rwlock_t* lock) {
  if (!is_internal()) lock_released_any(lock, GOBENCH_CALLER_PC());
  return real_pthread_rwlock_unlock(lock);
}

}  // namespace gobench::detector::interpose
