// <threads.h>: in the C library its functions call the pthread ones by names that cannot be interposed; here they
// are the pthread ones by way of the interposed functions.
#include <pthread.h>
#include <sched.h>
#include <threads.h>
#include <time.h>

#include <cerrno>
#include <cstdint>

#include "detector/engine/arena.hpp"
#include "detector/explore/blocking_calls.hpp"
#include "detector/interpose/mutex.hpp"
#include "detector/interpose/once.hpp"
#include "detector/interpose/real.hpp"

namespace gobench::detector::interpose {

GOBENCH_REAL(mtx_trylock);
GOBENCH_REAL(mtx_timedlock);
GOBENCH_REAL(mtx_init);

namespace {

struct start_block {
  thrd_start_t run;
  void* argument;
};

void* run_c11(void* given) {
  const start_block start = *static_cast<start_block*>(given);
  {
    const internal_scope inside;
    arena::deallocate(given);
  }
  return reinterpret_cast<void*>(static_cast<std::intptr_t>(start.run(start.argument)));
}

int translated(int error) noexcept {
  switch (error) {
    case 0:
      return thrd_success;
    case ENOMEM:
    case EAGAIN:
      return thrd_nomem;
    case ETIMEDOUT:
      return thrd_timedout;
    case EBUSY:
      return thrd_busy;
    default:
      return thrd_error;
  }
}

pthread_mutex_t* as_mutex(mtx_t* mutex) noexcept {
  return reinterpret_cast<pthread_mutex_t*>(mutex);
}
pthread_cond_t* as_condition(cnd_t* condition) noexcept {
  return reinterpret_cast<pthread_cond_t*>(condition);
}
static_assert(sizeof(mtx_t) == sizeof(pthread_mutex_t) && sizeof(cnd_t) == sizeof(pthread_cond_t));

}  // namespace

GOBENCH_INTERPOSED(int, thrd_create, thrd_t* thread, thrd_start_t run, void* argument) {
  void* block = nullptr;
  {
    const internal_scope inside;
    block = arena::allocate(sizeof(start_block));
    if (block == nullptr) return thrd_nomem;
    *static_cast<start_block*>(block) = {run, argument};
  }
  const int failed = ::pthread_create(thread, nullptr, &run_c11, block);
  if (failed != 0) {
    const internal_scope inside;
    arena::deallocate(block);
  }
  return translated(failed);
}

GOBENCH_INTERPOSED(int, thrd_join, thrd_t thread, int* result) {
  void* returned = nullptr;
  const int failed = ::pthread_join(thread, &returned);
  if (result != nullptr) *result = static_cast<int>(reinterpret_cast<std::intptr_t>(returned));
  return translated(failed);
}

GOBENCH_INTERPOSED(int, thrd_detach, thrd_t thread) { return translated(::pthread_detach(thread)); }

GOBENCH_INTERPOSED(int, mtx_init, mtx_t* mutex, int type) {
  const int failed = real_mtx_init(mutex, type);
  if (failed == thrd_success && !is_internal())
    lock_created(mutex, (type & mtx_recursive) != 0 ? lock_recursive : lock_exclusive,
                 GOBENCH_CALLER_PC());
  return failed;
}

GOBENCH_INTERPOSED(void, mtx_destroy, mtx_t* mutex) { ::pthread_mutex_destroy(as_mutex(mutex)); }

GOBENCH_INTERPOSED(int, mtx_lock, mtx_t* mutex) {
  if (is_internal()) return translated(::pthread_mutex_lock(as_mutex(mutex)));
  return translated(mutex_lock(as_mutex(mutex), GOBENCH_CALLER_PC()));
}

GOBENCH_INTERPOSED(int, mtx_trylock, mtx_t* mutex) {
  explore::step(explore::operation::try_lock, mutex, GOBENCH_CALLER_PC());
  const int failed = real_mtx_trylock(mutex);
  if (failed == thrd_success && !is_internal())
    mutex_taken(as_mutex(mutex), 0, GOBENCH_CALLER_PC());
  return failed;
}

GOBENCH_INTERPOSED(int, mtx_timedlock, mtx_t* mutex, const timespec* until) {
  if (explore::controls()) return translated(::pthread_mutex_timedlock(as_mutex(mutex), until));
  const int failed = real_mtx_timedlock(mutex, until);
  if (failed == thrd_success && !is_internal())
    mutex_taken(as_mutex(mutex), 0, GOBENCH_CALLER_PC());
  return failed;
}

GOBENCH_INTERPOSED(int, mtx_unlock, mtx_t* mutex) {
  if (is_internal()) return translated(::pthread_mutex_unlock(as_mutex(mutex)));
  return translated(mutex_unlock(as_mutex(mutex), GOBENCH_CALLER_PC()));
}

GOBENCH_INTERPOSED(int, cnd_wait, cnd_t* condition, mtx_t* mutex) {
  return translated(::pthread_cond_wait(as_condition(condition), as_mutex(mutex)));
}

GOBENCH_INTERPOSED(int, cnd_timedwait, cnd_t* condition, mtx_t* mutex, const timespec* until) {
  return translated(::pthread_cond_timedwait(as_condition(condition), as_mutex(mutex), until));
}

GOBENCH_INTERPOSED(int, cnd_signal, cnd_t* condition) {
  return translated(::pthread_cond_signal(as_condition(condition)));
}

GOBENCH_INTERPOSED(int, cnd_broadcast, cnd_t* condition) {
  return translated(::pthread_cond_broadcast(as_condition(condition)));
}

GOBENCH_INTERPOSED(int, thrd_sleep, const timespec* length, timespec* left) {
  const int failed = ::clock_nanosleep(CLOCK_REALTIME, 0, length, left);
  if (failed == 0) return 0;
  return failed == EINTR ? -1 : -2;
}

GOBENCH_INTERPOSED(void, thrd_yield, ) { ::sched_yield(); }

GOBENCH_INTERPOSED(void, call_once, once_flag* flag, void (*run)()) {
  gobench::detector::interpose::call_once(reinterpret_cast<pthread_once_t*>(flag), run,
                                          GOBENCH_CALLER_PC());
}

}  // namespace gobench::detector::interpose
