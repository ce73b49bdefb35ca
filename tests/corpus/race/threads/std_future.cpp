// Futures of the standard library.
#include <future>
#include <stdexcept>

#include "tests/corpus/race/threads.hpp"

namespace {

using corpus::race_case;

struct std_promise : race_case {
  std::promise<long> promised;
  std::future<long> future = promised.get_future();
  long value = 0;
  long seen = 0;
  void first() {
    if (twin()) value = 1;
    promised.set_value(1);
    if (!twin()) value = 1;
  }
  void second() { seen = future.get() + value; }
};
CORPUS_CASE(std_promise, "std::promise::set_value; a write after it");

struct std_promise_not_waited_for : race_case {
  std::promise<long> promised;
  std::future<long> future = promised.get_future();
  long value = 0;
  long seen = 0;
  void first() {
    value = 1;
    promised.set_value(1);
  }
  void second() {
    if (twin()) future.wait();
    seen = value;
  }
};
CORPUS_CASE(std_promise_not_waited_for, "std::future that nobody waits for");

struct std_promise_exception : race_case {
  std::promise<long> promised;
  std::future<long> future = promised.get_future();
  long value = 0;
  long seen = 0;
  void first() {
    if (twin()) value = 1;
    promised.set_exception(std::make_exception_ptr(std::runtime_error("planned")));
    if (!twin()) value = 1;
  }
  void second() {
    try {
      future.get();
    } catch (const std::runtime_error&) {
      seen = value;
    }
  }
};
CORPUS_CASE(std_promise_exception, "std::promise::set_exception; a write after it");

struct std_promise_at_thread_exit : race_case {
  static constexpr bool together = true;
  std::promise<long> promised;
  std::future<long> future = promised.get_future();
  long value = 0;
  long seen = 0;
  void first() {
    promised.set_value_at_thread_exit(1);
    value = 1;
    reach(1);
  }
  void second() {
    if (twin()) future.wait();
    await(1);
    seen = value;
  }
};
CORPUS_CASE(std_promise_at_thread_exit, "std::promise::set_value_at_thread_exit");

struct std_shared_future : race_case {
  std::promise<long> promised;
  std::shared_future<long> future = promised.get_future().share();
  long value = 0;
  long seen = 0;
  void first() {
    if (twin()) value = 1;
    promised.set_value(1);
    if (!twin()) value = 1;
  }
  void second() {
    const std::shared_future<long> mine = future;
    seen = mine.get() + value;
  }
};
CORPUS_CASE(std_shared_future, "std::shared_future; a write after set_value");

struct std_future_wait_for : race_case {
  static constexpr bool together = true;
  std::promise<void> promised;
  std::future<void> future = promised.get_future();
  long value = 0;
  long seen = 0;
  void first() {
    value = 1;
    reach(1);
    await(2);
    promised.set_value();
    reach(3);
  }
  void second() {
    await(1);
    if (future.wait_for(std::chrono::microseconds(10)) != std::future_status::timeout) std::abort();
    if (!twin()) seen = value;
    reach(2);
    await(3);
    if (future.wait_for(std::chrono::seconds(60)) != std::future_status::ready) std::abort();
    if (twin()) seen = value;
  }
};
CORPUS_CASE(std_future_wait_for, "std::future::wait_for that times out");

struct std_packaged_task : race_case {
  long value = 0;
  long seen = 0;
  std::packaged_task<void()> task{[this] {
    if (twin()) value = 1;
  }};
  std::future<void> future = task.get_future();
  void first() {
    task();
    if (!twin()) value = 1;
  }
  void second() {
    future.get();
    seen = value;
  }
};
CORPUS_CASE(std_packaged_task, "std::packaged_task; a write after the task");

// The function that async runs is the first side; the one who asked for it the second.
struct std_async : race_case {
  long value = 0;
  void first() { value = 1; }
  void second() { value = 2; }
  void run() {
    auto running = std::async(std::launch::async, [this] {
      side(*this, &std_async::first);
      reach(1);
    });
    if (twin()) running.get();
    await(1);
    side(*this, &std_async::second);
  }
};
CORPUS_CASE(std_async, "std::async; its result is not waited for");

struct std_async_started : race_case {
  long value = 0;
  void first() { value = 1; }
  void second() { value = 2; }
  void run() {
    if (twin()) side(*this, &std_async_started::first);
    auto running = std::async(std::launch::async, [this] {
      await(1);
      side(*this, &std_async_started::second);
    });
    if (!twin()) side(*this, &std_async_started::first);
    reach(1);
    running.get();
  }
};
CORPUS_CASE(std_async_started, "std::async; a write after it was started");

struct std_async_dropped : race_case {
  long value = 0;
  void first() { value = 1; }
  void second() { value = 2; }
  void run() {
    auto running = std::async(std::launch::async, [this] {
      side(*this, &std_async_dropped::first);
      reach(1);
    });
    // The destructor of a future of async waits.
    if (twin()) running = {};
    await(1);
    side(*this, &std_async_dropped::second);
  }
};
CORPUS_CASE(std_async_dropped, "the destructor of a future of std::async waits");

}  // namespace
