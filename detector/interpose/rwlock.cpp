// Read-write locks.
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

#include "detector/blocking/blocking.hpp"
#include "detector/explore/blocking_calls.hpp"
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

explore::operation step_of(unsigned mode) noexcept {
  return mode == writer ? explore::operation::lock : explore::operation::lock_shared;
}

// Under exploration no writer waits in the lock itself, so its preference for them is kept here.
bool is_held_back(const pthread_rwlock_t* lock, unsigned mode) noexcept {
  return mode != writer && lock->__data.__flags == PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP &&
         explore::controls() && explore::somebody_waits(lock, explore::operation::lock);
}

// Locking it again as its writer is told at once.
bool waits_explored(const pthread_rwlock_t* lock) noexcept {
  return explore::controls() &&
         lock->__data.__cur_writer != static_cast<int>(::syscall(SYS_gettid));
}

// The real call blocks; `deadline`: at most until then.
template <typename Try, typename Lock>
int waited_for(pthread_rwlock_t* lock, unsigned mode, std::int64_t deadline, address pc,
               Try& real_try, Lock real_lock) {
  if (is_internal()) return real_lock();
  explore::step(step_of(mode), lock, pc);
  const auto try_once = [&] { return is_held_back(lock, mode) ? EBUSY : real_try(lock); };
  int failed = try_once();
  // As deep as readers go is told apart from "somebody writes" by the real call only.
  if (failed == EBUSY || failed == EAGAIN) {
    const blocking::wait_scope waiting{
        mode == writer ? blocking::wait_kind::write_lock : blocking::wait_kind::read_lock, lock, pc,
        deadline != explore::never};
    failed = waits_explored(lock)
                 ? explore::keep_trying(lock, step_of(mode), deadline, pc, try_once)
                 : real_lock();
  }
  if (failed == 0) lock_acquired(lock, mode, pc);
  return failed;
}

template <typename Lock>
int locked(pthread_rwlock_t* lock, unsigned mode, address pc, Lock real_lock) {
  explore::step(explore::operation::try_lock, lock, pc);
  const int failed = real_lock();
  if (failed == 0 && !is_internal()) lock_acquired(lock, mode, pc);
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
  return waited_for(lock, reader, explore::never, GOBENCH_CALLER_PC(),
                    real_pthread_rwlock_tryrdlock,
                    [=] { return real_pthread_rwlock_rdlock(lock); });
}

GOBENCH_INTERPOSED(int, pthread_rwlock_tryrdlock, pthread_rwlock_t* lock) {
  return locked(lock, reader, GOBENCH_CALLER_PC(),
                [=] { return real_pthread_rwlock_tryrdlock(lock); });
}

GOBENCH_INTERPOSED(int, pthread_rwlock_timedrdlock, pthread_rwlock_t* lock, const timespec* until) {
  return waited_for(lock, reader, explore::deadline_of(CLOCK_REALTIME, until), GOBENCH_CALLER_PC(),
                    real_pthread_rwlock_tryrdlock,
                    [=] { return real_pthread_rwlock_timedrdlock(lock, until); });
}

GOBENCH_INTERPOSED(int, pthread_rwlock_clockrdlock, pthread_rwlock_t* lock, clockid_t clock,
                   const timespec* until) {
  return waited_for(lock, reader, explore::deadline_of(clock, until), GOBENCH_CALLER_PC(),
                    real_pthread_rwlock_tryrdlock,
                    [=] { return real_pthread_rwlock_clockrdlock(lock, clock, until); });
}

GOBENCH_INTERPOSED(int, pthread_rwlock_wrlock, pthread_rwlock_t* lock) {
  return waited_for(lock, writer, explore::never, GOBENCH_CALLER_PC(),
                    real_pthread_rwlock_trywrlock,
                    [=] { return real_pthread_rwlock_wrlock(lock); });
}

GOBENCH_INTERPOSED(int, pthread_rwlock_trywrlock, pthread_rwlock_t* lock) {
  return locked(lock, writer, GOBENCH_CALLER_PC(),
                [=] { return real_pthread_rwlock_trywrlock(lock); });
}

GOBENCH_INTERPOSED(int, pthread_rwlock_timedwrlock, pthread_rwlock_t* lock, const timespec* until) {
  return waited_for(lock, writer, explore::deadline_of(CLOCK_REALTIME, until), GOBENCH_CALLER_PC(),
                    real_pthread_rwlock_trywrlock,
                    [=] { return real_pthread_rwlock_timedwrlock(lock, until); });
}

GOBENCH_INTERPOSED(int, pthread_rwlock_clockwrlock, pthread_rwlock_t* lock, clockid_t clock,
                   const timespec* until) {
  return waited_for(lock, writer, explore::deadline_of(clock, until), GOBENCH_CALLER_PC(),
                    real_pthread_rwlock_trywrlock,
                    [=] { return real_pthread_rwlock_clockwrlock(lock, clock, until); });
}

GOBENCH_INTERPOSED(int, pthread_rwlock_unlock, pthread_rwlock_t* lock) {
  explore::step(explore::operation::unlock, lock, GOBENCH_CALLER_PC());
  if (!is_internal()) lock_released_any(lock, GOBENCH_CALLER_PC());
  const int failed = real_pthread_rwlock_unlock(lock);
  explore::wake_all(lock);
  return failed;
}

}  // namespace gobench::detector::interpose
