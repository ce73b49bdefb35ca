// The expected figures were computed once with scipy 1.17.1: scipy.stats.mannwhitneyu(method='exact'), with
// ties by scipy.stats.PermutationMethod over all permutations, beyond 64 values by method='asymptotic', and
// scipy.stats.false_discovery_control.
#include "results/rank_test.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>
#include <vector>

#include "results/record.hpp"

namespace gobench::results {
namespace {

const std::vector<double> xs = {21.5, 21.9, 20.8, 35.2, 21.1, 22.4, 21.7, 21.6, 23.9, 21.2, 21.4};
const std::vector<double> ys = {18.2, 18.9, 17.5, 18.4, 19.1, 18.0,
                                26.3, 18.3, 18.8, 17.9, 18.6, 18.1};

void expect_p(const std::vector<double>& a, const std::vector<double>& b, double u, double p,
              bool exact = true) {
  const rank_test found = mann_whitney(a, b);
  EXPECT_DOUBLE_EQ(found.u, u);
  EXPECT_NEAR(found.p, p, 1e-12);
  EXPECT_EQ(found.exact, exact);
  const rank_test other_way = mann_whitney(b, a);
  EXPECT_NEAR(other_way.p, p, 1e-12);
  EXPECT_DOUBLE_EQ(other_way.u + u, static_cast<double>(a.size() * b.size()));
}

TEST(rank_test, small_groups_are_exact) {
  expect_p(xs, ys, 122, 0.00020560943969208877);
  expect_p({1, 4, 6, 7, 11}, {2, 3, 5, 8, 9, 10, 12}, 14, 0.638888888888889);
  expect_p({10.1, 10.2, 10.0, 10.3, 10.15}, {11.0, 10.9, 11.2, 11.1, 11.3}, 0,
           0.007936507936507936);
  expect_p({1}, {2}, 0, 1);
}

TEST(rank_test, ties_are_exact_as_well) {
  expect_p({1, 2, 2, 3, 5, 5}, {2, 3, 4, 5, 5, 5, 6}, 11.5, 0.20862470862470864);
  expect_p({3, 3, 3, 1}, {3, 5, 5, 5, 3}, 3, 0.15873015873015872);
  expect_p({1, 1, 1}, {1, 1}, 3, 1);
  expect_p(xs, {21.0, 21.5, 22.0, 21.0, 20.5, 23.0}, 42.5, 0.3634453781512605);
}

std::vector<double> spread(int n, int factor, int modulus, double shift, bool whole) {
  std::vector<double> made;
  for (int i = 0; i < n; ++i) {
    const double v = (i * factor % modulus) / 10.0 + shift;
    made.push_back(whole ? std::floor(v) : v);
  }
  return made;
}

TEST(rank_test, large_groups_are_approximated) {
  expect_p(spread(40, 7919, 97, 0, false), spread(50, 6151, 89, 0.9, false), 959.5,
           0.7453158649962985, false);
  expect_p(spread(40, 7919, 97, 0, true), spread(50, 6151, 89, 0.9, true), 934, 0.5928753032806559,
           false);
  const std::vector<double> same(40, 7.0);
  expect_p(same, same, 800, 1, false);
}

TEST(rank_test, both_ways_meet_where_one_gives_way_to_the_other) {
  std::vector<double> a;
  std::vector<double> b;
  for (std::size_t i = 0; i < most_exact / 2; ++i) {
    a.push_back(static_cast<double>(i));
    b.push_back(static_cast<double>(i) + 6.5);
  }
  const rank_test exact = mann_whitney(a, b);
  b.push_back(20.25);
  const rank_test approximate = mann_whitney(a, b);
  EXPECT_TRUE(exact.exact);
  EXPECT_FALSE(approximate.exact);
  EXPECT_NEAR(exact.p, approximate.p, 0.01);
}

TEST(rank_test, no_values_are_refused) {
  EXPECT_THROW(mann_whitney({}, xs), std::invalid_argument);
  EXPECT_THROW(mann_whitney(xs, {}), std::invalid_argument);
}

TEST(benjamini_hochberg, is_that_of_scipy) {
  const std::vector<double> p = {0.01, 0.04, 0.03, 0.005, 0.5, 0.2};
  const std::vector<double> expected = {0.03, 0.06, 0.06, 0.03, 0.5, 0.24};
  const std::vector<double> found = benjamini_hochberg(p);
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < p.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-12);
}

TEST(benjamini_hochberg, a_test_that_was_not_made_does_not_count) {
  const std::vector<double> found = benjamini_hochberg(std::vector{0.01, not_measured, 0.04});
  EXPECT_NEAR(found[0], 0.02, 1e-12);
  EXPECT_TRUE(std::isnan(found[1]));
  EXPECT_NEAR(found[2], 0.04, 1e-12);
  EXPECT_TRUE(benjamini_hochberg({}).empty());
}

}  // namespace
}  // namespace gobench::results
