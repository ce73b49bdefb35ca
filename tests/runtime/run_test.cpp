// What run() takes, gives back and refuses. How it ends the other tasks: end_test.cpp.
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "runtime/random.hpp"
#include "tests/runtime/support.hpp"

namespace {

class run_test : public on_backends {
 protected:
  gobench::options chosen() const { return options_for(GetParam()); }
};
GOBENCH_ON_BACKENDS(run_test);

TEST_P(run_test, returns_what_the_main_task_returns) {
  EXPECT_EQ(gobench::run(chosen(), [] { return 42; }), 42);
  EXPECT_EQ(gobench::run(chosen(), [] { return -7; }), -7);
  EXPECT_EQ(gobench::run(chosen(), [] { return true; }), 1);
  EXPECT_EQ(gobench::run(chosen(), [] {}), 0);
}

TEST_P(run_test, takes_any_callable) {
  EXPECT_EQ(gobench::run(chosen(), std::bind([](int n) { return n; }, 3)), 3);
  EXPECT_EQ(gobench::run(chosen(), [p = std::make_unique<int>(5)] { return *p; }), 5);
  int calls = 0;
  auto counts = [&calls]() mutable { return ++calls; };
  EXPECT_EQ(gobench::run(chosen(), counts), 1);
  EXPECT_EQ(gobench::run(chosen(), counts), 2);
}

TEST_P(run_test, rethrows_what_the_main_task_throws) {
  try {
    gobench::run(chosen(), [] { throw std::out_of_range("the very same"); });
    FAIL() << "nothing was thrown";
  } catch (const std::out_of_range& caught) {
    EXPECT_STREQ(caught.what(), "the very same");
  }
  EXPECT_THROW(gobench::run(chosen(), []() -> int { throw 7; }), int);
  EXPECT_EQ(gobench::run(chosen(), [] { return 1; }), 1);
}

TEST_P(run_test, a_run_inside_a_run_is_misuse) {
  gobench::run(chosen(), [&] {
    EXPECT_THROW(gobench::run([] {}), gobench::misuse);
    gobench::go([] { EXPECT_THROW(gobench::run([] {}), gobench::misuse); }).join();
    gobench::go([] {}).join();
  });
  EXPECT_EQ(gobench::run(chosen(), [] { return 9; }), 9);
}

TEST_P(run_test, a_run_beside_a_run_is_misuse) {
  gobench::run(chosen(), [&] {
    gobench::blocking([&] {
      std::thread([&] {
        EXPECT_THROW(gobench::run(on_fibers(1), [] {}), gobench::misuse);
        EXPECT_THROW(gobench::run(on_threads(1), [] {}), gobench::misuse);
      }).join();
    });
  });
}

TEST_P(run_test, may_be_called_from_any_thread) {
  int status = 0;
  std::thread([&] {
    status = gobench::run(chosen(), [] {
      int n = 0;
      gobench::go([&] { n = 4; }).join();
      return n;
    });
  }).join();
  EXPECT_EQ(status, 4);
}

TEST_P(run_test, leaves_the_callers_exception_alone) {
  try {
    throw std::runtime_error("ours");
  } catch (...) {
    gobench::run(chosen(), [] {
      try {
        gobench::go([] { throw std::logic_error("theirs"); }).join();
      } catch (const std::logic_error&) {
        gobench::yield();
      }
    });
    try {
      throw;
    } catch (const std::runtime_error& caught) {
      EXPECT_STREQ(caught.what(), "ours");
    }
  }
  EXPECT_EQ(std::current_exception(), nullptr);
}

TEST_P(run_test, leaves_the_callers_cpus_alone) {
  cpu_set_t before;
  cpu_set_t after;
  ASSERT_EQ(::sched_getaffinity(0, sizeof before, &before), 0);
  gobench::run(chosen(), [] { gobench::go([] {}).join(); });
  ASSERT_EQ(::sched_getaffinity(0, sizeof after, &after), 0);
  EXPECT_TRUE(CPU_EQUAL(&before, &after));
}

TEST_P(run_test, hundreds_in_a_row_leave_nothing_behind) {
  const auto once = [&](int n) {
    EXPECT_EQ(gobench::run(chosen(),
                           [n] {
                             int sum = 0;
                             std::vector<gobench::task> tasks;
                             gobench::mutex m;
                             for (int i = 0; i < 8; ++i) {
                               tasks.push_back(gobench::go([&] {
                                 gobench::yield();
                                 const std::scoped_lock held(m);
                                 sum += n;
                               }));
                             }
                             for (gobench::task& t : tasks) t.join();
                             return sum;
                           }),
              8 * n);
  };
  for (int i = 0; i < 100; ++i) once(i);
  const std::size_t mappings = lines_of("/proc/self/maps");
  for (int i = 0; i < 200; ++i) once(i);
  // The allocator may map something now and then; a leak of ours would be one per run at least.
  EXPECT_LE(lines_of("/proc/self/maps"), mappings + 50);
}

TEST_P(run_test, main_is_a_task_like_any_other) {
  gobench::run(chosen(), [] {
    std::vector<gobench::task> tasks;
    std::atomic<int> sum{0};
    for (int i = 0; i < 4; ++i) {
      tasks.push_back(gobench::go([&] {
        gobench::yield();
        gobench::sleep_for(std::chrono::microseconds(10));
        sum.fetch_add(1);
      }));
    }
    gobench::yield();
    gobench::sleep_for(std::chrono::microseconds(10));
    for (gobench::task& t : tasks) t.join();
    EXPECT_EQ(sum.load(), 4);
  });
}

TEST(run_seed, decides_the_random_choices_of_every_run) {
  const auto first_numbers = [](std::uint64_t seed) {
    std::vector<std::uint64_t> numbers;
    gobench::options chosen = on_fibers(1);
    chosen.seed = seed;
    gobench::run(chosen, [&] {
      for (int i = 0; i < 4; ++i) numbers.push_back(gobench::runtime::this_random().next());
    });
    return numbers;
  };
  const auto one = first_numbers(1);
  EXPECT_EQ(first_numbers(1), one);
  EXPECT_NE(first_numbers(2), one);
  EXPECT_NE(first_numbers(0), first_numbers(0));
}

TEST(run_backends, take_turns) {
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(gobench::run(on_fibers(1 + i % 4), [i] { return i; }), i);
    EXPECT_EQ(gobench::run(on_threads(1 + i % 4), [i] { return i; }), i);
  }
}

TEST(no_run, is_said_to_whoever_needs_one) {
  EXPECT_THROW(gobench::go([] {}), gobench::no_runtime);
  EXPECT_THROW(gobench::set_max_procs(2), gobench::no_runtime);
  gobench::run(on_fibers(1), [] {});
  EXPECT_THROW(gobench::go([] {}), gobench::no_runtime);
  gobench::run(on_threads(1), [] {});
  EXPECT_THROW(gobench::go([] {}), gobench::no_runtime);
  EXPECT_THROW(gobench::set_max_procs(2), gobench::no_runtime);
}

TEST(no_run, is_needed_for_waiting) {
  gobench::yield();
  gobench::sleep_for(std::chrono::microseconds(1));
  EXPECT_EQ(gobench::blocking([] { return 3; }), 3);
}

}  // namespace
