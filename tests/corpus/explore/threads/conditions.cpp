// Condition variables: signals that are lost, taken by others or believed.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "tests/corpus/explore/threads.hpp"

namespace {

using corpus::explore_case;
using corpus::together;
using namespace std::chrono_literals;

struct thread_if_for_while : explore_case {
  std::mutex m;
  std::condition_variable filled;
  int items = 0;
  void take() {
    std::unique_lock held(m);
    if (items == 0) filled.wait(held);
    if (twin()) filled.wait(held, [this] { return items > 0; });
    assert(items > 0);
    --items;
  }
  void put() {
    const std::scoped_lock held(m);
    ++items;
    filled.notify_one();
  }
  void run() {
    together([this] { take(); }, [this] { take(); },
             [this] {
               put();
               put();
             });
  }
};
EXPLORE_CASE(thread_if_for_while, "assertion", "",
             "a condition is checked by if, and another consumer is faster");

struct thread_lost_signal : explore_case {
  std::mutex m;
  std::condition_variable ready_now;
  bool ready = false;
  void await() {
    std::unique_lock held(m);
    if (twin())
      ready_now.wait(held, [this] { return ready; });
    else
      ready_now.wait(held);
  }
  void announce() {
    const std::scoped_lock held(m);
    ready = true;
    ready_now.notify_one();
  }
  void run() {
    together([this] { await(); }, [this] { announce(); });
  }
};
EXPLORE_CASE(thread_lost_signal, "deadlock", "",
             "a signal comes before the wait, which checks nothing");

struct thread_signal_without_lock : explore_case {
  std::mutex m;
  std::condition_variable ready_now;
  std::atomic<bool> ready{false};
  void await() {
    std::unique_lock held(m);
    while (!ready) ready_now.wait(held);
  }
  void announce() {
    std::unique_lock held(m, std::defer_lock);
    if (twin()) held.lock();
    ready = true;
    ready_now.notify_one();
  }
  void run() {
    together([this] { await(); }, [this] { announce(); });
  }
};
EXPLORE_CASE(
    thread_signal_without_lock, "deadlock", "",
    "flag and signal come between the check and the wait, since no lock is taken for them");

struct thread_signal_before_change : explore_case {
  std::mutex m;
  std::condition_variable changed;
  bool stop = false;
  void work() {
    std::unique_lock held(m);
    changed.wait(held, [this] { return stop; });
  }
  void end() {
    if (!twin()) changed.notify_all();
    std::unique_lock held(m);
    stop = true;
    held.unlock();
    if (twin()) changed.notify_all();
  }
  void run() {
    together([this] { end(); }, [this] { work(); });
  }
};
EXPLORE_CASE(thread_signal_before_change, "deadlock", "",
             "a signal is sent before what it tells is true");

struct thread_wrong_waiter_woken : explore_case {
  std::mutex m;
  std::condition_variable changed;
  int stage = 0;
  void step(int from) {
    std::unique_lock held(m);
    changed.wait(held, [&] { return stage == from; });
    ++stage;
    twin() ? changed.notify_all() : changed.notify_one();
  }
  void run() {
    together([this] { step(0); }, [this] { step(1); }, [this] { step(2); });
  }
};
EXPLORE_CASE(thread_wrong_waiter_woken, "deadlock", "",
             "waiters for different things share a condition, and one is woken");

struct thread_buffer_one_condition : explore_case {
  std::mutex m;
  std::condition_variable filled, emptied;
  bool full = false;
  std::condition_variable& for_takers() { return filled; }
  std::condition_variable& for_putters() { return twin() ? emptied : filled; }
  void put() {
    std::unique_lock held(m);
    for_putters().wait(held, [this] { return !full; });
    full = true;
    for_takers().notify_one();
  }
  void take() {
    std::unique_lock held(m);
    for_takers().wait(held, [this] { return full; });
    full = false;
    for_putters().notify_one();
  }
  void run() {
    together([this] { put(); }, [this] { put(); }, [this] { take(); }, [this] { take(); });
  }
};
EXPLORE_CASE(thread_buffer_one_condition, "deadlock", "",
             "a bounded buffer with one condition for both sides");

struct thread_wait_with_wrong_lock : explore_case {
  std::mutex data, other;
  std::condition_variable changed;
  std::atomic<int> jobs{0};
  void work() {
    std::unique_lock held(twin() ? data : other);
    while (jobs == 0) changed.wait(held);
    --jobs;
  }
  void submit() {
    const std::scoped_lock held(data);
    ++jobs;
    changed.notify_one();
  }
  void run() {
    together([this] { work(); }, [this] { submit(); });
  }
};
EXPLORE_CASE(thread_wait_with_wrong_lock, "deadlock", "misuse",
             "a condition is waited for with another lock than the change is made under");

struct thread_lock_and_condition : explore_case {
  std::mutex table, row;
  std::condition_variable ready_now;
  bool ready = false;
  void publish() {
    const std::scoped_lock outer(table);
    const std::scoped_lock inner(row);
    ready = true;
    ready_now.notify_all();
  }
  void await() {
    std::unique_lock outer(table);
    if (twin()) outer.unlock();
    std::unique_lock inner(row);
    ready_now.wait(inner, [this] { return ready; });
  }
  void run() {
    together([this] { publish(); }, [this] { await(); });
  }
};
EXPLORE_CASE(thread_lock_and_condition, "deadlock", "lock-order",
             "an outer lock stays held in a wait, and the one who signals needs it");

struct thread_spurious_wake_up : explore_case {
  std::mutex m;
  std::condition_variable ready_now;
  bool waiting = false;
  bool ready = false;
  void await() {
    std::unique_lock held(m);
    waiting = true;
    if (!ready) ready_now.wait(held);
    if (twin()) ready_now.wait(held, [this] { return ready; });
    assert(ready);
  }
  void announce() {
    const std::scoped_lock held(m);
    ready = true;
    if (waiting) ready_now.notify_one();
  }
  void run() {
    together([this] { await(); }, [this] { announce(); });
  }
};
EXPLORE_CASE(thread_spurious_wake_up, "assertion", "",
             "a wait returns without a signal [--spurious]");

struct thread_timeout_taken_for_result : explore_case {
  std::mutex m;
  std::condition_variable ready_now;
  bool ready = false;
  void await() {
    std::unique_lock held(m);
    const bool came = ready_now.wait_for(held, 20ms, [this] { return ready; });
    if (twin() && !came) return;
    assert(ready);
  }
  void announce() {
    const std::scoped_lock held(m);
    ready = true;
    ready_now.notify_one();
  }
  void run() {
    together([this] { await(); }, [this] { announce(); });
  }
};
EXPLORE_CASE(thread_timeout_taken_for_result, "assertion", "",
             "a timed wait is believed to have been successful");

struct thread_timeout_beside_result : explore_case {
  std::mutex m;
  std::condition_variable ready_now;
  std::atomic<bool> ready{false};
  std::atomic<int> outcomes{0};
  bool decided = false;
  void decide() {
    std::unique_lock held(m, std::defer_lock);
    if (twin()) {
      held.lock();
      if (std::exchange(decided, true)) return;
    }
    ++outcomes;
  }
  void await() {
    std::unique_lock held(m);
    const bool came = ready_now.wait_for(held, 20ms, [this] { return ready.load(); });
    held.unlock();
    if (!came) decide();  // gives up
  }
  void complete() {
    std::unique_lock held(m);
    ready = true;
    ready_now.notify_one();
    held.unlock();
    decide();
  }
  void run() {
    together([this] { await(); }, [this] { complete(); });
    if (outcomes != 1) corpus::wrong("the request was completed and given up");
  }
};
EXPLORE_CASE(thread_timeout_beside_result, "assertion", "",
             "a timeout and the result both end the request");

struct thread_timed_lock_ignored : explore_case {
  std::timed_mutex m;
  std::atomic<int> inside{0};
  void work() {
    std::unique_lock held(m, std::defer_lock);
    const bool got = held.try_lock_for(20ms);
    if (twin() && !got) return;
    assert(inside++ == 0);
    --inside;
  }
  void run() {
    together([this] { work(); }, [this] { work(); });
  }
};
EXPLORE_CASE(thread_timed_lock_ignored, "assertion", "misuse",
             "try_lock_for has failed, and the section is entered");

struct thread_pool_stop_missed : explore_case {
  std::mutex m;
  std::condition_variable changed;
  int jobs = 0;
  bool stop = false;
  void work() {
    std::unique_lock held(m);
    while (true) {
      changed.wait(held, [this] { return jobs > 0 || (twin() && stop); });
      if (jobs == 0) return;
      --jobs;
      if (stop && jobs == 0) return;
    }
  }
  void run() {
    std::thread worker([this] { work(); });
    {
      const std::scoped_lock held(m);
      jobs = 1;
      changed.notify_one();
    }
    {
      const std::scoped_lock held(m);
      stop = true;
      changed.notify_one();
    }
    worker.join();
  }
};
EXPLORE_CASE(thread_pool_stop_missed, "deadlock", "",
             "a worker that has done all its jobs does not look at the stop");

struct thread_queue_drained_at_stop : explore_case {
  std::mutex m;
  std::condition_variable changed;
  int jobs = 0;
  bool stop = false;
  int done = 0;
  void work() {
    std::unique_lock held(m);
    while (true) {
      changed.wait(held, [this] { return jobs > 0 || stop; });
      if (stop && (!twin() || jobs == 0)) return;
      --jobs;
      ++done;
    }
  }
  void submit() {
    std::unique_lock held(m);
    jobs = 2;
    changed.notify_one();
    held.unlock();
    std::this_thread::yield();
    held.lock();
    stop = true;
    changed.notify_one();
  }
  void run() {
    together([this] { work(); }, [this] { submit(); });
    if (done != 2) corpus::wrong("jobs were left in the queue");
  }
};
EXPLORE_CASE(thread_queue_drained_at_stop, "assertion", "",
             "a stop overtakes the jobs that were submitted before it");

}  // namespace
