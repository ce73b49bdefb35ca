// Mutexes, spin locks, read-write locks, conditions, barriers, once, semaphores; and their misuse.
#include <fcntl.h>
#include <semaphore.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <shared_mutex>
#include <stdexcept>
#include <string>

#include "tests/interposed/cases.hpp"

using namespace interposed;
using namespace std::chrono_literals;

namespace {

int value = 0;
constexpr int rounds = 2000;

template <typename Lock, typename Unlock>
void guarded(Lock lock, Unlock unlock) {
  const auto work = [=] {
    for (int i = 0; i < rounds; ++i) {
      lock();
      ++value;
      unlock();
    }
  };
  both(work, work);
  CHECK(value == 2 * rounds);
}

pthread_mutex_t mutex_of(int kind, bool robust = false) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_settype(&attributes, kind);
  if (robust) pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  pthread_mutex_t made;
  pthread_mutex_init(&made, &attributes);
  return made;
}

void guarded_by(pthread_mutex_t& mutex) {
  guarded([&] { pthread_mutex_lock(&mutex); }, [&] { pthread_mutex_unlock(&mutex); });
}

pthread_mutex_t plain = PTHREAD_MUTEX_INITIALIZER;

}  // namespace

SILENT(mutex_static) { guarded_by(plain); }
SILENT(mutex_adaptive) {
  static pthread_mutex_t mutex = PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP;
  guarded_by(mutex);
}
SILENT(mutex_initialised_and_destroyed) {
  pthread_mutex_t mutex;
  pthread_mutex_init(&mutex, nullptr);
  guarded_by(mutex);
  CHECK(pthread_mutex_destroy(&mutex) == 0);
}
SILENT(mutex_recursive) {
  static pthread_mutex_t mutex;
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
  pthread_mutex_init(&mutex, &attributes);
  guarded(
      [] {
        pthread_mutex_lock(&mutex);
        pthread_mutex_lock(&mutex);
        CHECK(pthread_mutex_trylock(&mutex) == 0);
        pthread_mutex_unlock(&mutex);
      },
      [] {
        pthread_mutex_unlock(&mutex);
        pthread_mutex_unlock(&mutex);
      });
}
SILENT(mutex_recursive_static) {
  static pthread_mutex_t mutex = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
  guarded(
      [] {
        pthread_mutex_lock(&mutex);
        pthread_mutex_lock(&mutex);
      },
      [] {
        pthread_mutex_unlock(&mutex);
        pthread_mutex_unlock(&mutex);
      });
}
SILENT(mutex_error_checking_tells) {
  pthread_mutex_t mutex = mutex_of(PTHREAD_MUTEX_ERRORCHECK);
  CHECK(pthread_mutex_unlock(&mutex) == EPERM);
  guarded_by(mutex);
  pthread_mutex_lock(&mutex);
  CHECK(pthread_mutex_lock(&mutex) == EDEADLK);
  std::thread([&] { CHECK(pthread_mutex_unlock(&mutex) == EPERM); }).join();
  pthread_mutex_unlock(&mutex);
  pthread_mutex_destroy(&mutex);
}
SILENT(mutex_trylock) {
  guarded(
      [] {
        while (pthread_mutex_trylock(&plain) != 0) std::this_thread::yield();
      },
      [] { pthread_mutex_unlock(&plain); });
}
RACY(mutex_trylock_failed) {
  unseen_steps steps;
  std::thread thread([&] {
    pthread_mutex_lock(&plain);
    ++value;
    steps.reach(1);
    steps.wait(2);
    pthread_mutex_unlock(&plain);
  });
  steps.wait(1);
  CHECK(pthread_mutex_trylock(&plain) == EBUSY);
  ++value;
  steps.reach(2);
  thread.join();
}
SILENT(mutex_timedlock) {
  guarded(
      [] {
        const timespec until = after_ms(CLOCK_REALTIME, 60000);
        CHECK(pthread_mutex_timedlock(&plain, &until) == 0);
      },
      [] { pthread_mutex_unlock(&plain); });
}
SILENT(mutex_clocklock) {
  guarded(
      [] {
        const timespec until = after_ms(CLOCK_MONOTONIC, 60000);
        CHECK(pthread_mutex_clocklock(&plain, CLOCK_MONOTONIC, &until) == 0);
      },
      [] { pthread_mutex_unlock(&plain); });
}
SILENT(std_timed_mutex) {
  static std::timed_mutex mutex;
  guarded([] { CHECK(mutex.try_lock_for(60s)); }, [] { mutex.unlock(); });
}
SILENT(std_recursive_timed_mutex) {
  static std::recursive_timed_mutex mutex;
  guarded(
      [] {
        CHECK(mutex.try_lock_for(60s));
        CHECK(mutex.try_lock_until(std::chrono::system_clock::now() + 60s));
      },
      [] {
        mutex.unlock();
        mutex.unlock();
      });
}
SILENT(mutex_robust_owner_ends) {
  static pthread_mutex_t mutex;
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  pthread_mutex_init(&mutex, &attributes);
  static unseen_steps steps;
  std::thread([] {
    pthread_mutex_lock(&mutex);
    ++value;
    steps.reach(1);
  }).detach();
  steps.wait(1);
  int result = pthread_mutex_lock(&mutex);
  CHECK(result == EOWNERDEAD);
  ++value;
  pthread_mutex_consistent(&mutex);
  value = 0;
  pthread_mutex_unlock(&mutex);
  guarded([] { pthread_mutex_lock(&mutex); }, [] { pthread_mutex_unlock(&mutex); });
}
RACY(mutex_other_one) {
  static std::mutex other;
  unordered(
      [] {
        pthread_mutex_lock(&plain);
        ++value;
        pthread_mutex_unlock(&plain);
      },
      [] {
        other.lock();
        ++value;
        other.unlock();
      });
}
RACY(mutex_unlocked_twice) {
  pthread_mutex_lock(&plain);
  pthread_mutex_unlock(&plain);
  pthread_mutex_unlock(&plain);
}
RACY(mutex_unlocked_by_another) {
  pthread_mutex_lock(&plain);
  std::thread([] { pthread_mutex_unlock(&plain); }).join();
}
RACY(mutex_recursive_unlocked_by_another) {
  pthread_mutex_t mutex = mutex_of(PTHREAD_MUTEX_RECURSIVE);
  pthread_mutex_lock(&mutex);
  std::thread([&] { pthread_mutex_unlock(&mutex); }).join();
}
RACY(mutex_destroyed_while_locked) {
  pthread_mutex_t mutex;
  pthread_mutex_init(&mutex, nullptr);
  pthread_mutex_lock(&mutex);
  pthread_mutex_destroy(&mutex);
}
RACY(mutex_used_after_destruction) {
  pthread_mutex_t mutex;
  pthread_mutex_init(&mutex, nullptr);
  pthread_mutex_destroy(&mutex);
  CHECK(pthread_mutex_lock(&mutex) == EINVAL);
}

SILENT(spin_lock) {
  static pthread_spinlock_t lock;
  pthread_spin_init(&lock, PTHREAD_PROCESS_PRIVATE);
  guarded([] { pthread_spin_lock(&lock); }, [] { pthread_spin_unlock(&lock); });
  value = 0;
  guarded(
      [] {
        while (pthread_spin_trylock(&lock) != 0) std::this_thread::yield();
      },
      [] { pthread_spin_unlock(&lock); });
  pthread_spin_destroy(&lock);
}

// --- read-write locks --------------------------------------------------------------------------------------------
namespace {
template <typename Read, typename Write, typename Unlock>
void read_and_written(Read read, Write write, Unlock unlock) {
  const auto work = [=] {
    for (int i = 0; i < rounds; ++i) {
      write();
      ++value;
      unlock(true);
      read();
      CHECK(value > 0);
      unlock(false);
    }
  };
  both(work, work);
}
pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
const auto rwunlock = [](bool) { pthread_rwlock_unlock(&rwlock); };
}  // namespace

SILENT(rwlock_plain) {
  read_and_written([] { pthread_rwlock_rdlock(&rwlock); }, [] { pthread_rwlock_wrlock(&rwlock); },
                   rwunlock);
}
SILENT(rwlock_try) {
  read_and_written(
      [] {
        while (pthread_rwlock_tryrdlock(&rwlock) != 0) std::this_thread::yield();
      },
      [] {
        while (pthread_rwlock_trywrlock(&rwlock) != 0) std::this_thread::yield();
      },
      rwunlock);
}
SILENT(rwlock_timed) {
  read_and_written(
      [] {
        const timespec until = after_ms(CLOCK_REALTIME, 60000);
        CHECK(pthread_rwlock_timedrdlock(&rwlock, &until) == 0);
      },
      [] {
        const timespec until = after_ms(CLOCK_REALTIME, 60000);
        CHECK(pthread_rwlock_timedwrlock(&rwlock, &until) == 0);
      },
      rwunlock);
}
SILENT(rwlock_clock) {
  read_and_written(
      [] {
        const timespec until = after_ms(CLOCK_MONOTONIC, 60000);
        CHECK(pthread_rwlock_clockrdlock(&rwlock, CLOCK_MONOTONIC, &until) == 0);
      },
      [] {
        const timespec until = after_ms(CLOCK_MONOTONIC, 60000);
        CHECK(pthread_rwlock_clockwrlock(&rwlock, CLOCK_MONOTONIC, &until) == 0);
      },
      rwunlock);
}
SILENT(std_shared_mutex) {
  static std::shared_mutex mutex;
  read_and_written([] { mutex.lock_shared(); }, [] { mutex.lock(); },
                   [](bool wrote) { wrote ? mutex.unlock() : mutex.unlock_shared(); });
}
SILENT(std_shared_timed_mutex) {
  static std::shared_timed_mutex mutex;
  read_and_written([] { CHECK(mutex.try_lock_shared_for(60s)); },
                   [] { CHECK(mutex.try_lock_for(60s)); },
                   [](bool wrote) { wrote ? mutex.unlock() : mutex.unlock_shared(); });
}
SILENT(rwlock_read_twice) {
  pthread_rwlock_rdlock(&rwlock);
  pthread_rwlock_rdlock(&rwlock);
  pthread_rwlock_unlock(&rwlock);
  pthread_rwlock_unlock(&rwlock);
}
RACY(rwlock_written_under_read_lock) {
  const auto work = [] {
    pthread_rwlock_rdlock(&rwlock);
    ++value;
    pthread_rwlock_unlock(&rwlock);
  };
  unordered(work, work);
}

// --- conditions ---------------------------------------------------------------------------------------------------
namespace {
pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
template <typename Wait>
void handed_over(pthread_mutex_t& mutex, int levels, Wait wait) {
  std::thread thread([&] {
    usleep(2000);
    pthread_mutex_lock(&mutex);
    value = 1;
    pthread_cond_broadcast(&condition);
    pthread_mutex_unlock(&mutex);
  });
  for (int i = 0; i < levels; ++i) pthread_mutex_lock(&mutex);
  while (value == 0) wait(&mutex);
  ++value;
  for (int i = 0; i < levels; ++i) pthread_mutex_unlock(&mutex);
  thread.join();
}
}  // namespace

SILENT(condition_wait) {
  handed_over(plain, 1, [](pthread_mutex_t* mutex) { pthread_cond_wait(&condition, mutex); });
}
SILENT(condition_timedwait) {
  handed_over(plain, 1, [](pthread_mutex_t* mutex) {
    const timespec until = after_ms(CLOCK_REALTIME, 1);
    pthread_cond_timedwait(&condition, mutex, &until);
  });
}
SILENT(condition_clockwait) {
  handed_over(plain, 1, [](pthread_mutex_t* mutex) {
    const timespec until = after_ms(CLOCK_MONOTONIC, 1);
    pthread_cond_clockwait(&condition, mutex, CLOCK_MONOTONIC, &until);
  });
}
SILENT(condition_wait_recursive_once) {
  pthread_mutex_t mutex = mutex_of(PTHREAD_MUTEX_RECURSIVE);
  handed_over(mutex, 1, [](pthread_mutex_t* held) { pthread_cond_wait(&condition, held); });
}
SILENT(std_condition_variable) {
  static std::mutex mutex;
  static std::condition_variable changed;
  std::thread thread([] {
    const std::lock_guard guard(mutex);
    ++value;
    changed.notify_one();
  });
  std::unique_lock lock(mutex);
  changed.wait_for(lock, 60s, [] { return value == 1; });
  ++value;
  lock.unlock();
  thread.join();
}
SILENT(std_condition_variable_any) {
  static std::shared_mutex mutex;
  static std::condition_variable_any changed;
  std::thread thread([] {
    const std::lock_guard guard(mutex);
    ++value;
    changed.notify_all();
  });
  std::unique_lock lock(mutex);
  changed.wait(lock, [] { return value == 1; });
  ++value;
  lock.unlock();
  thread.join();
}
RACY(condition_signal_orders_nothing) {
  static bool ready = false;
  std::thread thread([] {
    ++value;
    pthread_mutex_lock(&plain);
    ready = true;
    pthread_cond_signal(&condition);
    pthread_mutex_unlock(&plain);
    ++value;
  });
  pthread_mutex_lock(&plain);
  while (!ready) pthread_cond_wait(&condition, &plain);
  pthread_mutex_unlock(&plain);
  ++value;
  thread.join();
}

// --- barriers, once, semaphores ----------------------------------------------------------------------------------------
SILENT(barrier_rounds) {
  static pthread_barrier_t barrier;
  static int values[2];
  pthread_barrier_init(&barrier, nullptr, 2);
  const auto work = [](int me) {
    for (int i = 0; i < 500; ++i) {
      values[me] = i;
      pthread_barrier_wait(&barrier);
      CHECK(values[1 - me] == i);
      pthread_barrier_wait(&barrier);
    }
  };
  both([=] { work(0); }, [=] { work(1); });
  pthread_barrier_destroy(&barrier);
}
RACY(barrier_before_only) {
  static pthread_barrier_t barrier;
  static unseen_steps steps;
  pthread_barrier_init(&barrier, nullptr, 2);
  both(
      [] {
        pthread_barrier_wait(&barrier);
        ++value;
        steps.reach(1);
      },
      [] {
        pthread_barrier_wait(&barrier);
        steps.wait(1);
        ++value;
      });
}
SILENT(once_plain) {
  static pthread_once_t control = PTHREAD_ONCE_INIT;
  const auto work = [] {
    pthread_once(&control, [] { value = 3; });
    CHECK(value == 3);
  };
  for (int i = 0; i < 20; ++i) both(work, work);
}
SILENT(once_nested) {
  static pthread_once_t outer = PTHREAD_ONCE_INIT;
  static pthread_once_t inner = PTHREAD_ONCE_INIT;
  const auto work = [] {
    pthread_once(&outer, [] {
      pthread_once(&inner, [] { value = 3; });
      ++value;
    });
    CHECK(value == 4);
  };
  both(work, work);
}
SILENT(std_call_once_throws_first) {
  static std::once_flag flag;
  static int tries = 0;
  const auto work = [] {
    try {
      std::call_once(flag, [] {
        if (++tries == 1) throw std::runtime_error("again");
        value = 9;
      });
      CHECK(value == 9);
    } catch (const std::runtime_error&) {
    }
  };
  both(work, work);
  work();
  CHECK(value == 9);
}
SILENT(semaphore_wait) {
  static sem_t items;
  sem_init(&items, 0, 0);
  std::thread thread([] {
    value = 1;
    sem_post(&items);
  });
  sem_wait(&items);
  ++value;
  thread.join();
  sem_destroy(&items);
}
SILENT(semaphore_try_timed_clock) {
  static sem_t guard;
  sem_init(&guard, 0, 1);
  guarded(
      [] {
        while (sem_trywait(&guard) != 0) std::this_thread::yield();
      },
      [] { sem_post(&guard); });
  value = 0;
  guarded(
      [] {
        const timespec until = after_ms(CLOCK_REALTIME, 60000);
        CHECK(sem_timedwait(&guard, &until) == 0);
      },
      [] { sem_post(&guard); });
  value = 0;
  guarded(
      [] {
        const timespec until = after_ms(CLOCK_MONOTONIC, 60000);
        CHECK(sem_clockwait(&guard, CLOCK_MONOTONIC, &until) == 0);
      },
      [] { sem_post(&guard); });
}
SILENT(semaphore_named) {
  const std::string name = "/gobench-interposed-" + std::to_string(getpid());
  static sem_t* first;
  static sem_t* second;
  first = sem_open(name.c_str(), O_CREAT, 0600, 0);
  second = sem_open(name.c_str(), 0);
  sem_unlink(name.c_str());
  CHECK(first != SEM_FAILED && second != SEM_FAILED);
  std::thread thread([] {
    value = 1;
    sem_post(first);
  });
  sem_wait(second);
  ++value;
  thread.join();
  sem_close(first);
  sem_close(second);
}
SILENT(semaphore_getvalue) {
  static sem_t items;
  sem_init(&items, 0, 0);
  std::thread thread([] {
    value = 1;
    sem_post(&items);
  });
  for (int count = 0; count == 0; std::this_thread::yield()) sem_getvalue(&items, &count);
  ++value;
  thread.join();
}
RACY(semaphore_trywait_failed) {
  static sem_t items;
  sem_init(&items, 0, 0);
  unseen_steps steps;
  std::thread thread([&] {
    value = 1;
    steps.reach(1);
    steps.wait(2);
    sem_post(&items);
  });
  steps.wait(1);
  CHECK(sem_trywait(&items) != 0);
  ++value;
  steps.reach(2);
  thread.join();
}
