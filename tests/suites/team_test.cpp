#include "suites/team.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <numeric>
#include <stdexcept>
#include <tuple>
#include <vector>

namespace {

using namespace gobench::suites;
using gobench::results::vehicle;

class team_test : public ::testing::TestWithParam<std::tuple<vehicle, int, int>> {
 protected:
  static point where() {
    point at;
    std::tie(at.runs_on, at.procs, at.tasks) = GetParam();
    at.seed = 1;
    return at;
  }
};

INSTANTIATE_TEST_SUITE_P(on, team_test,
                         ::testing::Combine(::testing::Values(vehicle::fiber, vehicle::thread),
                                            ::testing::Values(1, 2, 4),
                                            ::testing::Values(1, 2, 7)));

TEST_P(team_test, every_operation_is_done_once) {
  for (const std::uint64_t iterations : {1U, 5U, 63U, 64U, 1000U}) {
    std::vector<std::uint64_t> done(static_cast<std::size_t>(where().tasks), 0);
    const auto taken = measure_team(where(), iterations, [&](int task, std::uint64_t count) {
      done[static_cast<std::size_t>(task)] += count;
    });
    EXPECT_EQ(std::accumulate(done.begin(), done.end(), std::uint64_t{0}), iterations);
    for (const std::uint64_t share : done) EXPECT_LE(share, iterations / done.size() + 1);
    EXPECT_EQ(taken.operations, iterations);
    EXPECT_GE(taken.seconds, 0);
    EXPECT_FALSE(taken.result.holds());  // the caller's to prove
    EXPECT_EQ(taken.metrics.find("parallel") != nullptr, where().tasks > 1);
  }
}

TEST_P(team_test, time_that_is_up_ends_it_early) {
  point at = where();
  at.most_seconds = 0;
  std::atomic<std::uint64_t> done{0};
  const auto taken = measure_team(at, 1'000'000, [&](int, std::uint64_t count) { done += count; });
  EXPECT_EQ(taken.operations, done);
  EXPECT_LT(done, 500'000U);
  EXPECT_GE(done, static_cast<std::uint64_t>(at.tasks));
}

TEST_P(team_test, tasks_start_after_all_have_arrived) {
  // Each task's first part waits for the first part of all others: it would never end if one had to
  // finish before another is spawned.
  std::atomic<int> begun{0};
  const int tasks = where().tasks;
  std::vector<char> first(static_cast<std::size_t>(tasks), 1);
  measure_team(where(), static_cast<std::uint64_t>(tasks), [&](int task, std::uint64_t) {
    char& mine = first[static_cast<std::size_t>(task)];
    if (mine == 0) return;
    mine = 0;
    ++begun;
    for (unsigned round = 0; begun < tasks; ++round) gobench::runtime::relax(round);
  });
  EXPECT_EQ(begun, tasks);
}

TEST_P(team_test, an_exception_comes_out_after_the_others_have_ended) {
  std::atomic<int> ended{0};
  EXPECT_THROW(measure_team(where(), 700,
                            [&](int task, std::uint64_t) {
                              if (task == 0) throw std::runtime_error("no");
                              ++ended;
                            }),
               std::runtime_error);
  if (where().tasks > 1) {
    EXPECT_GE(ended, 1);
  }
}

TEST_P(team_test, a_service_is_measured_and_told_when_no_more_comes) {
  std::atomic<bool> over{false};
  std::atomic<std::uint64_t> asked{0};
  std::uint64_t served = 0;
  const service one{.serve =
                        [&] {
                          for (unsigned round = 0; !over; ++round) gobench::runtime::relax(round);
                          served = asked;
                        },
                    .no_more = [&] { over = true; }};
  measure_team(
      where(), 500, [&](int, std::uint64_t count) { asked += count; }, one);
  EXPECT_EQ(served, 500U);
}

TEST_P(team_test, a_failing_task_does_not_leave_the_service_waiting) {
  std::atomic<bool> over{false};
  const service one{.serve =
                        [&] {
                          for (unsigned round = 0; !over; ++round) gobench::runtime::relax(round);
                        },
                    .no_more = [&] { over = true; }};
  EXPECT_THROW(measure_team(
                   where(), 100, [](int, std::uint64_t) { throw std::runtime_error("no"); }, one),
               std::runtime_error);
}

TEST(team, processes_and_coroutines_are_refused) {
  point at;
  at.runs_on = vehicle::process;
  EXPECT_THROW(measure_team(at, 1, [](int, std::uint64_t) {}), std::logic_error);
}

}  // namespace
