#include <chrono>
#include <vector>

#include "tests/runtime/support.hpp"

namespace {

using namespace std::chrono_literals;

class counters_test : public on_backends {};

INSTANTIATE_TEST_SUITE_P(
    on, counters_test,
    ::testing::Values(vehicle{gobench::backend::fiber, 1}, vehicle{gobench::backend::fiber, 2},
                      vehicle{gobench::backend::fiber, 4}, vehicle{gobench::backend::thread, 2}),
    [](const ::testing::TestParamInfo<vehicle>& information) { return information.param.name(); });

TEST_P(counters_test, every_spawn_and_every_end_is_counted) {
  static constexpr std::uint64_t count = 100;
  run([] {
    std::vector<gobench::task> all;
    for (std::uint64_t i = 0; i < count; ++i) all.push_back(gobench::go([] { gobench::yield(); }));
    for (gobench::task& one : all) one.join();
    EXPECT_EQ(gobench::counters().spawned, count);
    EXPECT_EQ(gobench::counters().finished, count);
  });
  EXPECT_EQ(gobench::counters().spawned, count);
}

TEST_P(counters_test, who_has_waited_was_woken) {
  constexpr int rounds = 200;
  run([] {
    const gobench::chan<int> there = gobench::make_chan<int>();
    gobench::task other = gobench::go([there] {
      for (int i = 0; i < rounds; ++i) there.send(i);
    });
    for (int i = 0; i < rounds; ++i) there.recv();
    other.join();
    gobench::sleep_for(1ms);
    const gobench::runtime_counters now = gobench::counters();
    // In each round one of the two comes first and waits; on top of it the sleep.
    EXPECT_GE(now.parks, static_cast<std::uint64_t>(rounds) / 2);
    EXPECT_GE(now.timers, 1U);
    // A permit may come before its wait: then nobody waits.
    EXPECT_LE(now.wakes, now.parks + 2);
    EXPECT_GE(now.wakes + 2, now.parks);
  });
}

TEST_P(counters_test, each_run_begins_at_zero) {
  run([] {
    for (int i = 0; i < 10; ++i) gobench::go([] {}).join();
  });
  run([] {
    EXPECT_EQ(gobench::counters().spawned, 0U);
    EXPECT_EQ(gobench::counters().finished, 0U);
    gobench::go([] {}).join();
    EXPECT_EQ(gobench::counters().spawned, 1U);
  });
}

TEST(counters, a_yield_is_a_switch) {
  const scoped_env procs("GOBENCH_PROCS", nullptr);
  const scoped_env backend("GOBENCH_BACKEND", nullptr);
  gobench::run(on_fibers(1), [] {
    constexpr int rounds = 1000;
    gobench::task other = gobench::go([] {
      for (int i = 0; i < rounds; ++i) gobench::yield();
    });
    const gobench::runtime_counters before = gobench::counters();
    for (int i = 0; i < rounds; ++i) gobench::yield();
    const std::uint64_t switches = (gobench::counters() - before).switches;
    // There and back each time, until the other has ended.
    EXPECT_GE(switches, 2U * rounds - 10);
    EXPECT_LE(switches, 2U * rounds + 10);
    other.join();
  });
}

TEST(counters, what_another_processor_takes_is_a_steal) {
  const scoped_env procs("GOBENCH_PROCS", nullptr);
  const scoped_env backend("GOBENCH_BACKEND", nullptr);
  gobench::run(on_fibers(2), [] {
    std::atomic<bool> taken{false};
    gobench::task other = gobench::go([&] { taken.store(true); });
    // It comes to no scheduling point: somebody else has to come for the task, or the watchdog moves it.
    while (!taken.load()) {
    }
    const gobench::runtime_counters now = gobench::counters();
    EXPECT_LE(now.steals, now.stolen);
    EXPECT_GE(now.steals + now.wake_ups, 1U);
    other.join();
  });
}

TEST(counters, only_grow_under_the_eyes_of_a_stranger) {
  std::atomic<bool> shrank{false};
  std::atomic<int> looks{0};
  gobench::run(on_fibers(2), [&] {
    gobench::runtime_counters last;
    outsider looking([&] {
      const gobench::runtime_counters now = gobench::counters();
      // A look that has not yet found out that there is nothing counts for a moment, on each processor.
      if (now.switches + 2 < last.switches || now.parks < last.parks || now.spawned < last.spawned)
        shrank.store(true);
      last = now;
      looks.fetch_add(1);
    });
    while (looks.load() < 200) gobench::go([] { gobench::yield(); }).join();
  });
  EXPECT_FALSE(shrank.load());
}

}  // namespace
