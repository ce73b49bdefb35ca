// pthread_cond_t, pthread_barrier_t, pthread_once_t and sem_t.
#include <pthread.h>
#include <semaphore.h>

#include <cerrno>
#include <ctime>

#include "tests/corpus/race/sides.hpp"
#include "tests/corpus/race/threads.hpp"

namespace {

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

// What the writer does before it notifies is before the waiter's return; what it does afterwards is not.
template <auto Wait, auto Notify>
struct written_after_notify : race_case {
  static constexpr bool together = true;
  pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
  bool ready = false;
  long value = 0;
  long seen = 0;
  void first() {
    await(1);
    if (twin()) value = 1;
    expect(pthread_mutex_lock(&m));
    ready = true;
    Notify(changed);
    expect(pthread_mutex_unlock(&m));
    if (!twin()) value = 1;
    reach(2);
  }
  void second() {
    expect(pthread_mutex_lock(&m));
    reach(1);
    while (!ready) Wait(changed, m);
    expect(pthread_mutex_unlock(&m));
    await(2);
    seen = value;
  }
};

constexpr auto wait = [](pthread_cond_t& changed, pthread_mutex_t& m) {
  expect(pthread_cond_wait(&changed, &m));
};
constexpr auto timed_wait = [](pthread_cond_t& changed, pthread_mutex_t& m) {
  const timespec when = in_a_minute(CLOCK_REALTIME);
  expect(pthread_cond_timedwait(&changed, &m, &when));
};
constexpr auto clock_wait = [](pthread_cond_t& changed, pthread_mutex_t& m) {
  const timespec when = in_a_minute(CLOCK_MONOTONIC);
  expect(pthread_cond_clockwait(&changed, &m, CLOCK_MONOTONIC, &when));
};
constexpr auto signal_one = [](pthread_cond_t& changed) { expect(pthread_cond_signal(&changed)); };
constexpr auto signal_all = [](pthread_cond_t& changed) {
  expect(pthread_cond_broadcast(&changed));
};

struct pthread_cond_signal_wait : written_after_notify<wait, signal_one> {
  CORPUS_SIDES(written_after_notify)
};
CORPUS_CASE(pthread_cond_signal_wait, "pthread_cond_wait; a write after pthread_cond_signal");

struct pthread_cond_broadcast_wait : written_after_notify<wait, signal_all> {
  CORPUS_SIDES(written_after_notify)
};
CORPUS_CASE(pthread_cond_broadcast_wait, "pthread_cond_wait; a write after pthread_cond_broadcast");

struct pthread_cond_timed : written_after_notify<timed_wait, signal_one> {
  CORPUS_SIDES(written_after_notify)
};
CORPUS_CASE(pthread_cond_timed, "pthread_cond_timedwait");

struct pthread_cond_clock : written_after_notify<clock_wait, signal_one> {
  CORPUS_SIDES(written_after_notify)
};
CORPUS_CASE(pthread_cond_clock, "pthread_cond_clockwait");

struct pthread_cond_gives_up : race_case {
  static constexpr bool together = true;
  pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
  bool ready = false;
  long value = 0;
  void first() {
    expect(pthread_mutex_lock(&m));
    value = 1;
    reach(1);
    while (!ready) expect(pthread_cond_wait(&changed, &m));
    expect(pthread_mutex_unlock(&m));
  }
  void second() {
    await(1);
    if (!twin()) value = 2;
    expect(pthread_mutex_lock(&m));
    if (twin()) value = 2;
    ready = true;
    expect(pthread_mutex_unlock(&m));
    expect(pthread_cond_signal(&changed));
  }
};
CORPUS_CASE(pthread_cond_gives_up, "pthread_cond_wait gives the mutex up");

// After a time-out the mutex is held again.
struct pthread_cond_timed_out : race_case {
  static constexpr bool together = true;
  pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
  long value = 0;
  void first() {
    await(1);
    if (twin()) expect(pthread_mutex_lock(&m));
    value = 1;
    if (twin()) expect(pthread_mutex_unlock(&m));
    reach(2);
  }
  void second() {
    expect(pthread_mutex_lock(&m));
    reach(1);
    timespec soon{};
    clock_gettime(CLOCK_REALTIME, &soon);
    soon.tv_sec += soon.tv_nsec / 999'000'000;
    soon.tv_nsec = (soon.tv_nsec + 1'000'000) % 1'000'000'000;
    if (pthread_cond_timedwait(&changed, &m, &soon) != ETIMEDOUT) std::abort();
    if (!twin()) await(2);
    value = 2;
    expect(pthread_mutex_unlock(&m));
  }
};
CORPUS_CASE(pthread_cond_timed_out, "pthread_cond_timedwait that times out");

struct barrier {
  barrier() { expect(pthread_barrier_init(&meeting, nullptr, 2)); }
  void wait() {
    const int result = pthread_barrier_wait(&meeting);
    if (result != 0 && result != PTHREAD_BARRIER_SERIAL_THREAD) std::abort();
  }
  pthread_barrier_t meeting;
};

struct pthread_barrier : race_case {
  static constexpr bool together = true;
  barrier meeting;
  long value = 0;
  long seen = 0;
  void first() {
    if (twin()) value = 1;
    meeting.wait();
    if (!twin()) value = 1;
  }
  void second() {
    meeting.wait();
    seen = value;
  }
};
CORPUS_CASE(pthread_barrier, "pthread_barrier_wait; a write in the same round as the read");

struct pthread_barrier_rounds : race_case {
  static constexpr bool together = true;
  barrier meeting;
  long value = 0;
  void first() {
    for (int round = 0; round < 4; ++round) {
      if (round % 2 == 0) value = round;
      meeting.wait();
    }
  }
  void second() {
    for (int round = 0; round < 4; ++round) {
      if (twin() ? round % 2 == 1 : round % 2 == 0) value = -round;
      meeting.wait();
    }
  }
};
CORPUS_CASE(pthread_barrier_rounds, "pthread_barrier_wait, round after round");

// One case per process, and pthread_once has no argument.
long* written_once = nullptr;
void write_once() { *written_once = 1; }

struct pthread_once_forgotten : race_case {
  pthread_once_t once = PTHREAD_ONCE_INIT;
  long value = 0;
  long seen = 0;
  void first() {
    written_once = &value;
    expect(pthread_once(&once, write_once));
  }
  void second() {
    if (twin()) expect(pthread_once(&once, write_once));
    seen = value;
  }
};
CORPUS_CASE(pthread_once_forgotten, "pthread_once; one side looks without it");

struct semaphore {
  explicit semaphore(unsigned units) { expect(sem_init(&s, 0, units)); }
  sem_t s;
};

constexpr auto sem_take = [](semaphore& of) { expect(sem_wait(&of.s)); };
constexpr auto sem_try = [](semaphore& of) {
  while (sem_trywait(&of.s) != 0) corpus::pause();
};
constexpr auto sem_timed = [](semaphore& of) {
  const timespec when = in_a_minute(CLOCK_REALTIME);
  expect(sem_timedwait(&of.s, &when));
};
constexpr auto sem_clock = [](semaphore& of) {
  const timespec when = in_a_minute(CLOCK_MONOTONIC);
  expect(sem_clockwait(&of.s, CLOCK_MONOTONIC, &when));
};

template <auto Take>
struct written_after_post : race_case {
  semaphore units{0};
  long value = 0;
  long seen = 0;
  void first() {
    if (twin()) value = 1;
    expect(sem_post(&units.s));
    if (!twin()) value = 1;
  }
  void second() {
    Take(units);
    seen = value;
  }
};

struct sem_post_wait : written_after_post<sem_take> {
  CORPUS_SIDES(written_after_post)
};
CORPUS_CASE(sem_post_wait, "sem_wait; a write after sem_post");

struct sem_post_trywait : written_after_post<sem_try> {
  CORPUS_SIDES(written_after_post)
};
CORPUS_CASE(sem_post_trywait, "sem_trywait that succeeds");

struct sem_post_timedwait : written_after_post<sem_timed> {
  CORPUS_SIDES(written_after_post)
};
CORPUS_CASE(sem_post_timedwait, "sem_timedwait");

struct sem_post_clockwait : written_after_post<sem_clock> {
  CORPUS_SIDES(written_after_post)
};
CORPUS_CASE(sem_post_clockwait, "sem_clockwait");

struct sem_failed_trywait : race_case {
  static constexpr bool together = true;
  semaphore units{0};
  long value = 0;
  long seen = 0;
  void first() {
    value = 1;
    reach(1);
    await(2);
    expect(sem_post(&units.s));
  }
  void second() {
    await(1);
    if (sem_trywait(&units.s) == 0) std::abort();
    if (!twin()) seen = value;
    reach(2);
    sem_take(units);
    if (twin()) seen = value;
  }
};
CORPUS_CASE(sem_failed_trywait, "sem_trywait that fails");

}  // namespace
