// Condition variables: a wait gives the mutex up and takes it again, all its levels, however it ends.
//
// A signal orders nothing by itself; the mutex does. The versions are those of 2.3.2: the unversioned
// lookup would find the condition variables of LinuxThreads, which are laid out differently.
#include <pthread.h>

#include <ctime>

#include "detector/blocking/blocking.hpp"
#include "detector/explore/blocking_calls.hpp"
#include "detector/interpose/blocking.hpp"
#include "detector/interpose/real.hpp"

namespace gobench::detector::interpose {

GOBENCH_REAL_VERSION(pthread_cond_init, "GLIBC_2.3.2");
GOBENCH_REAL_VERSION(pthread_cond_destroy, "GLIBC_2.3.2");
GOBENCH_REAL_VERSION(pthread_cond_wait, "GLIBC_2.3.2");
GOBENCH_REAL_VERSION(pthread_cond_timedwait, "GLIBC_2.3.2");
GOBENCH_REAL_VERSION(pthread_cond_signal, "GLIBC_2.3.2");
GOBENCH_REAL_VERSION(pthread_cond_broadcast, "GLIBC_2.3.2");
GOBENCH_REAL(pthread_cond_clockwait);

namespace {

// A cancelled wait has the mutex again when the clean-up handlers run: so the destructor, not the return.
class given_up {
 public:
  given_up(pthread_mutex_t* mutex, address pc) noexcept
      : mutex_(mutex), pc_(pc), levels_(lock_released_all(mutex, pc)) {}
  ~given_up() {
    if (levels_ != 0) lock_acquired_levels(mutex_, levels_, pc_);
  }
  given_up(const given_up&) = delete;
  given_up& operator=(const given_up&) = delete;

 private:
  pthread_mutex_t* mutex_;
  address pc_;
  unsigned levels_;
};

// Which clock a timed wait goes by: bit 1 of the word that counts who waits (glibc, nptl/pthread_cond_common.c).
clockid_t clock_of(const pthread_cond_t* condition) noexcept {
  constexpr unsigned monotonic_bit = 2;
  return (condition->__data.__wrefs & monotonic_bit) != 0 ? CLOCK_MONOTONIC : CLOCK_REALTIME;
}

template <typename Wait>
int wait(pthread_cond_t* condition, pthread_mutex_t* mutex, bool timed, address pc,
         Wait real_wait) {
  if (is_internal()) return real_wait();
  explore::step(explore::operation::wait, condition, pc);
  const given_up while_waiting{mutex, pc};
  const blocking::wait_scope waiting{blocking::wait_kind::condition, condition, pc, timed};
  return cancellation_point(real_wait);
}

}  // namespace

GOBENCH_INTERPOSED(int, pthread_cond_init, pthread_cond_t* condition,
                   const pthread_condattr_t* attributes) {
  return real_pthread_cond_init(condition, attributes);
}

GOBENCH_INTERPOSED(int, pthread_cond_destroy, pthread_cond_t* condition) {
  return real_pthread_cond_destroy(condition);
}

GOBENCH_INTERPOSED(int, pthread_cond_signal, pthread_cond_t* condition) {
  explore::step(explore::operation::signal, condition, GOBENCH_CALLER_PC());
  explore::condition_signalled(condition, GOBENCH_CALLER_PC());
  return real_pthread_cond_signal(condition);
}

GOBENCH_INTERPOSED(int, pthread_cond_broadcast, pthread_cond_t* condition) {
  explore::step(explore::operation::broadcast, condition, GOBENCH_CALLER_PC());
  explore::condition_broadcast(condition);
  return real_pthread_cond_broadcast(condition);
}

GOBENCH_INTERPOSED(int, pthread_cond_wait, pthread_cond_t* condition, pthread_mutex_t* mutex) {
  const address pc = GOBENCH_CALLER_PC();
  return wait(condition, mutex, false, pc, [=] {
    return explore::controls() ? explore::condition_wait(condition, mutex, explore::never, pc)
                               : real_pthread_cond_wait(condition, mutex);
  });
}

GOBENCH_INTERPOSED(int, pthread_cond_timedwait, pthread_cond_t* condition, pthread_mutex_t* mutex,
                   const timespec* until) {
  const address pc = GOBENCH_CALLER_PC();
  return wait(condition, mutex, true, pc, [=] {
    return explore::controls()
               ? explore::condition_wait(condition, mutex,
                                         explore::deadline_of(clock_of(condition), until), pc)
               : real_pthread_cond_timedwait(condition, mutex, until);
  });
}

GOBENCH_INTERPOSED(int, pthread_cond_clockwait, pthread_cond_t* condition, pthread_mutex_t* mutex,
                   clockid_t clock, const timespec* until) {
  const address pc = GOBENCH_CALLER_PC();
  return wait(condition, mutex, true, pc, [=] {
    return explore::controls()
               ? explore::condition_wait(condition, mutex, explore::deadline_of(clock, until), pc)
               : real_pthread_cond_clockwait(condition, mutex, clock, until);
  });
}

}  // namespace gobench::detector::interpose
