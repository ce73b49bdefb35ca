// Condition variables of the standard library.
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <shared_mutex>
#include <stop_token>

#include "tests/corpus/race/sides.hpp"
#include "tests/corpus/race/threads.hpp"

namespace {

using corpus::race_case;
using namespace std::chrono_literals;

// The writer's critical section is before the waiter's; what is written after it is not.
template <class Condition, auto Wait>
struct written_after_notify : race_case {
  static constexpr bool together = true;
  std::mutex m;
  Condition changed;
  bool ready = false;
  long value = 0;
  long seen = 0;
  void first() {
    await(1);
    if (twin()) value = 1;
    {
      const std::scoped_lock held(m);  // taken once the other side waits
      ready = true;
    }
    changed.notify_all();
    if (!twin()) value = 1;
    reach(2);
  }
  void second() {
    {
      std::unique_lock held(m);
      reach(1);
      Wait(changed, held, ready);
    }
    await(2);
    seen = value;
  }
};

constexpr auto wait = [](auto& changed, auto& held, bool& ready) {
  while (!ready) changed.wait(held);
};
constexpr auto wait_for = [](auto& changed, auto& held, bool& ready) {
  if (!changed.wait_for(held, 60s, [&] { return ready; })) std::abort();
};
constexpr auto wait_until = [](auto& changed, auto& held, bool& ready) {
  if (!changed.wait_until(held, std::chrono::system_clock::now() + 60s, [&] { return ready; }))
    std::abort();
};
constexpr auto wait_with_token = [](auto& changed, auto& held, bool& ready) {
  const std::stop_source nobody_stops;
  if (!changed.wait(held, nobody_stops.get_token(), [&] { return ready; })) std::abort();
};

struct std_condition_variable : written_after_notify<std::condition_variable, wait> {
  CORPUS_SIDES(written_after_notify)
};
CORPUS_CASE(std_condition_variable, "std::condition_variable::wait; a write after notify");

struct std_condition_variable_for : written_after_notify<std::condition_variable, wait_for> {
  CORPUS_SIDES(written_after_notify)
};
CORPUS_CASE(std_condition_variable_for,
            "std::condition_variable::wait_for (pthread_cond_clockwait)");

struct std_condition_variable_until : written_after_notify<std::condition_variable, wait_until> {
  CORPUS_SIDES(written_after_notify)
};
CORPUS_CASE(std_condition_variable_until,
            "std::condition_variable::wait_until of the system clock (pthread_cond_timedwait)");

struct std_condition_variable_any : written_after_notify<std::condition_variable_any, wait> {
  CORPUS_SIDES(written_after_notify)
};
CORPUS_CASE(std_condition_variable_any, "std::condition_variable_any::wait");

struct std_condition_variable_any_token
    : written_after_notify<std::condition_variable_any, wait_with_token> {
  CORPUS_SIDES(written_after_notify)
};
CORPUS_CASE(std_condition_variable_any_token,
            "std::condition_variable_any::wait with a stop_token");

// A wait gives the mutex up: while it waits, the other side's section is ordered with what was done before the
// wait, and with nothing else.
struct std_condition_variable_gives_up : race_case {
  static constexpr bool together = true;
  std::mutex m;
  std::condition_variable changed;
  bool ready = false;
  long value = 0;
  void first() {
    std::unique_lock held(m);
    value = 1;
    reach(1);
    while (!ready) changed.wait(held);
  }
  void second() {
    await(1);
    if (!twin()) value = 2;
    {
      const std::scoped_lock held(m);
      if (twin()) value = 2;
      ready = true;
    }
    changed.notify_one();
  }
};
CORPUS_CASE(std_condition_variable_gives_up, "std::condition_variable::wait gives the mutex up");

// Nobody notifies, and a time-out is no edge with who never took the mutex.
struct std_condition_variable_timed_out : race_case {
  std::mutex m;
  std::condition_variable changed;
  long value = 0;
  long seen = 0;
  void first() {
    std::unique_lock held(m, std::defer_lock);
    if (twin()) held.lock();
    value = 1;
    if (twin()) held.unlock();
    changed.notify_one();  // nobody waits
  }
  void second() {
    std::unique_lock held(m);
    changed.wait_for(held, 1ms);
    seen = value;
  }
};
CORPUS_CASE(std_condition_variable_timed_out, "std::condition_variable::wait_for that times out");

struct std_notify_all_at_thread_exit : race_case {
  static constexpr bool together = true;
  std::mutex m;
  std::condition_variable changed;
  bool ready = false;
  long value = 0;
  long seen = 0;
  void first() {
    await(1);
    std::unique_lock held(m);
    ready = true;
    value = 1;
    std::notify_all_at_thread_exit(changed, std::move(held));
    reach(2);
  }
  void second() {
    {
      std::unique_lock held(m);
      reach(1);
      if (twin()) {
        while (!ready) changed.wait(held);
      }
    }
    await(2);
    seen = value;
  }
};
CORPUS_CASE(std_notify_all_at_thread_exit, "std::notify_all_at_thread_exit");

}  // namespace
