// Fibers of Boost.Fiber as a carrier: what suites/team.hpp and suites/crowd.hpp promise holds on them too.
#if defined(GOBENCH_HAS_PEER_BOOST)

#include "suites/peers/boost/fibers.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>

#include "suites/crowd.hpp"
#include "suites/team.hpp"

namespace {

using namespace gobench::suites;
using peers::boost_fibers;

class boost_fibers_on : public ::testing::TestWithParam<int> {
 protected:
  static point where(int tasks) {
    point at;
    at.procs = GetParam();
    at.tasks = tasks;
    return at;
  }
};

INSTANTIATE_TEST_SUITE_P(procs, boost_fibers_on, ::testing::Values(1, 2, 4));

TEST_P(boost_fibers_on, a_team_does_every_operation_once_and_starts_together) {
  for (const int tasks : {1, 3, 100}) {
    std::atomic<int> begun{0};
    std::atomic<std::uint64_t> done{0};
    // Each task's first part waits for that of all others.
    const auto taken =
        measure_team<boost_fibers>(where(tasks), 1000, [&](int, std::uint64_t count) {
          if (count == 0) return;
          begun.fetch_add(1);
          while (begun.load() < tasks) boost_fibers::yield();
          done.fetch_add(count);
        });
    EXPECT_EQ(done, 1000U);
    EXPECT_EQ(taken.operations, 1000U);
  }
}

TEST_P(boost_fibers_on, what_a_task_throws_comes_out_after_the_others_have_ended) {
  std::atomic<int> ended{0};
  const auto crowd = [&](int task) {
    for (int i = 0; i < 10; ++i) boost_fibers::yield();
    ++ended;
    if (task == 1) throw std::runtime_error("out of it");
  };
  EXPECT_THROW(static_cast<void>(measure_crowd<boost_fibers>(where(5), 5, 5, crowd)),
               std::runtime_error);
  EXPECT_EQ(ended, 5);
}

TEST_P(boost_fibers_on, what_the_main_task_throws_comes_out_of_the_run) {
  EXPECT_THROW(boost_fibers::run(where(1), [] { throw std::runtime_error("out of it"); }),
               std::runtime_error);
}

TEST_P(boost_fibers_on, a_run_is_on_threads_of_its_own) {
  const std::thread::id mine = std::this_thread::get_id();
  for (int i = 0; i < 20; ++i) {
    std::thread::id seen = mine;
    boost_fibers::run(where(1),
                      [&] { boost_fibers::go([&] { seen = std::this_thread::get_id(); }).join(); });
    EXPECT_NE(seen, mine);
  }
}

}  // namespace

#endif
