#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>

#include "detector/exploration/coverage.hpp"
#include "detector/exploration/strategy_choice.hpp"
#include "tests/detector/exploration/model.hpp"

namespace {

using namespace gobench::detector::exploration;
using gobench::detector::explore::clock_thread;
using gobench::detector::explore::make_strategy;
using model::operation;

std::vector<model::step> updates(std::size_t count, std::uint64_t object) {
  return std::vector<model::step>(count, {operation::atomic_update, object, 1});
}

TEST(strategies, only_those_that_exist_with_arguments_that_can_be) {
  for (const char* good : {"random", "pct:1", "pct:3", "pos", "follow"})
    EXPECT_TRUE(make_strategy({.strategy = good})) << good;
  for (const char* bad : {"", "rand", "random:1", "pct", "pct:", "pct:0", "pct:x", "pct:-1",
                          "pct:1001", "pct:99999999999999999999999", "pos:2", "follow:1", "dfs:2"})
    EXPECT_FALSE(make_strategy({.strategy = bad})) << bad;
  EXPECT_FALSE(make_strategy({.strategy = "follow", .follow = "/nowhere/at/all"}));
}

TEST(strategies, one_schedule_is_always_the_same_and_others_differ) {
  const model::program program{{updates(6, 1), updates(6, 1), updates(6, 2)}};
  for (const char* name : {"random", "pct:3", "pos"}) {
    std::set<std::string> orders;
    for (std::uint64_t schedule = 1; schedule <= 50; ++schedule) {
      const std::string order = model::order_of(model::run(program, name, schedule, 18));
      EXPECT_EQ(order, model::order_of(model::run(program, name, schedule, 18)));
      orders.insert(order);
    }
    EXPECT_GT(orders.size(), 15u) << name;
    EXPECT_NE(model::order_of(model::run(program, name, 7, 18, 1)),
              model::order_of(model::run(program, name, 7, 18, 2)))
        << name;
  }
}

TEST(strategies, a_random_walk_meets_every_order) {
  const model::program program{{updates(2, 1), updates(2, 1)}};
  std::set<std::string> orders;
  for (std::uint64_t schedule = 1; schedule <= 200; ++schedule)
    orders.insert(model::order_of(model::run(program, "random", schedule)));
  EXPECT_EQ(orders.size(), 6u);
}

// Thread 2's first operation has to come after thread 1's k-th and before its next: depth 2, where there are many steps.
TEST(strategies, pct_meets_a_bug_at_least_as_often_as_it_promises) {
  constexpr std::size_t steps = 40;
  const model::program program{{updates(steps - 1, 1), updates(1, 1), updates(20, 2)}};
  constexpr std::uint64_t runs = 3000;
  std::uint64_t met = 0;
  for (std::uint64_t schedule = 1; schedule <= runs; ++schedule) {
    const auto log = model::run(program, "pct:2", schedule, steps + 20);
    std::size_t before = 0;
    for (const auto& one : log.records) {
      if (one.thread == 2) break;
      if (one.thread == 1) ++before;
    }
    if (before == 17) ++met;
  }
  const double bound = 1.0 / (3 * (steps + 20));
  EXPECT_GE(static_cast<double>(met) / runs, bound);
}

TEST(strategies, pct_of_depth_1_switches_only_where_it_must) {
  const model::program program{{updates(10, 1), updates(10, 1), updates(10, 1)}};
  std::set<std::string> orders;
  for (std::uint64_t schedule = 1; schedule <= 60; ++schedule) {
    const auto log = model::run(program, "pct:1", schedule, 30);
    EXPECT_LE(preemptions_of(log), 1u);  // away from the main thread, which runs at the beginning
    orders.insert(model::order_of(log));
  }
  EXPECT_EQ(orders.size(), 6u);  // the orders of three priorities
}

TEST(strategies, spinners_let_others_go_on) {
  // Thread 1 yields for long before it ends; with the highest priority it would starve the other one.
  model::program program{{std::vector<model::step>(30, {operation::yield, 0, 1}), updates(3, 1)}};
  for (const char* name : {"random", "pct:3", "pos", "follow"}) {
    for (std::uint64_t schedule = 1; schedule <= 20; ++schedule) {
      const auto log = model::run(program, name, schedule, 33);
      std::size_t spun = 0;
      for (const auto& one : log.records) {
        if (one.thread == 2) break;
        ++spun;
      }
      EXPECT_LE(spun, 1u) << name << ' ' << schedule;
    }
  }
}

// Of independent operations POS draws one order: a dependent one far behind is met as often from either side.
TEST(strategies, pos_takes_either_order_of_a_racing_pair_as_often) {
  model::program program{{{{operation::atomic_store, 9, 1}}, {}}};
  for (std::uint64_t i = 0; i < 6; ++i)
    program.threads[1].push_back({operation::atomic_update, 20 + i, 1});
  program.threads[1].push_back({operation::atomic_store, 9, 1});
  int first = 0;
  constexpr int runs = 1000;
  for (std::uint64_t schedule = 1; schedule <= runs; ++schedule) {
    const auto log = model::run(program, "pos", schedule);
    if (log.records.back().thread == 2) ++first;  // thread 1's store came earlier
  }
  // Fixed seeds. A random walk would have it first in all but 1 of 128.
  EXPECT_GT(first, runs / 2);
  EXPECT_LT(first, runs * 95 / 100);
}

TEST(strategies, the_clock_is_chosen_seldom_and_when_nobody_else_can) {
  for (const char* name : {"random", "pct:3", "pos", "follow"}) {
    std::size_t passed = 0;
    for (std::uint64_t schedule = 1; schedule <= 100; ++schedule) {
      const auto decides =
          make_strategy({.strategy = name, .seed = 1, .schedule = schedule, .length = 50});
      decides->thread_created(1, 0);
      using gobench::detector::explore::candidate;
      const candidate both[] = {{1, operation::atomic_update, 8, 0},
                                {clock_thread, operation::timeout, 0, 0}};
      const candidate alone[] = {both[1]};
      for (std::uint64_t step = 0; step < 50; ++step)
        passed += decides->pick({step, 1, true, false, both});
      EXPECT_EQ(decides->pick({50, 1, false, false, alone}), 0u);
      // Who steps back and is the only one waits for time to pass.
      EXPECT_EQ(decides->pick({51, 1, true, true, both}), 1u);
    }
    if (std::string(name) == "follow") {
      EXPECT_EQ(passed, 0u);
      continue;
    }
    EXPECT_GT(passed, 50u) << name;
    EXPECT_LT(passed, 500u) << name;
  }
}

TEST(strategies, values_are_chosen_evenly) {
  for (const char* name : {"random", "pct:2", "pos"}) {
    std::size_t counts[3] = {};
    for (std::uint64_t schedule = 1; schedule <= 300; ++schedule) {
      const model::program program{{{{operation::signal, 1, 3}}}};
      ++counts[model::run(program, name, schedule).records.back().chosen];
    }
    for (const std::size_t count : counts) EXPECT_GT(count, 60u) << name;
  }
}

TEST(strategy_choice, what_is_typed) {
  EXPECT_FALSE(parse_strategy("pct"));
  EXPECT_FALSE(parse_strategy("pct:0"));
  EXPECT_FALSE(parse_strategy("dfs:"));
  EXPECT_FALSE(parse_strategy("dfs:-1"));
  EXPECT_FALSE(parse_strategy("follow"));
  EXPECT_FALSE(parse_strategy(""));
  for (const std::string& name : strategy_names()) {
    const auto one = parse_strategy(name);
    ASSERT_TRUE(one) << name;
    EXPECT_EQ(one->searches, name.starts_with("dfs"));
    if (one->searches) continue;
    EXPECT_EQ(one->of_schedule(0), "follow");
    for (std::uint64_t number = 1; number < 9; ++number)
      EXPECT_TRUE(make_strategy({.strategy = one->of_schedule(number)}))
          << one->of_schedule(number);
  }
  EXPECT_EQ(parse_strategy("dfs:2")->bound, 2u);
  EXPECT_FALSE(parse_strategy("dfs")->bound);
}

TEST(coverage, says_what_was_run_and_never_that_there_is_nothing) {
  const model::program program{{updates(4, 1), updates(4, 1)}};
  coverage covered;
  for (std::uint64_t schedule = 1; schedule <= 100; ++schedule)
    covered.add("pct:2", model::run(program, "pct:2", schedule, 8));
  EXPECT_EQ(covered.schedules(), 100u);
  EXPECT_GT(covered.distinct(), 3u);
  EXPECT_LT(covered.distinct(), 71u);
  const std::string text = covered.sentence();
  // 1 - (1 - 1/16)^100
  EXPECT_NE(text.find("depth 2 would have been met with a probability of at least 99.8% (100 "
                      "schedules of pct:2)"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("no bug"), std::string::npos);
  EXPECT_NE(covered.sentence(coverage::search_state{true, 2, 1})
                .find("All schedules with at most 2 preemptions were covered."),
            std::string::npos);
  EXPECT_NE(covered.sentence(coverage::search_state{false, 1, 1})
                .find("Not all schedules with at most 1 preemption were covered."),
            std::string::npos);
  EXPECT_NE(covered.sentence(coverage::search_state{true, {}, 4}).find("of this shard, one of 4"),
            std::string::npos);
}

TEST(coverage, the_bound_of_pct) {
  EXPECT_NEAR(pct_bound(2, 10, 2, 1), 0.05, 1e-9);
  EXPECT_NEAR(pct_bound(2, 10, 2, 2), 1 - 0.95 * 0.95, 1e-9);
  EXPECT_NEAR(pct_bound(3, 1000, 3, 1), 1 / 3e6, 1e-12);
  EXPECT_GT(pct_bound(1, 1, 1, 1), 0.99);
  EXPECT_EQ(pct_bound(0, 10, 2, 10), 0);
  EXPECT_LE(pct_bound(2, 3, 2, 1'000'000), 1);
}

}  // namespace
