// gobench's locks.
#include <chrono>
#include <mutex>
#include <shared_mutex>

#include "tests/corpus/race/sides.hpp"
#include "tests/corpus/race/tasks.hpp"

namespace {

using corpus::lock_forgotten;
using corpus::race_case;
using corpus::written_by_readers;
using namespace std::chrono_literals;

constexpr auto take = [](auto& m) { m.lock(); };
constexpr auto give = [](auto& m) { m.unlock(); };
constexpr auto share = [](auto& m) { m.lock_shared(); };
constexpr auto unshare = [](auto& m) { m.unlock_shared(); };
constexpr auto try_until_taken = [](auto& m) {
  while (!m.try_lock()) gobench::yield();
};
constexpr auto take_in_time = [](auto& m) {
  if (!m.try_lock_for(60s)) std::abort();
};
constexpr auto share_in_time = [](auto& m) {
  if (!m.try_lock_shared_for(60s)) std::abort();
};

struct task_mutex : lock_forgotten<gobench::mutex, take, give> {
  CORPUS_SIDES(lock_forgotten)
};
CORPUS_CASE(task_mutex, "gobench::mutex; one side does not take it");
struct task_mutex_try : lock_forgotten<gobench::mutex, try_until_taken, give> {
  CORPUS_SIDES(lock_forgotten)
};
CORPUS_CASE(task_mutex_try, "gobench::mutex::try_lock that succeeds");
struct task_mutex_for : lock_forgotten<gobench::mutex, take_in_time, give> {
  CORPUS_SIDES(lock_forgotten)
};
CORPUS_CASE(task_mutex_for, "gobench::mutex::try_lock_for");
struct task_spin_mutex : lock_forgotten<gobench::spin_mutex, take, give> {
  CORPUS_SIDES(lock_forgotten)
};
CORPUS_CASE(task_spin_mutex, "gobench::spin_mutex; one side does not take it");
struct task_ticket_mutex : lock_forgotten<gobench::ticket_mutex, take, give> {
  CORPUS_SIDES(lock_forgotten)
};
CORPUS_CASE(task_ticket_mutex, "gobench::ticket_mutex; one side does not take it");
struct task_mcs_mutex : lock_forgotten<gobench::mcs_mutex, take, give> {
  CORPUS_SIDES(lock_forgotten)
};
CORPUS_CASE(task_mcs_mutex, "gobench::mcs_mutex; one side does not take it");
struct task_shared_mutex : lock_forgotten<gobench::shared_mutex, take, give> {
  CORPUS_SIDES(lock_forgotten)
};
CORPUS_CASE(task_shared_mutex, "gobench::shared_mutex::lock; one side does not take it");
struct task_shared_mutex_readers_write
    : written_by_readers<gobench::shared_mutex, share, unshare, take, give> {
  CORPUS_SIDES(written_by_readers)
};
CORPUS_CASE(task_shared_mutex_readers_write, "gobench::shared_mutex; both sides write as readers");
struct task_shared_mutex_timed
    : written_by_readers<gobench::shared_mutex, share_in_time, unshare, take_in_time, give> {
  CORPUS_SIDES(written_by_readers)
};
CORPUS_CASE(task_shared_mutex_timed, "gobench::shared_mutex, with a time limit");

struct task_shared_mutex_reader : race_case {
  gobench::shared_mutex m;
  long value = 0;
  long seen = 0;
  void first() {
    const std::scoped_lock held(m);
    value = 1;
  }
  void second() {
    std::shared_lock held(m, std::defer_lock);
    if (twin()) held.lock();
    seen = value;
  }
};
CORPUS_CASE(task_shared_mutex_reader, "gobench::shared_mutex; the reader does not take it");

struct task_shared_mutex_writer_after_reader : race_case {
  gobench::shared_mutex m;
  long value = 0;
  long seen = 0;
  void first() {
    const std::shared_lock held(m);
    seen = value;
  }
  void second() {
    if (twin()) {
      const std::scoped_lock held(m);
      value = 1;
    } else {
      const std::shared_lock held(m);
      value = 1;
    }
  }
};
CORPUS_CASE(task_shared_mutex_writer_after_reader,
            "gobench::shared_mutex; a reader's unlock orders only writers");

// While somebody holds the lock, others try.
template <class Mutex>
struct failed_try : race_case {
  static constexpr bool together = true;
  Mutex m;
  long value = 0;
  void first() {
    m.lock();
    value = 1;
    reach(1);
    await(2);
    m.unlock();
    reach(3);
  }
  void second() {
    await(1);
    if (m.try_lock()) std::abort();
    if (!twin()) value = 2;
    reach(2);
    await(3);
    const std::scoped_lock held(m);
    if (twin()) value = 2;
  }
};
struct task_mutex_failed_try : failed_try<gobench::mutex> {
  CORPUS_SIDES(failed_try)
};
CORPUS_CASE(task_mutex_failed_try, "gobench::mutex::try_lock that fails");
struct task_spin_mutex_failed_try : failed_try<gobench::spin_mutex> {
  CORPUS_SIDES(failed_try)
};
CORPUS_CASE(task_spin_mutex_failed_try, "gobench::spin_mutex::try_lock that fails");
struct task_ticket_mutex_failed_try : failed_try<gobench::ticket_mutex> {
  CORPUS_SIDES(failed_try)
};
CORPUS_CASE(task_ticket_mutex_failed_try, "gobench::ticket_mutex::try_lock that fails");
struct task_mcs_mutex_failed_try : failed_try<gobench::mcs_mutex> {
  CORPUS_SIDES(failed_try)
};
CORPUS_CASE(task_mcs_mutex_failed_try, "gobench::mcs_mutex::try_lock that fails");
struct task_shared_mutex_failed_try : failed_try<gobench::shared_mutex> {
  CORPUS_SIDES(failed_try)
};
CORPUS_CASE(task_shared_mutex_failed_try, "gobench::shared_mutex::try_lock that fails");

struct task_mutex_timed_out : race_case {
  static constexpr bool together = true;
  gobench::mutex m;
  long value = 0;
  void first() {
    m.lock();
    value = 1;
    reach(1);
    await(2);
    m.unlock();
    reach(3);
  }
  void second() {
    await(1);
    if (m.try_lock_for(1ms)) std::abort();
    if (!twin()) value = 2;
    reach(2);
    await(3);
    const std::scoped_lock held(m);
    if (twin()) value = 2;
  }
};
CORPUS_CASE(task_mutex_timed_out, "gobench::mutex::try_lock_for that times out");

// A lock that is handed from a holder to one who waits for it.
struct task_mutex_waited_for : race_case {
  static constexpr bool together = true;
  gobench::mutex m;
  long value = 0;
  void first() {
    m.lock();
    reach(1);
    gobench::sleep_for(2ms);  // the other waits by then, most likely
    if (twin()) value = 1;
    m.unlock();
    if (!twin()) value = 1;
  }
  void second() {
    await(1);
    const std::scoped_lock held(m);
    value = 2;
  }
};
CORPUS_CASE(task_mutex_waited_for, "gobench::mutex, handed to one who waits; a write after unlock");

struct task_two_mutexes : race_case {
  gobench::mutex one;
  gobench::mutex other;
  long value = 0;
  void first() {
    const std::scoped_lock held(one);
    value = 1;
  }
  void second() {
    const std::scoped_lock held(twin() ? one : other);
    value = 2;
  }
};
CORPUS_CASE(task_two_mutexes, "two mutexes, a different one on each side");

// What the standard library has, used by tasks.
struct task_std_mutex : lock_forgotten<std::mutex, take, give> {
  CORPUS_SIDES(lock_forgotten)
};
CORPUS_CASE(task_std_mutex, "std::mutex, taken by tasks");

struct task_atomic_message : race_case {
  std::atomic<int> flag{0};
  alignas(64) long value = 0;
  long seen = 0;
  void first() {
    value = 1;
    flag.store(1, twin() ? std::memory_order_release : std::memory_order_relaxed);
  }
  void second() {
    while (flag.load(twin() ? std::memory_order_acquire : std::memory_order_relaxed) == 0)
      corpus::pause();
    seen = value;
  }
};
CORPUS_CASE(task_atomic_message, "a relaxed flag between tasks");

}  // namespace
