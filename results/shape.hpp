// What the values of a group look like apart from their median: stragglers, and two heaps instead of one.
// The order of the values does not matter; none are refused with std::invalid_argument.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace gobench::results {

// Indices of the values whose modified z-score is beyond 3.5 (Iglewicz and Hoaglin, How to Detect and Handle
// Outliers, 1993): further from the median than 3.5 / 0.6745 = 5.2 median absolute deviations. Where more than
// half of the values are equal, so that this deviation is 0, the mean absolute deviation stands in for it.
// Fewer than five values have no outliers. Outliers are told, never dropped: the median does not mind them.
std::vector<std::size_t> outliers(std::span<const double> values);

// The dip of Hartigan and Hartigan (The Dip Test of Unimodality, 1985): the largest distance between the
// distribution of the values and the closest distribution with one mode. At least 1/(2n).
double dip(std::span<const double> values);

// How often as many values from a distribution with one mode (the uniform one, which is the hardest) have as
// large a dip: by `draws` simulations, the same for the same seed everywhere.
double unimodality_p(std::span<const double> values, std::uint64_t seed = 1, int draws = 2'000);

// Whether the values lie in two heaps or more: at least ten values, unimodality refuted at 1 %.
bool is_bimodal(std::span<const double> values);

}  // namespace gobench::results
