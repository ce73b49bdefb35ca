// Atomicity and order violations without a data race: each step is under the lock, and the whole is not.
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>

#include "tests/corpus/explore/threads.hpp"

namespace {

using corpus::explore_case;
using corpus::together;

struct thread_check_then_act : explore_case {
  std::recursive_mutex m;
  std::map<int, int> cache;
  int made = 0;
  bool known(int key) {
    const std::scoped_lock held(m);
    return cache.count(key) != 0;
  }
  void make(int key) {
    const std::scoped_lock held(m);
    ++made;
    cache[key] = key;
  }
  void get(int key) {
    std::unique_lock whole(m, std::defer_lock);
    if (twin()) whole.lock();
    if (!known(key)) make(key);
  }
  void run() {
    together([this] { get(7); }, [this] { get(7); });
    assert(made == 1);
  }
};
EXPLORE_CASE(thread_check_then_act, "assertion", "",
             "a key is looked up, and made under the lock later");

struct thread_withdraw_twice : explore_case {
  std::mutex m;
  int balance = 100;
  void withdraw(int amount) {
    std::unique_lock held(m);
    const bool enough = balance >= amount;
    if (!twin()) {
      held.unlock();
      held.lock();
    }
    if (enough) balance -= amount;
    assert(balance >= 0);
  }
  void run() {
    together([this] { withdraw(80); }, [this] { withdraw(60); });
  }
};
EXPLORE_CASE(thread_withdraw_twice, "assertion", "",
             "the lock is let go between the check of a balance and the withdrawal");

struct thread_stale_copy : explore_case {
  std::mutex m;
  int total = 0;
  int read() {
    const std::scoped_lock held(m);
    return total;
  }
  void write(int value) {
    const std::scoped_lock held(m);
    total = value;
  }
  void add(int n) {
    if (twin()) {
      const std::scoped_lock held(m);
      total += n;
    } else {
      write(read() + n);
    }
  }
  void run() {
    together([this] { add(1); }, [this] { add(10); });
    if (total != 11) corpus::wrong("an addition was lost");
  }
};
EXPLORE_CASE(thread_stale_copy, "assertion", "",
             "a value is read under the lock, and written under the lock later");

struct thread_torn_audit : explore_case {
  std::mutex locks[2];
  int accounts[2] = {50, 50};
  void transfer() {
    const std::scoped_lock held(locks[0], locks[1]);
    accounts[0] -= 10;
    accounts[1] += 10;
  }
  int balance(int which) {
    const std::scoped_lock held(locks[which]);
    return accounts[which];
  }
  void audit() {
    int sum = 0;
    if (twin()) {
      const std::scoped_lock held(locks[0], locks[1]);
      sum = accounts[0] + accounts[1];
    } else {
      sum = balance(0) + balance(1);
    }
    assert(sum == 100);
  }
  void run() {
    together([this] { transfer(); }, [this] { audit(); });
  }
};
EXPLORE_CASE(thread_torn_audit, "assertion", "",
             "two accounts are added up one by one during a transfer");

struct thread_two_fields : explore_case {
  std::atomic<int> length{2};
  std::atomic<const char*> text{"ab"};
  std::mutex m;
  void clear() {
    std::unique_lock held(m, std::defer_lock);
    if (twin()) held.lock();
    text = nullptr;
    length = 0;
  }
  void print() {
    std::unique_lock held(m, std::defer_lock);
    if (twin()) held.lock();
    if (length > 0) assert(text.load() != nullptr);
  }
  void run() {
    together([this] { print(); }, [this] { clear(); });
  }
};
EXPLORE_CASE(thread_two_fields, "assertion", "",
             "a length and its text are two atomics that belong together");

struct thread_iterated_while_changed : explore_case {
  std::recursive_mutex m;
  int items[2] = {1, 2};
  int count = 2;
  int size() {
    const std::scoped_lock held(m);
    return count;
  }
  int at(int i) {
    const std::scoped_lock held(m);
    assert(i < count);
    return items[i];
  }
  void read() {
    std::unique_lock whole(m, std::defer_lock);
    if (twin()) whole.lock();
    for (int i = 0, n = size(); i < n; ++i) at(i);
  }
  void shrink() {
    const std::scoped_lock held(m);
    --count;
  }
  void run() {
    together([this] { read(); }, [this] { shrink(); });
  }
};
EXPLORE_CASE(thread_iterated_while_changed, "assertion", "",
             "a loop goes by a size that another thread makes smaller");

struct thread_used_after_close : explore_case {
  std::mutex m;
  std::optional<int> connection = 5;
  bool open() {
    const std::scoped_lock held(m);
    return connection.has_value();
  }
  void send() {
    if (!open()) return;
    const std::scoped_lock held(m);
    if (twin() && !connection) return;
    if (connection.value() != 5) std::abort();  // throws when it is closed
  }
  void close() {
    const std::scoped_lock held(m);
    connection.reset();
  }
  void run() {
    together([this] { send(); }, [this] { close(); });
  }
};
EXPLORE_CASE(thread_used_after_close, "crash", "",
             "a connection that was open is closed when it is used: an exception");

struct thread_finished_before_result : explore_case {
  std::mutex m;
  bool finished = false;
  int result = 0;
  void work() {
    std::unique_lock held(m);
    finished = true;
    if (!twin()) {
      held.unlock();
      held.lock();
    }
    result = 42;
  }
  void look() {
    const std::scoped_lock held(m);
    if (finished) assert(result == 42);
  }
  void run() {
    together([this] { work(); }, [this] { look(); });
  }
};
EXPLORE_CASE(thread_finished_before_result, "assertion", "",
             "it is said that a result is there before it is");

struct thread_shut_down_too_early : explore_case {
  std::mutex m;
  bool down = false;
  int pending = 0;
  std::condition_variable idle;
  void log_line() {
    const std::scoped_lock held(m);
    assert(!down);
    --pending;
    idle.notify_all();
  }
  void run() {
    if (twin()) pending = 2;
    const auto line = [this] {
      if (!twin()) {
        const std::scoped_lock held(m);
        ++pending;
      }
      log_line();
    };
    std::thread first(line), second(line);
    first.join();
    {
      std::unique_lock held(m);
      idle.wait(held, [this] { return pending == 0; });
      down = true;
    }
    second.join();
  }
};
EXPLORE_CASE(thread_shut_down_too_early, "assertion", "",
             "work that has not begun is not counted, and what it uses is shut down");

struct thread_message_torn : explore_case {
  int ends[2] = {-1, -1};
  std::mutex m;
  void send(char who) {
    std::unique_lock held(m, std::defer_lock);
    if (twin()) held.lock();
    for (int i = 0; i < 2; ++i)
      if (::write(ends[1], &who, 1) != 1) std::abort();
  }
  void run() {
    if (::pipe(ends) != 0) std::abort();
    together([this] { send('a'); }, [this] { send('b'); });
    char got[4] = {};
    for (char& one : got)
      if (::read(ends[0], &one, 1) != 1) std::abort();
    if (got[0] != got[1]) corpus::wrong("two messages were mixed");
  }
};
EXPLORE_CASE(thread_message_torn, "assertion", "",
             "two messages in two writes each go into one pipe");

}  // namespace
