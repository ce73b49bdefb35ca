// The trends were computed once with scipy 1.17.1: scipy.stats.kendalltau against the index, and
// scipy.stats.theilslopes.
#include "results/sequence.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace gobench::results {
namespace {

void expect_trend(const std::vector<double>& values, double tau, double p, double slope) {
  const trend found = find_trend(values);
  EXPECT_NEAR(found.tau, tau, 1e-12);
  EXPECT_NEAR(found.p, p, 1e-12);
  EXPECT_NEAR(found.slope, slope, 1e-12);
}

TEST(sequence, trend_is_that_of_scipy) {
  expect_trend({5.0, 5.2, 5.1, 5.6, 5.5, 5.9, 6.1, 6.0, 6.4}, 0.8333333333333334,
               0.0008542768959435626, 0.175);
  expect_trend({21.5, 21.9, 20.8, 35.2, 21.1, 22.4, 21.7, 21.6, 23.9, 21.2, 21.4},
               -0.018181818181818184, 1, -0.01);
  expect_trend({18.2, 18.9, 17.5, 18.4, 19.1, 18.0, 26.3, 18.3, 18.8, 17.9, 18.6, 18.1},
               -0.0303030303030303, 0.9465592891547753, -0.011688311688311439);
  expect_trend({2, 3, 4, 5, 5, 5, 6}, 0.9258200997725515, 0.004763221737008149, 0.6);
  std::vector<double> whole;
  for (int i = 0; i < 40; ++i) whole.push_back(std::floor((i * 7919 % 97) / 10.0));
  expect_trend(whole, 0.018707618816556713, 0.8696129124530068, 0);
  expect_trend({1}, 0, 1, 0);
  expect_trend({1, 1, 1, 1}, 0, 1, 0);
}

// 10 with 1 % of noise, the same everywhere.
std::vector<double> level(std::size_t n, double at, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<double> made;
  for (std::size_t i = 0; i < n; ++i) {
    made.push_back(at * (0.995 + 0.01 * static_cast<double>(random() % 1000) / 1000));
  }
  return made;
}

TEST(sequence, drift_needs_a_trend_that_matters) {
  std::vector<double> values = level(20, 10, 1);
  EXPECT_FALSE(drifts(values));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] += 0.05 * static_cast<double>(i);
  EXPECT_TRUE(drifts(values));
  std::vector<double> slight;
  for (int i = 0; i < 20; ++i) slight.push_back(10 + 0.001 * i);
  EXPECT_FALSE(drifts(slight)) << "certain, but 0.2 % in all";
  EXPECT_FALSE(drifts(std::vector{1.0, 2.0, 3.0})) << "too few to tell";
}

TEST(sequence, a_slow_beginning_is_found) {
  std::vector<double> values = level(12, 10, 2);
  EXPECT_EQ(warm_up(values), 0U);
  values[0] = 15;
  EXPECT_EQ(warm_up(values), 1U);
  values[1] = 14;
  values[2] = 12;
  EXPECT_EQ(warm_up(values), 3U);
  values[7] = 30;
  EXPECT_EQ(warm_up(values), 0U) << "slow samples come later as well";
  EXPECT_EQ(warm_up(std::vector{9.0, 1.0, 1.0, 1.0}), 0U) << "too few to tell";
}

TEST(sequence, a_beginning_is_rarely_found_where_there_is_none) {
  int found = 0;
  for (unsigned seed = 0; seed < 200; ++seed) found += warm_up(level(20, 10, seed)) > 0 ? 1 : 0;
  EXPECT_LE(found, 2);
}

TEST(sequence, steps_are_found_where_they_are) {
  std::vector<double> values = level(10, 10, 3);
  EXPECT_TRUE(find_steps(values).empty());
  for (const double v : level(8, 11, 4)) values.push_back(v);
  const std::vector<step> one = find_steps(values);
  ASSERT_EQ(one.size(), 1U);
  EXPECT_EQ(one[0].at, 10U);
  EXPECT_NEAR(one[0].before, 10, 0.1);
  EXPECT_NEAR(one[0].after, 11, 0.1);
  EXPECT_LE(one[0].p, 0.01);
  for (const double v : level(9, 9, 5)) values.push_back(v);
  const std::vector<step> two = find_steps(values);
  ASSERT_EQ(two.size(), 2U);
  EXPECT_EQ(two[0].at, 10U);
  EXPECT_EQ(two[1].at, 18U);
  EXPECT_NEAR(two[1].before, 11, 0.1);
  EXPECT_NEAR(two[1].after, 9, 0.1);
}

TEST(sequence, a_step_that_does_not_matter_is_none) {
  std::vector<double> values(10, 10.0);
  values.insert(values.end(), 10, 10.1);
  EXPECT_TRUE(find_steps(values).empty());
  EXPECT_EQ(find_steps(values, 0.005).size(), 1U);
  EXPECT_TRUE(find_steps(std::vector{1.0, 1.0, 9.0}).empty());
  EXPECT_TRUE(find_steps({}).empty());
}

TEST(sequence, steps_are_rarely_found_where_there_are_none) {
  int found = 0;
  for (unsigned seed = 0; seed < 100; ++seed) {
    found += find_steps(level(30, 10, seed), 0).empty() ? 0 : 1;
  }
  EXPECT_LE(found, 4);
}

}  // namespace
}  // namespace gobench::results
