#include "results/shape.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <stdexcept>

#include "results/statistics.hpp"

namespace gobench::results {

namespace {

constexpr double furthest = 3.5;
constexpr std::size_t fewest_for_outliers = 5;
constexpr std::size_t fewest_for_modes = 10;
constexpr double surely_not_one = 0.01;

using corners = std::vector<std::size_t>;  // of a hull: indices into the sorted values, ascending

// The hull of the points (x[i], i), low <= i <= high: the greatest convex function below them, or the least
// concave one above (side = -1).
corners hull(const std::vector<double>& x, std::size_t low, std::size_t high, double side) {
  corners made;
  for (std::size_t i = low; i <= high; ++i) {
    while (made.size() >= 2) {
      const std::size_t a = made[made.size() - 2];
      const std::size_t b = made.back();
      const double turn =
          (x[b] - x[a]) * static_cast<double>(i - a) - (x[i] - x[a]) * static_cast<double>(b - a);
      if (side * turn > 0) break;
      made.pop_back();
    }
    made.push_back(i);
  }
  return made;
}

// The height of a hull above x[at].
double height(const std::vector<double>& x, const corners& of, std::size_t at) {
  const auto right = std::ranges::lower_bound(of, at);
  if (*right == at) return static_cast<double>(at);
  const std::size_t b = *right;
  const std::size_t a = *(right - 1);
  if (x[b] == x[a]) return static_cast<double>(b);
  return static_cast<double>(a) + static_cast<double>(b - a) * (x[at] - x[a]) / (x[b] - x[a]);
}

// How far the values between two neighbouring corners, up to `end` or from `begin` on, leave their hull: above
// the convex one (side = 1) or below the concave one (side = -1). A step of the distribution is 1 high.
double departure(const std::vector<double>& x, const corners& of, std::size_t begin,
                 std::size_t end, double side) {
  double furthest_yet = 0;
  for (std::size_t c = 0; c + 1 < of.size(); ++c) {
    const std::size_t a = of[c];
    const std::size_t b = of[c + 1];
    if (a < begin || b > end) continue;
    furthest_yet = std::max(furthest_yet, 1.0);
    if (b - a < 2 || x[a] == x[b]) continue;
    const double slope = static_cast<double>(b - a) / (x[b] - x[a]);
    for (std::size_t i = a; i <= b; ++i) {
      const double above = static_cast<double>(i - a) - (x[i] - x[a]) * slope;
      furthest_yet = std::max(furthest_yet, side * above + 1);
    }
  }
  return furthest_yet;
}

// The dip of sorted values. Between `low` and `high` the mode is looked for: there the distribution with one
// mode goes straight from the convex hull on its left to the concave hull on its right. The interval shrinks
// to where the hulls are furthest apart, for as long as that is worth it.
double dip_of_sorted(const std::vector<double>& x) {
  const auto n = static_cast<double>(x.size());
  double found = 1;
  std::size_t low = 0;
  std::size_t high = x.size() - 1;
  while (x[low] != x[high]) {
    const corners convex = hull(x, low, high, 1);
    const corners concave = hull(x, low, high, -1);
    corners both;
    std::ranges::set_union(convex, concave, std::back_inserter(both));
    double gap = 0;
    std::size_t widest = low;
    for (const std::size_t at : both) {
      if (at == low || at == high) continue;
      const double here = height(x, concave, at) - height(x, convex, at) + 1;
      if (here >= gap) {
        gap = here;
        widest = at;
      }
    }
    if (gap <= found) break;
    const std::size_t left = *(std::ranges::upper_bound(convex, widest) - 1);
    const std::size_t right = *std::ranges::lower_bound(concave, widest);
    found = std::max(
        {found, departure(x, convex, low, left, 1), departure(x, concave, right, high, -1)});
    if (left == low && right == high) break;
    low = left;
    high = right;
  }
  return found / (2 * n);
}

std::vector<double> sorted(std::span<const double> values) {
  if (values.empty()) throw std::invalid_argument("No values have no shape.");
  std::vector<double> x(values.begin(), values.end());
  std::ranges::sort(x);
  return x;
}

}  // namespace

std::vector<std::size_t> outliers(std::span<const double> values) {
  std::vector<std::size_t> found;
  const double middle = median(values);
  if (values.size() < fewest_for_outliers) return found;
  double unit = median_absolute_deviation(values) / 0.6745;
  if (unit == 0) {
    double sum = 0;
    for (const double v : values) sum += std::abs(v - middle);
    unit = 1.253314 * sum / static_cast<double>(values.size());
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::abs(values[i] - middle) > furthest * unit) found.push_back(i);
  }
  return found;
}

double dip(std::span<const double> values) { return dip_of_sorted(sorted(values)); }

double unimodality_p(std::span<const double> values, std::uint64_t seed, int draws) {
  if (draws < 1) throw std::invalid_argument("A simulation takes at least one draw.");
  const double observed = dip(values);
  std::mt19937_64 random(seed);
  std::vector<double> drawn(values.size());
  int as_large = 0;
  for (int i = 0; i < draws; ++i) {
    for (double& v : drawn) v = static_cast<double>(random() >> 11) * 0x1p-53;
    std::ranges::sort(drawn);
    if (dip_of_sorted(drawn) >= observed) ++as_large;
  }
  return (as_large + 1.0) / (draws + 1.0);
}

bool is_bimodal(std::span<const double> values) {
  return values.size() >= fewest_for_modes && unimodality_p(values) <= surely_not_one;
}

}  // namespace gobench::results
