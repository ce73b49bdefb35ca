// Small programs, compiled with the instrumentation and linked with the detector: the cases of one binary. A racy
// case has to end with a finding, a silent one without. `gobench_interposed CASE` runs one; without
// an argument it lists them, "racy NAME" or "silent NAME" a line.
#pragma once

#include <pthread.h>
#include <time.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace interposed {

struct test_case {
  const char* name;
  bool racy;
  void (*run)();
  test_case* next;
};
inline test_case* cases = nullptr;

struct registered {
  test_case here;
  registered(const char* name, bool racy, void (*run)()) : here{name, racy, run, cases} {
    cases = &here;
  }
};

// Orders what happens without the detector seeing it: relaxed atomics give no edge.
class unseen_steps {
 public:
  void reach(int step) { at_.store(step, std::memory_order_relaxed); }
  void wait(int step) const {
    while (at_.load(std::memory_order_relaxed) < step) std::this_thread::yield();
  }

 private:
  std::atomic<int> at_{0};
};

// A condition of the test itself, not of the detector.
inline void check_that(bool holds, const char* what, int line) {
  if (holds) return;
  std::fprintf(stderr, "line %d: %s does not hold\n", line, what);
  std::_Exit(3);
}
#define CHECK(condition) \
  ::interposed::check_that(static_cast<bool>(condition), #condition, __LINE__)

inline timespec after_ms(clockid_t clock, long ms) {
  timespec now{};
  clock_gettime(clock, &now);
  now.tv_nsec += ms * 1000000;
  now.tv_sec += now.tv_nsec / 1000000000;
  now.tv_nsec %= 1000000000;
  return now;
}

// Runs both at the same time, as two threads; neither is ordered with the other.
template <typename First, typename Second>
void both(First first, Second second) {
  std::thread one(first);
  std::thread two(second);
  one.join();
  two.join();
}

// Runs one after the other, which the detector does not see. For racy cases: two accesses at the very same time
// may both miss each other.
template <typename First, typename Second>
void unordered(First first, Second second) {
  unseen_steps steps;
  std::thread one([&] {
    first();
    steps.reach(1);
  });
  std::thread two([&] {
    steps.wait(1);
    second();
  });
  one.join();
  two.join();
}

}  // namespace interposed

#define INTERPOSED_CASE(case_name, is_racy)                                                \
  static void case_name();                                                                 \
  static ::interposed::registered registered_##case_name{#case_name, is_racy, &case_name}; \
  static void case_name()
#define SILENT(case_name) INTERPOSED_CASE(case_name, false)
#define RACY(case_name) INTERPOSED_CASE(case_name, true)
