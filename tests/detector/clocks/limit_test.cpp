// At the limit of memory precision is reduced, and no order is ever denied that there is.
#include "detector/clocks/era.hpp"
#include "tests/detector/clocks/lockstep.hpp"
#include "tests/detector/clocks/patterns.hpp"

#include <atomic>

namespace gobench::detector::testing {
namespace {

constinit std::atomic<int> calls{0};

class clocks_at_their_limit : public ::testing::Test {
 protected:
  void SetUp() override {
    era::start_over();
    node_pool::thread_exit();
    calls.store(0);
  }
  void TearDown() override {
    node_pool::set_limit(0);
    era::start_over();
  }
};

TEST_F(clocks_at_their_limit, never_know_less_than_vector_clocks) {
  for (const std::size_t kib : {0U, 4U, 16U, 64U, 200U}) {
    for (const pattern what : all_patterns) {
      for (const std::size_t tasks : {2U, 7U, 60U, 300U}) {
        SCOPED_TRACE(std::to_string(kib) + " KiB, pattern " +
                     std::to_string(static_cast<int>(what)) + ", " + std::to_string(tasks) +
                     " tasks");
        random_numbers random(tasks + kib);
        lockstep model(sparse_ids(tasks, random), tasks, false);
        node_pool::set_limit(kib * 1024 + 1, []() noexcept { calls.fetch_add(1); });
        run_pattern(what, model, random, 3000);
        ASSERT_FALSE(HasFailure());
      }
    }
  }
  EXPECT_GT(calls.load(), 0);
  EXPECT_GE(node_pool::reductions(), static_cast<std::size_t>(calls.load()));
}

TEST_F(clocks_at_their_limit, keep_their_memory_near_it) {
  constexpr std::size_t limit = 256 * 1024;
  random_numbers random(1);
  lockstep model(sparse_ids(300, random), 300, false);
  node_pool::set_limit(limit);
  run_pattern(pattern::random_locks, model, random, 20000);
  // One operation and a batch may go beyond it.
  EXPECT_LT(node_pool::bytes_in_use(), limit + 600 * node_pool::bytes_per_node);
}

TEST_F(clocks_at_their_limit, give_their_nodes_back_when_they_catch_up) {
  const std::size_t before = node_pool::bytes_in_use();
  task_clock sleeper;
  task_clock other;
  object_clock lock;
  object_clock untouched;
  sleeper.begin(1, 1);
  other.begin(2, 1);
  other.release(lock);
  other.advance();
  sleeper.acquire(lock);
  sleeper.release(lock);
  const clock_value published = sleeper.now();
  sleeper.advance();
  sleeper.catch_up();
  lock.catch_up();
  EXPECT_EQ(sleeper.known(2), 1U) << "there was no reason to forget";
  era::raise(era::floor());
  sleeper.catch_up();
  lock.catch_up();
  untouched.catch_up();
  node_pool::thread_exit();
  EXPECT_EQ(node_pool::bytes_in_use(), before);
  EXPECT_TRUE(untouched.empty());
  // A task that has not met the floor learns through the object what it carried.
  EXPECT_LT(other.known(1), published);
  EXPECT_TRUE(other.acquire(lock));
  EXPECT_GE(other.known(1), published);
  EXPECT_LT(other.known(1), sleeper.now());
}

TEST_F(clocks_at_their_limit, order_what_came_before_and_are_exact_after) {
  task_clock a;
  task_clock b;
  task_clock c;
  object_clock lock;
  a.begin(1, 1);
  b.begin(2, 1);
  c.begin(3, 1);
  const clock_value early = b.now();
  EXPECT_LT(a.known(2), early);
  era::raise(era::floor());
  // The first operation that touches the new floor brings a task over.
  c.begin(4, 1);
  EXPECT_GE(c.known(2), early) << "before the floor all is ordered";
  c.release(lock);
  c.advance();
  EXPECT_LT(a.known(2), early) << "who has not met the floor is as exact as before";
  a.acquire(lock);
  b.acquire(lock);
  EXPECT_GE(a.known(2), early);
  EXPECT_LT(a.known(2), b.now()) << "what follows is not ordered";
  EXPECT_LT(b.known(1), a.now());
  b.advance();
  b.release(lock);
  const clock_value published = b.now();
  b.advance();
  a.acquire(lock);
  EXPECT_EQ(a.known(2), published);
  a.reset();
  b.reset();
  c.reset();
  lock.clear();
}

TEST_F(clocks_at_their_limit, order_everything_when_the_values_are_used_up) {
  task_clock a;
  task_clock b;
  object_clock lock;
  a.begin(1, max_clock_value - 10);
  b.begin(2, 1);
  for (int i = 0; i != 3; ++i) {
    a.release(lock);
    a.advance();
    era::raise(era::floor());
    b.acquire(lock);
    b.release(lock);
    b.advance();
    a.acquire(lock);
    EXPECT_GE(b.known(1), a.now() == max_clock_value ? a.now() : a.now() - 1);
  }
  a.begin(3, 1);
  b.begin(4, 1);
  EXPECT_EQ(era::floor(), max_clock_value);
  EXPECT_EQ(a.known(4), max_clock_value);
  EXPECT_EQ(b.known(77), max_clock_value);
  a.reset();
  b.reset();
  lock.clear();
}

}  // namespace
}  // namespace gobench::detector::testing
