// Verdicts on data whose truth is known, also for how often they are wrong.
#include "results/verdict.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "results/comparison.hpp"
#include "results/record.hpp"

namespace gobench::results {
namespace {

// Times around `at` with a tail of slow ones, the same everywhere.
std::vector<double> times(std::size_t n, double at, double noise, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<double> made;
  for (std::size_t i = 0; i < n; ++i) {
    const double u = static_cast<double>(random() % 10'000 + 1) / 10'001;
    made.push_back(at * (1 + noise * -std::log(u)));
  }
  return made;
}

verdict one_verdict(const std::vector<double>& base, const std::vector<double>& fresh,
                    const judging& how = {}) {
  const measured a{base, {}, 0};
  const measured b{fresh, {}, 0};
  return judge(std::vector{a}, std::vector{b}, how).at(0).said;
}

TEST(verdict, what_is_clear_is_said) {
  EXPECT_EQ(one_verdict(times(20, 10, 0.01, 1), times(20, 12, 0.01, 2)), verdict::worse);
  EXPECT_EQ(one_verdict(times(20, 12, 0.01, 1), times(20, 10, 0.01, 2)), verdict::better);
  EXPECT_EQ(one_verdict(times(20, 10, 0.01, 1), times(20, 10, 0.01, 2)), verdict::same);
  EXPECT_EQ(one_verdict(times(20, 10, 0.5, 1), times(20, 11, 0.5, 2)), verdict::cannot_tell);
  EXPECT_EQ(one_verdict({10, 10.1, 10.2}, {12, 12.1, 12.2}), verdict::cannot_tell) << "too few";
}

TEST(verdict, a_rate_is_better_when_it_is_higher) {
  const judging rate{.higher_is_better = true};
  EXPECT_EQ(one_verdict(times(20, 10, 0.01, 1), times(20, 12, 0.01, 2), rate), verdict::better);
  EXPECT_EQ(one_verdict(times(20, 12, 0.01, 1), times(20, 10, 0.01, 2), rate), verdict::worse);
}

TEST(verdict, a_change_below_the_threshold_is_none) {
  const auto base = times(20, 10, 0.001, 1);
  const auto fresh = times(20, 10.2, 0.001, 2);
  EXPECT_EQ(one_verdict(base, fresh), verdict::same);
  EXPECT_EQ(one_verdict(base, fresh, {.threshold = 0.01}), verdict::worse);
}

TEST(verdict, a_change_below_the_noise_floor_cannot_be_told) {
  // Both runs drift by 20 %, and so does what lies between them.
  std::vector<double> base;
  std::vector<double> fresh;
  for (int i = 0; i < 20; ++i) {
    base.push_back(10 + 0.1 * i);
    fresh.push_back(11 + 0.1 * i);
  }
  EXPECT_NEAR(block_floor(base), 1.5 / 10.95, 1e-9);
  EXPECT_EQ(one_verdict(base, fresh), verdict::cannot_tell);
  for (double& v : fresh) v += 4;
  EXPECT_EQ(one_verdict(base, fresh), verdict::worse);
}

TEST(verdict, what_others_took_of_the_cpus_is_noise) {
  measured base{times(20, 10, 0.01, 1), {}, 0};
  measured fresh{times(20, 13, 0.01, 2), {}, 0};
  EXPECT_EQ(judge(std::vector{base}, std::vector{fresh})[0].said, verdict::worse);
  fresh.taken_by_others = 0.24;  // can make 10 take 13.2
  const judged found = judge(std::vector{base}, std::vector{fresh})[0];
  EXPECT_EQ(found.said, verdict::cannot_tell);
  EXPECT_NEAR(found.floor, 0.24 / 0.76, 1e-9);
  for (double& v : fresh.values) v *= 3;
  EXPECT_EQ(judge(std::vector{base}, std::vector{fresh})[0].said, verdict::worse);
  fresh.taken_by_others = 0.3;
  EXPECT_TRUE(judge(std::vector{base}, std::vector{fresh})[0].busy);
  EXPECT_EQ(judge(std::vector{base}, std::vector{fresh})[0].said, verdict::cannot_tell);
}

TEST(verdict, a_case_that_keeps_one_cpu_busy_is_judged_by_its_cpu_time) {
  measured base{{}, times(20, 10, 0.01, 1), 0.8};
  measured fresh{{}, times(20, 11, 0.01, 2), 0.8};
  base.values = base.cpu_values;
  fresh.values = fresh.cpu_values;
  for (std::size_t i = 1; i < 20; ++i)
    base.values[i] *= static_cast<double>(2 + i % 7);  // others took the rest
  const judged found = judge(std::vector{base}, std::vector{fresh})[0];
  EXPECT_TRUE(found.by_cpu);
  EXPECT_EQ(found.said, verdict::worse);
  EXPECT_NEAR(found.change.value, 1.1, 0.02);
  EXPECT_FALSE(judge(std::vector{base}, std::vector{fresh}, {.cpu_may_stand_in = false})[0].by_cpu);
  for (double& v : fresh.cpu_values) v *= 2;  // two CPUs
  EXPECT_FALSE(judge(std::vector{base}, std::vector{fresh})[0].by_cpu);
  fresh.cpu_values.assign(20, not_measured);
  EXPECT_FALSE(judge(std::vector{base}, std::vector{fresh})[0].by_cpu);
}

TEST(verdict, values_that_cannot_be_divided_cannot_be_told) {
  EXPECT_EQ(one_verdict({}, times(20, 10, 0.01, 1)), verdict::cannot_tell);
  EXPECT_EQ(one_verdict(std::vector(9, 0.0), std::vector(9, 1.0)), verdict::cannot_tell);
  EXPECT_THROW(judge(std::vector<measured>(1), std::vector<measured>(2)), std::invalid_argument);
}

TEST(verdict, many_cases_need_more_to_be_sure) {
  // One case at p = 0.03 among 20 that are the same.
  std::vector<measured> bases;
  std::vector<measured> news;
  for (unsigned i = 0; i < 20; ++i) {
    bases.push_back({times(5, 10, 0.01, i), {}, 0});
    news.push_back({times(5, 10, 0.01, i + 100), {}, 0});
  }
  bases[0].values = {10, 10.1, 10.2, 11.05, 10.3};
  news[0].values = {11.0, 11.1, 11.2, 11.3, 11.4};
  const judged alone = judge(std::vector{bases[0]}, std::vector{news[0]})[0];
  EXPECT_LE(alone.q, 0.05);
  EXPECT_GT(judge(bases, news)[0].q, 0.05);
}

TEST(verdict, is_rarely_wrong_about_the_same_and_rarely_misses_a_tenth) {
  int wrong = 0;
  int found = 0;
  for (unsigned i = 0; i < 300; ++i) {
    const auto base = times(20, 10, 0.06, 3 * i);
    const verdict same = one_verdict(base, times(20, 10, 0.06, 3 * i + 1), {.threshold = 0});
    wrong += same == verdict::better || same == verdict::worse ? 1 : 0;
    const auto steady = times(20, 10, 0.02, 3 * i);
    found += one_verdict(steady, times(20, 11, 0.02, 3 * i + 2)) == verdict::worse ? 1 : 0;
  }
  EXPECT_LE(wrong, 15);
  EXPECT_GE(found, 285);
}

TEST(verdict, geometric_mean_is_of_the_ratios) {
  std::vector<judged> all(3);
  all[0].change.value = 2;
  all[1].change.value = 0.5;
  all[2].change.value = not_measured;
  const mean_ratio mean = geometric_mean(all);
  EXPECT_DOUBLE_EQ(mean.value, 1);
  EXPECT_EQ(mean.count, 2U);
  EXPECT_TRUE(std::isnan(geometric_mean({}).value));
}

sample case_of(const char* impl, int tasks, double time) {
  sample made;
  made.suite = "s";
  made.case_name = "c";
  made.impl = impl;
  made.tasks = tasks;
  made.time(time);
  return made;
}

TEST(comparison, matches_cases_and_names_the_others) {
  const collecting what;
  case_collector base(what);
  case_collector fresh(what);
  for (int i = 0; i < 6; ++i) {
    base.add(case_of("a", 1, 10 + 0.01 * i));
    base.add(case_of("b", 1, 10 + 0.01 * i));
    fresh.add(case_of("c", 1, 10 + 0.01 * i));
    fresh.add(case_of("a", 1, 13 + 0.01 * i));
  }
  const comparison found = compare(base, fresh, {});
  ASSERT_EQ(found.cases.size(), 1U);
  EXPECT_EQ(found.cases[0].who.impl, "a");
  EXPECT_EQ(found.count(verdict::worse), 1U);
  ASSERT_EQ(found.only_in_base.size(), 1U);
  EXPECT_EQ(found.only_in_base[0].impl, "b");
  ASSERT_EQ(found.only_in_new.size(), 1U);
  EXPECT_EQ(found.only_in_new[0].impl, "c");
}

TEST(comparison, columns_that_are_ignored_do_not_tell_cases_apart) {
  const collecting what{.ignored = {"tasks"}};
  case_collector base(what);
  case_collector fresh(what);
  base.add(case_of("a", 1, 10));
  base.add(case_of("a", 1, 10));
  fresh.add(case_of("a", 8, 10));
  EXPECT_EQ(compare(base, fresh, {}).cases.size(), 1U);
  EXPECT_THROW(base.add(case_of("a", 8, 10)), ambiguous_case);
}

}  // namespace
}  // namespace gobench::results
