// gobench's locks, and locks together with other things that wait.
#include <atomic>
#include <mutex>
#include <shared_mutex>
#include <stdexcept>
#include <thread>

#include "tests/corpus/explore/tasks.hpp"

namespace {

using corpus::explore_case;
using corpus::together;

struct task_self_deadlock : explore_case {
  gobench::mutex m;
  bool observed = false;
  int changes = 0;
  void notify() {
    const std::scoped_lock held(m);
    ++changes;
  }
  void change() {
    std::unique_lock held(m);
    if (!observed) return;
    if (twin()) held.unlock();
    notify();
  }
  void observe() {
    const std::scoped_lock held(m);
    observed = true;
  }
  void run() {
    together([this] { change(); }, [this] { observe(); });
  }
};
EXPLORE_CASE(task_self_deadlock, "deadlock|misuse", "",
             "an observer is told under the lock that it takes");

struct task_ab_ba : explore_case {
  gobench::mutex a, b;
  static void both(gobench::mutex& first, gobench::mutex& second) {
    const std::scoped_lock outer(first);
    const std::scoped_lock inner(second);
  }
  void run() {
    together([this] { both(a, b); }, [this] { twin() ? both(a, b) : both(b, a); });
  }
};
EXPLORE_CASE(task_ab_ba, "deadlock", "lock-order", "two gobench::mutex in two orders");

struct task_three_locks : explore_case {
  gobench::mutex locks[3];
  void pair(int first, int second) {
    const std::scoped_lock outer(locks[first]);
    const std::scoped_lock inner(locks[second]);
  }
  void run() {
    together([this] { pair(0, 1); }, [this] { pair(1, 2); },
             [this] { twin() ? pair(0, 2) : pair(2, 0); });
  }
};
EXPLORE_CASE(task_three_locks, "deadlock", "lock-order",
             "three gobench::mutex in a circle of orders");

struct task_thread_ab_ba : explore_case {
  gobench::mutex ours;
  std::mutex theirs;
  void run() {
    std::thread thread([this] {
      const std::scoped_lock outer(theirs);
      const std::scoped_lock inner(ours);
    });
    gobench::task task = gobench::go([this] {
      std::unique_lock outer(ours, std::defer_lock);
      if (!twin()) outer.lock();
      const std::scoped_lock inner(theirs);
      if (twin()) outer.lock();
    });
    task.join();
    thread.join();
  }
};
EXPLORE_CASE(task_thread_ab_ba, "deadlock", "lock-order",
             "a task and a std::thread take a gobench::mutex and a std::mutex in two orders");

struct task_rw_recursion : explore_case {
  gobench::shared_mutex lock;
  int value = 0;
  int read() {
    const std::shared_lock held(lock);
    return value;
  }
  void read_twice() {
    const std::shared_lock held(lock);
    const int seen = twin() ? value : read();
    assert(seen == 0 || seen == 1);
  }
  void write() {
    const std::scoped_lock held(lock);
    value = 1;
  }
  void run() {
    together([this] { read_twice(); }, [this] { write(); });
  }
};
EXPLORE_CASE(task_rw_recursion, "deadlock", "lock-order",
             "a read lock is taken again while a writer waits");

struct task_lock_and_channel : explore_case {
  gobench::mutex m;
  gobench::chan<int> results = gobench::make_chan<int>();
  int total = 0;
  void produce() {
    std::unique_lock held(m);
    const int value = ++total;
    if (twin()) held.unlock();
    results.send(value);
  }
  void consume() {
    {
      const std::scoped_lock held(m);
      ++total;
    }
    results.recv();
  }
  void run() {
    together([this] { consume(); }, [this] { produce(); });
  }
};
EXPLORE_CASE(task_lock_and_channel, "deadlock", "misuse",
             "a send waits under the lock that the receiver needs first");

struct task_lock_and_wait_group : explore_case {
  gobench::mutex m;
  gobench::wait_group group;
  int done = 0;
  void work() {
    {
      const std::scoped_lock held(m);
      ++done;
    }
    group.done();
  }
  void collect() {
    std::unique_lock held(m);
    if (twin()) held.unlock();
    group.wait();
  }
  void run() {
    group.add(1);
    together([this] { work(); }, [this] { collect(); });
  }
};
EXPLORE_CASE(task_lock_and_wait_group, "deadlock", "misuse",
             "a wait_group is waited for under the lock that its tasks need");

struct task_lock_and_condition : explore_case {
  gobench::mutex table, row;
  gobench::condition_variable ready_now;
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
EXPLORE_CASE(task_lock_and_condition, "deadlock", "lock-order",
             "an outer lock stays held in a wait, and the one who signals needs it");

struct task_condition_if : explore_case {
  gobench::mutex m;
  gobench::condition_variable filled;
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
EXPLORE_CASE(task_condition_if, "assertion", "",
             "a condition is checked by if, and another consumer is faster");

struct task_lost_signal : explore_case {
  gobench::mutex m;
  gobench::condition_variable ready_now;
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
EXPLORE_CASE(task_lost_signal, "deadlock", "",
             "a signal comes before the wait, which checks nothing");

struct task_buffer_one_condition : explore_case {
  gobench::mutex m;
  gobench::condition_variable filled, emptied;
  bool full = false;
  gobench::condition_variable& for_putters() { return twin() ? emptied : filled; }
  void put() {
    std::unique_lock held(m);
    for_putters().wait(held, [this] { return !full; });
    full = true;
    filled.notify_one();
  }
  void take() {
    std::unique_lock held(m);
    filled.wait(held, [this] { return full; });
    full = false;
    for_putters().notify_one();
  }
  void run() {
    together([this] { put(); }, [this] { put(); }, [this] { take(); }, [this] { take(); });
  }
};
EXPLORE_CASE(task_buffer_one_condition, "deadlock", "",
             "a bounded buffer with one condition for both sides");

struct task_exception_skips_unlock : explore_case {
  gobench::mutex m;
  std::atomic<bool> closed{false};
  void use() {
    m.lock();
    try {
      if (closed) throw std::runtime_error("closed");
    } catch (...) {
      if (twin()) m.unlock();
      throw;
    }
    m.unlock();
  }
  void attempt() {
    try {
      use();
    } catch (const std::runtime_error&) {
    }
  }
  void run() {
    together([this] { attempt(); }, [this] { attempt(); }, [this] { closed = true; });
  }
};
EXPLORE_CASE(task_exception_skips_unlock, "deadlock", "misuse|leak",
             "an exception leaves between lock and unlock");

struct task_once_and_lock : explore_case {
  gobench::once made;
  gobench::mutex m;
  int value = 0;
  void get() {
    made.call([this] {
      const std::scoped_lock held(m);
      value = 1;
    });
  }
  void use() {
    if (twin()) get();
    const std::scoped_lock held(m);
    if (!twin()) get();
  }
  void run() {
    together([this] { get(); }, [this] { use(); });
  }
};
EXPLORE_CASE(task_once_and_lock, "deadlock|misuse", "lock-order",
             "once.call under the lock that its function takes");

struct task_polite_spoon : explore_case {
  std::atomic<int> spoon{0};
  std::atomic<bool> hungry[2] = {};
  void dine(int me) {
    const int other = 1 - me;
    hungry[me] = true;
    for (bool polite = true;;) {
      if (spoon != me) {
        gobench::yield();
      } else if (polite && hungry[other]) {
        if (twin()) polite = false;  // once is enough
        spoon = other;
      } else {
        break;
      }
    }
    hungry[me] = false;
    spoon = other;
  }
  void run() {
    together([this] { dine(0); }, [this] { dine(1); });
  }
};
EXPLORE_CASE(task_polite_spoon, "hang", "",
             "a livelock: two hungry ones hand the spoon to each other");

struct task_both_back_off : explore_case {
  gobench::mutex locks[2];
  std::atomic<int> attempts{0};
  void move(int mine, int other) {
    for (int tries = 0;; ++tries) {
      std::unique_lock first(locks[mine]);
      std::unique_lock second(locks[other], std::try_to_lock);
      if (second.owns_lock()) return;
      if (twin()) {
        first.unlock();
        const std::scoped_lock both(locks[0], locks[1]);
        return;
      }
      assert(tries < 2);  // gives up, though nobody has what both want
      first.unlock();
      gobench::yield();
    }
  }
  void run() {
    together([this] { move(0, 1); }, [this] { move(1, 0); });
  }
};
EXPLORE_CASE(task_both_back_off, "assertion", "",
             "two tasks back off from each other until one gives up");

}  // namespace
