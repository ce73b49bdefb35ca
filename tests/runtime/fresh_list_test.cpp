// Tasks that have not run yet: the newest first, the oldest to whoever steals, and nobody for ever last.
#include "runtime/internal/fresh_list.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "tests/runtime/support.hpp"

namespace {

using gobench::runtime::control;
using gobench::runtime::fresh_list;
using gobench::runtime::waiter_kind;

std::vector<std::unique_ptr<control>> some_tasks(int count) {
  std::vector<std::unique_ptr<control>> made;
  for (int i = 0; i < count; ++i) made.push_back(std::make_unique<control>(waiter_kind::fiber));
  return made;
}

TEST(fresh_list, gives_the_newest_and_the_oldest) {
  const auto tasks = some_tasks(4);
  fresh_list list;
  EXPECT_EQ(list.pop_newest(), nullptr);
  EXPECT_EQ(list.pop_oldest(), nullptr);
  for (const auto& task : tasks) list.push(*task);
  EXPECT_EQ(list.size(), 4U);
  EXPECT_EQ(list.oldest_seen(), tasks[0].get());
  EXPECT_EQ(list.pop_newest(), tasks[3].get());
  EXPECT_EQ(list.pop_oldest(), tasks[0].get());
  EXPECT_EQ(list.pop_oldest(), tasks[1].get());
  EXPECT_EQ(list.pop_newest(), tasks[2].get());
  EXPECT_TRUE(list.empty());
  EXPECT_EQ(list.oldest_seen(), nullptr);
  list.push(*tasks[1]);
  EXPECT_EQ(list.pop_oldest(), tasks[1].get());
}

TEST(fresh_list, half_of_it_is_stolen_in_order) {
  const auto tasks = some_tasks(7);
  fresh_list list;
  fresh_list thief;
  EXPECT_EQ(list.steal_into(thief, 10), nullptr);
  for (const auto& task : tasks) list.push(*task);
  EXPECT_EQ(list.steal_into(thief, 10), tasks[0].get());
  EXPECT_EQ(list.size(), 3U);
  EXPECT_EQ(thief.size(), 3U);
  EXPECT_EQ(thief.pop_newest(), tasks[3].get());
  EXPECT_EQ(thief.pop_oldest(), tasks[1].get());
  EXPECT_EQ(thief.pop_oldest(), tasks[2].get());
  EXPECT_EQ(list.steal_into(thief, 1), tasks[4].get());
  EXPECT_TRUE(thief.empty());
  EXPECT_EQ(list.pop_newest(), tasks[6].get());
  EXPECT_EQ(list.steal_into(thief, 10), tasks[5].get());
  EXPECT_TRUE(list.empty());
}

TEST(fresh_list, nothing_is_lost_or_doubled_between_owner_and_thieves) {
  constexpr int count = 20'000;
  constexpr int thieves = 3;
  const auto tasks = some_tasks(count);
  fresh_list list;
  std::atomic<bool> over{false};
  std::vector<std::vector<control*>> taken(thieves + 1);
  std::vector<std::thread> threads;
  for (int i = 0; i < thieves; ++i) {
    threads.emplace_back([&, i] {
      std::vector<control*>& mine = taken[static_cast<std::size_t>(i)];
      fresh_list own;
      for (;;) {
        const bool last = over.load();
        control* task = list.steal_into(own, 8);
        if (task == nullptr && last) return;
        for (; task != nullptr; task = own.pop_newest()) mine.push_back(task);
      }
    });
  }
  for (int i = 0; i < count; ++i) {
    list.push(*tasks[static_cast<std::size_t>(i)]);
    if (i % 3 == 0)
      if (control* task = list.pop_newest()) taken[thieves].push_back(task);
  }
  over.store(true);
  for (std::thread& one : threads) one.join();
  std::vector<control*> all;
  for (const auto& some : taken) all.insert(all.end(), some.begin(), some.end());
  std::vector<control*> expected;
  for (const auto& task : tasks) expected.push_back(task.get());
  std::ranges::sort(all);
  std::ranges::sort(expected);
  EXPECT_EQ(all, expected);
}

// A tree of tasks in which each waits for its children: depth first, few are alive at a time.
TEST(fresh_tasks, a_tree_is_walked_branch_by_branch) {
  gobench::run(on_fibers(1), [] {
    int begun = 0;
    int ended = 0;
    int most = 0;
    const std::function<void(int)> grow = [&](int depth) {
      most = std::max(most, ++begun - ended);
      if (depth > 0) {
        gobench::wait_group children;
        children.add(10);
        for (int i = 0; i < 10; ++i) {
          gobench::go([&, depth] {
            grow(depth - 1);
            children.done();
          });
        }
        children.wait();
      }
      ++ended;
    };
    grow(4);
    EXPECT_EQ(begun, 11'111);
    // One path, but for those that the clock lets go first because they have waited for long.
    EXPECT_LT(most, 2'000);
  });
}

TEST(fresh_tasks, the_oldest_is_not_starved_by_newer_ones) {
  gobench::run(on_fibers(1), [] {
    bool ran = false;
    std::function<void()> replace;
    replace = [&] {
      if (!ran) gobench::go(replace);
    };
    gobench::go([&] { ran = true; });
    gobench::go(replace);
    while (!ran) gobench::yield();
  });
}

TEST(fresh_tasks, those_that_have_run_are_not_starved_by_new_ones) {
  gobench::run(on_fibers(1), [] {
    int turns = 0;
    std::function<void()> replace;
    replace = [&] {
      if (turns < 100) gobench::go(replace);
    };
    gobench::go(replace);
    for (; turns < 100; ++turns) gobench::yield();
  });
}

}  // namespace
