// Mutexes of every kind, and spin locks.
//
// The kind is read from the mutex itself: one that was initialised statically is never told to anybody. What
// the C library lays down there has been part of its interface since static initialisers name it.
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

#include "detector/blocking/blocking.hpp"
#include "detector/explore/blocking_calls.hpp"
#include "detector/interpose/mutex.hpp"
#include "detector/interpose/real.hpp"
#include "detector/interpose/robust.hpp"

namespace gobench::detector::interpose {

GOBENCH_REAL(pthread_mutex_init);
GOBENCH_REAL(pthread_mutex_destroy);
GOBENCH_REAL(pthread_mutex_lock);
GOBENCH_REAL(pthread_mutex_trylock);
GOBENCH_REAL(pthread_mutex_timedlock);
GOBENCH_REAL(pthread_mutex_clocklock);
GOBENCH_REAL(pthread_mutex_unlock);
GOBENCH_REAL(pthread_spin_init);
GOBENCH_REAL(pthread_spin_destroy);
GOBENCH_REAL(pthread_spin_lock);
GOBENCH_REAL(pthread_spin_trylock);
GOBENCH_REAL(pthread_spin_unlock);

namespace {

constexpr int kind_mask = 3;
constexpr int robust_bit = 16;

int kind_of(const pthread_mutex_t* mutex) noexcept { return mutex->__data.__kind; }
bool is_robust(const pthread_mutex_t* mutex) noexcept { return (kind_of(mutex) & robust_bit) != 0; }

// An owner that ended cannot unlock: the next one takes a robust mutex over.
unsigned flags_of(const pthread_mutex_t* mutex) noexcept {
  const int kind = kind_of(mutex);
  if (kind == 0) [[likely]]
    return lock_exclusive;
  unsigned flags = lock_exclusive;
  if ((kind & kind_mask) == PTHREAD_MUTEX_RECURSIVE_NP) flags |= lock_recursive;
  if ((kind & robust_bit) != 0) flags |= lock_no_owner;
  return flags;
}

// An error-checking mutex tells its user of a mistake, who may ask for exactly that: not ours to report.
bool checks_errors(const pthread_mutex_t* mutex) noexcept {
  return (kind_of(mutex) & kind_mask) == PTHREAD_MUTEX_ERRORCHECK_NP;
}

bool owned_by_caller(const pthread_mutex_t* mutex) noexcept {
  return mutex->__data.__owner == static_cast<int>(::syscall(SYS_gettid));
}

constinit thread_local bool used_robust = false;
constinit char robust_ends = 0;  // the object that stands for the ends of all those threads

void taken(pthread_mutex_t* mutex, int result, address pc) noexcept {
  if (result == 0) [[likely]] {
    if (is_robust(mutex)) used_robust = true;
    return lock_acquired(mutex, flags_of(mutex), pc);
  }
  if (result == EOWNERDEAD) {
    used_robust = true;
    acquire(&robust_ends);
    lock_released_all(mutex, pc);  // for the owner that ended
    lock_acquired(mutex, flags_of(mutex), pc);
  } else if (result == EINVAL && kind_of(mutex) < 0) {
    // What pthread_mutex_destroy leaves as the kind.
    lock_misused(mutex, finding_type::invalid_lock, pc);
  }
}

// Whether waiting for it is to be explored. Locking again what it owns is told at once where it is told at all.
bool waits_explored(const pthread_mutex_t* mutex) noexcept {
  return explore::controls() && !(checks_errors(mutex) && owned_by_caller(mutex));
}

int lock_explored(pthread_mutex_t* mutex, std::int64_t deadline, address pc) {
  return explore::keep_trying(mutex, explore::operation::lock, deadline, pc,
                              [=] { return real_pthread_mutex_trylock(mutex); });
}

template <typename Lock>
int lock_before(pthread_mutex_t* mutex, address pc, Lock real_lock) {
  if (is_internal()) return real_lock();
  explore::step(explore::operation::lock, mutex, pc);
  int result = 0;
  {
    const blocking::wait_scope waiting{blocking::wait_kind::mutex, mutex, pc, true};
    result = real_lock();
  }
  taken(mutex, result, pc);
  return result;
}

}  // namespace

bool robust_mutexes_of_thread_end() noexcept {
  if (used_robust) release_merge(&robust_ends);
  return used_robust;
}

void mutex_taken(pthread_mutex_t* mutex, int result, address pc) noexcept {
  taken(mutex, result, pc);
}

int mutex_lock(pthread_mutex_t* mutex, address pc) {
  explore::step(explore::operation::lock, mutex, pc);
  if (!checks_errors(mutex)) lock_waited_for(mutex, flags_of(mutex), pc);
  // Most often it is free. Somebody who waits is told of only if not.
  int result = real_pthread_mutex_trylock(mutex);
  if (result == EBUSY) {
    const blocking::wait_scope waiting{blocking::wait_kind::mutex, mutex, pc};
    result = waits_explored(mutex) ? lock_explored(mutex, explore::never, pc)
                                   : real_pthread_mutex_lock(mutex);
  }
  taken(mutex, result, pc);
  return result;
}

int mutex_unlock(pthread_mutex_t* mutex, address pc) {
  explore::step(explore::operation::unlock, mutex, pc);
  if (!checks_errors(mutex) || owned_by_caller(mutex)) lock_released(mutex, flags_of(mutex), pc);
  const int failed = real_pthread_mutex_unlock(mutex);
  explore::wake_all(mutex);
  return failed;
}

GOBENCH_INTERPOSED(int, pthread_mutex_init, pthread_mutex_t* mutex,
                   const pthread_mutexattr_t* attributes) {
  const int failed = real_pthread_mutex_init(mutex, attributes);
  if (failed == 0 && !is_internal()) lock_created(mutex, flags_of(mutex), GOBENCH_CALLER_PC());
  return failed;
}

GOBENCH_INTERPOSED(int, pthread_mutex_destroy, pthread_mutex_t* mutex) {
  if (!is_internal()) lock_destroyed(mutex, GOBENCH_CALLER_PC());
  return real_pthread_mutex_destroy(mutex);
}

GOBENCH_INTERPOSED(int, pthread_mutex_lock, pthread_mutex_t* mutex) {
  if (is_internal()) [[unlikely]]
    return real_pthread_mutex_lock(mutex);
  return mutex_lock(mutex, GOBENCH_CALLER_PC());
}

GOBENCH_INTERPOSED(int, pthread_mutex_trylock, pthread_mutex_t* mutex) {
  explore::step(explore::operation::try_lock, mutex, GOBENCH_CALLER_PC());
  const int result = real_pthread_mutex_trylock(mutex);
  if (!is_internal()) taken(mutex, result, GOBENCH_CALLER_PC());
  return result;
}

GOBENCH_INTERPOSED(int, pthread_mutex_timedlock, pthread_mutex_t* mutex, const timespec* until) {
  const address pc = GOBENCH_CALLER_PC();
  return lock_before(mutex, pc, [=] {
    return waits_explored(mutex)
               ? lock_explored(mutex, explore::deadline_of(CLOCK_REALTIME, until), pc)
               : real_pthread_mutex_timedlock(mutex, until);
  });
}

GOBENCH_INTERPOSED(int, pthread_mutex_clocklock, pthread_mutex_t* mutex, clockid_t clock,
                   const timespec* until) {
  const address pc = GOBENCH_CALLER_PC();
  return lock_before(mutex, pc, [=] {
    return waits_explored(mutex) ? lock_explored(mutex, explore::deadline_of(clock, until), pc)
                                 : real_pthread_mutex_clocklock(mutex, clock, until);
  });
}

GOBENCH_INTERPOSED(int, pthread_mutex_unlock, pthread_mutex_t* mutex) {
  if (is_internal()) [[unlikely]]
    return real_pthread_mutex_unlock(mutex);
  return mutex_unlock(mutex, GOBENCH_CALLER_PC());
}

// The C library knows a spin lock as a volatile int.
static const void* place(pthread_spinlock_t* lock) noexcept { return const_cast<const int*>(lock); }

GOBENCH_INTERPOSED(int, pthread_spin_init, pthread_spinlock_t* lock, int shared) {
  const int failed = real_pthread_spin_init(lock, shared);
  if (failed == 0 && !is_internal()) lock_created(place(lock), lock_exclusive, GOBENCH_CALLER_PC());
  return failed;
}

GOBENCH_INTERPOSED(int, pthread_spin_destroy, pthread_spinlock_t* lock) {
  if (!is_internal()) lock_destroyed(place(lock), GOBENCH_CALLER_PC());
  return real_pthread_spin_destroy(lock);
}

GOBENCH_INTERPOSED(int, pthread_spin_lock, pthread_spinlock_t* lock) {
  if (is_internal()) return real_pthread_spin_lock(lock);
  explore::step(explore::operation::lock, place(lock), GOBENCH_CALLER_PC());
  lock_waited_for(place(lock), lock_exclusive, GOBENCH_CALLER_PC());
  int failed = real_pthread_spin_trylock(lock);
  if (failed == EBUSY) {
    const blocking::wait_scope waiting{blocking::wait_kind::mutex, place(lock),
                                       GOBENCH_CALLER_PC()};
    failed = explore::controls()
                 ? explore::keep_trying(place(lock), explore::operation::lock, explore::never,
                                        GOBENCH_CALLER_PC(),
                                        [=] { return real_pthread_spin_trylock(lock); })
                 : real_pthread_spin_lock(lock);
  }
  if (failed == 0) lock_acquired(place(lock), lock_exclusive, GOBENCH_CALLER_PC());
  return failed;
}

GOBENCH_INTERPOSED(int, pthread_spin_trylock, pthread_spinlock_t* lock) {
  explore::step(explore::operation::try_lock, place(lock), GOBENCH_CALLER_PC());
  const int failed = real_pthread_spin_trylock(lock);
  if (failed == 0 && !is_internal())
    lock_acquired(place(lock), lock_exclusive, GOBENCH_CALLER_PC());
  return failed;
}

GOBENCH_INTERPOSED(int, pthread_spin_unlock, pthread_spinlock_t* lock) {
  explore::step(explore::operation::unlock, place(lock), GOBENCH_CALLER_PC());
  if (!is_internal()) lock_released(place(lock), lock_exclusive, GOBENCH_CALLER_PC());
  const int failed = real_pthread_spin_unlock(lock);
  explore::wake_all(place(lock));
  return failed;
}

}  // namespace gobench::detector::interpose
