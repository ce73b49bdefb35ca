// What else a process does: signals, fork, exceptions, longjmp, exit.
#include <csetjmp>
#include <csignal>
#include <cstdio>
#include <exception>
#include <locale>
#include <stdexcept>
#include <string>

#include <pthread.h>
#include <sys/wait.h>

#include "tests/corpus/race/threads.hpp"

namespace {

using corpus::locked_in_twin;
using corpus::race_case;

// A handler runs in the thread that it interrupts, and is part of it.
struct signal_handler : race_case {
  long value = 0;
  long seen = 0;
  static inline signal_handler* current = nullptr;
  static void on_signal(int) { current->value = 1; }
  void first() {
    current = this;
    struct sigaction action {};
    action.sa_handler = on_signal;
    if (sigaction(SIGUSR1, &action, nullptr) != 0) std::abort();
    if (std::raise(SIGUSR1) != 0) std::abort();
    flag.store(true, twin() ? std::memory_order_release : std::memory_order_relaxed);
  }
  void second() {
    while (!flag.load(twin() ? std::memory_order_acquire : std::memory_order_relaxed))
      corpus::pause();
    seen = value;
  }
  std::atomic<bool> flag{false};
};
CORPUS_CASE_BY(signal_handler, "a signal handler writes", "data-race", "signal_handler::on_signal",
               "signal_handler::second");

struct signal_interrupts_wait : race_case {
  static constexpr bool together = true;
  long value = 0;
  long seen = 0;
  std::atomic<bool> interrupted{false};
  static inline signal_interrupts_wait* current = nullptr;
  static void on_signal(int) {
    current->value = 1;
    current->interrupted.store(
        true, current->twin() ? std::memory_order_release : std::memory_order_relaxed);
  }
  void first() {
    current = this;
    struct sigaction action {};
    action.sa_handler = on_signal;
    if (sigaction(SIGUSR2, &action, nullptr) != 0) std::abort();
    who.store(pthread_self(), std::memory_order_release);
    reach(1);
    while (!interrupted.load(std::memory_order_relaxed)) ::usleep(1000);
  }
  void second() {
    await(1);
    if (pthread_kill(who.load(std::memory_order_acquire), SIGUSR2) != 0) std::abort();
    while (!interrupted.load(twin() ? std::memory_order_acquire : std::memory_order_relaxed))
      corpus::pause();
    seen = value;
  }
  std::atomic<pthread_t> who{};
};
CORPUS_CASE_BY(signal_interrupts_wait, "a signal handler by pthread_kill", "data-race",
               "signal_interrupts_wait::on_signal", "signal_interrupts_wait::second");

// A child has one thread, and all that its parent knew; what it does is in a memory of its own.
struct race_after_fork : race_case {
  long value = 0;
  void first() { value = 1; }
  void second() { value = 2; }
  void run() {
    std::fflush(nullptr);
    side(*this, &race_after_fork::first);
    const pid_t child = ::fork();
    if (child < 0) std::abort();
    if (child == 0) {
      side(*this, &race_after_fork::second);
      ::_exit(0);
    }
    int status = 0;
    if (::waitpid(child, &status, 0) != child || status != 0) std::abort();
    if (twin()) return;
    std::thread beside([this] { side(*this, &race_after_fork::first); });
    side(*this, &race_after_fork::second);
    beside.join();
  }
};
CORPUS_CASE(race_after_fork, "a race in the parent after a fork; none between parent and child");

struct fork_with_threads : locked_in_twin {
  static constexpr bool together = true;
  long value = 0;
  void first() {
    reach(1);
    await(2);
    const auto held = hold();
    value = 1;
  }
  void second() {
    await(1);
    const pid_t child = ::fork();
    if (child < 0) std::abort();
    if (child == 0) {
      delete new long(1);
      ::_exit(0);
    }
    int status = 0;
    if (::waitpid(child, &status, 0) != child || status != 0) std::abort();
    reach(2);
    const auto held = hold();
    value = 2;
  }
};
CORPUS_CASE(fork_with_threads, "a fork while another thread runs");

// An exception that two threads hold: its count is synchronised, what it holds is not.
struct planned : std::exception {
  mutable long field = 0;
};

struct exception_shared : race_case {
  std::exception_ptr one = std::make_exception_ptr(planned());
  std::exception_ptr other = one;
  long seen = 0;
  void first() {
    try {
      std::rethrow_exception(one);
    } catch (const planned& caught) {
      if (!twin()) caught.field = 1;
    }
    one = nullptr;
  }
  void second() {
    try {
      std::rethrow_exception(other);
    } catch (const planned& caught) {
      seen = caught.field;
    }
    other = nullptr;
  }
};
CORPUS_CASE(exception_shared, "an exception that two threads rethrow");

struct exception_caught_before : locked_in_twin {
  long value = 0;
  static __attribute__((noinline)) void deep(int depth) {
    if (depth == 0) throw std::runtime_error("planned");
    deep(depth - 1);
  }
  void first() {
    try {
      deep(20);
    } catch (const std::runtime_error&) {
    }
    const auto held = hold();
    value = 1;
  }
  void second() {
    for (int i = 0; i < 10; ++i) {
      try {
        deep(i);
      } catch (const std::runtime_error&) {
      }
    }
    const auto held = hold();
    value = 2;
  }
};
CORPUS_CASE(exception_caught_before, "frames that an exception has left");

struct jumped_before : locked_in_twin {
  long value = 0;
  std::jmp_buf back{};
  std::jmp_buf other_back{};
  int depth = 0;
  int other_depth = 0;
  static __attribute__((noinline)) int deep(std::jmp_buf& to, int left) {
    if (left == 0) std::longjmp(to, 1);  // NOLINT
    return left > 100 ? left : deep(to, left - 1) + 1;
  }
  void first() {
    if (setjmp(back) == 0) depth = deep(back, 20);
    const auto held = hold();
    value = 1;
  }
  void second() {
    if (setjmp(other_back) == 0) other_depth = deep(other_back, 5);
    const auto held = hold();
    value = 2;
  }
};
CORPUS_CASE(jumped_before, "frames that longjmp has left");

// What atexit runs comes after main, and so after a thread that was joined.
long at_exit_value = 0;
struct written_at_exit : race_case {
  long* value = &at_exit_value;
  static inline written_at_exit* current = nullptr;
  void first() {
    *value = 1;
    reach(1);
  }
  void second() { *value += 2; }
  void run() {
    current = this;
    std::thread beside([this] { side(*this, &written_at_exit::first); });
    std::atexit([] {
      current->await(1);
      side(*current, &written_at_exit::second);
    });
    if (twin()) {
      beside.join();
    } else {
      beside.detach();
    }
  }
};
CORPUS_CASE(written_at_exit, "a function of atexit beside a detached thread");

// The standard library's own state is not the user's affair.
struct locale_used : locked_in_twin {
  long value = 0;
  std::size_t length = 0;
  std::size_t other_length = 0;
  void first() {
    length = std::to_string(1.5).size() + std::locale().name().size();
    const auto held = hold();
    value = 1;
  }
  void second() {
    other_length = std::to_string(2.5).size() + std::locale().name().size();
    const auto held = hold();
    value = 2;
  }
};
CORPUS_CASE(locale_used, "std::locale and std::to_string beside each other");

struct polymorphic_cast : locked_in_twin {
  struct base {
    base() = default;
    base(const base&) = delete;
    base& operator=(const base&) = delete;
    virtual ~base() = default;
  };
  struct derived : base {
    long field = 0;
  };
  base* object = new derived;
  void first() {
    const auto held = hold();
    dynamic_cast<derived*>(object)->field = 1;
  }
  void second() {
    const auto held = hold();
    dynamic_cast<derived*>(object)->field = 2;
  }
};
CORPUS_CASE(polymorphic_cast, "through dynamic_cast");

}  // namespace
