// A task that computes without a scheduling point: the others go on, also with one processor.
#include <chrono>
#include <stdexcept>
#include <vector>

#include "runtime/internal/scheduler.hpp"
#include "runtime/spin_lock.hpp"
#include "tests/runtime/support.hpp"

namespace {

using namespace std::chrono_literals;

// Computes until the flag is set: without a hand-off it would be for ever.
void compute_until(const std::atomic<bool>& flag) {
  while (!flag.load()) gobench::runtime::cpu_pause();
}

int processors_in_force() { return gobench::runtime::scheduler::instance().limit(); }

class hand_off_test : public on_backends {};

// With the processors that the test asks for.
class hand_off : public ::testing::Test {
  const scoped_env procs_{"GOBENCH_PROCS", nullptr};
};

INSTANTIATE_TEST_SUITE_P(on, hand_off_test,
                         ::testing::Values(vehicle{gobench::backend::fiber, 1},
                                           vehicle{gobench::backend::fiber, 2},
                                           vehicle{gobench::backend::thread, 1}),
                         [](const ::testing::TestParamInfo<vehicle>& information) {
                           return information.param.name();
                         });

TEST_P(hand_off_test, what_stands_behind_runs) {
  run([] {
    std::atomic<bool> stop{false};
    std::atomic<int> begun{0};
    std::vector<gobench::task> computing;
    for (int i = 0; i < gobench::max_procs(); ++i) {
      computing.push_back(gobench::go([&] {
        begun.fetch_add(1);
        compute_until(stop);
      }));
    }
    while (begun.load() != gobench::max_procs()) gobench::yield();
    gobench::go([&] { stop.store(true); }).join();
    for (gobench::task& one : computing) one.join();
  });
}

TEST_P(hand_off_test, sleepers_wake_again_and_again) {
  run([] {
    std::atomic<bool> stop{false};
    std::vector<gobench::task> computing;
    for (int i = 0; i < gobench::max_procs(); ++i) {
      computing.push_back(gobench::go([&] { compute_until(stop); }));
    }
    for (int i = 0; i < 20; ++i) gobench::sleep_for(1ms);
    stop.store(true);
    for (gobench::task& one : computing) one.join();
  });
}

TEST_P(hand_off_test, also_behind_several_that_compute) {
  run([] {
    constexpr int count = 6;
    std::atomic<int> begun{0};
    std::atomic<bool> stop{false};
    std::vector<gobench::task> computing;
    for (int i = 0; i < count; ++i) {
      computing.push_back(gobench::go([&] {
        begun.fetch_add(1);
        compute_until(stop);
      }));
    }
    gobench::task last = gobench::go([&] {
      // Every one of them has its turn.
      while (begun.load() != count) gobench::yield();
      stop.store(true);
    });
    for (gobench::task& one : computing) one.join();
    last.join();
  });
}

TEST_P(hand_off_test, whom_the_computing_one_wakes_runs) {
  run([] {
    const auto asked = gobench::make_chan<int>(1);
    std::atomic<bool> answered{false};
    gobench::task answering = gobench::go([&] {
      while (asked.recv()) answered.store(true);
    });
    for (int i = 0; i < 3; ++i) {
      answered.store(false);
      ASSERT_TRUE(asked.try_send(i));
      compute_until(answered);
    }
    asked.close();
    answering.join();
  });
}

TEST_F(hand_off, is_taken_back) {
  gobench::run(on_fibers(1), [] {
    std::atomic<bool> stop{false};
    gobench::task computing = gobench::go([&] { compute_until(stop); });
    gobench::sleep_for(1ms);
    while (processors_in_force() == 1) gobench::sleep_for(1ms);
    EXPECT_EQ(gobench::max_procs(), 1);
    stop.store(true);
    computing.join();
    while (processors_in_force() != 1) gobench::sleep_for(1ms);
  });
}

TEST_F(hand_off, the_number_of_processors_is_what_was_asked_for) {
  gobench::run(on_fibers(1), [] {
    std::atomic<bool> stop{false};
    gobench::task computing = gobench::go([&] { compute_until(stop); });
    while (processors_in_force() == 1) gobench::sleep_for(1ms);
    EXPECT_EQ(gobench::set_max_procs(2), 1);
    EXPECT_EQ(gobench::set_max_procs(1), 2);
    stop.store(true);
    computing.join();
  });
}

TEST_F(hand_off, a_run_may_end_meanwhile) {
  for (int round = 0; round < 5; ++round) {
    std::atomic<bool> stop{false};
    gobench::run(on_fibers(1), [&] {
      gobench::go([&] { compute_until(stop); });
      gobench::go([&] {
        for (;;) gobench::yield();
      });
      gobench::sleep_for(1ms);
      stop.store(true);
    });
  }
}

TEST_F(hand_off, can_be_turned_off) {
  gobench::options chosen = on_fibers(1);
  chosen.hand_off = false;
  gobench::run(chosen, [&] {
    // With one processor, nobody is seen between two scheduling points.
    std::atomic<int> inside{0};
    std::vector<gobench::task> tasks;
    for (int i = 0; i < 3; ++i) {
      tasks.push_back(gobench::go([&] {
        EXPECT_EQ(inside.fetch_add(1), 0);
        const auto until = std::chrono::steady_clock::now() + 50ms;
        while (std::chrono::steady_clock::now() < until) EXPECT_EQ(processors_in_force(), 1);
        inside.fetch_sub(1);
      }));
    }
    for (gobench::task& one : tasks) one.join();
  });
}

TEST_F(hand_off, the_environment_decides) {
  const scoped_env off("GOBENCH_HAND_OFF", "off");
  gobench::run(on_fibers(1), [] {
    gobench::go([] {
      const auto until = std::chrono::steady_clock::now() + 50ms;
      while (std::chrono::steady_clock::now() < until) EXPECT_EQ(processors_in_force(), 1);
    }).join();
  });
  const scoped_env wrong("GOBENCH_HAND_OFF", "maybe");
  EXPECT_THROW(gobench::run(on_fibers(1), [] {}), std::invalid_argument);
}

}  // namespace
