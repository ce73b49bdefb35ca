// The graph of lock orders by itself: which cycles are findings, and which cannot be.
#include "detector/blocking/lock_graph.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "detector/clocks/task_clock.hpp"
#include "detector/engine/task_state.hpp"

namespace gobench::detector::blocking {
namespace {

class lock_orders : public testing::Test {
 protected:
  void SetUp() override {
    graph_.reserve();
    for (std::uint32_t& one : node_) one = graph_.add_node();
    for (task_id i = 0; i != 4; ++i) clock_[i].begin(1000 + i, 1);
  }
  void TearDown() override {
    for (const std::uint32_t one : node_) graph_.remove_node(one);
    for (task_clock& one : clock_) one.reset();
    past_.clear();
  }

  struct how {
    bool outer_shared = false;
    bool inner_shared = false;
    std::uint32_t gate = 0;
    bool gate_shared = false;
  };

  // The task takes `inner` while it holds `outer`; whether that closes a cycle, and of how many locks.
  unsigned takes(unsigned task, unsigned outer, unsigned inner, const how& modes) {
    lock_edge wanted;
    wanted.from = node_[outer];
    wanted.to = node_[inner];
    wanted.from_shared = modes.outer_shared;
    wanted.to_shared = modes.inner_shared;
    if (modes.gate != 0) wanted.gates[wanted.gate_count++] = {node_[modes.gate], modes.gate_shared};
    lock_edge* edge = graph_.edge_like(wanted);
    if (edge == nullptr) return 0;
    lock_edge::taker by;
    by.who = states_.get() + task;
    by.number = task + 1;
    by.id = clock_[task].self();
    by.clock = clock_[task].now();
    clock_[task].release(past_);
    lock_graph::note(*edge, by, past_);
    clock_[task].advance();
    lock_cycle cycle;
    if (!graph_.find_cycle(*edge, cycle)) return 0;
    graph_.mark_told(cycle);
    return cycle.count;
  }
  unsigned takes(unsigned task, unsigned outer, unsigned inner) {
    return takes(task, outer, inner, how{});
  }

  // What the one has done is ordered before what the other does.
  void order(unsigned before, unsigned after) {
    object_clock told;
    clock_[before].release(told);
    clock_[before].advance();
    clock_[after].acquire(told);
    told.clear();
  }

  std::unique_ptr<task_state[]> states_{new task_state[4]};
  lock_graph graph_;
  std::uint32_t node_[8] = {};
  task_clock clock_[4];
  object_clock past_;
};

TEST_F(lock_orders, of_two_tasks_that_contradict_each_other_are_found_once) {
  EXPECT_EQ(takes(0, 1, 2), 0U);
  EXPECT_EQ(takes(1, 2, 1), 2U);
  EXPECT_EQ(takes(1, 2, 1), 0U);
  EXPECT_EQ(takes(2, 2, 1), 0U);
}

TEST_F(lock_orders, of_one_task_are_none) {
  EXPECT_EQ(takes(0, 1, 2), 0U);
  EXPECT_EQ(takes(0, 2, 1), 0U);
  // Of another it is.
  EXPECT_EQ(takes(1, 2, 1), 2U);
}

TEST_F(lock_orders, may_go_over_many_locks) {
  EXPECT_EQ(takes(0, 1, 2), 0U);
  EXPECT_EQ(takes(1, 2, 3), 0U);
  EXPECT_EQ(takes(2, 3, 4), 0U);
  EXPECT_EQ(takes(3, 4, 1), 4U);
}

TEST_F(lock_orders, of_which_two_steps_are_one_tasks_are_none) {
  EXPECT_EQ(takes(0, 1, 2), 0U);
  EXPECT_EQ(takes(1, 2, 3), 0U);
  EXPECT_EQ(takes(0, 3, 1), 0U);
}

TEST_F(lock_orders, that_happen_one_after_the_other_are_none) {
  EXPECT_EQ(takes(0, 1, 2), 0U);
  order(0, 1);
  EXPECT_EQ(takes(1, 2, 1), 0U);
  // Later ones of the first are not ordered with that.
  EXPECT_EQ(takes(0, 1, 2), 2U);
}

TEST_F(lock_orders, under_a_gate_are_none_unless_it_is_shared) {
  EXPECT_EQ(takes(0, 1, 2, {.gate = 5}), 0U);
  EXPECT_EQ(takes(1, 2, 1, {.gate = 5}), 0U);
  EXPECT_EQ(takes(2, 2, 1, {.gate = 5, .gate_shared = true}), 0U);
  EXPECT_EQ(takes(3, 1, 2, {.gate = 5, .gate_shared = true}), 2U);
}

TEST_F(lock_orders, under_different_gates_are_found) {
  EXPECT_EQ(takes(0, 1, 2, {.gate = 5}), 0U);
  EXPECT_EQ(takes(1, 2, 1, {.gate = 6}), 2U);
}

TEST_F(lock_orders, of_readers_are_none) {
  EXPECT_EQ(takes(0, 1, 2, {.outer_shared = true, .inner_shared = true}), 0U);
  EXPECT_EQ(takes(1, 2, 1, {.outer_shared = true, .inner_shared = true}), 0U);
  // One of the locks is taken to write: the other is still shared by both.
  EXPECT_EQ(takes(2, 2, 1, {.outer_shared = true, .inner_shared = false}), 0U);
}

TEST_F(lock_orders, of_a_reader_and_a_writer_are_found) {
  EXPECT_EQ(takes(0, 1, 2, {.outer_shared = true, .inner_shared = false}), 0U);
  EXPECT_EQ(takes(1, 2, 1, {.outer_shared = true, .inner_shared = false}), 2U);
}

TEST_F(lock_orders, of_locks_that_are_gone_are_none) {
  EXPECT_EQ(takes(0, 1, 2), 0U);
  graph_.remove_node(node_[1]);
  EXPECT_EQ(takes(1, 2, 1), 0U);
  graph_.remove_node(node_[1]);  // again: nothing
  // Its edges are used for others.
  EXPECT_EQ(takes(0, 3, 4), 0U);
  EXPECT_EQ(takes(1, 4, 3), 2U);
}

}  // namespace
}  // namespace gobench::detector::blocking
