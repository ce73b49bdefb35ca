// Fibers: of the library, and of the program's own by the interface of ThreadSanitizer.
#include <ucontext.h>

#include <cstring>
#include <fstream>
#include <gobench.hpp>
#include <memory>
#include <string>
#include <vector>

#include "tests/interposed/cases.hpp"

extern "C" {
void* __tsan_get_current_fiber();
void* __tsan_create_fiber(unsigned flags);
void __tsan_destroy_fiber(void* fiber);
void __tsan_switch_to_fiber(void* fiber, unsigned flags);
}

namespace {

long value = 0;
thread_local long of_the_thread = 0;

template <typename F>
void on_one_thread(F f) {
  gobench::options options;
  options.procs = 1;
  gobench::run(options, f);
}

long memory_in_mb() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.rfind("VmRSS:", 0) == 0) return std::stol(line.substr(6)) / 1024;
  return 0;
}

// Two fibers of the program's own, which run one after the other on this thread.
class own_fiber {
 public:
  explicit own_fiber(void (*run)())
      : stack_(std::make_unique<char[]>(stack_size)), record_(__tsan_create_fiber(0)) {
    getcontext(&context_);
    context_.uc_stack.ss_sp = stack_.get();
    context_.uc_stack.ss_size = stack_size;
    context_.uc_link = nullptr;
    body.store(run, std::memory_order_relaxed);
    makecontext(&context_, &own_fiber::enter, 0);
  }
  ~own_fiber() { __tsan_destroy_fiber(record_); }
  void run_to_its_end() {
    home.store(__tsan_get_current_fiber(), std::memory_order_relaxed);
    constexpr unsigned without_edge = 1;
    __tsan_switch_to_fiber(record_, without_edge);
    swapcontext(&back, &context_);
  }

 private:
  static void enter() {
    body.load(std::memory_order_relaxed)();
    constexpr unsigned without_edge = 1;
    __tsan_switch_to_fiber(home.load(std::memory_order_relaxed), without_edge);
    setcontext(&back);
  }
  static constexpr std::size_t stack_size = std::size_t{256} << 10;
  // Handed over without an order that the detector sees.
  static std::atomic<void (*)()> body;
  static std::atomic<void*> home;
  static ucontext_t back;
  std::unique_ptr<char[]> stack_;
  void* record_;
  ucontext_t context_{};
};
std::atomic<void (*)()> own_fiber::body{nullptr};
std::atomic<void*> own_fiber::home{nullptr};
ucontext_t own_fiber::back{};

void count_thread_local() { ++of_the_thread; }
void count_shared() { ++value; }

}  // namespace

SILENT(own_fibers_use_a_thread_local) {
  own_fiber one(&count_thread_local);
  one.run_to_its_end();
  own_fiber two(&count_thread_local);
  two.run_to_its_end();
  CHECK(of_the_thread == 2);
}

RACY(own_fibers_use_a_global) {
  own_fiber one(&count_shared);
  own_fiber two(&count_shared);
  one.run_to_its_end();
  two.run_to_its_end();
}

SILENT(fibers_use_a_thread_local) {
  on_one_thread([] {
    gobench::task one = gobench::go([] { ++of_the_thread; });
    gobench::task two = gobench::go([] { ++of_the_thread; });
    one.join();
    two.join();
  });
}

RACY(fibers_use_the_thread_local_of_another_thread) {
  long* theirs = &of_the_thread;
  gobench::options options;
  options.procs = 1;
  std::thread other([&] {
    gobench::run(options, [&] {
      gobench::task one = gobench::go([&] { ++*theirs; });
      gobench::task two = gobench::go([&] { ++*theirs; });
      one.join();
      two.join();
    });
  });
  other.join();
}

RACY(fibers_use_a_global) {
  on_one_thread([] {
    gobench::task one = gobench::go([] { ++value; });
    gobench::task two = gobench::go([] { ++value; });
    one.join();
    two.join();
  });
}

SILENT(fibers_a_hundred_thousand_at_once) {
  constexpr int count = 100000;
  on_one_thread([] {
    gobench::event start;
    gobench::mutex lock;
    std::vector<gobench::task> all;
    all.reserve(count);
    for (int i = 0; i != count; ++i)
      all.push_back(gobench::go([&] {
        start.wait();
        const std::lock_guard hold(lock);
        ++value;
      }));
    gobench::yield();
    start.set();
    for (gobench::task& one : all) one.join();
  });
  CHECK(value == count);
  CHECK(memory_in_mb() < 2000);
}

SILENT(fibers_a_million_one_after_the_other) {
  on_one_thread([] {
    for (int round = 0; round != 1000; ++round) {
      std::vector<gobench::task> all;
      gobench::mutex lock;
      for (int i = 0; i != 1000; ++i)
        all.push_back(gobench::go([&] {
          const std::lock_guard hold(lock);
          ++value;
        }));
      for (gobench::task& one : all) one.join();
    }
  });
  CHECK(value == 1000000);
  CHECK(memory_in_mb() < 1000);
}

// Everybody learns of everybody: clocks that need memory.
SILENT(fibers_that_know_each_other) {
  constexpr int count = 3000;
  on_one_thread([] {
    std::vector<std::unique_ptr<std::atomic<int>>> flags;
    for (int i = 0; i != count; ++i) flags.push_back(std::make_unique<std::atomic<int>>(0));
    static long values[count];
    gobench::mutex lock;
    std::vector<gobench::task> all;
    for (int i = 0; i != count; ++i)
      all.push_back(gobench::go([&, i] {
        values[i] = i;
        flags[static_cast<std::size_t>(i)]->store(1, std::memory_order_release);
        for (int k = 0; k != 20; ++k) {
          const auto other = static_cast<std::size_t>((i * 7 + k * 131) % count);
          while (flags[other]->load(std::memory_order_acquire) == 0) gobench::yield();
          const std::lock_guard hold(lock);
          value += values[other];
        }
      }));
    for (gobench::task& one : all) one.join();
  });
}
