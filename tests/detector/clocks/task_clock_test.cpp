#include "detector/clocks/task_clock.hpp"

#include "detector/clocks/era.hpp"

#include <gtest/gtest.h>

#include <type_traits>
#include <vector>

namespace gobench::detector::testing {
namespace {

static_assert(std::is_trivially_destructible_v<task_clock> &&
              std::is_trivially_destructible_v<object_clock>);
constinit task_clock before_any_constructor;
constinit object_clock an_object_too;

struct people {
  std::vector<task_clock> tasks;
  explicit people(std::size_t n) : tasks(n) {
    for (std::size_t i = 0; i != n; ++i) tasks[i].begin(static_cast<task_id>(i + 1), 1);
  }
  people(const people&) = delete;
  people& operator=(const people&) = delete;
  ~people() {
    for (auto& one : tasks) one.reset();
  }
  task_clock& operator[](std::size_t i) { return tasks[i]; }
};

TEST(task_clock, needs_no_constructor) {
  EXPECT_EQ(before_any_constructor.known(5), 0U);
  before_any_constructor.begin(7, 3);
  EXPECT_EQ(before_any_constructor.now(), 3U);
  before_any_constructor.release(an_object_too);
  EXPECT_EQ(an_object_too.known(7), 3U);
  an_object_too.clear();
  before_any_constructor.reset();
  EXPECT_EQ(before_any_constructor.self(), 0U);
}

TEST(task_clock, knows_what_was_published_before_it_acquired) {
  people two(2);
  object_clock lock;
  EXPECT_FALSE(two[1].acquire(lock));
  two[0].release(lock);
  two[0].advance();
  EXPECT_FALSE(two[0].acquire(lock)) << "its own";
  EXPECT_EQ(two[1].known(1), 0U);
  EXPECT_TRUE(two[1].acquire(lock));
  EXPECT_EQ(two[1].known(1), 1U);
  EXPECT_FALSE(two[1].acquire(lock)) << "nothing new";
  EXPECT_FALSE(two[1].covers(two[0])) << "what it does after the release is not known";
  EXPECT_EQ(two[0].known(2), 0U);
  lock.clear();
}

TEST(task_clock, release_replaces_and_release_merge_adds) {
  people four(4);
  object_clock lock;
  four[0].release(lock);
  four[1].release(lock);
  EXPECT_EQ(lock.known(1), 0U);
  EXPECT_EQ(lock.known(2), 1U);
  four[2].release_merge(lock);
  EXPECT_EQ(lock.known(2), 1U);
  EXPECT_EQ(lock.known(3), 1U);
  EXPECT_TRUE(four[3].acquire(lock));
  EXPECT_EQ(four[3].known(2), 1U);
  EXPECT_EQ(four[3].known(3), 1U);
  EXPECT_EQ(four[3].known(1), 0U);
  lock.clear();
}

TEST(task_clock, an_object_that_one_task_releases_has_no_nodes_of_its_own) {
  people two(2);
  object_clock gate;
  two[1].release(gate);
  two[1].advance();
  two[0].acquire(gate);
  gate.clear();
  node_pool::thread_exit();
  const std::size_t before = node_pool::bytes_in_use();
  std::vector<object_clock> objects(1000);
  for (auto& one : objects) {
    two[0].release(one);
    two[0].advance();
  }
  for (auto& one : objects) EXPECT_EQ(one.known(2), 1U);
  EXPECT_EQ(node_pool::bytes_in_use(), before);
  for (auto& one : objects) one.clear();
}

TEST(task_clock, a_task_that_begins_again_with_another_id_knows_its_former_self) {
  people two(2);
  task_clock& task = two[0];
  task.advance();
  task.begin(900000, 1);
  EXPECT_EQ(task.self(), 900000U);
  EXPECT_EQ(task.now(), 1U);
  EXPECT_EQ(task.known(1), 2U);
}

TEST(task_clock, a_value_that_cannot_grow_is_no_reason_to_skip_anything) {
  people three(3);
  object_clock lock;
  object_clock other;
  three[0].begin(1, max_clock_value);
  EXPECT_TRUE(three[0].exhausted());
  three[0].release(lock);
  three[0].advance();
  EXPECT_EQ(three[0].now(), max_clock_value);
  three[1].acquire(lock);
  // The first learns something and publishes it with the same value as before.
  three[2].release(other);
  three[2].advance();
  three[0].acquire(other);
  three[0].release(lock);
  three[1].acquire(lock);
  EXPECT_EQ(three[1].known(3), 1U);
  lock.clear();
  other.clear();
  era::start_over();
}

TEST(task_clock, covers_the_whole_range_of_ids) {
  people one(1);
  object_clock box;
  for (const task_id id :
       {2U, 15U, 16U, 255U, 256U, 4096U, 65536U, 1048575U, 1048576U, max_task_id}) {
    task_clock other;
    other.begin(id, 5);
    other.release(box);
    one[0].acquire(box);
    other.reset();
  }
  for (const task_id id :
       {2U, 15U, 16U, 255U, 256U, 4096U, 65536U, 1048575U, 1048576U, max_task_id})
    EXPECT_EQ(one[0].known(id), 5U) << id;
  for (const task_id id : {3U, 17U, 254U, 1048577U, max_task_id - 1})
    EXPECT_EQ(one[0].known(id), 0U) << id;
  box.clear();
}

}  // namespace
}  // namespace gobench::detector::testing
