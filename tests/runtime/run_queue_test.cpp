#include "runtime/internal/run_queue.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <random>
#include <vector>

namespace {

using gobench::runtime::control;
using gobench::runtime::run_queue;
using gobench::runtime::waiter_kind;

// Blocks that serve as elements; the queue never looks inside.
class elements {
 public:
  explicit elements(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
      blocks_.push_back(std::make_unique<control>(waiter_kind::fiber));
  }
  control& operator[](std::size_t i) { return *blocks_[i]; }
  std::size_t number_of(const control* block) const {
    for (std::size_t i = 0; i < blocks_.size(); ++i)
      if (blocks_[i].get() == block) return i;
    return blocks_.size();
  }

 private:
  std::vector<std::unique_ptr<control>> blocks_;
};

TEST(run_queue, is_first_in_first_out_for_its_owner) {
  elements some(10);
  run_queue queue;
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.pop(), nullptr);
  for (std::size_t i = 0; i < 10; ++i) EXPECT_TRUE(queue.push(some[i]));
  EXPECT_EQ(queue.size(), 10U);
  for (std::size_t i = 0; i < 10; ++i) EXPECT_EQ(queue.pop(), &some[i]);
  EXPECT_EQ(queue.pop(), nullptr);
}

TEST(run_queue, refuses_more_than_it_holds) {
  elements some(run_queue::capacity + 1);
  run_queue queue;
  for (std::size_t i = 0; i < run_queue::capacity; ++i) EXPECT_TRUE(queue.push(some[i]));
  EXPECT_FALSE(queue.push(some[run_queue::capacity]));
  EXPECT_EQ(queue.pop(), &some[0]);
  EXPECT_TRUE(queue.push(some[run_queue::capacity]));
}

TEST(run_queue, gives_its_oldest_away_when_full) {
  elements some(run_queue::capacity);
  run_queue queue;
  for (std::size_t i = 0; i < run_queue::capacity; ++i) queue.push(some[i]);
  control* first = nullptr;
  control* last = nullptr;
  ASSERT_EQ(queue.take_half(first, last), run_queue::most_taken);
  std::size_t expected = 0;
  for (control* one = first; one != nullptr; one = one->next) EXPECT_EQ(one, &some[expected++]);
  EXPECT_EQ(expected, run_queue::most_taken);
  EXPECT_EQ(last, &some[run_queue::most_taken - 1]);
  EXPECT_EQ(queue.pop(), &some[run_queue::most_taken]);
}

TEST(run_queue, a_thief_gets_half_rounded_up) {
  for (const std::uint32_t count : {0U, 1U, 2U, 5U, 255U, 256U, 257U, 2000U}) {
    elements some(run_queue::capacity);
    run_queue victim;
    for (std::size_t i = 0; i < count; ++i) victim.push(some[i]);
    control* first = nullptr;
    control* last = nullptr;
    EXPECT_EQ(victim.take_half(first, last), std::min(count - count / 2, run_queue::most_taken))
        << count;
    EXPECT_EQ(first == nullptr, count == 0);
    EXPECT_EQ(victim.size(), count - std::min(count - count / 2, run_queue::most_taken)) << count;
  }
}

// Single-threaded random operations against a deque, with the indices wrapping around many times.
TEST(run_queue, agrees_with_a_deque) {
  elements some(run_queue::capacity);
  run_queue queue;
  std::deque<std::size_t> model;
  std::vector<std::size_t> unused;
  for (std::size_t i = 0; i < run_queue::capacity; ++i) unused.push_back(i);
  std::mt19937 random(1);
  for (int step = 0; step < 200'000; ++step) {
    if (!unused.empty() && random() % 2 == 0) {
      const std::size_t i = unused.back();
      unused.pop_back();
      ASSERT_TRUE(queue.push(some[i]));
      model.push_back(i);
    } else if (control* one = queue.pop()) {
      ASSERT_FALSE(model.empty());
      ASSERT_EQ(one, &some[model.front()]);
      unused.push_back(model.front());
      model.pop_front();
    } else {
      ASSERT_TRUE(model.empty());
    }
  }
}

}  // namespace
