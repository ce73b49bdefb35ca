#include "suites/crowd.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>

namespace {

using namespace gobench::suites;
using gobench::results::vehicle;

class crowd_test : public ::testing::TestWithParam<vehicle> {
 protected:
  static point where() {
    point at;
    at.runs_on = GetParam();
    at.procs = 2;
    at.tasks = 6;
    return at;
  }
};

INSTANTIATE_TEST_SUITE_P(on, crowd_test, ::testing::Values(vehicle::fiber, vehicle::thread));

TEST_P(crowd_test, each_body_is_called_once) {
  std::atomic<int> called{0};
  const auto taken = measure_crowd(where(), 6, 600, [&](int task) { called += 1 << (4 * task); });
  EXPECT_EQ(called, 0x111111);
  EXPECT_EQ(taken.operations, 600U);
}

TEST_P(crowd_test, what_several_throw_comes_out_once_when_all_have_ended) {
  std::atomic<int> ended{0};
  const auto body = [&](int task) {
    ++ended;
    if (task % 2 == 0) throw std::runtime_error("no");
  };
  EXPECT_THROW(measure_crowd(where(), 6, 6, body), std::runtime_error);
  EXPECT_EQ(ended, 6);
}

TEST(shares, add_up) {
  for (const std::uint64_t n : {0U, 1U, 7U, 100U}) {
    std::uint64_t all = 0;
    for (int part = 0; part < 7; ++part) all += share_of(n, part, 7);
    EXPECT_EQ(all, n);
  }
  EXPECT_EQ(sum_of_shares(7, 2), 1U + 2 + 3 + 4 + 1 + 2 + 3);
}

}  // namespace
