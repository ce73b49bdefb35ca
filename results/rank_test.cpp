#include "results/rank_test.hpp"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <stdexcept>

namespace gobench::results {

namespace {

struct ranked {
  double value = 0;
  bool first = false;       // of the first group
  std::size_t doubled = 0;  // twice its midrank, which is whole
};

std::vector<ranked> rank(std::span<const double> first, std::span<const double> second) {
  std::vector<ranked> all;
  all.reserve(first.size() + second.size());
  for (const double v : first) all.push_back({v, true});
  for (const double v : second) all.push_back({v, false});
  std::ranges::sort(all, {}, &ranked::value);
  for (std::size_t from = 0; from < all.size();) {
    std::size_t to = from;
    while (to < all.size() && all[to].value == all[from].value) ++to;
    for (std::size_t i = from; i < to; ++i) all[i].doubled = from + to + 1;
    from = to;
  }
  return all;
}

// How many subsets of `size` values have each sum of doubled ranks.
std::vector<double> count_sums(const std::vector<ranked>& all, std::size_t size) {
  const std::size_t most = all.size() * (all.size() + 1);
  std::vector<std::vector<double>> ways(size + 1, std::vector<double>(most + 1, 0));
  ways[0][0] = 1;
  std::size_t seen = 0;  // the largest sum so far
  for (const ranked& one : all) {
    seen += one.doubled;
    for (std::size_t k = size; k > 0; --k) {
      for (std::size_t sum = seen; sum >= one.doubled; --sum) {
        ways[k][sum] += ways[k - 1][sum - one.doubled];
      }
    }
  }
  return std::move(ways[size]);
}

double exact_p(const std::vector<ranked>& all, std::size_t size, std::size_t observed) {
  const std::vector<double> ways = count_sums(all, size);
  const auto middle = ways.begin() + static_cast<std::ptrdiff_t>(observed);
  const double below = std::accumulate(ways.begin(), middle, 0.0);
  const double above = std::accumulate(middle + 1, ways.end(), 0.0);
  return std::min(1.0, 2 * (std::min(below, above) + *middle) / (below + *middle + above));
}

double approximate_p(const std::vector<ranked>& all, double n, double m, double u) {
  double ties = 0;
  for (std::size_t from = 0; from < all.size();) {
    std::size_t to = from;
    while (to < all.size() && all[to].value == all[from].value) ++to;
    const auto t = static_cast<double>(to - from);
    ties += t * t * t - t;
    from = to;
  }
  const double together = n + m;
  const double variance = n * m / 12 * (together + 1 - ties / (together * (together - 1)));
  if (!(variance > 0)) return 1;  // all values are the same
  const double z = (std::abs(u - n * m / 2) - 0.5) / std::sqrt(variance);
  return std::min(1.0, 2 * boost::math::cdf(boost::math::complement(boost::math::normal(), z)));
}

}  // namespace

rank_test mann_whitney(std::span<const double> first, std::span<const double> second) {
  if (first.empty() || second.empty()) {
    throw std::invalid_argument("A rank test takes values on both sides.");
  }
  const std::vector<ranked> all = rank(first, second);
  std::size_t doubled = 0;
  for (const ranked& one : all) doubled += one.first ? one.doubled : 0;
  const auto n = static_cast<double>(first.size());
  const auto m = static_cast<double>(second.size());
  rank_test made;
  made.u = static_cast<double>(doubled) / 2 - n * (n + 1) / 2;
  made.exact = all.size() <= most_exact;
  made.p = made.exact ? exact_p(all, first.size(), doubled) : approximate_p(all, n, m, made.u);
  return made;
}

std::vector<double> benjamini_hochberg(std::span<const double> p) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (!std::isnan(p[i])) order.push_back(i);
  }
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  std::vector<double> adjusted(p.begin(), p.end());
  double smallest = 1;
  for (std::size_t rank = order.size(); rank > 0; --rank) {
    const std::size_t i = order[rank - 1];
    smallest =
        std::min(smallest, p[i] * static_cast<double>(order.size()) / static_cast<double>(rank));
    adjusted[i] = smallest;
  }
  return adjusted;
}

}  // namespace gobench::results
