// What the order of measurements tells: a drift, a step, a slow beginning.
//
// Values are finite and in the order in which they were taken.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace gobench::results {

struct trend {
  double tau = 0;    // Kendall's: 1 rises all the time, -1 falls all the time
  double p = 1;      // two-sided: how often values without a trend would look like this
  double slope = 0;  // per value: the median of the slopes between all pairs (Sen, 1968)
};

// The test of Mann (Nonparametric Tests Against Trend, 1945): exact without ties and with up to 64 values,
// else the normal approximation, its variance corrected for ties. At least two values, else no trend.
trend find_trend(std::span<const double> values);

// Whether the values drift: at least eight of them, a trend at 1 %, and over the whole sequence it adds up to
// more than 2 % of the median, less than which nobody minds.
bool drifts(std::span<const double> values);

// How many of the first values, at most half, are a beginning that differs from the rest: caches, clocks and
// branch predictors that were cold. Where to cut is what MSER says (White, An Effective Truncation Heuristic
// for Bias Reduction in Simulation Output, 1997); there has to be reason to cut as well: each of the
// values is slower than all of the rest and further from their median than five of their median absolute deviations.
// 0 for fewer than eight values.
std::size_t warm_up(std::span<const double> values);

struct step {
  std::size_t at = 0;  // index of the first value after it
  double before = 0;   // median of the values between the step before and this one
  double after = 0;    // and up to the next
  double p = 1;
};

// Where the level changes, in order. The place is that of the largest statistic of Pettitt (A Non-parametric
// Approach to the Change-point Problem, 1979), p comes from permutations with a fixed seed, and both sides are
// searched again. A step changes the level by more than the share `least`; a level lasts for three values or
// more, except that nothing is known yet of one that has just begun: with fewer than five values on a side
// permutations cannot reach 1 %.
std::vector<step> find_steps(std::span<const double> values, double least = 0.02,
                             double alpha = 0.01, std::uint64_t seed = 1, int draws = 999);

}  // namespace gobench::results
