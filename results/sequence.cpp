#include "results/sequence.hpp"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <map>
#include <numeric>
#include <random>

#include "results/statistics.hpp"

namespace gobench::results {

namespace {

constexpr std::size_t most_exact_trend = 64;
constexpr std::size_t fewest_in_order = 8;
constexpr double surely = 0.01;
constexpr double slight_drift = 0.02;
constexpr double apart = 5;  // median absolute deviations
constexpr std::size_t shortest_level = 3;

int sign(double number) { return number > 0 ? 1 : number < 0 ? -1 : 0; }

// P(at most `discordant` inversions in a random permutation of n).
double share_of_permutations(std::size_t n, std::size_t discordant) {
  std::vector<double> share = {1};  // of permutations of i with k inversions
  for (std::size_t i = 2; i <= n; ++i) {
    std::vector<double> next(share.size() + i - 1, 0);
    for (std::size_t k = 0; k < share.size(); ++k) {
      for (std::size_t more = 0; more < i; ++more)
        next[k + more] += share[k] / static_cast<double>(i);
    }
    share = std::move(next);
  }
  const auto end =
      share.begin() + static_cast<std::ptrdiff_t>(std::min(discordant + 1, share.size()));
  return std::accumulate(share.begin(), end, 0.0);
}

double variance_of_score(std::span<const double> values) {
  const auto n = static_cast<double>(values.size());
  double eighteenfold = n * (n - 1) * (2 * n + 5);
  std::map<double, double> times;
  for (const double v : values) ++times[v];
  for (const auto& [v, t] : times) eighteenfold -= t * (t - 1) * (2 * t + 5);
  return eighteenfold / 18;
}

// Pettitt's statistic: for each place to cut, how much greater the values before it are than those after.
std::vector<double> cuts(const std::vector<double>& values) {
  const std::size_t n = values.size();
  std::vector<double> made(n, 0);
  for (std::size_t t = 1; t < n; ++t) {
    double change = 0;
    for (const double v : values) change += sign(values[t - 1] - v);
    made[t] = made[t - 1] + change;
  }
  return made;
}

struct cut {
  std::size_t at = 0;
  double size = 0;
};

cut largest_cut(const std::vector<double>& values) {
  const std::vector<double> all = cuts(values);
  cut found;
  for (std::size_t t = shortest_level; t + shortest_level <= values.size(); ++t) {
    if (std::abs(all[t]) > found.size) found = {t, std::abs(all[t])};
  }
  return found;
}

// Fisher and Yates; std::shuffle differs between standard libraries.
void shuffle(std::vector<double>& values, std::mt19937_64& random) {
  for (std::size_t i = values.size(); i > 1; --i) {
    std::swap(values[i - 1], values[static_cast<std::size_t>(((random() >> 32) * i) >> 32)]);
  }
}

class step_finder {
 public:
  step_finder(std::span<const double> values, double least, double alpha, std::uint64_t seed,
              int draws)
      : values_(values), least_(least), alpha_(alpha), seed_(seed), draws_(draws) {}

  void search(std::size_t from, std::size_t to) {
    if (to - from < 2 * shortest_level) return;
    std::vector<double> part(values_.begin() + static_cast<std::ptrdiff_t>(from),
                             values_.begin() + static_cast<std::ptrdiff_t>(to));
    const cut best = largest_cut(part);
    if (best.size == 0) return;
    const double before = median(std::span(part).first(best.at));
    const double after = median(std::span(part).subspan(best.at));
    if (!(std::abs(after - before) > least_ * std::abs(before))) return;
    std::mt19937_64 random(seed_);
    int as_large = 1;
    for (int i = 0; i < draws_; ++i) {
      shuffle(part, random);
      if (largest_cut(part).size >= best.size) ++as_large;
    }
    const double p = as_large / (draws_ + 1.0);
    if (p > alpha_) return;
    search(from, from + best.at);
    found.push_back({from + best.at, before, after, p});
    search(from + best.at, to);
  }

  std::vector<step> found;

 private:
  std::span<const double> values_;
  double least_;
  double alpha_;
  std::uint64_t seed_;
  int draws_;
};

}  // namespace

trend find_trend(std::span<const double> values) {
  trend made;
  const std::size_t n = values.size();
  if (n < 2) return made;
  std::vector<double> slopes;
  slopes.reserve(n * (n - 1) / 2);
  std::int64_t score = 0;
  std::size_t equal = 0;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = i + 1; j < n; ++j) {
      const int way = sign(values[j] - values[i]);
      score += way;
      equal += way == 0 ? 1 : 0;
      slopes.push_back((values[j] - values[i]) / static_cast<double>(j - i));
    }
  }
  made.slope = median(slopes);
  const auto pairs = static_cast<double>(slopes.size());
  const double unequal = pairs - static_cast<double>(equal);
  if (unequal == 0) return made;
  made.tau = static_cast<double>(score) / std::sqrt(pairs * unequal);
  if (equal == 0 && n <= most_exact_trend) {
    const std::size_t rarer = (slopes.size() - static_cast<std::size_t>(std::abs(score))) / 2;
    made.p = std::min(1.0, 2 * share_of_permutations(n, rarer));
  } else {
    const double z = std::abs(static_cast<double>(score)) / std::sqrt(variance_of_score(values));
    made.p = 2 * boost::math::cdf(boost::math::complement(boost::math::normal(), z));
  }
  return made;
}

bool drifts(std::span<const double> values) {
  if (values.size() < fewest_in_order) return false;
  const trend found = find_trend(values);
  const double over_all = found.slope * static_cast<double>(values.size() - 1);
  return found.p <= surely && std::abs(over_all) > slight_drift * std::abs(median(values));
}

std::size_t warm_up(std::span<const double> values) {
  if (values.size() < fewest_in_order) return 0;
  std::size_t best = 0;
  double least = -1;
  for (std::size_t d = 0; 2 * d <= values.size(); ++d) {
    const auto rest = values.subspan(d);
    const auto n = static_cast<double>(rest.size());
    const double mean = std::accumulate(rest.begin(), rest.end(), 0.0) / n;
    double squares = 0;
    for (const double v : rest) squares += (v - mean) * (v - mean);
    const double error = squares / (n * n);
    if (least < 0 || error < least) {
      least = error;
      best = d;
    }
  }
  // From there back to where there is reason to cut.
  for (std::size_t d = best; d > 0; --d) {
    const auto rest = values.subspan(d);
    const double limit = std::max(*std::ranges::max_element(rest),
                                  median(rest) + apart * median_absolute_deviation(rest));
    if (std::ranges::all_of(values.first(d), [&](double v) { return v > limit; })) return d;
  }
  return 0;
}

std::vector<step> find_steps(std::span<const double> values, double least, double alpha,
                             std::uint64_t seed, int draws) {
  step_finder finder(values, least, alpha, seed, draws);
  finder.search(0, values.size());
  std::vector<step> steps = std::move(finder.found);
  // The levels between the steps that were found, in place of the parts that were searched.
  std::size_t from = 0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const std::size_t to = i + 1 < steps.size() ? steps[i + 1].at : values.size();
    steps[i].before = median(values.subspan(from, steps[i].at - from));
    steps[i].after = median(values.subspan(steps[i].at, to - steps[i].at));
    from = steps[i].at;
  }
  return steps;
}

}  // namespace gobench::results
