// The mutexes of the standard library.
#include <chrono>
#include <mutex>
#include <shared_mutex>

#include "tests/corpus/race/sides.hpp"
#include "tests/corpus/race/threads.hpp"

namespace {

using corpus::lock_forgotten;
using corpus::race_case;
using corpus::written_by_readers;
using namespace std::chrono_literals;

constexpr auto take = [](auto& m) { m.lock(); };
constexpr auto give = [](auto& m) { m.unlock(); };
constexpr auto share = [](auto& m) { m.lock_shared(); };
constexpr auto unshare = [](auto& m) { m.unlock_shared(); };
// Long enough that nothing but a dead machine lets it pass.
constexpr auto take_in_time = [](auto& m) {
  if (!m.try_lock_for(60s)) std::abort();
};
constexpr auto take_by_wall_clock = [](auto& m) {
  if (!m.try_lock_until(std::chrono::system_clock::now() + 60s)) std::abort();
};
constexpr auto share_in_time = [](auto& m) {
  if (!m.try_lock_shared_for(60s)) std::abort();
};
constexpr auto share_by_wall_clock = [](auto& m) {
  if (!m.try_lock_shared_until(std::chrono::system_clock::now() + 60s)) std::abort();
};
constexpr auto try_until_taken = [](auto& m) {
  while (!m.try_lock()) corpus::pause();
};
constexpr auto try_until_shared = [](auto& m) {
  while (!m.try_lock_shared()) corpus::pause();
};

struct std_mutex : lock_forgotten<std::mutex, take, give> {
  CORPUS_SIDES(lock_forgotten)
};
CORPUS_CASE(std_mutex, "std::mutex::lock; one side does not take it");

struct std_mutex_try_lock : lock_forgotten<std::mutex, try_until_taken, give> {
  CORPUS_SIDES(lock_forgotten)
};
CORPUS_CASE(std_mutex_try_lock, "std::mutex::try_lock that succeeds");

struct std_recursive_mutex : lock_forgotten<std::recursive_mutex, take, give> {
  CORPUS_SIDES(lock_forgotten)
};
CORPUS_CASE(std_recursive_mutex, "std::recursive_mutex; one side does not take it");

struct std_timed_mutex : lock_forgotten<std::timed_mutex, take, give> {
  CORPUS_SIDES(lock_forgotten)
};
CORPUS_CASE(std_timed_mutex, "std::timed_mutex::lock");

struct std_timed_mutex_for : lock_forgotten<std::timed_mutex, take_in_time, give> {
  CORPUS_SIDES(lock_forgotten)
};
CORPUS_CASE(std_timed_mutex_for, "std::timed_mutex::try_lock_for (pthread_mutex_clocklock)");

struct std_timed_mutex_until : lock_forgotten<std::timed_mutex, take_by_wall_clock, give> {
  CORPUS_SIDES(lock_forgotten)
};
CORPUS_CASE(std_timed_mutex_until, "std::timed_mutex::try_lock_until of the system clock");

struct std_recursive_timed_mutex : lock_forgotten<std::recursive_timed_mutex, take_in_time, give> {
  CORPUS_SIDES(lock_forgotten)
};
CORPUS_CASE(std_recursive_timed_mutex, "std::recursive_timed_mutex::try_lock_for");

struct std_shared_mutex_writer : lock_forgotten<std::shared_mutex, take, give> {
  CORPUS_SIDES(lock_forgotten)
};
CORPUS_CASE(std_shared_mutex_writer, "std::shared_mutex::lock; one side does not take it");

struct std_shared_mutex_readers_write
    : written_by_readers<std::shared_mutex, share, unshare, take, give> {
  CORPUS_SIDES(written_by_readers)
};
CORPUS_CASE(std_shared_mutex_readers_write, "std::shared_mutex; both sides write as readers");

struct std_shared_mutex_try
    : written_by_readers<std::shared_mutex, try_until_shared, unshare, try_until_taken, give> {
  CORPUS_SIDES(written_by_readers)
};
CORPUS_CASE(std_shared_mutex_try, "std::shared_mutex::try_lock_shared and try_lock");

struct std_shared_timed_mutex
    : written_by_readers<std::shared_timed_mutex, share_in_time, unshare, take_in_time, give> {
  CORPUS_SIDES(written_by_readers)
};
CORPUS_CASE(std_shared_timed_mutex,
            "std::shared_timed_mutex::try_lock_for (pthread_rwlock_clockwrlock, clockrdlock)");

struct std_shared_timed_mutex_until
    : written_by_readers<std::shared_timed_mutex, share_by_wall_clock, unshare, take_by_wall_clock,
                         give> {
  CORPUS_SIDES(written_by_readers)
};
CORPUS_CASE(std_shared_timed_mutex_until,
            "std::shared_timed_mutex::try_lock_until (pthread_rwlock_timedwrlock, timedrdlock)");

// A reader is ordered after the writers before it.
struct std_shared_mutex_reader : race_case {
  std::shared_mutex m;
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
CORPUS_CASE(std_shared_mutex_reader, "std::shared_mutex; the reader does not take it");

// A writer is ordered after the readers before it.
struct std_shared_mutex_writer_after_reader : race_case {
  std::shared_mutex m;
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
CORPUS_CASE(std_shared_mutex_writer_after_reader,
            "std::shared_mutex; a reader's unlock orders only writers");

struct std_two_mutexes : race_case {
  std::mutex one;
  std::mutex other;
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
CORPUS_CASE(std_two_mutexes, "two mutexes, a different one on each side");

struct std_scoped_lock : race_case {
  std::mutex a;
  std::mutex b;
  std::mutex c;
  long value = 0;
  void first() {
    const std::scoped_lock held(a, b);
    value = 1;
  }
  void second() {
    const std::scoped_lock held(twin() ? b : c);
    value = 2;
  }
};
CORPUS_CASE(std_scoped_lock, "std::scoped_lock of two mutexes (std::lock)");

struct std_unique_lock_unlocked : race_case {
  std::mutex m;
  long value = 0;
  void first() {
    std::unique_lock held(m);
    if (twin()) value = 1;
    held.unlock();
    if (!twin()) value = 1;
  }
  void second() {
    const std::unique_lock held(m);
    value = 2;
  }
};
CORPUS_CASE(std_unique_lock_unlocked, "std::unique_lock; a write after unlock");

struct std_lock_taken_too_late : race_case {
  std::mutex m;
  long value = 0;
  void first() {
    const std::scoped_lock held(m);
    value = 1;
  }
  void second() {
    if (!twin()) value = 2;
    const std::scoped_lock held(m);
    if (twin()) value = 2;
  }
};
CORPUS_CASE(std_lock_taken_too_late, "std::scoped_lock; a write before lock");

// The lock is held for ever by a third party, so that trying fails.
struct std_failed_try_lock : race_case {
  static constexpr bool together = true;
  std::mutex m;
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
    if (m.try_lock()) std::abort();  // which orders nothing
    if (!twin()) value = 2;
    reach(2);
    await(3);
    const std::scoped_lock held(m);
    if (twin()) value = 2;
  }
};
CORPUS_CASE(std_failed_try_lock, "std::mutex::try_lock that fails");

struct std_timed_mutex_timed_out : race_case {
  static constexpr bool together = true;
  std::timed_mutex m;
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
CORPUS_CASE(std_timed_mutex_timed_out, "std::timed_mutex::try_lock_for that times out");

struct std_shared_mutex_failed_try : race_case {
  static constexpr bool together = true;
  std::shared_mutex m;
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
    if (m.try_lock_shared()) std::abort();
    if (!twin()) value = 2;
    reach(2);
    await(3);
    const std::shared_lock held(m);
    if (twin()) value = 2;
  }
};
CORPUS_CASE(std_shared_mutex_failed_try, "std::shared_mutex::try_lock_shared that fails");

}  // namespace
