// pthread_mutex_t of every kind, taken in every way; and spin locks.
#include <pthread.h>

#include <cerrno>
#include <ctime>

#include "tests/corpus/race/sides.hpp"
#include "tests/corpus/race/threads.hpp"

namespace {

using corpus::lock_forgotten;
using corpus::race_case;

void expect(int result) {
  if (result != 0) std::abort();
}
timespec in_a_minute(clockid_t clock) {
  timespec when{};
  clock_gettime(clock, &when);
  when.tv_sec += 60;
  return when;
}

template <int Kind, int Protocol = PTHREAD_PRIO_NONE, int Robust = PTHREAD_MUTEX_STALLED>
struct mutex_of {
  mutex_of() {
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    expect(pthread_mutexattr_settype(&attributes, Kind));
    expect(pthread_mutexattr_setprotocol(&attributes, Protocol));
    expect(pthread_mutexattr_setrobust(&attributes, Robust));
    expect(pthread_mutex_init(&m, &attributes));
    pthread_mutexattr_destroy(&attributes);
  }
  pthread_mutex_t m;
};
using normal = mutex_of<PTHREAD_MUTEX_NORMAL>;
using recursive = mutex_of<PTHREAD_MUTEX_RECURSIVE>;
using checked = mutex_of<PTHREAD_MUTEX_ERRORCHECK>;
using adaptive = mutex_of<PTHREAD_MUTEX_ADAPTIVE_NP>;
using inheriting = mutex_of<PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_INHERIT>;
using robust = mutex_of<PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_NONE, PTHREAD_MUTEX_ROBUST>;

constexpr auto take = [](auto& lock) { expect(pthread_mutex_lock(&lock.m)); };
constexpr auto give = [](auto& lock) { expect(pthread_mutex_unlock(&lock.m)); };
constexpr auto take_twice = [](auto& lock) {
  expect(pthread_mutex_lock(&lock.m));
  expect(pthread_mutex_lock(&lock.m));
};
constexpr auto give_twice = [](auto& lock) {
  expect(pthread_mutex_unlock(&lock.m));
  expect(pthread_mutex_unlock(&lock.m));
};
constexpr auto try_until_taken = [](auto& lock) {
  while (pthread_mutex_trylock(&lock.m) != 0) corpus::pause();
};
constexpr auto take_timed = [](auto& lock) {
  const timespec when = in_a_minute(CLOCK_REALTIME);
  expect(pthread_mutex_timedlock(&lock.m, &when));
};
constexpr auto take_clock = [](auto& lock) {
  const timespec when = in_a_minute(CLOCK_MONOTONIC);
  expect(pthread_mutex_clocklock(&lock.m, CLOCK_MONOTONIC, &when));
};

struct pthread_mutex_normal : lock_forgotten<normal, take, give> {
  CORPUS_SIDES(lock_forgotten)
};
CORPUS_CASE(pthread_mutex_normal, "pthread_mutex_lock; one side does not take it");

struct pthread_mutex_recursive : lock_forgotten<recursive, take_twice, give_twice> {
  CORPUS_SIDES(lock_forgotten)
};
CORPUS_CASE(pthread_mutex_recursive, "a recursive mutex, taken twice");

struct pthread_mutex_errorcheck : lock_forgotten<checked, take, give> {
  CORPUS_SIDES(lock_forgotten)
};
CORPUS_CASE(pthread_mutex_errorcheck, "an error-checking mutex");

struct pthread_mutex_adaptive : lock_forgotten<adaptive, take, give> {
  CORPUS_SIDES(lock_forgotten)
};
CORPUS_CASE(pthread_mutex_adaptive, "an adaptive mutex");

struct pthread_mutex_priority : lock_forgotten<inheriting, take, give> {
  CORPUS_SIDES(lock_forgotten)
};
CORPUS_CASE(pthread_mutex_priority, "a mutex that inherits priorities");

struct pthread_mutex_try : lock_forgotten<normal, try_until_taken, give> {
  CORPUS_SIDES(lock_forgotten)
};
CORPUS_CASE(pthread_mutex_try, "pthread_mutex_trylock that succeeds");

struct pthread_mutex_timed : lock_forgotten<normal, take_timed, give> {
  CORPUS_SIDES(lock_forgotten)
};
CORPUS_CASE(pthread_mutex_timed, "pthread_mutex_timedlock");

struct pthread_mutex_clock : lock_forgotten<normal, take_clock, give> {
  CORPUS_SIDES(lock_forgotten)
};
CORPUS_CASE(pthread_mutex_clock, "pthread_mutex_clocklock");

// A recursive mutex that is given up once is still held; but what comes after the last unlock is not covered.
struct pthread_mutex_recursive_given_up : race_case {
  recursive lock;
  long value = 0;
  void first() {
    take_twice(lock);
    give(lock);
    if (twin()) value = 1;
    give(lock);
    if (!twin()) value = 1;
  }
  void second() {
    take(lock);
    value = 2;
    give(lock);
  }
};
CORPUS_CASE(pthread_mutex_recursive_given_up, "a recursive mutex; a write after the last unlock");

struct pthread_mutex_static : race_case {
  pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
  long value = 0;
  void first() {
    pthread_mutex_lock(&m);
    value = 1;
    pthread_mutex_unlock(&m);
  }
  void second() {
    if (twin()) pthread_mutex_lock(&m);
    value = 2;
    if (twin()) pthread_mutex_unlock(&m);
  }
};
CORPUS_CASE(pthread_mutex_static, "PTHREAD_MUTEX_INITIALIZER, never initialised otherwise");

struct pthread_mutex_failed_try : race_case {
  static constexpr bool together = true;
  normal lock;
  long value = 0;
  void first() {
    take(lock);
    value = 1;
    reach(1);
    await(2);
    give(lock);
    reach(3);
  }
  void second() {
    await(1);
    if (pthread_mutex_trylock(&lock.m) != EBUSY) std::abort();
    if (!twin()) value = 2;
    reach(2);
    await(3);
    take(lock);
    if (twin()) value = 2;
    give(lock);
  }
};
CORPUS_CASE(pthread_mutex_failed_try, "pthread_mutex_trylock that fails");

struct pthread_mutex_timed_out : race_case {
  static constexpr bool together = true;
  normal lock;
  long value = 0;
  void first() {
    take(lock);
    value = 1;
    reach(1);
    await(2);
    give(lock);
    reach(3);
  }
  void second() {
    await(1);
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    if (pthread_mutex_timedlock(&lock.m, &now) != ETIMEDOUT) std::abort();
    if (!twin()) value = 2;
    reach(2);
    await(3);
    take(lock);
    if (twin()) value = 2;
    give(lock);
  }
};
CORPUS_CASE(pthread_mutex_timed_out, "pthread_mutex_timedlock that times out");

// Who gets a robust mutex of a thread that has died comes after what that thread did.
struct pthread_mutex_robust : race_case {
  robust lock;
  long value = 0;
  void first() {
    take(lock);
    value = 1;
    reach(1);  // and dies with it
  }
  void second() {
    if (twin()) {
      if (pthread_mutex_lock(&lock.m) != EOWNERDEAD) std::abort();
      expect(pthread_mutex_consistent(&lock.m));
    }
    value = 2;
    if (twin()) give(lock);
  }
};
CORPUS_CASE(pthread_mutex_robust, "a robust mutex whose owner has died (EOWNERDEAD)");

struct spin {
  spin() { expect(pthread_spin_init(&lock, PTHREAD_PROCESS_PRIVATE)); }
  pthread_spinlock_t lock;
};
constexpr auto spin_take = [](spin& one) { expect(pthread_spin_lock(&one.lock)); };
constexpr auto spin_try = [](spin& one) {
  while (pthread_spin_trylock(&one.lock) != 0) corpus::pause();
};
constexpr auto spin_give = [](spin& one) { expect(pthread_spin_unlock(&one.lock)); };

struct pthread_spin : lock_forgotten<spin, spin_take, spin_give> {
  CORPUS_SIDES(lock_forgotten)
};
CORPUS_CASE(pthread_spin, "pthread_spin_lock; one side does not take it");

struct pthread_spin_try : lock_forgotten<spin, spin_try, spin_give> {
  CORPUS_SIDES(lock_forgotten)
};
CORPUS_CASE(pthread_spin_try, "pthread_spin_trylock that succeeds");

struct pthread_spin_failed_try : race_case {
  static constexpr bool together = true;
  spin lock;
  long value = 0;
  void first() {
    spin_take(lock);
    value = 1;
    reach(1);
    await(2);
    spin_give(lock);
    reach(3);
  }
  void second() {
    await(1);
    if (pthread_spin_trylock(&lock.lock) != EBUSY) std::abort();
    if (!twin()) value = 2;
    reach(2);
    await(3);
    spin_take(lock);
    if (twin()) value = 2;
    spin_give(lock);
  }
};
CORPUS_CASE(pthread_spin_failed_try, "pthread_spin_trylock that fails");

}  // namespace
