// The expected figures were computed once with numpy 2.4.6 and scipy 1.17.1: numpy.quantile,
// scipy.stats.median_abs_deviation, scipy.stats.binom.cdf for ranks and coverage,
// scipy.stats.quantile_test(...).confidence_interval for the interval of the median (which gives the
// same ends for these data), scipy.stats.bootstrap(method='percentile', n_resamples=400000).
#include "results/statistics.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <vector>

#include "results/summary.hpp"

namespace gobench::results {
namespace {

const std::vector<double> xs = {21.5, 21.9, 20.8, 35.2, 21.1, 22.4, 21.7, 21.6, 23.9, 21.2, 21.4};
const std::vector<double> ys = {18.2, 18.9, 17.5, 18.4, 19.1, 18.0,
                                26.3, 18.3, 18.8, 17.9, 18.6, 18.1};

TEST(statistics, quantiles_are_those_of_numpy) {
  const std::array<double, 7> at = {0, .01, .25, .5, .9, .99, 1};
  const std::array<double, 7> of_xs = {20.8, 20.83, 21.3, 21.6, 23.9, 34.07, 35.2};
  const std::array<double, 7> of_ys = {17.5, 17.544, 18.075, 18.35, 19.08, 25.508, 26.3};
  for (std::size_t i = 0; i < at.size(); ++i) {
    EXPECT_NEAR(quantile(xs, at[i]), of_xs[i], 1e-12) << at[i];
    EXPECT_NEAR(quantile(ys, at[i]), of_ys[i], 1e-12) << at[i];
  }
  EXPECT_DOUBLE_EQ(median(xs), 21.6);
  EXPECT_DOUBLE_EQ(median(ys), 18.35);
  EXPECT_NEAR(median_absolute_deviation(xs), 0.4, 1e-12);
  EXPECT_NEAR(median_absolute_deviation(ys), 0.4, 1e-12);
  EXPECT_EQ(median(std::vector{7.0}), 7);
}

TEST(statistics, interval_of_the_median_is_that_of_scipy) {
  const interval of_xs = median_interval(xs);
  EXPECT_EQ(of_xs.low, 21.1);
  EXPECT_EQ(of_xs.high, 23.9);
  EXPECT_NEAR(of_xs.coverage, 0.98828125, 1e-12);
  const interval of_ys = median_interval(ys);
  EXPECT_EQ(of_ys.low, 18.0);
  EXPECT_EQ(of_ys.high, 18.9);
  EXPECT_NEAR(of_ys.coverage, 0.96142578125, 1e-12);
}

TEST(statistics, ranks_of_the_interval_are_those_of_the_binomial_distribution) {
  struct row {
    std::size_t n;
    std::size_t rank;
    double coverage;
    std::size_t rank99;
    double coverage99;
  };
  const std::vector<row> rows = {
      {1, 1, 0.0, 1, 0.0},
      {2, 1, 0.5, 1, 0.5},
      {3, 1, 0.75, 1, 0.75},
      {5, 1, 0.9375, 1, 0.9375},
      {6, 1, 0.96875, 1, 0.96875},
      {8, 1, 0.9921875, 1, 0.9921875},
      {9, 2, 0.9609375, 1, 0.99609375},
      {11, 2, 0.98828125, 1, 0.9990234375},
      {12, 3, 0.96142578125, 2, 0.99365234375},
      {20, 6, 0.9586105346679688, 4, 0.9974231719970703},
      {50, 18, 0.9671608624357315, 16, 0.9933995520331891},
      {100, 40, 0.9647997997822951, 37, 0.9933628794840739},
      {1000, 469, 0.9537088026395019, 459, 0.9913600509977395},
      {2000, 956, 0.9534471795082164, 942, 0.9911251389760948},
  };
  for (const row& r : rows) {
    std::vector<double> ranks(r.n);
    std::iota(ranks.begin(), ranks.end(), 1.0);
    std::ranges::reverse(ranks);
    const interval usual = median_interval(ranks);
    EXPECT_EQ(usual.low, static_cast<double>(r.rank)) << r.n;
    EXPECT_EQ(usual.high, static_cast<double>(r.n + 1 - r.rank)) << r.n;
    EXPECT_NEAR(usual.coverage, r.coverage, 1e-9) << r.n;
    const interval strict = median_interval(ranks, 0.99);
    EXPECT_EQ(strict.low, static_cast<double>(r.rank99)) << r.n;
    EXPECT_NEAR(strict.coverage, r.coverage99, 1e-9) << r.n;
  }
}

TEST(statistics, bootstrap_agrees_with_scipy) {
  const ratio usual = ratio_of_medians(xs, ys);
  EXPECT_NEAR(usual.value, 1.1771117166212535, 1e-12);
  // The ends are ratios of few possible medians; neighbours lie about 0.3% apart.
  EXPECT_NEAR(usual.range.low, 1.1405405405405407, 0.004);
  EXPECT_NEAR(usual.range.high, 1.2240437158469943, 0.004);
  EXPECT_EQ(usual.range.coverage, 0.95);
  const ratio narrow = ratio_of_medians(xs, ys, 0.8);
  EXPECT_NEAR(narrow.range.low, 1.152, 0.004);
  EXPECT_NEAR(narrow.range.high, 1.1988950276243093, 0.004);
}

TEST(statistics, bootstrap_is_the_same_for_the_same_seed) {
  const ratio first = ratio_of_medians(xs, ys, 0.95, 7, 500);
  EXPECT_EQ(first.range, ratio_of_medians(xs, ys, 0.95, 7, 500).range);
  const ratio constant =
      ratio_of_medians(std::vector{3.0, 3.0, 3.0}, std::vector{2.0, 2.0}, 0.95, 1, 100);
  EXPECT_EQ(constant.range.low, 1.5);
  EXPECT_EQ(constant.range.high, 1.5);
}

TEST(statistics, no_values_are_refused) {
  const std::vector<double> none;
  EXPECT_THROW(median(none), std::invalid_argument);
  EXPECT_THROW(median_interval(none), std::invalid_argument);
  EXPECT_THROW(median_absolute_deviation(none), std::invalid_argument);
  EXPECT_THROW(ratio_of_medians(xs, none), std::invalid_argument);
  EXPECT_THROW(ratio_of_medians(xs, ys, 0.95, 1, 0), std::invalid_argument);
}

std::vector<sample> repetitions(const std::vector<double>& times) {
  std::vector<sample> made;
  for (const double t : times) {
    sample next;
    next.time(t);
    made.push_back(next);
  }
  return made;
}

TEST(summary, spread_is_the_longer_side_of_the_interval) {
  const summary made = summarise(repetitions({10, 10.5, 9.9, 10.1, 10.0}));
  EXPECT_EQ(made.count, 5U);
  EXPECT_EQ(made.median_ns, 10);
  EXPECT_EQ(made.range_ns.low, 9.9);
  EXPECT_EQ(made.range_ns.high, 10.5);
  EXPECT_NEAR(made.spread, 0.05, 1e-12);
  EXPECT_FALSE(made.noisy);
  EXPECT_TRUE(summarise(repetitions({10, 10, 14})).noisy);
}

TEST(summary, a_single_sample_has_no_spread_and_a_failed_one_does_not_count) {
  const summary single = summarise(repetitions({10, not_measured}));
  EXPECT_EQ(single.count, 1U);
  EXPECT_EQ(single.median_ns, 10);
  EXPECT_TRUE(std::isnan(single.spread));
  EXPECT_FALSE(single.noisy);
  EXPECT_EQ(summarise({}).count, 0U);
}

TEST(summary, is_serial_when_half_of_the_samples_are) {
  std::vector<sample> group = repetitions({10, 10, 10, 10});
  EXPECT_FALSE(summarise(group).serial) << "nothing is said about overlap";
  for (sample& one : group) one.metrics.set(metric_parallel, 0.9);
  group[0].metrics.set(metric_parallel, 0.1);
  EXPECT_FALSE(summarise(group).serial);
  group[1].metrics.set(metric_parallel, 0);
  EXPECT_TRUE(summarise(group).serial);
}

TEST(summary, overlapping_intervals_are_the_same) {
  const summary low = summarise(repetitions({10, 11, 12}));
  EXPECT_TRUE(low.same_as(summarise(repetitions({12, 13, 14}))));
  EXPECT_FALSE(low.same_as(summarise(repetitions({12.1, 13, 14}))));
  EXPECT_FALSE(summarise(repetitions({12.1, 13, 14})).same_as(low));
}

}  // namespace
}  // namespace gobench::results
