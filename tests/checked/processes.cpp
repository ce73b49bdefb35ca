// What a process goes through: fork in the middle of things, signals, the end.
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csetjmp>
#include <csignal>
#include <mutex>
#include <stdexcept>
#include <vector>

#include "tests/interposed/cases.hpp"

namespace {

long value = 0;
std::atomic<long> shared{0};
std::mutex lock;

void add_to_shared() {
  long before = shared.load(std::memory_order_relaxed);
  while (!shared.compare_exchange_weak(before, before + 1, std::memory_order_acq_rel)) {
  }
}

}  // namespace

RACY(two_write) {
  interposed::unordered([] { ++value; }, [] { ++value; });
}

// Memory of the main thread, used by two others.
RACY(two_write_on_the_main_stack) {
  long local = 0;
  interposed::unordered([&] { ++local; }, [&] { ++local; });
}

thread_local long of_each_thread = 0;
RACY(two_write_what_is_local_to_the_main_thread) {
  long& local = of_each_thread;
  interposed::unordered([&] { ++local; }, [&] { ++local; });
}

// Two findings: who halts at the first does not get to the second.
RACY(two_write_twice) {
  static long other = 0;
  interposed::unordered([] { ++value; }, [] { ++value; });
  std::puts("between");
  std::fflush(stdout);
  interposed::unordered([] { ++other; }, [] { ++other; });
  std::puts("after");
}

SILENT(nothing) {}

SILENT(ordered_by_a_mutex) {
  interposed::both(
      [] {
        const std::lock_guard hold(lock);
        ++value;
      },
      [] {
        const std::lock_guard hold(lock);
        ++value;
      });
}

// The child uses what other threads are in the middle of using.
SILENT(fork_while_others_use_an_atomic) {
  std::atomic<bool> stop{false};
  std::vector<std::thread> others;
  for (int i = 0; i != 2; ++i)
    others.emplace_back([&] {
      while (!stop.load(std::memory_order_relaxed)) add_to_shared();
    });
  for (int i = 0; i != 30; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      alarm(20);  // instead of waiting for ever
      for (int k = 0; k != 10; ++k) add_to_shared();
      _exit(0);
    }
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
  stop = true;
  for (std::thread& one : others) one.join();
}

// A handler that uses what it has interrupted.
SILENT(signal_storm_on_one_atomic) {
  static volatile sig_atomic_t handled = 0;
  struct sigaction action {};
  action.sa_handler = [](int) {
    add_to_shared();
    handled = handled + 1;
  };
  sigaction(SIGALRM, &action, nullptr);
  itimerval every{{0, 100}, {0, 100}};
  setitimer(ITIMER_REAL, &every, nullptr);
  for (int i = 0; i != 3000000 && handled < 300; ++i) {
    add_to_shared();
    if (i % 8 == 0) {
      char* block = new char[static_cast<std::size_t>(16 + i % 64)];
      block[0] = 'x';
      delete[] block;
    }
  }
  every = {};
  setitimer(ITIMER_REAL, &every, nullptr);
  CHECK(handled > 0);
}

namespace {

std::jmp_buf here;
volatile bool always = true;
[[gnu::noinline]] void jump(int depth) {
  if (depth == 0 && always) std::longjmp(here, 1);
  if (depth != 0) jump(depth - 1);
  ++value;
}
[[gnu::noinline]] void leave_by_jump() {
  if (setjmp(here) == 0) jump(50);
}
[[gnu::noinline]] void raise_up(int depth) {
  if (depth == 0) throw std::runtime_error("deep");
  raise_up(depth - 1);
  ++value;
}
[[gnu::noinline]] void write_it() { ++value; }

}  // namespace

// The stacks told of what follows have no frame of those that were left.
RACY(write_after_jumps_and_exceptions) {
  interposed::unordered(
      [] {
        for (int i = 0; i != 100; ++i) {
          leave_by_jump();
          try {
            raise_up(50);
          } catch (const std::runtime_error&) {
          }
        }
        write_it();
      },
      [] { write_it(); });
}
