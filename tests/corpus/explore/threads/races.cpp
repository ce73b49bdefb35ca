// Data races that only some schedules have, and threads that outlive what they need.
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "tests/corpus/explore/threads.hpp"

namespace {

using corpus::explore_case;
using corpus::together;

struct thread_loop_variable : explore_case {
  std::atomic<int> sum{0};
  void run() {
    std::vector<std::thread> workers;
    for (int i = 0; i < 3; ++i) {
      if (twin())
        workers.emplace_back([this, i] { sum += 1 << (i & 7); });
      else
        workers.emplace_back([this, &i] { sum += 1 << (i & 7); });
    }
    for (std::thread& one : workers) one.join();
    if (sum != 7) corpus::wrong("a number was used twice");
  }
};
EXPLORE_CASE(thread_loop_variable, "data-race", "crash|assertion",
             "a loop variable is captured by reference");

struct thread_race_when_retried : explore_case {
  std::mutex m;
  std::atomic<int> version{0};
  int statistics = 0;
  void work() {
    const int seen = version;
    std::unique_lock held(m);
    if (version != seen) {
      if (!twin()) held.unlock();
      ++statistics;  // somebody was faster
      return;
    }
    version = seen + 1;
  }
  void run() {
    together([this] { work(); }, [this] { work(); }, [this] { work(); });
  }
};
EXPLORE_CASE(thread_race_when_retried, "data-race", "",
             "a path for conflicts counts them outside of the lock");

struct thread_race_on_error_path : explore_case {
  std::mutex m;
  bool failed = false;
  int error = 0;
  void fail(int what) {
    std::unique_lock held(m);
    const bool first = !failed;
    failed = true;
    if (!twin()) held.unlock();
    if (first) error = what;
  }
  void look() {
    const std::scoped_lock held(m);
    assert(!failed || error == 3);
  }
  void run() {
    together([this] { look(); }, [this] { fail(3); });
  }
};
EXPLORE_CASE(thread_race_on_error_path, "data-race", "assertion",
             "an error is stored after the lock was let go");

struct thread_freed_beside_use : explore_case {
  std::atomic<int*> shared{new int(5)};
  std::mutex m;
  void read() {
    std::unique_lock held(m, std::defer_lock);
    if (twin()) held.lock();
    if (const int* mine = shared) assert(*mine == 5);
  }
  void release() {
    std::unique_lock held(m, std::defer_lock);
    if (twin()) held.lock();
    delete shared.exchange(nullptr);
  }
  void run() {
    together([this] { read(); }, [this] { release(); });
  }
};
EXPLORE_CASE(thread_freed_beside_use, "use-after-free-race|data-race", "assertion|crash",
             "an object is freed between the look at its pointer and its use");

struct thread_lazy_singleton : explore_case {
  std::atomic<bool> ready{false};
  std::unique_ptr<int> value;
  std::mutex m;
  int get() {
    if (!ready) {
      const std::scoped_lock held(m);
      if (!ready) {
        if (!twin()) ready = true;
        value = std::make_unique<int>(42);
        if (twin()) ready = true;
      }
    }
    return *value;
  }
  void run() {
    together([this] { assert(get() == 42); }, [this] { assert(get() == 42); });
  }
};
EXPLORE_CASE(thread_lazy_singleton, "data-race", "crash",
             "double-checked initialisation: the flag is set before the object is there");

struct thread_leaked_worker : explore_case {
  std::mutex m;
  std::condition_variable changed;
  bool running = false;
  int stops = 0;
  void work() {
    std::unique_lock held(m);
    changed.wait(held, [this] { return stops > 0; });
    --stops;
    changed.notify_all();
  }
  void start_worker() {
    std::unique_lock held(m);
    if (running) return;
    if (twin()) running = true;
    held.unlock();
    std::thread([this] { work(); }).detach();
    held.lock();
    running = true;
  }
  void run() {
    together([this] { start_worker(); }, [this] { start_worker(); });
    std::unique_lock held(m);
    ++stops;
    changed.notify_all();
    changed.wait(held, [this] { return stops == 0; });
  }
};
EXPLORE_CASE(thread_leaked_worker, "leak", "", "two start the worker that there should be one of");

struct thread_producer_ends_early : explore_case {
  std::mutex m;
  std::condition_variable changed;
  int items = 0;
  bool over = false;
  std::atomic<bool> stopped{false};
  void produce() {
    for (int i = 0; i < 2 && !stopped; ++i) {
      const std::scoped_lock held(m);
      ++items;
      changed.notify_one();
    }
    const std::scoped_lock held(m);
    over = true;
    changed.notify_one();
  }
  void consume() {
    for (int i = 0; i < 2; ++i) {
      std::unique_lock held(m);
      changed.wait(held, [this] { return items > 0 || (twin() && over); });
      if (items == 0) return;
      --items;
    }
  }
  void run() {
    together([this] { produce(); }, [this] { consume(); }, [this] { stopped = true; });
  }
};
EXPLORE_CASE(thread_producer_ends_early, "deadlock", "",
             "a producer stops early, and its consumer waits for the number that was agreed");

}  // namespace
