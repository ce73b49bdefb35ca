// The global queue: what waits there is served, and options::queues puts everything there.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <vector>

#include "runtime/blocking.hpp"
#include "runtime/errors.hpp"
#include "runtime/internal/switching.hpp"
#include "runtime/internal/waiter.hpp"
#include "runtime/internal/worker.hpp"
#include "runtime/park.hpp"
#include "tests/runtime/support.hpp"

namespace {

using namespace std::chrono_literals;
using gobench::runtime::this_waiter;
using gobench::runtime::unpark;
using gobench::runtime::wait_reason;

void park_here() {
  static_cast<void>(gobench::runtime::park(this_waiter(), {wait_reason::event, nullptr}));
}

// One processor and no further one, however long the machine lets a task stand still: then order means something.
gobench::options one_after_the_other() {
  gobench::options made = on_fibers(1);
  made.hand_off = false;
  return made;
}

class global_queue : public ::testing::Test {
 protected:
  const scoped_env procs_{"GOBENCH_PROCS", nullptr};
  const scoped_env backend_{"GOBENCH_BACKEND", nullptr};
  const scoped_env hand_off_{"GOBENCH_HAND_OFF", nullptr};
  const scoped_env queue_{"GOBENCH_RUN_QUEUE", nullptr};
};

// The task that computes always has itself to go on with, and comes to a scheduling point often enough to
// keep its processor. Every 64th decision looks at the global queue; three in a row take
// some 124 of its own.
TEST_F(global_queue, what_waits_there_does_not_wait_for_64_decisions_of_who_computes) {
  gobench::options chosen = on_fibers(1);
  chosen.hand_off = false;
  int decisions = 0;
  gobench::run(chosen, [&] {
    std::atomic<int> served{0};
    std::atomic<bool> ready{false};
    gobench::runtime::waiter* parked = nullptr;
    gobench::task waiting = gobench::go([&] {
      parked = &this_waiter();
      ready.store(true);
      for (int i = 1; i <= 3; ++i) {
        park_here();
        served.store(i);
      }
    });
    while (!ready.load()) gobench::yield();
    std::thread outside([&] {
      for (int i = 0; i < 3; ++i) {
        std::this_thread::sleep_for(1ms);
        unpark(*parked);
        while (served.load() == i) std::this_thread::sleep_for(100us);
      }
    });
    while (served.load() != 3) {
      const auto end = std::chrono::steady_clock::now() + 3ms;
      while (std::chrono::steady_clock::now() < end) gobench::runtime::cpu_pause();
      ++decisions;
      gobench::yield();
    }
    waiting.join();
    outside.join();
  });
  EXPECT_LT(decisions, 100);
}

class one_queue : public global_queue, public ::testing::WithParamInterface<int> {
 protected:
  static gobench::options chosen() {
    gobench::options made = on_fibers(GetParam());
    made.queues = gobench::queue_policy::global;
    return made;
  }
};

INSTANTIATE_TEST_SUITE_P(procs, one_queue, ::testing::Values(1, 2, 4));

TEST_P(one_queue, runs_every_task_once) {
  constexpr int count = 5000;
  std::vector<int> ran(count, 0);
  gobench::run(chosen(), [&] {
    std::vector<gobench::task> tasks;
    for (int i = 0; i < count; ++i) {
      tasks.push_back(gobench::go([&ran, i] {
        for (int k = 0; k < i % 4; ++k) gobench::yield();
        ++ran[static_cast<std::size_t>(i)];
      }));
    }
    for (gobench::task& one : tasks) one.join();
  });
  EXPECT_EQ(std::ranges::count(ran, 1), count);
}

// First in first out: on one processor nobody overtakes.
TEST_F(global_queue, serves_in_order) {
  gobench::options made = one_after_the_other();
  made.queues = gobench::queue_policy::global;
  std::vector<int> order;
  gobench::run(made, [&] {
    std::vector<gobench::task> tasks;
    for (int i = 0; i < 100; ++i) {
      tasks.push_back(gobench::go([&order, i] {
        order.push_back(i);
        gobench::yield();
        order.push_back(100 + i);
      }));
    }
    for (gobench::task& one : tasks) one.join();
  });
  ASSERT_EQ(order.size(), 200U);
  EXPECT_TRUE(std::ranges::is_sorted(order));
}

TEST_P(one_queue, wakes_by_others_by_timers_and_from_outside) {
  int rounds = 0;
  gobench::run(chosen(), [&] {
    std::atomic<gobench::runtime::waiter*> parked{nullptr};
    std::atomic<bool> stop{false};
    gobench::task waiting = gobench::go([&] {
      parked.store(&this_waiter());
      while (!stop.load()) {
        park_here();
        ++rounds;
      }
    });
    while (parked.load() == nullptr) gobench::yield();
    for (int i = 0; i < 200; ++i) {
      unpark(*parked.load());
      gobench::yield();
    }
    for (int i = 0; i < 5; ++i) gobench::sleep_for(200us);
    std::thread outside([&] {
      for (int i = 0; i < 20; ++i) {
        unpark(*parked.load());
        std::this_thread::sleep_for(50us);
      }
      stop.store(true);
      unpark(*parked.load());
    });
    waiting.join();
    gobench::blocking([&] { outside.join(); });
  });
  EXPECT_GT(rounds, 0);
}

TEST_P(one_queue, ends_with_tasks_that_wait_compute_and_never_began) {
  std::atomic<int> ends{0};
  gobench::run(chosen(), [&] {
    for (int i = 0; i < 50; ++i) {
      gobench::go([&] {
        const counts_its_end here(ends);
        park_here();
        gobench::runtime::throw_ended();
      });
      gobench::go([&] {
        const counts_its_end here(ends);
        for (;;) gobench::yield();
      });
    }
    for (int i = 0; i < 10; ++i) gobench::yield();
    for (int i = 0; i < 50; ++i) gobench::go([end = counts_its_end(ends)] {});
  });
  EXPECT_EQ(ends.load(), 150);
}

TEST_P(one_queue, finds_a_deadlock) {
  EXPECT_THROW(gobench::run(chosen(),
                            [] {
                              gobench::go([] { park_here(); });
                              park_here();
                            }),
               gobench::deadlock);
}

// What one run asked for is not what the next one gets.
TEST_P(one_queue, is_of_one_run) {
  gobench::run(chosen(), [] { gobench::go([] {}).join(); });
  std::vector<int> order;
  gobench::run(one_after_the_other(), [&] {
    std::vector<gobench::task> tasks;
    for (int i = 0; i < 3; ++i) tasks.push_back(gobench::go([&order, i] { order.push_back(i); }));
    for (gobench::task& one : tasks) one.join();
  });
  EXPECT_EQ(order, (std::vector<int>{2, 1, 0})) << "the newest goes first";
}

TEST_F(global_queue, the_environment_chooses_it) {
  const auto order_of_a_run = [] {
    std::vector<int> order;
    gobench::run(one_after_the_other(), [&] {
      std::vector<gobench::task> tasks;
      for (int i = 0; i < 3; ++i) tasks.push_back(gobench::go([&order, i] { order.push_back(i); }));
      for (gobench::task& one : tasks) one.join();
    });
    return order;
  };
  {
    const scoped_env set("GOBENCH_RUN_QUEUE", "global");
    EXPECT_EQ(order_of_a_run(), (std::vector<int>{0, 1, 2}));
  }
  const scoped_env set("GOBENCH_RUN_QUEUE", "one");
  try {
    order_of_a_run();
    FAIL() << "took a value that cannot be";
  } catch (const std::invalid_argument& e) {
    EXPECT_STREQ(e.what(), "GOBENCH_RUN_QUEUE=one is neither local nor global");
  }
}

}  // namespace
