// gobench's wait_group, once, semaphore, event, latch, barrier and condition_variable.
#include <chrono>
#include <mutex>

#include "tests/corpus/race/tasks.hpp"

namespace {

using corpus::race_case;
using namespace std::chrono_literals;

struct task_wait_group : race_case {
  gobench::wait_group group;
  long value = 0;
  long seen = 0;
  task_wait_group() { group.add(1); }
  void first() {
    if (twin()) value = 1;
    group.done();
    if (!twin()) value = 1;
  }
  void second() {
    group.wait();
    seen = value;
  }
};
CORPUS_CASE(task_wait_group, "wait_group; a write after done");

struct task_wait_group_done_by_both : race_case {
  gobench::wait_group group;
  long value = 0;
  task_wait_group_done_by_both() { group.add(2); }
  void first() {
    value = 1;
    group.done();
  }
  void second() {
    group.done();
    if (twin()) group.wait();
    value = 2;
  }
};
CORPUS_CASE(task_wait_group_done_by_both, "wait_group; done alone waits for nobody");

struct task_once : race_case {
  gobench::once once;
  long value = 0;
  long seen = 0;
  void first() {
    once.call([this] { value = 1; });
  }
  void second() {
    if (twin()) once.call([] { std::abort(); });
    seen = value;
  }
};
CORPUS_CASE(task_once, "once; one side looks without it");

struct task_once_written_later : race_case {
  gobench::once once;
  long value = 0;
  long seen = 0;
  void first() {
    once.call([this] {
      if (twin()) value = 1;
    });
    if (!twin()) value = 1;
  }
  void second() {
    once.call([] { std::abort(); });
    seen = value;
  }
};
CORPUS_CASE(task_once_written_later, "once; a write after the call");

struct task_once_thrown : race_case {
  gobench::once once;
  long value = 0;
  void first() {
    try {
      once.call([this] {
        value = 1;
        throw 1;
      });
    } catch (int) {
    }
  }
  void second() {
    if (twin()) {
      once.call([this] { value = 2; });
    } else {
      value = 2;
    }
  }
};
CORPUS_CASE(task_once_thrown, "once; a call that throws is before the next one");

struct task_semaphore : race_case {
  gobench::semaphore units{0};
  long value = 0;
  long seen = 0;
  void first() {
    if (twin()) value = 1;
    units.release();
    if (!twin()) value = 1;
  }
  void second() {
    units.acquire();
    seen = value;
  }
};
CORPUS_CASE(task_semaphore, "semaphore; a write after release");

struct task_semaphore_two_holders : race_case {
  gobench::semaphore units{2};
  long value = 0;
  void first() {
    units.acquire();
    value = 1;
    if (twin()) units.release();
  }
  void second() {
    units.acquire();
    value = 2;
  }
};
CORPUS_CASE(task_semaphore_two_holders, "semaphore of two units; two holders at once");

struct task_semaphore_failed_try : race_case {
  static constexpr bool together = true;
  gobench::semaphore units{0};
  long value = 0;
  long seen = 0;
  void first() {
    value = 1;
    reach(1);
    await(2);
    units.release();
  }
  void second() {
    await(1);
    if (units.try_acquire() || units.try_acquire_for(1ms)) std::abort();
    if (!twin()) seen = value;
    reach(2);
    units.acquire();
    if (twin()) seen = value;
  }
};
CORPUS_CASE(task_semaphore_failed_try, "semaphore::try_acquire that fails");

struct task_event : race_case {
  gobench::event happened;
  long value = 0;
  long seen = 0;
  void first() {
    if (twin()) value = 1;
    happened.set();
    if (!twin()) value = 1;
  }
  void second() {
    happened.wait();
    seen = value;
  }
};
CORPUS_CASE(task_event, "event; a write after set");

struct task_event_not_set : race_case {
  static constexpr bool together = true;
  gobench::event happened;
  long value = 0;
  long seen = 0;
  void first() {
    value = 1;
    reach(1);
    await(2);
    happened.set();
  }
  void second() {
    await(1);
    if (happened.is_set() || happened.wait_for(1ms)) std::abort();
    if (!twin()) seen = value;
    reach(2);
    happened.wait();
    if (twin()) seen = value;
  }
};
CORPUS_CASE(task_event_not_set, "event::is_set and wait_for that see nothing");

struct task_event_reset : race_case {
  gobench::event happened;
  long value = 0;
  void first() {
    value = 1;
    if (twin()) {
      happened.set();
    } else {
      happened.reset();
    }
  }
  void second() {
    if (twin()) {
      happened.wait();
    } else {
      happened.reset();
    }
    value = 2;
  }
};
CORPUS_CASE(task_event_reset, "event::reset orders nothing");

struct task_latch : race_case {
  gobench::latch gate{1};
  long value = 0;
  long seen = 0;
  void first() {
    if (twin()) value = 1;
    gate.count_down();
    if (!twin()) value = 1;
  }
  void second() {
    gate.wait();
    seen = value;
  }
};
CORPUS_CASE(task_latch, "latch; a write after count_down");

struct task_latch_try_wait : race_case {
  gobench::latch gate{2};
  long value = 0;
  long seen = 0;
  void first() {
    value = 1;
    gate.count_down(twin() ? 2 : 1);
  }
  void second() {
    if (gate.try_wait() != twin()) std::abort();
    seen = value;
  }
};
CORPUS_CASE(task_latch_try_wait, "latch::try_wait that fails");

struct task_barrier : race_case {
  static constexpr bool together = true;
  gobench::barrier meeting{2};
  long value = 0;
  long seen = 0;
  void first() {
    if (twin()) value = 1;
    meeting.arrive_and_wait();
    if (!twin()) value = 1;
  }
  void second() {
    meeting.arrive_and_wait();
    seen = value;
  }
};
CORPUS_CASE(task_barrier, "barrier; a write in the same round as the read");

struct task_barrier_rounds : race_case {
  static constexpr bool together = true;
  gobench::barrier meeting{2};
  long value = 0;
  void first() {
    for (int round = 0; round < 4; ++round) {
      if (round % 2 == 0) value = round;
      meeting.arrive_and_wait();
    }
  }
  void second() {
    for (int round = 0; round < 4; ++round) {
      if (twin() ? round % 2 == 1 : round % 2 == 0) value = -round;
      meeting.arrive_and_wait();
    }
  }
};
CORPUS_CASE(task_barrier_rounds, "barrier, round after round");

struct task_condition_variable : race_case {
  static constexpr bool together = true;
  gobench::mutex m;
  gobench::condition_variable changed;
  bool ready = false;
  long value = 0;
  long seen = 0;
  void first() {
    await(1);
    if (twin()) value = 1;
    {
      const std::scoped_lock held(m);
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
      changed.wait(held, [this] { return ready; });
    }
    await(2);
    seen = value;
  }
};
CORPUS_CASE(task_condition_variable, "condition_variable::wait; a write after notify_all");

struct task_condition_variable_gives_up : race_case {
  static constexpr bool together = true;
  gobench::mutex m;
  gobench::condition_variable changed;
  bool ready = false;
  long value = 0;
  void first() {
    std::unique_lock held(m);
    value = 1;
    reach(1);
    changed.wait(held, [this] { return ready; });
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
CORPUS_CASE(task_condition_variable_gives_up, "condition_variable::wait gives the mutex up");

// As in Go, a notify is before the return of the wait that it wakes, with whatever lock. The mutex is that of another
// condition, so that it orders nothing between the two.
struct task_condition_variable_any : race_case {
  static constexpr bool together = true;
  gobench::mutex of_waiter;
  gobench::condition_variable_any changed;
  std::atomic<bool> heard{false};
  long value = 0;
  long seen = 0;
  void first() {
    await(1);
    if (twin()) value = 1;
    // Until it was heard: the other may not wait yet.
    while (!heard.load(std::memory_order_relaxed)) {
      changed.notify_one();
      corpus::pause();
    }
    if (!twin()) value = 1;
    reach(2);
  }
  void second() {
    {
      std::unique_lock held(of_waiter);
      reach(1);
      changed.wait(held);
      heard.store(true, std::memory_order_relaxed);
    }
    await(2);
    seen = value;
  }
};
CORPUS_CASE(task_condition_variable_any, "condition_variable_any; a write after notify_one");

}  // namespace
