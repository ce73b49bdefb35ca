#include "detector/exploration/bounded_search.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/detector/exploration/model.hpp"

namespace {

using namespace gobench::detector::exploration;
using model::operation;

struct result {
  std::size_t runs = 0;
  std::multiset<std::string> orders;
  std::set<std::string> traces;
  std::size_t most_preemptions = 0;
  bool complete = false;
  bool deadlock = false;
};

result search(const model::program& program, const search_options& how,
              std::size_t most = 100'000) {
  result made;
  bounded_search all(how);
  for (auto items = all.take(); !items.empty() && made.runs < most; items = all.take()) {
    for (const search_item& item : items) {
      std::vector<std::uint32_t> asleep;
      for (const auto& one : item.asleep) asleep.push_back(one.thread);
      const model::schedule_log log = model::follow(program, item.deviations, asleep);
      all.done(item, log);
      ++made.runs;
      made.orders.insert(model::order_of(log));
      made.traces.insert(model::trace_of(log));
      made.most_preemptions = std::max(made.most_preemptions, preemptions_of(log));
      made.deadlock = made.deadlock || model::deadlocked(log);
    }
  }
  made.complete = all.complete();
  return made;
}

std::vector<model::step> updates(std::size_t count, std::uint64_t object) {
  return std::vector<model::step>(count, {operation::atomic_update, object, 1});
}

std::size_t binomial(std::size_t n, std::size_t k) {
  std::size_t value = 1;
  for (std::size_t i = 1; i <= k; ++i) value = value * (n - k + i) / i;
  return value;
}

TEST(bounded_search, without_sleep_sets_every_order_comes_once) {
  for (std::size_t n = 1; n <= 4; ++n) {
    for (std::size_t m = 1; m <= 4; ++m) {
      const model::program program{{updates(n, 1), updates(m, 1)}};
      const result all = search(program, {.bound = {}, .sleep_sets = false});
      EXPECT_EQ(all.runs, binomial(n + m, n));
      EXPECT_EQ(std::set<std::string>(all.orders.begin(), all.orders.end()).size(), all.runs);
      EXPECT_TRUE(all.complete);
    }
  }
}

TEST(bounded_search, three_threads_have_the_multinomial_many) {
  const model::program program{{updates(2, 1), updates(2, 1), updates(2, 1)}};
  EXPECT_EQ(search(program, {.bound = {}, .sleep_sets = false}).runs, 90u);
}

TEST(bounded_search, sleep_sets_leave_one_of_equivalent_orders) {
  // Nothing in common: one trace, whatever the order.
  const model::program apart{{updates(3, 1), updates(3, 2), updates(3, 3)}};
  const result one = search(apart, {});
  EXPECT_EQ(one.traces.size(), 1u);
  EXPECT_TRUE(one.complete);
  EXPECT_LT(one.runs, 60u);  // of 1680 orders
}

// Programs with some operations in common: with sleep sets the traces are those that all orders have.
TEST(bounded_search, sleep_sets_lose_no_trace) {
  std::uint64_t state = 12345;
  const auto below = [&](std::uint64_t bound) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % bound;
  };
  for (int round = 0; round < 12; ++round) {
    model::program program;
    const std::size_t threads = 2 + below(2);
    for (std::size_t t = 0; t < threads; ++t) {
      std::vector<model::step> steps;
      const std::size_t count = 1 + below(threads == 2 ? 4 : t == 0 ? 3 : 2);
      for (std::size_t i = 0; i < count; ++i) {
        const bool reads = below(3) == 0;
        steps.push_back(
            {reads ? operation::atomic_load : operation::atomic_store, 1 + below(2), 1});
      }
      program.threads.push_back(steps);
    }
    const result every = search(program, {.bound = {}, .sleep_sets = false});
    const result some = search(program, {});
    ASSERT_EQ(some.traces, every.traces) << round;
    EXPECT_TRUE(some.complete);
    EXPECT_LE(some.runs, every.runs);
    // And under a bound, those that have an order within the bound.
    for (std::size_t bound = 0; bound <= 2; ++bound) {
      const result within = search(program, {.bound = bound, .sleep_sets = false});
      const result fewer = search(program, {.bound = bound});
      ASSERT_EQ(fewer.traces, within.traces) << round << " bound " << bound;
      EXPECT_TRUE(fewer.complete);
      EXPECT_LE(within.most_preemptions, bound);
      EXPECT_LE(fewer.most_preemptions, bound);
    }
  }
}

TEST(bounded_search, locks_are_never_taken_twice_and_deadlocks_are_found) {
  const auto nested = [](std::uint64_t outer, std::uint64_t inner) {
    return std::vector<model::step>{{operation::lock, outer, 1},
                                    {operation::lock, inner, 1},
                                    {operation::unlock, inner, 1},
                                    {operation::unlock, outer, 1}};
  };
  const model::program crossed{{nested(1, 2), nested(2, 1)}};
  EXPECT_FALSE(search(crossed, {.bound = 0}).deadlock);
  EXPECT_TRUE(search(crossed, {.bound = 1}).deadlock);
  EXPECT_TRUE(search(crossed, {}).deadlock);
  const model::program ordered{{nested(1, 2), nested(1, 2), nested(1, 2)}};
  const result all = search(ordered, {});
  EXPECT_FALSE(all.deadlock);
  EXPECT_TRUE(all.complete);
}

TEST(bounded_search, values_are_searched_too) {
  const model::program program{
      {{{operation::signal, 1, 3}, {operation::signal, 1, 2}}, updates(1, 2)}};
  const result all = search(program, {.bound = {}, .sleep_sets = false});
  EXPECT_EQ(all.runs, 3u * 3 * 2);  // where the other thread's step is, and the values
  EXPECT_TRUE(all.complete);
}

TEST(bounded_search, who_steps_back_is_not_preempted) {
  const model::program program{
      {{{operation::yield, 0, 1}, {operation::atomic_update, 1, 1}}, updates(1, 1)}};
  const result all = search(program, {.bound = 0});
  EXPECT_TRUE(all.complete);
  EXPECT_EQ(all.orders.count("1 2 1"), 1u);
  EXPECT_EQ(all.orders.count("1 1 2"), 0u);
}

TEST(bounded_search, shards_cover_what_one_run_covers) {
  const model::program program{{updates(3, 1), updates(3, 1), updates(1, 2)}};
  for (const std::optional<std::size_t> bound : {std::optional<std::size_t>{}, {1}}) {
    const result whole = search(program, {.bound = bound});
    std::multiset<std::string> together;
    for (std::size_t shard = 0; shard < 3; ++shard) {
      const result part = search(program, {.bound = bound, .shard = shard, .shards = 3});
      EXPECT_TRUE(part.complete);
      together.insert(part.orders.begin(), part.orders.end());
    }
    // Each has the first schedule.
    const auto first = together.find("1 1 1 2 2 2 3");
    together.erase(first);
    together.erase(together.find("1 1 1 2 2 2 3"));
    EXPECT_EQ(together, whole.orders);
  }
}

TEST(bounded_search, what_is_dropped_is_not_covered) {
  const model::program program{{updates(4, 1), updates(4, 1)}};
  const result some = search(program, {.bound = {}, .sleep_sets = false, .most_waiting = 3});
  EXPECT_FALSE(some.complete);
  EXPECT_LT(some.runs, binomial(8, 4));
  EXPECT_FALSE(search(program, {}, 5).complete);
}

TEST(bounded_search, a_schedule_that_was_cut_off_proves_nothing) {
  bounded_search all({});
  const auto items = all.take();
  ASSERT_EQ(items.size(), 1u);
  model::schedule_log log = model::follow({{updates(2, 1)}}, {});
  log.header.end = gobench::detector::explore::end_reason::hang;
  all.done(items[0], log);
  EXPECT_TRUE(all.take().empty());
  EXPECT_FALSE(all.complete());
}

}  // namespace
