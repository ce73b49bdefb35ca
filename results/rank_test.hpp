// Whether two groups of measurements differ, and what is left of that when many pairs are looked at.
//
// Values are finite; each group has at least one, else std::invalid_argument.
#pragma once

#include <span>
#include <vector>

namespace gobench::results {

struct rank_test {
  double u = 0;  // pairs in which the value of the first group is the greater one; ties count half
  double p = 1;  // two-sided: how often chance alone would part the groups as far as this
  bool exact = false;  // p counts all ways to divide the values into the two groups
};

// The test of Mann and Whitney (On a Test of Whether one of Two Random Variables is Stochastically Larger
// than the Other, 1947). Nothing is assumed of the distributions, and an outlier is no more than the
// largest value.
//
// Up to `most_exact` values together p is exact, with ties as well: the sums of midranks of all subsets are
// counted (the shift algorithm of Streitberg and Röhmel, Exact Distributions for Permutation and Rank Tests,
// 1986). Beyond, it is the normal approximation with corrections for ties and continuity. p is twice the
// smaller tail, at most 1.
inline constexpr std::size_t most_exact = 64;
rank_test mann_whitney(std::span<const double> first, std::span<const double> second);

// p-values of many tests, such that calling everything at or below alpha a finding is wrong in a share of at
// most alpha of the findings (Benjamini and Hochberg, Controlling the False Discovery Rate, 1995). In the
// order of `p`; NaN, a test that could not be made, stays NaN and does not count.
std::vector<double> benjamini_hochberg(std::span<const double> p);

}  // namespace gobench::results
