#include "suites/overlap.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace {

using gobench::suites::mark;
using gobench::suites::overlap_of;

// Marks at `count` equal steps from `from` to `to`, the first at `from`.
std::vector<mark> steady(std::uint64_t from, std::uint64_t to, std::uint32_t cpu, int count = 64) {
  std::vector<mark> marks;
  for (int i = 0; i <= count; ++i) {
    marks.push_back(
        {from + (to - from) * static_cast<std::uint64_t>(i) / static_cast<std::uint64_t>(count),
         cpu});
  }
  return marks;
}

TEST(overlap, tasks_on_two_cpus_all_the_time_are_parallel) {
  const std::vector<std::vector<mark>> tasks = {steady(0, 32000, 0), steady(0, 32000, 1)};
  const auto found = overlap_of(tasks, 0, 32000);
  EXPECT_DOUBLE_EQ(found.parallel, 1);
  EXPECT_DOUBLE_EQ(found.interleaved, 1);
}

TEST(overlap, one_after_another_is_neither) {
  const std::vector<std::vector<mark>> tasks = {steady(0, 16000, 0), steady(16000, 32000, 1)};
  const auto found = overlap_of(tasks, 0, 32000);
  EXPECT_LE(found.parallel, 1.0 / 32);  // the window in which one ends and the other begins
  EXPECT_LE(found.interleaved, 1.0 / 32);
}

TEST(overlap, taking_turns_on_one_cpu_is_interleaved_only) {
  std::vector<std::vector<mark>> tasks = {steady(0, 32000, 3), steady(0, 32000, 3)};
  const auto found = overlap_of(tasks, 0, 32000);
  EXPECT_DOUBLE_EQ(found.parallel, 0);
  EXPECT_DOUBLE_EQ(found.interleaved, 1);
}

TEST(overlap, one_task_that_changes_its_cpu_is_not_parallel) {
  std::vector<mark> moving = steady(0, 32000, 0);
  for (std::size_t i = 0; i < moving.size(); i += 2) moving[i].cpu = 1;
  const std::vector<std::vector<mark>> tasks = {moving};
  EXPECT_DOUBLE_EQ(overlap_of(tasks, 0, 32000).parallel, 0);
}

TEST(overlap, a_pause_is_no_progress) {
  // The first works in the outer quarters of the time and waits in between, while the second works.
  std::vector<mark> outer = steady(0, 8000, 0, 32);
  const std::vector<mark> later = steady(24000, 32000, 0, 32);
  outer.insert(outer.end(), later.begin(), later.end());
  const std::vector<std::vector<mark>> tasks = {outer, steady(8000, 24000, 1)};
  EXPECT_LE(overlap_of(tasks, 0, 32000).parallel, 3.0 / 32);
}

TEST(overlap, half_of_the_time_is_half) {
  const std::vector<std::vector<mark>> tasks = {steady(0, 32000, 0), steady(0, 16000, 1)};
  const auto found = overlap_of(tasks, 0, 32000);
  EXPECT_GE(found.parallel, 16.0 / 32);
  EXPECT_LE(found.parallel, 17.0 / 32);
}

TEST(overlap, long_operations_count_from_mark_to_mark) {
  // Four operations each, every one longer than several windows.
  const std::vector<std::vector<mark>> tasks = {steady(0, 32000, 0, 4), steady(0, 32000, 1, 4)};
  EXPECT_DOUBLE_EQ(overlap_of(tasks, 0, 32000).parallel, 1);
}

TEST(overlap, nothing_measured_is_no_overlap) {
  EXPECT_DOUBLE_EQ(overlap_of({}, 5, 5).parallel, 0);
  const std::vector<std::vector<mark>> only_starts = {{{1, 0}}, {{2, 1}}};
  EXPECT_DOUBLE_EQ(overlap_of(only_starts, 1, 10).parallel, 0);
}

TEST(overlap, clocks_that_disagree_a_little_do_no_harm) {
  std::vector<mark> back = steady(100, 32000, 0);
  back[10].ticks = back[9].ticks - 5;
  const std::vector<std::vector<mark>> tasks = {back, steady(0, 32000, 1)};
  EXPECT_GE(overlap_of(tasks, 0, 32000).parallel, 31.0 / 32);
}

}  // namespace
