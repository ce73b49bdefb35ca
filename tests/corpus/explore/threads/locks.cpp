// Locks that are waited for in a circle, or for ever.
#include <pthread.h>
#include <semaphore.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "tests/corpus/explore/threads.hpp"

namespace {

using corpus::explore_case;
using corpus::together;

struct thread_double_lock : explore_case {
  std::mutex m;
  bool urgent = false;
  int notes = 0;
  void note() {
    const std::scoped_lock held(m);
    ++notes;
  }
  void report() {
    std::unique_lock held(m);
    if (!urgent) return;
    if (twin()) held.unlock();
    note();
  }
  void run() {
    together([this] { report(); },
             [this] {
               const std::scoped_lock held(m);
               urgent = true;
             });
  }
};
EXPLORE_CASE(thread_double_lock, "deadlock|misuse", "",
             "a function that locks is called under the lock, where somebody was urgent");

struct thread_ab_ba : explore_case {
  std::mutex a, b;
  static void both(std::mutex& first, std::mutex& second) {
    const std::scoped_lock outer(first);
    const std::scoped_lock inner(second);
  }
  void run() {
    together([this] { both(a, b); }, [this] { twin() ? both(a, b) : both(b, a); });
  }
};
EXPLORE_CASE(thread_ab_ba, "deadlock", "lock-order", "two mutexes in two orders");

struct thread_ab_ba_try : explore_case {
  std::mutex a, b;
  void one_way() {
    const std::scoped_lock outer(a);
    const std::scoped_lock inner(b);
  }
  void other_way() {
    while (true) {
      std::unique_lock outer(b);
      std::unique_lock inner(a, std::try_to_lock);
      if (inner.owns_lock()) return;
      if (!twin()) {
        inner.lock();  // polite for long enough, it believes
        return;
      }
      outer.unlock();
      std::this_thread::yield();
    }
  }
  void run() {
    together([this] { one_way(); }, [this] { other_way(); });
  }
};
EXPLORE_CASE(thread_ab_ba_try, "deadlock", "lock-order",
             "the second mutex is tried first, and then waited for after all");

struct thread_three_locks : explore_case {
  std::mutex locks[3];
  void pair(int first, int second) {
    const std::scoped_lock outer(locks[first]);
    const std::scoped_lock inner(locks[second]);
  }
  void run() {
    together([this] { pair(0, 1); }, [this] { pair(1, 2); },
             [this] { twin() ? pair(0, 2) : pair(2, 0); });
  }
};
EXPLORE_CASE(thread_three_locks, "deadlock", "lock-order", "three mutexes in a circle of orders");

struct thread_philosophers : explore_case {
  std::mutex forks[3];
  int meals[3] = {};
  void dine(int seat) {
    int first = seat;
    int second = (seat + 1) % 3;
    if (twin() && first > second) std::swap(first, second);
    const std::scoped_lock left(forks[first]);
    const std::scoped_lock right(forks[second]);
    ++meals[seat];
  }
  void run() {
    together([this] { dine(0); }, [this] { dine(1); }, [this] { dine(2); });
  }
};
EXPLORE_CASE(thread_philosophers, "deadlock", "lock-order",
             "three dining philosophers who all take the left fork first");

struct thread_rw_recursion : explore_case {
  pthread_rwlock_t lock;
  int value = 0;
  thread_rw_recursion() {
    pthread_rwlockattr_t writers_first;
    pthread_rwlockattr_init(&writers_first);
    pthread_rwlockattr_setkind_np(&writers_first, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&lock, &writers_first);
    pthread_rwlockattr_destroy(&writers_first);
  }
  int read() {
    pthread_rwlock_rdlock(&lock);
    const int seen = value;
    pthread_rwlock_unlock(&lock);
    return seen;
  }
  void read_twice() {
    pthread_rwlock_rdlock(&lock);
    const int seen = twin() ? value : read();
    assert(seen == 0 || seen == 1);
    pthread_rwlock_unlock(&lock);
  }
  void write() {
    pthread_rwlock_wrlock(&lock);
    value = 1;
    pthread_rwlock_unlock(&lock);
  }
  void run() {
    together([this] { read_twice(); }, [this] { write(); });
  }
};
EXPLORE_CASE(thread_rw_recursion, "deadlock", "lock-order",
             "a read lock is taken again while a writer waits, and writers go first");

struct thread_rw_upgrade : explore_case {
  std::mutex m;
  std::condition_variable changed;
  int readers = 0;
  bool upgrading = false;
  int value = 0;
  void change() {
    std::unique_lock held(m);
    ++readers;
    held.unlock();
    held.lock();  // has read, and now wants to write
    if (!twin() || !upgrading) {
      upgrading = true;
      changed.wait(held, [this] { return readers == 1; });
      ++value;
      upgrading = false;
    }
    --readers;
    changed.notify_all();
  }
  void run() {
    together([this] { change(); }, [this] { change(); });
  }
};
EXPLORE_CASE(thread_rw_upgrade, "deadlock", "",
             "two readers who want to become the writer wait for each other to leave");

struct thread_exception_skips_unlock : explore_case {
  std::mutex m;
  bool closed = false;
  int used = 0;
  void use() {
    if (closed) throw std::runtime_error("closed");
    ++used;
  }
  void attempt() {
    try {
      std::unique_lock<std::mutex> guard;
      twin() ? void(guard = std::unique_lock(m)) : m.lock();
      use();
      if (!twin()) m.unlock();
    } catch (const std::runtime_error&) {
    }
  }
  void close() {
    const std::scoped_lock held(m);
    closed = true;
  }
  void run() {
    together([this] { attempt(); }, [this] { attempt(); }, [this] { close(); });
  }
};
EXPLORE_CASE(thread_exception_skips_unlock, "deadlock", "misuse|leak",
             "an exception leaves between lock and unlock");

struct thread_return_skips_unlock : explore_case {
  pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
  bool full = false;
  void add() {
    pthread_mutex_lock(&m);
    if (full) {
      if (twin()) pthread_mutex_unlock(&m);
      return;
    }
    full = true;
    pthread_mutex_unlock(&m);
  }
  void run() {
    std::thread first([this] { add(); });
    first.join();
    pthread_mutex_lock(&m);
    full = false;
    pthread_mutex_unlock(&m);
    together([this] { add(); },
             [this] {
               pthread_mutex_lock(&m);
               full = false;
               pthread_mutex_unlock(&m);
             },
             [this] { add(); });
  }
};
EXPLORE_CASE(thread_return_skips_unlock, "deadlock", "misuse|leak",
             "an early return leaves between lock and unlock");

struct thread_join_under_lock : explore_case {
  std::mutex m;
  std::atomic<bool> started{false};
  int done = 0;
  void run() {
    std::thread worker([this] {
      started = true;
      const std::scoped_lock held(m);
      ++done;
    });
    while (!started) std::this_thread::yield();
    std::unique_lock held(m);
    if (twin()) held.unlock();
    worker.join();
  }
};
EXPLORE_CASE(thread_join_under_lock, "deadlock", "",
             "a thread is joined under the lock that it needs to end");

struct thread_join_cycle : explore_case {
  struct seat {
    thread_join_cycle* of;
    int number;
  };
  seat seats[3] = {{this, 0}, {this, 1}, {this, 2}};
  std::atomic<pthread_t> ids[3] = {};
  std::atomic<bool> claimed[3] = {};
  sem_t over;
  void join(int which) {
    const pthread_t other = ids[which];
    if (other != 0 && !claimed[which].exchange(true)) pthread_join(other, nullptr);
  }
  static void* work(void* of) {
    const seat& mine = *static_cast<seat*>(of);
    // The twin waits in one direction only.
    if (!mine.of->twin() || mine.number < 2) mine.of->join((mine.number + 1) % 3);
    sem_post(&mine.of->over);
    return nullptr;
  }
  void run() {
    sem_init(&over, 0, 0);
    for (int i = 0; i < 3; ++i) {
      pthread_t made{};
      if (pthread_create(&made, nullptr, work, &seats[i]) != 0) std::abort();
      ids[i] = made;
    }
    for (int i = 0; i < 3; ++i) sem_wait(&over);
    for (int i = 0; i < 3; ++i) join(i);
  }
};
EXPLORE_CASE(thread_join_cycle, "deadlock", "", "three threads join each other in a circle");

struct thread_unlock_by_other : explore_case {
  std::mutex m;
  std::atomic<bool> owned{false};
  void enter() {
    m.lock();
    owned = true;
  }
  void leave() {
    if (owned.exchange(false)) m.unlock();
  }
  void run() {
    together(
        [this] {
          enter();
          leave();
        },
        [this] {
          if (twin()) enter();
          leave();  // in case that something is left
        });
  }
};
EXPLORE_CASE(thread_unlock_by_other, "misuse", "", "a clean-up unlocks what another thread holds");

struct thread_unlock_twice : explore_case {
  pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
  bool stopped = false;
  int value = 0;
  void work() {
    pthread_mutex_lock(&m);
    if (stopped) {
      pthread_mutex_unlock(&m);
      if (twin()) return;
    } else {
      ++value;
    }
    pthread_mutex_unlock(&m);
  }
  void stop() {
    pthread_mutex_lock(&m);
    stopped = true;
    pthread_mutex_unlock(&m);
  }
  void run() {
    together([this] { work(); }, [this] { stop(); });
  }
};
EXPLORE_CASE(thread_unlock_twice, "misuse", "",
             "the path for a stop unlocks, and goes on to the end");

struct thread_destroyed_while_locked : explore_case {
  pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
  std::atomic<bool> done{false};
  void run() {
    std::thread worker([this] {
      pthread_mutex_lock(&m);
      done = true;
      pthread_mutex_unlock(&m);
    });
    while (!done) std::this_thread::yield();
    if (twin()) worker.join();
    pthread_mutex_destroy(&m);
    if (!twin()) worker.join();
  }
};
EXPLORE_CASE(thread_destroyed_while_locked, "misuse|data-race", "",
             "a mutex is destroyed when the work is done, but not yet unlocked");

}  // namespace
