#include "results/statistics.hpp"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <cmath>
#include <random>
#include <stdexcept>
#include <vector>

namespace gobench::results {

namespace {

std::vector<double> sorted(std::span<const double> values) {
  if (values.empty()) throw std::invalid_argument("There is no statistic of no values.");
  std::vector<double> ordered(values.begin(), values.end());
  std::ranges::sort(ordered);
  return ordered;
}

double quantile_of_sorted(const std::vector<double>& ordered, double p) {
  const double position = static_cast<double>(ordered.size() - 1) * std::clamp(p, 0.0, 1.0);
  const double below = std::floor(position);
  const auto index = static_cast<std::size_t>(below);
  if (index + 1 >= ordered.size()) return ordered.back();
  return ordered[index] + (position - below) * (ordered[index + 1] - ordered[index]);
}

// P(B = k), B ~ Binomial(n, 1/2).
double binomial_half(std::size_t n, std::size_t k) {
  return boost::math::pdf(boost::math::binomial(static_cast<double>(n), 0.5),
                          static_cast<double>(k));
}

// Uniform in [0, bound), the same everywhere: std::uniform_int_distribution differs between standard
// libraries. The bias of multiplying is below bound / 2^32.
std::size_t draw_below(std::mt19937_64& random, std::size_t bound) {
  return static_cast<std::size_t>(((random() >> 32) * bound) >> 32);
}

class resampler {
 public:
  explicit resampler(std::span<const double> from) : from_(from), drawn_(from.size()) {}

  double median_of_next(std::mt19937_64& random) {
    for (double& v : drawn_) v = from_[draw_below(random, from_.size())];
    const auto middle = drawn_.begin() + static_cast<std::ptrdiff_t>(drawn_.size() / 2);
    std::nth_element(drawn_.begin(), middle, drawn_.end());
    if (drawn_.size() % 2 == 1) return *middle;
    return (*std::max_element(drawn_.begin(), middle) + *middle) / 2;
  }

 private:
  std::span<const double> from_;
  std::vector<double> drawn_;
};

}  // namespace

double quantile(std::span<const double> values, double p) {
  return quantile_of_sorted(sorted(values), p);
}

double median(std::span<const double> values) { return quantile(values, 0.5); }

double median_absolute_deviation(std::span<const double> values) {
  const double middle = median(values);
  std::vector<double> distances;
  distances.reserve(values.size());
  for (const double v : values) distances.push_back(std::abs(v - middle));
  return median(distances);
}

interval median_interval(std::span<const double> values, double confidence) {
  const std::vector<double> ordered = sorted(values);
  const std::size_t n = ordered.size();
  // Ranks from the outside inwards, as long as the next one still covers enough. `below` is P(B < r).
  std::size_t r = 1;
  double below = binomial_half(n, 0);
  while (2 * (r + 1) <= n) {
    const double next = below + binomial_half(n, r);
    if (1 - 2 * next < confidence) break;
    below = next;
    ++r;
  }
  return {ordered[r - 1], ordered[n - r], std::max(0.0, 1 - 2 * below)};
}

ratio ratio_of_medians(std::span<const double> of, std::span<const double> to, double confidence,
                       std::uint64_t seed, int draws) {
  if (draws < 1) throw std::invalid_argument("A bootstrap takes at least one draw.");
  ratio found;
  found.value = median(of) / median(to);
  std::mt19937_64 random(seed);
  resampler above(of);
  resampler below(to);
  std::vector<double> ratios(static_cast<std::size_t>(draws));
  for (double& r : ratios) {
    const double numerator = above.median_of_next(random);
    r = numerator / below.median_of_next(random);
  }
  std::ranges::sort(ratios);
  const double tail = (1 - confidence) / 2;
  found.range = {quantile_of_sorted(ratios, tail), quantile_of_sorted(ratios, 1 - tail),
                 confidence};
  return found;
}

}  // namespace gobench::results
