// Threads of the standard library: their begin, their end, and what runs then.
#include <atomic>
#include <functional>
#include <stop_token>
#include <thread>

#include "tests/corpus/race/threads.hpp"

namespace {

using corpus::race_case;

struct std_thread_not_joined : race_case {
  long value = 0;
  void first() { value = 1; }
  void second() { value = 2; }
  void run() {
    std::thread beside([this] {
      side(*this, &std_thread_not_joined::first);
      reach(1);
    });
    if (twin()) beside.join();
    await(1);
    side(*this, &std_thread_not_joined::second);
    if (!twin()) beside.join();
  }
};
CORPUS_CASE(std_thread_not_joined, "std::thread; its work is used before join");

struct std_thread_started : race_case {
  long value = 0;
  void first() { value = 1; }
  void second() { value = 2; }
  void run() {
    if (twin()) side(*this, &std_thread_started::first);
    std::thread beside([this] {
      await(1);
      side(*this, &std_thread_started::second);
    });
    if (!twin()) side(*this, &std_thread_started::first);
    reach(1);
    beside.join();
  }
};
CORPUS_CASE(std_thread_started, "std::thread; a write of who started it, after that");

struct std_thread_detached : race_case {
  std::atomic<bool> over{false};
  long value = 0;
  void first() { value = 1; }
  void second() { value = 2; }
  void run() {
    std::thread beside([this] {
      side(*this, &std_thread_detached::first);
      over.store(true, twin() ? std::memory_order_release : std::memory_order_relaxed);
    });
    beside.detach();
    while (!over.load(twin() ? std::memory_order_acquire : std::memory_order_relaxed))
      corpus::pause();
    side(*this, &std_thread_detached::second);
  }
};
CORPUS_CASE(std_thread_detached, "std::thread::detach; only an atomic flag orders its end");

// Joining one thread tells nothing of another.
struct std_thread_other_joined : race_case {
  long value = 0;
  void first() { value = 1; }
  void second() { value = 2; }
  void run() {
    std::thread other([] {});
    std::thread beside([this] {
      side(*this, &std_thread_other_joined::first);
      reach(1);
    });
    await(1);
    (twin() ? beside : other).join();
    side(*this, &std_thread_other_joined::second);
    (twin() ? other : beside).join();
  }
};
CORPUS_CASE(std_thread_other_joined, "std::thread::join of another thread");

// A is joined by B, which is joined by us.
struct std_thread_joined_by_another : race_case {
  long value = 0;
  void first() { value = 1; }
  void second() { value = 2; }
  void run() {
    std::thread a([this] {
      side(*this, &std_thread_joined_by_another::first);
      reach(1);
    });
    std::thread b([this, &a] {
      if (twin()) a.join();
    });
    await(1);
    b.join();
    side(*this, &std_thread_joined_by_another::second);
    if (!twin()) a.join();
  }
};
CORPUS_CASE(std_thread_joined_by_another, "std::thread::join, through a third thread");

struct std_jthread : race_case {
  long value = 0;
  void first() { value = 1; }
  void second() { value = 2; }
  void run() {
    {
      const std::jthread beside([this] {
        side(*this, &std_jthread::first);
        reach(1);
      });
      if (!twin()) {
        await(1);
        side(*this, &std_jthread::second);
      }
    }
    if (twin()) side(*this, &std_jthread::second);
  }
};
CORPUS_CASE(std_jthread, "std::jthread; its destructor joins");

struct std_stop_token : race_case {
  std::stop_source source;
  long value = 0;
  long seen = 0;
  void first() {
    if (twin()) value = 1;
    source.request_stop();
    if (!twin()) value = 1;
  }
  void second() {
    const std::stop_token token = source.get_token();
    while (!token.stop_requested()) corpus::pause();
    seen = value;
  }
};
CORPUS_CASE(std_stop_token, "std::stop_token::stop_requested; a write after request_stop");

// A callback that was registered before runs in who asks to stop.
struct std_stop_callback : race_case {
  static constexpr bool together = true;
  std::stop_source source;
  long value = 0;
  long seen = 0;
  void first() {
    if (twin()) value = 1;
    const std::stop_callback<std::function<void()>> look(source.get_token(), [] {});
    if (!twin()) value = 1;
    reach(1);
    await(2);
  }
  void second() {
    await(1);
    source.request_stop();
    seen = value;
    reach(2);
  }
};
CORPUS_CASE(std_stop_callback, "std::stop_callback; a write after it was registered");

struct at_thread_end {
  race_case* of = nullptr;
  long* value = nullptr;
  ~at_thread_end() {
    if (value != nullptr) *value = 1;
    if (of != nullptr) of->reach(1);
  }
};
thread_local at_thread_end at_end;

// A destructor of a thread_local is part of its thread.
struct std_thread_local_destructor : race_case {
  long value = 0;
  void first() {
    at_end.of = this;
    at_end.value = &value;
  }
  void second() { value = 2; }
  void run() {
    std::thread beside([this] { side(*this, &std_thread_local_destructor::first); });
    if (twin()) beside.join();
    await(1);
    side(*this, &std_thread_local_destructor::second);
    if (!twin()) beside.join();
  }
};
CORPUS_CASE_BY(std_thread_local_destructor, "the destructor of a thread_local", "data-race",
               "at_thread_end::~at_thread_end", "std_thread_local_destructor::second");

}  // namespace
