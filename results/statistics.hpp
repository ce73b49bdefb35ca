// The statistics of repeated measurements. Times of operations are skewed and have outliers on one
// side (an interrupt makes a sample slower, nothing makes it faster), so everything here is built on
// order statistics: no mean, no standard deviation, no assumption of a distribution.
//
// Values are finite; the order in which they come does not matter. Each function takes at least one
// value and throws std::invalid_argument for none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace gobench::results {

// Quantile of type 7 (Hyndman and Fan, Sample Quantiles in Statistical Packages, 1996), which is the
// default of numpy, R and spreadsheets: linear between the two neighbours of (n - 1) * p. p in [0, 1].
double quantile(std::span<const double> values, double p);

double median(std::span<const double> values);

// Median of the distances from the median; not scaled to a standard deviation.
double median_absolute_deviation(std::span<const double> values);

struct interval {
  double low = 0;
  double high = 0;
  double coverage = 0;  // the probability that the method's interval contains the true value

  friend bool operator==(const interval&, const interval&) = default;
};

// Interval of the median from order statistics: (x_(r), x_(n+1-r)) contains the true median with
// probability 1 - 2 * P(B < r), B ~ Binomial(n, 1/2), whatever the (continuous) distribution (David and
// Nagaraja, Order Statistics, 3rd ed., 7.1; Le Boudec, Performance Evaluation, theorem 2.1). r is the
// largest for which that is at least `confidence`. With fewer than 6 values no interval reaches 95%: it
// is then the smallest and the largest value, and `coverage` says what that is worth (93.75% for 5).
interval median_interval(std::span<const double> values, double confidence = 0.95);

struct ratio {
  double value = 0;  // median(of) / median(to)
  interval range;
};

// How many times as much `of` is as `to`, with a bootstrap percentile interval (Efron and Tibshirani,
// An Introduction to the Bootstrap, 13.3): both sides are drawn again with replacement, `draws` times.
// The same seed gives the same interval on every machine. With few values the interval is too narrow
// (the bootstrap knows only the values it has), so it is for ten samples and more a side; for fewer,
// compare the intervals of the medians.
ratio ratio_of_medians(std::span<const double> of, std::span<const double> to,
                       double confidence = 0.95, std::uint64_t seed = 1, int draws = 10'000);

}  // namespace gobench::results
