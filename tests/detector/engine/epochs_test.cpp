// Epoch indices: exact whatever the number of epochs, over a reset, and when all are somebody's.
#include "detector/engine/epochs.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "detector/engine/tasks.hpp"
#include "tests/detector/engine/driver.hpp"

using namespace gobench::detector;
using namespace gobench::detector::driver;

namespace {

int lock_like;

void begin_epoch(void* where) {
  release(&lock_like);
  __tsan_write8(where);
}

TEST(epochs, name_each_epoch_of_a_task_exactly) {
  char* memory = fresh_memory(64);
  actor one;
  one.does([&] {
    clock_value before = 0;
    for (int i = 0; i != 5000; ++i) {
      begin_epoch(memory);
      const task_state& task = *current();
      const epoch now = epochs.at(index_of(task.index_tag));
      ASSERT_EQ(now.task, task.clock.self());
      ASSERT_EQ(now.clock, task.clock.now());
      ASSERT_GT(now.clock, before);
      before = now.clock;
      // One's own block, by one mask.
      ASSERT_EQ(task.index_tag & task.block_mask, task.block_base);
    }
  });
}

TEST(epochs, a_reset_forgets_what_was_before_and_keeps_present_blocks) {
  char* memory = fresh_memory(128);
  actor early, burning, late;
  early.does([&] { __tsan_write8(memory); });
  const epoch_index kept = index_of(early.state().index_tag);
  const epoch was = epochs.at(kept);
  const std::uint64_t resets = epochs.resets();
  burning.does([&] {
    for (unsigned i = 0; i != epoch_table::capacity + 100; ++i) begin_epoch(memory + 64);
  });
  EXPECT_EQ(epochs.resets(), resets + 2);
  // What the sleeper's index means has not changed: it may still write cells with it.
  EXPECT_EQ(epochs.at(kept).task, was.task);
  EXPECT_EQ(epochs.at(kept).clock, was.clock);
  late.does([&] { __tsan_write8(memory); });
  EXPECT_TRUE(take_findings().empty()) << "the earlier write was before the reset";
  early.does([&] { __tsan_write8(memory); });
  EXPECT_EQ(take_findings().size(), 1U) << "both writes are after the reset";
  EXPECT_TRUE(take_notes().empty());
}

TEST(epochs, when_all_are_held_accesses_are_dropped_and_that_is_said) {
  char* memory = fresh_memory(64);
  actor low, high, burning;
  // Two holders of half of them each.
  low.does([&] { __tsan_write8(fresh_memory(64)); });
  high.does([&] { __tsan_write8(fresh_memory(64)); });
  constexpr epoch_index half = epoch_table::capacity / 2;
  for (actor* one : {&low, &high}) {
    one->state().block_mask = ~(half - 1) << cell_index_shift;
    one->state().block_base = (one == &low ? 0 : half) << cell_index_shift;
  }
  const std::uint64_t resets = epochs.resets();
  burning.does([&] {
    for (unsigned i = 0; i != epoch_table::capacity + 100; ++i) begin_epoch(memory);
  });
  EXPECT_TRUE(burning.state().unrecorded);
  const std::vector<std::string> notes = take_notes();
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_NE(notes[0].find("precision reduced"), std::string::npos);
  // Others that come too late do not reset again, each.
  actor another;
  another.does([&] { __tsan_write8(memory); });
  EXPECT_EQ(epochs.resets(), resets + 2);
  EXPECT_TRUE(take_findings().empty());

  epochs.abandon(low.state());
  actor in_time;
  in_time.does([&] { __tsan_write8(memory); });
  EXPECT_FALSE(in_time.state().unrecorded);
}

TEST(epochs, blocks_are_small_where_many_hold_one) {
  char* memory = fresh_memory(64);
  std::vector<std::unique_ptr<actor>> many;
  epoch_index held = 0;
  for (int i = 0; i != 3000; ++i) {
    many.push_back(std::make_unique<actor>());
    many.back()->does([&] {
      for (int k = 0; k != 900; ++k) begin_epoch(memory);
    });
    held += epoch_table::capacity - (many.back()->state().block_mask >> cell_index_shift);
  }
  EXPECT_LT(held, epoch_table::capacity / 2);
}

}  // namespace
