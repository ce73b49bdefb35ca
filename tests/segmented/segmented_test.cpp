// Fibers on stacks that grow by segments. This program is compiled with -fsplit-stack, as a user's would be;
// gobench's library is not.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <gobench.hpp>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "runtime/internal/control.hpp"

namespace {

using gobench::stack_strategy;
using gobench::runtime::control;
using gobench::runtime::guard_kind;

constexpr std::size_t kib = 1024;

gobench::options chosen(int procs, stack_strategy strategy = stack_strategy::segmented) {
  gobench::options all;
  all.kind = gobench::backend::fiber;
  all.procs = procs;
  all.seed = 1;
  all.stack.strategy = strategy;
  // As small as can be, so that there are many segments.
  if (strategy == stack_strategy::segmented) all.stack.reserve = 16 * kib;
  return all;
}

// As many frames of about 1 KiB; calls `at_the_end` in the deepest. The sum tells whether all frames came
// through unharmed.
[[gnu::noinline]] std::uint64_t dive(int depth, const std::function<void()>& at_the_end) {
  std::array<volatile std::uint64_t, 120> frame;
  for (std::size_t i = 0; i < frame.size(); ++i) frame[i] = static_cast<std::uint64_t>(depth) + i;
  std::uint64_t sum = 0;
  if (depth == 0) {
    at_the_end();
  } else {
    sum = dive(depth - 1, at_the_end);
  }
  for (std::size_t i = 0; i < frame.size(); ++i) sum += frame[i] - i;
  return sum;
}

std::uint64_t sum_of(int depth) {
  const auto n = static_cast<std::uint64_t>(depth);
  return 120 * (n * (n + 1) / 2);
}

std::size_t first_segment() {
  return static_cast<control&>(gobench::runtime::this_waiter()).lent->size();
}

class segmented : public ::testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(procs, segmented, ::testing::Values(1, 2, 4));

TEST_P(segmented, a_small_stack_grows) {
  gobench::run(chosen(GetParam()), [] {
    std::size_t first = 0;
    std::uint64_t sum = 0;
    guard_kind guard = guard_kind::canary;
    gobench::go([&] {
      first = first_segment();
      guard = static_cast<control&>(gobench::runtime::this_waiter()).lent->guard;
      sum = dive(20'000, [] {});  // some 20 MiB
    }).join();
    EXPECT_LE(first, 24 * kib);
    EXPECT_EQ(guard, guard_kind::growth);
    EXPECT_EQ(sum, sum_of(20'000));
  });
}

TEST_P(segmented, the_main_task_grows_as_well) {
  std::uint64_t sum = 0;
  gobench::run(chosen(GetParam()), [&] { sum = dive(5'000, [] {}); });
  EXPECT_EQ(sum, sum_of(5'000));
}

// Each is left and entered again in the middle of its segments, by others that grow and shrink theirs, and
// may go on upon another thread.
TEST_P(segmented, deep_tasks_switch) {
  std::atomic<int> wrong{0};
  gobench::run(chosen(GetParam()), [&] {
    std::vector<gobench::task> tasks;
    for (int i = 0; i < 40; ++i) {
      tasks.push_back(gobench::go([&wrong, i] {
        for (int round = 0; round < 10; ++round) {
          const int depth = 50 * ((i + round) % 20);
          const std::uint64_t sum = dive(depth, [depth] {
            gobench::yield();
            if (dive(depth / 2, [] { gobench::yield(); }) != sum_of(depth / 2)) throw 1;
          });
          if (sum != sum_of(depth)) wrong.fetch_add(1);
          if (round % 4 == 0) gobench::sleep_for(std::chrono::microseconds(50));
        }
      }));
    }
    for (gobench::task& one : tasks) one.join();
  });
  EXPECT_EQ(wrong.load(), 0);
}

TEST_P(segmented, channels_work_at_any_depth) {
  std::int64_t total = 0;
  gobench::run(chosen(GetParam()), [&] {
    auto numbers = gobench::make_chan<int>();
    gobench::task sender = gobench::go([numbers] {
      for (int i = 0; i < 300; ++i) dive(i, [&] { numbers.send(i); });
      numbers.close();
    });
    // The receiver's segments end at other depths.
    for (bool open = true; open;) {
      dive(static_cast<int>(total % 331), [&] {
        const auto got = numbers.recv();
        open = got.has_value();
        total += got.value_or(0);
      });
    }
    sender.join();
  });
  EXPECT_EQ(total, 300 * 299 / 2);
}

TEST_P(segmented, exceptions_cross_segments) {
  gobench::run(chosen(GetParam()), [] {
    for (int round = 0; round < 3; ++round) {
      gobench::task deep =
          gobench::go([] { dive(3'000, [] { throw std::runtime_error("from the deep"); }); });
      EXPECT_THROW(deep.join(), std::runtime_error);
      bool caught = false;
      try {
        dive(500, [] {
          gobench::yield();
          throw std::runtime_error("again");
        });
      } catch (const std::runtime_error&) {
        caught = true;
      }
      EXPECT_TRUE(caught);
    }
  });
}

TEST_P(segmented, the_end_of_a_run_unwinds_what_waits_in_the_deep) {
  for (const gobench::at_end end : {gobench::at_end::unwind, gobench::at_end::abandon}) {
    for (int round = 0; round < 3; ++round) {
      std::atomic<int> ends{0};
      struct counts {
        std::atomic<int>& ends;
        ~counts() { ends.fetch_add(1); }
      };
      // Never destroyed: what was abandoned stands in its queue for good.
      auto& never = *new gobench::event;
      gobench::options all = chosen(GetParam());
      all.end = end;
      gobench::run(all, [&] {
        std::atomic<int> there{0};
        for (int i = 0; i < 20; ++i) {
          gobench::go([&, i] {
            dive(100 * i, [&] {
              const counts at_end{ends};
              there.fetch_add(1);
              never.wait();
            });
          });
        }
        while (there.load() < 20) gobench::yield();
      });
      EXPECT_EQ(ends.load(), end == gobench::at_end::unwind ? 20 : 0);
      // The caller's own stack grows as before.
      EXPECT_EQ(dive(2'000, [] {}), sum_of(2'000));
    }
  }
}

TEST_P(segmented, tasks_follow_each_other_on_one_stack) {
  std::atomic<int> right{0};
  gobench::run(chosen(GetParam()), [&] {
    gobench::wait_group all;
    all.add(1'000);
    for (int i = 0; i < 1'000; ++i) {
      gobench::go([&, i] {
        const int depth = i % 7 == 0 ? 400 : 3;
        if (dive(depth, [&] {
              if (i % 5 == 0) gobench::yield();
            }) == sum_of(depth))
          right.fetch_add(1);
        all.done();
      });
    }
    all.wait();
  });
  EXPECT_EQ(right.load(), 1'000);
}

// The library's stacks of other kinds know nothing of segments, and code that could grow must not do so there.
TEST_P(segmented, programs_may_use_other_strategies) {
  for (const stack_strategy other :
       {stack_strategy::lazy, stack_strategy::pooled, stack_strategy::fixed}) {
    std::atomic<int> right{0};
    gobench::run(chosen(GetParam(), other), [&] {
      std::vector<gobench::task> tasks;
      for (int i = 0; i < 20; ++i) {
        tasks.push_back(gobench::go([&, i] {
          if (dive(150, [] { gobench::yield(); }) == sum_of(150)) right.fetch_add(1);
          EXPECT_GE(first_segment(), 250 * kib) << i;
        }));
      }
      for (gobench::task& one : tasks) one.join();
    });
    EXPECT_EQ(right.load(), 20);
  }
}

TEST_P(segmented, task_threads_grow_by_themselves) {
  gobench::options all = chosen(GetParam());
  all.kind = gobench::backend::thread;
  std::uint64_t sum = 0;
  gobench::run(all, [&] { gobench::go([&] { sum = dive(3'000, [] {}); }).join(); });
  EXPECT_EQ(sum, sum_of(3'000));
  std::thread([&] { sum = dive(2'000, [] {}); }).join();
  EXPECT_EQ(sum, sum_of(2'000));
}

TEST(segmented_options, the_first_segment_is_as_large_as_asked_for) {
  gobench::options all = chosen(1);
  all.stack.reserve = 256 * kib;
  gobench::run(all, [] {
    EXPECT_GE(first_segment(), 256 * kib);
    EXPECT_LE(first_segment(), 264 * kib);
  });
}

TEST(segmented_options, by_default_a_shallow_task_needs_one_segment) {
  gobench::options all = chosen(1);
  all.stack.reserve = 0;
  gobench::run(all, [] {
    EXPECT_GE(first_segment(), 1100 * kib);
    std::uint64_t sum = 0;
    gobench::go([&] { sum = dive(5'000, [] {}); }).join();
    EXPECT_EQ(sum, sum_of(5'000));
  });
}

TEST(segmented_options, come_from_the_environment) {
  ::setenv("GOBENCH_STACK", "segmented,32k", 1);
  std::size_t first = 0;
  gobench::run([&] { first = first_segment(); });
  ::unsetenv("GOBENCH_STACK");
  EXPECT_GE(first, 32 * kib);
  EXPECT_LE(first, 40 * kib);
}

}  // namespace
