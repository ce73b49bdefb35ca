#include "results/verdict.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "results/rank_test.hpp"
#include "results/record.hpp"

namespace gobench::results {

namespace {

constexpr std::size_t blocks = 4;
constexpr std::size_t fewest_for_blocks = 2 * blocks;
constexpr double one_cpu = 0.05;
constexpr double too_busy = 0.25;

// How many CPUs each sample kept busy; empty where that was not measured of all.
std::vector<double> busy_cpus(const measured& one) {
  std::vector<double> made;
  for (std::size_t i = 0; i < one.values.size(); ++i) {
    if (i >= one.cpu_values.size() || std::isnan(one.cpu_values[i]) || !(one.values[i] > 0))
      return {};
    made.push_back(one.cpu_values[i] / one.values[i]);
  }
  return made;
}

bool keeps_one_cpu_busy(const measured& base, const measured& fresh) {
  const std::vector<double> a = busy_cpus(base);
  const std::vector<double> b = busy_cpus(fresh);
  if (a.empty() || b.empty()) return false;
  const double most = std::max(*std::ranges::max_element(a), *std::ranges::max_element(b));
  return most >= 1 - one_cpu && std::max(median(a), median(b)) <= 1 + one_cpu;
}

// By how much others that had this share of the CPUs can have made a sample longer.
double longer_by(double taken) { return taken > 0 ? taken / (1 - std::min(taken, 0.99)) : 0; }

judged look_at(const measured& base, const measured& fresh, const judging& how) {
  judged made;
  made.base_count = base.values.size();
  made.new_count = fresh.values.size();
  made.p = not_measured;
  made.by_cpu = how.cpu_may_stand_in && keeps_one_cpu_busy(base, fresh);
  const std::vector<double>& a = made.by_cpu ? base.cpu_values : base.values;
  const std::vector<double>& b = made.by_cpu ? fresh.cpu_values : fresh.values;
  if (a.empty() || b.empty()) {
    made.base = a.empty() ? not_measured : median(a);
    made.fresh = b.empty() ? not_measured : median(b);
    made.change.value = not_measured;
    return made;
  }
  made.base = median(a);
  made.fresh = median(b);
  if (!(made.base > 0) || !(made.fresh > 0)) {
    made.change.value = not_measured;
    return made;
  }
  made.change = ratio_of_medians(b, a, 1 - how.alpha, 1, 2'000);
  made.p = mann_whitney(a, b).p;
  made.floor = std::max(block_floor(a), block_floor(b));
  if (!made.by_cpu) {
    made.busy = std::max(base.taken_by_others, fresh.taken_by_others) > too_busy;
    made.floor =
        std::max(made.floor, longer_by(std::max(base.taken_by_others, fresh.taken_by_others)));
  }
  return made;
}

bool beyond(double change, double limit) { return change > 1 + limit || change < 1 / (1 + limit); }

verdict conclude(const judged& one, const judging& how) {
  if (std::isnan(one.p) || one.busy) return verdict::cannot_tell;
  const interval& range = one.change.range;
  const double limit = std::max(how.threshold, one.floor);
  const bool apart = range.low > 1 || range.high < 1;
  if (one.q <= how.alpha && apart && beyond(one.change.value, limit)) {
    return (one.change.value > 1) == how.higher_is_better ? verdict::better : verdict::worse;
  }
  const bool within = !beyond(range.low, how.threshold) && !beyond(range.high, how.threshold);
  const bool enough = std::min(one.base_count, one.new_count) >= 5;
  return within && enough && one.floor <= how.threshold ? verdict::same : verdict::cannot_tell;
}

}  // namespace

std::string_view to_string(verdict v) {
  switch (v) {
    case verdict::better:
      return "better";
    case verdict::worse:
      return "worse";
    case verdict::same:
      return "same";
    case verdict::cannot_tell:
      return "cannot tell";
  }
  return "unknown";
}

double block_floor(std::span<const double> values) {
  if (values.size() < fewest_for_blocks) return 0;
  double least = HUGE_VAL;
  double most = -HUGE_VAL;
  for (std::size_t i = 0; i < blocks; ++i) {
    const std::size_t from = i * values.size() / blocks;
    const std::size_t to = (i + 1) * values.size() / blocks;
    const double middle = median(values.subspan(from, to - from));
    least = std::min(least, middle);
    most = std::max(most, middle);
  }
  const double middle = median(values);
  return middle > 0 ? (most - least) / middle : 0;
}

std::vector<judged> judge(std::span<const measured> bases, std::span<const measured> news,
                          const judging& how) {
  if (bases.size() != news.size()) {
    throw std::invalid_argument("A comparison takes the same cases on both sides.");
  }
  std::vector<judged> all;
  std::vector<double> p;
  for (std::size_t i = 0; i < bases.size(); ++i) {
    all.push_back(look_at(bases[i], news[i], how));
    p.push_back(all.back().p);
  }
  const std::vector<double> q = benjamini_hochberg(p);
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i].q = q[i];
    all[i].said = conclude(all[i], how);
  }
  return all;
}

mean_ratio geometric_mean(std::span<const judged> all) {
  mean_ratio made;
  double sum = 0;
  for (const judged& one : all) {
    if (!(one.change.value > 0)) continue;
    sum += std::log(one.change.value);
    ++made.count;
  }
  made.value = made.count == 0 ? not_measured : std::exp(sum / static_cast<double>(made.count));
  return made;
}

}  // namespace gobench::results
