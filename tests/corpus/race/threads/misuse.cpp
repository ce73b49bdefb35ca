// Locks that are used as they may not be.
#include <pthread.h>

#include "tests/corpus/race/threads.hpp"

namespace {

using corpus::race_case;

void expect(int result) {
  if (result != 0) std::abort();
}

struct unlocked_by_another : race_case {
  pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
  long touched = 0;
  void first() { expect(pthread_mutex_lock(&m)); }
  void second() {
    touched = 1;
    expect(pthread_mutex_unlock(&m));
  }
  void run() {
    std::thread beside([this] {
      side(*this, &unlocked_by_another::first);
      if (twin()) side(*this, &unlocked_by_another::second);
    });
    beside.join();
    if (!twin()) side(*this, &unlocked_by_another::second);
  }
};
CORPUS_CASE(unlocked_by_another, "pthread_mutex_unlock by another thread", "misuse");

struct unlocked_twice : race_case {
  pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
  long touched = 0;
  void first() { expect(pthread_mutex_lock(&m)); }
  void second() {
    touched = 1;
    expect(pthread_mutex_unlock(&m));
  }
  void run() {
    if (twin()) side(*this, &unlocked_twice::first);
    side(*this, &unlocked_twice::second);
  }
};
CORPUS_CASE(unlocked_twice, "pthread_mutex_unlock of a mutex that nobody holds", "misuse");

struct destroyed_while_locked : race_case {
  pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
  long touched = 0;
  void first() { expect(pthread_mutex_lock(&m)); }
  void second() {
    touched = 1;
    static_cast<void>(pthread_mutex_destroy(&m));  // glibc says EBUSY
  }
  void run() {
    side(*this, &destroyed_while_locked::first);
    if (twin()) expect(pthread_mutex_unlock(&m));
    side(*this, &destroyed_while_locked::second);
  }
};
CORPUS_CASE(destroyed_while_locked, "pthread_mutex_destroy of a mutex that is held", "misuse");

struct rwlock_unlocked_by_another : race_case {
  pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
  long touched = 0;
  void first() { expect(pthread_rwlock_wrlock(&lock)); }
  void second() {
    touched = 1;
    expect(pthread_rwlock_unlock(&lock));
  }
  void run() {
    std::thread beside([this] {
      side(*this, &rwlock_unlocked_by_another::first);
      if (twin()) side(*this, &rwlock_unlocked_by_another::second);
    });
    beside.join();
    if (!twin()) side(*this, &rwlock_unlocked_by_another::second);
  }
};
CORPUS_CASE(rwlock_unlocked_by_another, "pthread_rwlock_unlock of another thread's write lock",
            "misuse");

// A mutex is destroyed by who has just been the last to hold it, which is fine if all others are known to have left.
struct mutex_destroyed_beside_use : race_case {
  pthread_mutex_t* m = new pthread_mutex_t(PTHREAD_MUTEX_INITIALIZER);
  std::atomic<bool> flag{false};
  long touched = 0;
  void first() {
    touched = 1;
    expect(pthread_mutex_lock(m));
    expect(pthread_mutex_unlock(m));
    flag.store(true, twin() ? std::memory_order_release : std::memory_order_relaxed);
  }
  void second() {
    while (!flag.load(twin() ? std::memory_order_acquire : std::memory_order_relaxed))
      corpus::pause();
    expect(pthread_mutex_destroy(m));
    delete m;
  }
};
CORPUS_CASE(mutex_destroyed_beside_use, "a mutex is destroyed and freed beside its last use",
            "data-race|use-after-free-race");

}  // namespace
