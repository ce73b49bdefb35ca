// What happens once: std::call_once, local statics, and the ways people try without them.
#include <atomic>
#include <mutex>

#include "tests/corpus/race/threads.hpp"

namespace {

using corpus::race_case;

struct std_call_once : race_case {
  std::once_flag once;
  long value = 0;
  long seen = 0;
  void first() {
    std::call_once(once, [this] { value = 1; });
  }
  void second() {
    if (twin()) std::call_once(once, [] { std::abort(); });
    seen = value;
  }
};
CORPUS_CASE(std_call_once, "std::call_once; one side looks without it");

struct std_call_once_written_later : race_case {
  std::once_flag once;
  long value = 0;
  long seen = 0;
  void first() {
    std::call_once(once, [this] {
      if (twin()) value = 1;
    });
    if (!twin()) value = 1;
  }
  void second() {
    std::call_once(once, [] { std::abort(); });
    seen = value;
  }
};
CORPUS_CASE(std_call_once_written_later, "std::call_once; a write after the call");

struct std_call_once_thrown : race_case {
  std::once_flag once;
  long value = 0;
  void first() {
    try {
      std::call_once(once, [this] {
        value = 1;
        throw 1;
      });
    } catch (int) {
    }
  }
  void second() {
    if (!twin()) {
      value = 2;
      return;
    }
    std::call_once(once, [this] { value = 2; });
  }
};
CORPUS_CASE(std_call_once_thrown, "std::call_once; a call that throws is before the next one");

struct std_local_static : race_case {
  struct table {
    explicit table(long first) : entry(first) {}
    long entry;
  };
  long seen = 0;
  table* unordered = nullptr;
  table& the_table() {
    static table one(1);
    return one;
  }
  void first() {
    table& mine = the_table();
    if (!twin()) mine.entry = 2;  // after its initialisation
  }
  void second() { seen = the_table().entry; }
};
CORPUS_CASE(std_local_static, "a local static; changed after its initialisation");

// The guard of a local static orders what the initialiser did.
struct std_local_static_guard : race_case {
  long value = 0;
  long seen = 0;
  long initialise() {
    value = 1;
    return 1;
  }
  long once() {
    static const long result = initialise();
    return result;
  }
  void first() { once(); }
  void second() {
    if (twin()) once();
    seen = value;
  }
};
CORPUS_CASE(std_local_static_guard, "a local static; one side does not pass its guard");

struct std_double_checked : race_case {
  struct thing {
    long field = 0;
  };
  std::mutex m;
  std::atomic<thing*> made{nullptr};
  long seen = 0;
  void first() {
    if (made.load(std::memory_order_acquire) != nullptr) return;
    const std::scoped_lock held(m);
    auto* fresh = new thing;
    fresh->field = 1;
    made.store(fresh, std::memory_order_release);
  }
  void second() {
    thing* found = made.load(twin() ? std::memory_order_acquire : std::memory_order_relaxed);
    seen = found->field;
  }
};
CORPUS_CASE(std_double_checked, "double-checked locking with a relaxed look");

struct std_double_checked_plain : race_case {
  std::mutex m;
  bool made = false;
  void first() {
    const std::scoped_lock held(m);
    made = true;
  }
  void second() {
    std::unique_lock held(m, std::defer_lock);
    if (twin()) held.lock();
    if (made) return;
    std::abort();
  }
};
CORPUS_CASE(std_double_checked_plain, "double-checked locking with a plain flag");

}  // namespace
