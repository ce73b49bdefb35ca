// Tasks that have not run yet: the newest first, the oldest to whoever steals, and nobody for ever last.
#include "runtime/internal/fresh_list.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
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

TEST(fresh_list, half_of_it_is_taken_in_order) {
  const auto tasks = some_tasks(7);
  fresh_list list;
  control* first = nullptr;
  control* last = nullptr;
  EXPECT_EQ(list.take_half(first, last, 10), 0U);
  for (const auto& task : tasks) list.push(*task);
  EXPECT_EQ(list.take_half(first, last, 10), 4U);
  EXPECT_EQ(last, tasks[3].get());
  for (int i = 0; i < 4; ++i, first = first->next)
    EXPECT_EQ(first, tasks[static_cast<std::size_t>(i)].get());
  EXPECT_EQ(first, nullptr);
  EXPECT_EQ(list.size(), 3U);
  EXPECT_EQ(list.take_half(first, last, 1), 1U);
  EXPECT_EQ(first, tasks[4].get());
  EXPECT_EQ(list.pop_newest(), tasks[6].get());
  EXPECT_EQ(list.take_half(first, last, 10), 1U);
  EXPECT_EQ(first, tasks[5].get());
  EXPECT_TRUE(list.empty());
}

// On the one processor that the test asks for.
class fresh_tasks : public ::testing::Test {
  const scoped_env procs_{"GOBENCH_PROCS", nullptr};
};

// A tree of tasks in which each waits for its children: depth first, few are alive at a time.
TEST_F(fresh_tasks, a_tree_is_walked_branch_by_branch) {
  gobench::run(on_fibers(1), [] {
    // One processor is no order that a race detector would know.
    std::atomic<int> begun{0};
    std::atomic<int> ended{0};
    std::atomic<int> most{0};
    const std::function<void(int)> grow = [&](int depth) {
      most = std::max(most.load(), ++begun - ended.load());
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
    EXPECT_EQ(begun.load(), 11'111);
    // One path, but for those that the clock lets go first because they have waited for long.
    EXPECT_LT(most.load(), 2'000);
  });
}

TEST_F(fresh_tasks, the_oldest_is_not_starved_by_newer_ones) {
  gobench::run(on_fibers(1), [] {
    std::atomic<bool> ran{false};
    std::function<void()> replace;
    replace = [&] {
      if (!ran) gobench::go(replace);
    };
    gobench::go([&] { ran = true; });
    gobench::go(replace);
    while (!ran) gobench::yield();
  });
}

TEST_F(fresh_tasks, those_that_have_run_are_not_starved_by_new_ones) {
  gobench::run(on_fibers(1), [] {
    std::atomic<int> turns{0};
    std::function<void()> replace;
    replace = [&] {
      if (turns < 100) gobench::go(replace);
    };
    gobench::go(replace);
    for (; turns < 100; ++turns) gobench::yield();
  });
}

}  // namespace
