// The histogram against the values themselves.
#include "results/histogram.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <random>
#include <stdexcept>
#include <vector>

namespace {

using gobench::results::histogram;

constexpr double bound = 1.0 / 2048;
constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();

histogram of(const std::vector<std::uint64_t>& values) {
  histogram made;
  for (const std::uint64_t v : values) made.record(v);
  return made;
}

// By nearest rank, of sorted values; the share in thousandths, so that the rank is exact.
std::uint64_t exact(const std::vector<std::uint64_t>& sorted, std::uint64_t thousandths) {
  const std::uint64_t rank = (sorted.size() * thousandths + 999) / 1000;
  return sorted[static_cast<std::size_t>(std::max<std::uint64_t>(rank, 1) - 1)];
}

void expect_close(std::vector<std::uint64_t> values) {
  const histogram made = of(values);
  std::ranges::sort(values);
  for (const std::uint64_t q : {0U, 1U, 100U, 250U, 500U, 900U, 990U, 999U, 1000U}) {
    const auto wanted = static_cast<double>(exact(values, q));
    EXPECT_NEAR(made.quantile(static_cast<double>(q) / 1000), wanted, wanted * bound)
        << q << " of " << values.size();
  }
  EXPECT_EQ(made.count(), values.size());
  EXPECT_EQ(made.min(), values.front());
  EXPECT_EQ(made.max(), values.back());
  const double sum = std::accumulate(values.begin(), values.end(), 0.0,
                                     [](double s, std::uint64_t v) { return s + double(v); });
  const double mean = sum / static_cast<double>(values.size());
  EXPECT_NEAR(made.mean(), mean, mean * 1e-9);
}

TEST(histogram, is_within_its_bound_of_exact_percentiles) {
  std::mt19937_64 random(1);
  std::lognormal_distribution<double> waits(8, 3);
  std::exponential_distribution<double> tail(1e-6);
  for (const std::size_t n : {1U, 2U, 3U, 10U, 99U, 100U, 101U, 1000U, 20'000U}) {
    std::vector<std::uint64_t> some;
    std::vector<std::uint64_t> uniform;
    std::vector<std::uint64_t> any;
    for (std::size_t i = 0; i < n; ++i) {
      some.push_back(static_cast<std::uint64_t>(waits(random)));
      uniform.push_back(static_cast<std::uint64_t>(tail(random)));
      any.push_back(random() >> (random() % 64));
    }
    expect_close(some);
    expect_close(uniform);
    expect_close(any);
  }
}

TEST(histogram, small_values_are_exact) {
  std::vector<std::uint64_t> values;
  for (std::uint64_t v = 0; v < 2048; ++v) values.push_back(v);
  const histogram made = of(values);
  for (std::uint64_t v = 0; v < 2048; ++v)
    EXPECT_EQ(made.quantile((static_cast<double>(v) + 0.5) / 2048), static_cast<double>(v));
}

// Every value between two others lies in a bucket between theirs, and the middle of a bucket is close to all
// that fall there: tried at all places where the width changes.
TEST(histogram, at_every_edge) {
  for (unsigned bit = 0; bit < 64; ++bit) {
    const std::uint64_t power = std::uint64_t{1} << bit;
    for (const std::uint64_t v : {power - 1, power, power + 1, power + power / 2, power * 2 - 1}) {
      histogram made;
      made.record(0);
      made.record(v, 2);
      made.record(largest);
      EXPECT_NEAR(made.quantile(0.5), static_cast<double>(v), static_cast<double>(v) * bound) << v;
    }
  }
  EXPECT_EQ(of({largest}).quantile(0.5), static_cast<double>(largest));
}

TEST(histogram, a_single_value_is_every_quantile) {
  const histogram made = of({1'234'567});
  for (const double q : {0.0, 0.5, 0.999, 1.0}) EXPECT_EQ(made.quantile(q), 1'234'567);
  EXPECT_EQ(made.mean(), 1'234'567);
}

TEST(histogram, the_share_of_a_rank_is_that_rank) {
  std::vector<std::uint64_t> values(100);
  std::iota(values.begin(), values.end(), 1);
  const histogram made = of(values);
  for (int percent = 1; percent <= 100; ++percent)
    EXPECT_EQ(made.quantile(percent / 100.0), percent);
}

TEST(histogram, merged_is_as_recorded_in_one) {
  std::mt19937_64 random(2);
  histogram all;
  histogram parts;
  for (int part = 0; part < 5; ++part) {
    histogram own;
    for (int i = 0; i < 1000 * part; ++i) {
      const std::uint64_t v = random() >> (random() % 60);
      own.record(v);
      all.record(v);
    }
    parts.merge(own);
  }
  EXPECT_EQ(parts.count(), all.count());
  EXPECT_EQ(parts.min(), all.min());
  EXPECT_EQ(parts.max(), all.max());
  EXPECT_NEAR(parts.mean(), all.mean(), all.mean() * 1e-12);  // added up in another order
  for (int i = 0; i <= 1000; ++i) EXPECT_EQ(parts.quantile(i / 1000.0), all.quantile(i / 1000.0));
}

TEST(histogram, several_at_once) {
  histogram made;
  made.record(10, 99);
  made.record(5000, 0);
  EXPECT_EQ(made.max(), 10U);
  made.record(1000);
  EXPECT_EQ(made.count(), 100U);
  EXPECT_EQ(made.quantile(0.99), 10);
  EXPECT_EQ(made.quantile(1), 1000);
  EXPECT_DOUBLE_EQ(made.mean(), 19.9);
}

TEST(histogram, refuses_what_makes_no_sense) {
  const histogram empty;
  EXPECT_EQ(empty.count(), 0U);
  EXPECT_THROW(static_cast<void>(empty.quantile(0.5)), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(empty.min()), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(empty.max()), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(empty.mean()), std::invalid_argument);
  const histogram one = of({7});
  for (const double q : {-0.1, 1.1, std::nan("")})
    EXPECT_THROW(static_cast<void>(one.quantile(q)), std::invalid_argument) << q;
}

}  // namespace
