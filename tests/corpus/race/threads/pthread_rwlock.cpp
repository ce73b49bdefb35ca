// pthread_rwlock_t, taken in every way.
#include <pthread.h>

#include <cerrno>
#include <ctime>

#include "tests/corpus/race/sides.hpp"
#include "tests/corpus/race/threads.hpp"

namespace {

using corpus::lock_forgotten;
using corpus::race_case;
using corpus::written_by_readers;

void expect(int result) {
  if (result != 0) std::abort();
}
timespec in_a_minute(clockid_t clock) {
  timespec when{};
  clock_gettime(clock, &when);
  when.tv_sec += 60;
  return when;
}

struct rwlock {
  rwlock() { expect(pthread_rwlock_init(&lock, nullptr)); }
  pthread_rwlock_t lock;
};

constexpr auto read_lock = [](rwlock& one) { expect(pthread_rwlock_rdlock(&one.lock)); };
constexpr auto write_lock = [](rwlock& one) { expect(pthread_rwlock_wrlock(&one.lock)); };
constexpr auto unlock = [](rwlock& one) { expect(pthread_rwlock_unlock(&one.lock)); };
constexpr auto try_read = [](rwlock& one) {
  while (pthread_rwlock_tryrdlock(&one.lock) != 0) corpus::pause();
};
constexpr auto try_write = [](rwlock& one) {
  while (pthread_rwlock_trywrlock(&one.lock) != 0) corpus::pause();
};
constexpr auto timed_read = [](rwlock& one) {
  const timespec when = in_a_minute(CLOCK_REALTIME);
  expect(pthread_rwlock_timedrdlock(&one.lock, &when));
};
constexpr auto timed_write = [](rwlock& one) {
  const timespec when = in_a_minute(CLOCK_REALTIME);
  expect(pthread_rwlock_timedwrlock(&one.lock, &when));
};
constexpr auto clock_read = [](rwlock& one) {
  const timespec when = in_a_minute(CLOCK_MONOTONIC);
  expect(pthread_rwlock_clockrdlock(&one.lock, CLOCK_MONOTONIC, &when));
};
constexpr auto clock_write = [](rwlock& one) {
  const timespec when = in_a_minute(CLOCK_MONOTONIC);
  expect(pthread_rwlock_clockwrlock(&one.lock, CLOCK_MONOTONIC, &when));
};

struct pthread_rwlock_writers : lock_forgotten<rwlock, write_lock, unlock> {
  CORPUS_SIDES(lock_forgotten)
};
CORPUS_CASE(pthread_rwlock_writers, "pthread_rwlock_wrlock; one side does not take it");

struct pthread_rwlock_readers_write
    : written_by_readers<rwlock, read_lock, unlock, write_lock, unlock> {
  CORPUS_SIDES(written_by_readers)
};
CORPUS_CASE(pthread_rwlock_readers_write, "pthread_rwlock_rdlock; both sides write under it");

struct pthread_rwlock_try : written_by_readers<rwlock, try_read, unlock, try_write, unlock> {
  CORPUS_SIDES(written_by_readers)
};
CORPUS_CASE(pthread_rwlock_try, "pthread_rwlock_tryrdlock and trywrlock");

struct pthread_rwlock_timed : written_by_readers<rwlock, timed_read, unlock, timed_write, unlock> {
  CORPUS_SIDES(written_by_readers)
};
CORPUS_CASE(pthread_rwlock_timed, "pthread_rwlock_timedrdlock and timedwrlock");

struct pthread_rwlock_clock : written_by_readers<rwlock, clock_read, unlock, clock_write, unlock> {
  CORPUS_SIDES(written_by_readers)
};
CORPUS_CASE(pthread_rwlock_clock, "pthread_rwlock_clockrdlock and clockwrlock");

template <auto Read>
struct read_of_written : race_case {
  rwlock lock;
  long value = 0;
  long seen = 0;
  void first() {
    write_lock(lock);
    value = 1;
    unlock(lock);
  }
  void second() {
    if (twin()) Read(lock);
    seen = value;
    if (twin()) unlock(lock);
  }
};

struct pthread_rwlock_reader : read_of_written<read_lock> {
  CORPUS_SIDES(read_of_written)
};
CORPUS_CASE(pthread_rwlock_reader, "pthread_rwlock_rdlock after a writer");

struct pthread_rwlock_clock_reader : read_of_written<clock_read> {
  CORPUS_SIDES(read_of_written)
};
CORPUS_CASE(pthread_rwlock_clock_reader, "pthread_rwlock_clockrdlock after a writer");

// A writer comes after the readers before it; another reader does not.
struct pthread_rwlock_reader_then_writer : race_case {
  rwlock lock;
  long value = 0;
  long seen = 0;
  void first() {
    read_lock(lock);
    seen = value;
    unlock(lock);
  }
  void second() {
    if (twin()) {
      write_lock(lock);
    } else {
      read_lock(lock);
    }
    value = 1;
    unlock(lock);
  }
};
CORPUS_CASE(pthread_rwlock_reader_then_writer, "a reader's unlock orders only writers");

struct pthread_rwlock_failed_try : race_case {
  static constexpr bool together = true;
  rwlock lock;
  long value = 0;
  long seen = 0;
  void first() {
    write_lock(lock);
    value = 1;
    reach(1);
    await(2);
    unlock(lock);
    reach(3);
  }
  void second() {
    await(1);
    if (pthread_rwlock_tryrdlock(&lock.lock) != EBUSY) std::abort();
    if (pthread_rwlock_trywrlock(&lock.lock) != EBUSY) std::abort();
    if (!twin()) seen = value;
    reach(2);
    await(3);
    read_lock(lock);
    if (twin()) seen = value;
    unlock(lock);
  }
};
CORPUS_CASE(pthread_rwlock_failed_try, "pthread_rwlock_tryrdlock and trywrlock that fail");

struct pthread_rwlock_static : race_case {
  pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
  long value = 0;
  void first() {
    pthread_rwlock_wrlock(&lock);
    value = 1;
    pthread_rwlock_unlock(&lock);
  }
  void second() {
    if (twin()) pthread_rwlock_wrlock(&lock);
    value = 2;
    if (twin()) pthread_rwlock_unlock(&lock);
  }
};
CORPUS_CASE(pthread_rwlock_static, "PTHREAD_RWLOCK_INITIALIZER, never initialised otherwise");

}  // namespace
