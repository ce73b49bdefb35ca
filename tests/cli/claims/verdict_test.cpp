// What is said of samples that were made up: intervals on one side of a threshold and across it, a machine that is
// unfit, samples that are missing.
#include "cli/claims/verdict.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

namespace {

using namespace gobench::cli::claims;
using gobench::results::sample;
using gobench::results::vehicle;

const place fast{.suite = "made-up", .case_name = "work", .impl = "fast", .tasks = 8};
const place slow{.suite = "made-up", .case_name = "work", .impl = "slow", .tasks = 8};

figure ratio(double threshold, bound is = bound::at_least) {
  return {.about = "slow to fast",
          .of = {slow},
          .to = quantity{fast},
          .is = is,
          .threshold = threshold,
          .reason = "It is an example."};
}

void add(evidence& to, const place& where, const std::vector<double>& times) {
  for (std::size_t i = 0; i < times.size(); ++i) {
    sample one{.suite = where.suite,
               .case_name = where.case_name,
               .impl = where.impl,
               .runs_on = where.runs_on,
               .procs = 2,
               .tasks = where.tasks,
               .rep = static_cast<int>(i),
               .iterations = 1000};
    one.time(times[i], times[i] / 2);
    one.parameters = where.parameters;
    to.samples.push_back(one);
  }
}

evidence measured(const std::vector<double>& slow_times, const std::vector<double>& fast_times) {
  evidence made{.procs = 2};
  add(made, slow, slow_times);
  add(made, fast, fast_times);
  return made;
}

const std::vector<double> about_100 = {100, 101, 99, 102, 98, 100, 103, 97, 100};
const std::vector<double> about_10 = {10, 10.1, 9.9, 10.2, 9.8, 10, 10.3, 9.7, 10};

TEST(claims_verdict, an_interval_beyond_the_threshold_holds) {
  const judged_figure found = judge(ratio(5), measured(about_100, about_10));
  EXPECT_EQ(found.said, verdict::holds);
  EXPECT_NEAR(found.value, 10, 0.1);
  EXPECT_EQ(found.samples, 9U);
  EXPECT_GE(found.range.coverage, 0.95);
  EXPECT_EQ(found.why, "");
}

TEST(claims_verdict, an_interval_on_the_other_side_does_not_hold) {
  EXPECT_EQ(judge(ratio(20), measured(about_100, about_10)).said, verdict::does_not_hold);
  EXPECT_EQ(judge(ratio(5, bound::at_most), measured(about_100, about_10)).said,
            verdict::does_not_hold);
}

TEST(claims_verdict, the_threshold_itself_holds) {
  const std::vector<double> always_10(9, 10);
  const std::vector<double> always_1(9, 1);
  EXPECT_EQ(judge(ratio(10), measured(always_10, always_1)).said, verdict::holds);
  EXPECT_EQ(judge(ratio(10, bound::at_most), measured(always_10, always_1)).said, verdict::holds);
}

TEST(claims_verdict, an_interval_across_the_threshold_cannot_be_told) {
  const std::vector<double> spread = {40, 60, 45, 55, 40, 62, 41, 58, 50};
  const judged_figure found = judge(ratio(5), measured(spread, about_10));
  EXPECT_EQ(found.said, verdict::cannot_tell);
  EXPECT_LT(found.range.low, 5);
  EXPECT_GT(found.range.high, 5);
  EXPECT_NE(found.why.find("crosses the threshold"), std::string::npos);
}

// What drifts meets both sides of a round: the quotient does not see it.
TEST(claims_verdict, sides_are_compared_round_by_round) {
  std::vector<double> drifting_up;
  std::vector<double> with_it;
  for (int i = 1; i <= 9; ++i) {
    drifting_up.push_back(100.0 * i);
    with_it.push_back(10.0 * i);
  }
  const judged_figure found = judge(ratio(9.5), measured(drifting_up, with_it));
  EXPECT_EQ(found.said, verdict::holds);
  EXPECT_DOUBLE_EQ(found.range.low, 10);
  EXPECT_DOUBLE_EQ(found.range.high, 10);
}

TEST(claims_verdict, one_sample_that_was_disturbed_does_not_decide) {
  std::vector<double> disturbed = about_100;
  disturbed[4] = 1;
  EXPECT_EQ(judge(ratio(5), measured(disturbed, about_10)).said, verdict::holds);
}

TEST(claims_verdict, few_samples_tell_nothing) {
  const std::vector<double> five(5, 100);
  const judged_figure found = judge(ratio(5), measured(five, about_10));
  EXPECT_EQ(found.said, verdict::cannot_tell);
  EXPECT_EQ(found.why, "There are only 5 samples, and an interval takes 6.");
  EXPECT_EQ(judge(ratio(5), measured({100}, {10})).why,
            "There is only 1 sample, and an interval takes 6.");
}

TEST(claims_verdict, nothing_measured_tells_nothing) {
  const judged_figure found = judge(ratio(5), measured({}, about_10));
  EXPECT_EQ(found.said, verdict::cannot_tell);
  EXPECT_TRUE(std::isnan(found.value));
  EXPECT_EQ(found.why, "Nothing was measured for it.");
}

TEST(claims_verdict, a_case_that_failed_is_told_with_its_cause) {
  evidence from = measured(about_100, about_10);
  from.missing[describe(fast, false)] = "The kernel refused it.";
  const judged_figure found = judge(ratio(5), from);
  EXPECT_EQ(found.said, verdict::cannot_tell);
  EXPECT_EQ(found.why, "The kernel refused it.");
}

TEST(claims_verdict, samples_of_another_point_are_not_taken) {
  evidence from = measured({}, about_10);
  place elsewhere = slow;
  elsewhere.tasks = 64;
  add(from, elsewhere, about_100);
  place on_threads = slow;
  on_threads.runs_on = vehicle::thread;
  add(from, on_threads, about_100);
  EXPECT_EQ(judge(ratio(5), from).samples, 0U);
}

TEST(claims_verdict, other_programs_widen_what_depends_on_time) {
  evidence from = measured(about_100, about_10);
  from.busy["made-up"].others = 0.6;
  const judged_figure found = judge(ratio(5), from);
  EXPECT_EQ(found.said, verdict::cannot_tell);
  EXPECT_LT(found.range.low, 4.1);
  EXPECT_GT(found.range.high, 24);
  EXPECT_NE(found.why.find("60 %"), std::string::npos);
  // Far enough from the threshold, it can still be told.
  EXPECT_EQ(judge(ratio(2), from).said, verdict::holds);

  figure bytes = ratio(5);
  bytes.when_busy = busy_machine::changes_nothing;
  EXPECT_EQ(judge(bytes, from).said, verdict::holds);
}

TEST(claims_verdict, waking_up_beside_other_programs_tells_nothing) {
  evidence from = measured(about_100, about_10);
  figure late = ratio(5);
  late.when_busy = busy_machine::delays;
  from.busy["made-up"].others = 0.2;
  EXPECT_EQ(judge(late, from).said, verdict::holds);
  from.busy["made-up"].others = 0.3;
  EXPECT_EQ(judge(late, from).said, verdict::cannot_tell);
  EXPECT_NE(judge(late, from).why.find("30 % of the CPUs"), std::string::npos);
}

TEST(claims_verdict, an_unfit_machine_tells_nothing_from_times) {
  evidence from = measured(about_100, about_10);
  from.no_times = "It is a debug build.";
  EXPECT_EQ(judge(ratio(5), from).said, verdict::cannot_tell);
  EXPECT_EQ(judge(ratio(5), from).why, "It is a debug build.");
  figure bytes = ratio(5);
  bytes.when_busy = busy_machine::changes_nothing;
  EXPECT_EQ(judge(bytes, from).said, verdict::holds);
}

TEST(claims_verdict, what_has_to_run_at_the_same_time_needs_that) {
  figure together = ratio(5);
  together.contended = true;
  evidence from = measured(about_100, about_10);
  EXPECT_EQ(judge(together, from).said, verdict::holds);
  for (sample& one : from.samples) one.metrics.set("parallel", 0.9);
  EXPECT_EQ(judge(together, from).said, verdict::holds);
  for (sample& one : from.samples) {
    if (one.impl == "fast") one.metrics.set("parallel", 0.1);
  }
  EXPECT_EQ(judge(together, from).said, verdict::cannot_tell);
  EXPECT_NE(judge(together, from).why.find("one after another"), std::string::npos);

  evidence alone = measured(about_100, about_10);
  alone.no_contention = "One CPU.";
  EXPECT_EQ(judge(together, alone).why, "One CPU.");
  EXPECT_EQ(judge(ratio(5), alone).said, verdict::holds);
}

TEST(claims_verdict, a_level_is_told_in_its_unit) {
  evidence from{.procs = 2};
  add(from, slow, {2048, 2048, 2048, 2048, 2048, 2048, 2048});
  for (sample& one : from.samples) one.metrics.set("bytes", std::int64_t{4096});
  figure level{.about = "bytes",
               .of = {slow, "bytes"},
               .unit = "KiB",
               .scale = 1.0 / 1024,
               .is = bound::at_most,
               .threshold = 8,
               .reason = "It is an example."};
  const judged_figure found = judge(level, from);
  EXPECT_DOUBLE_EQ(found.value, 4);
  EXPECT_EQ(found.said, verdict::holds);
  level.of.column = "no_such_column";
  EXPECT_EQ(judge(level, from).why, "Nothing was measured for it.");
}

TEST(claims_verdict, a_quick_run_is_judged_where_it_was_measured) {
  evidence from{.quick = true, .procs = 2};
  place large = slow;
  large.tasks = 1'000'000;
  large.quick_tasks = 8;
  add(from, slow, about_100);
  figure level = ratio(50);
  level.of.where = large;
  level.to.reset();
  EXPECT_EQ(judge(level, from).said, verdict::holds);
  from.quick = false;
  EXPECT_EQ(judge(level, from).samples, 0U);
}

trial example_trial(const std::string& finding = "data-race") {
  return {
      .about = "an example", .program = "example.cpp", .finding = finding, .reason = "So it is."};
}

TEST(claims_verdict, a_trial_has_to_go_as_expected_every_time) {
  const trial one = example_trial();
  evidence from;
  from.trials[describe(one)] = {.runs = 5, .as_expected = 5};
  EXPECT_EQ(judge(one, from).said, verdict::holds);
  from.trials[describe(one)] = {
      .runs = 5, .as_expected = 4, .otherwise = "It reported no data-race."};
  EXPECT_EQ(judge(one, from).said, verdict::does_not_hold);
  EXPECT_EQ(judge(one, from).why, "It reported no data-race.");
  from.trials[describe(one)] = {.impossible = "There is no compiler."};
  EXPECT_EQ(judge(one, from).said, verdict::cannot_tell);
  EXPECT_EQ(judge(one, from).why, "There is no compiler.");
  from.trials.clear();
  EXPECT_EQ(judge(one, from).said, verdict::cannot_tell);
}

claim example_claim(double first, double second) {
  return {.id = "X1",
          .text = "An example.",
          .brief = "an example",
          .figures = {ratio(first), ratio(second)},
          .look_closer = "gobench list"};
}

TEST(claims_verdict, a_claim_is_as_good_as_its_worst_part) {
  const evidence from = measured(about_100, about_10);
  EXPECT_EQ(judge(example_claim(5, 6), from).said, verdict::holds);
  const judged_claim failed = judge(example_claim(5, 50), from);
  EXPECT_EQ(failed.said, verdict::does_not_hold);
  ASSERT_NE(failed.shown(), nullptr);
  EXPECT_DOUBLE_EQ(failed.shown()->what->threshold, 50);

  claim unclear = example_claim(5, 6);
  unclear.trials.push_back(example_trial());
  const judged_claim untried = judge(unclear, from);
  EXPECT_EQ(untried.said, verdict::cannot_tell);
  EXPECT_EQ(untried.shown(), nullptr);
  EXPECT_EQ(untried.why, "Its program was not run.");
}

TEST(claims_verdict, of_what_can_happen_one_case_is_enough) {
  const evidence from = measured(about_100, about_10);
  claim possible = example_claim(50, 5);
  possible.one_suffices = true;
  const judged_claim found = judge(possible, from);
  EXPECT_EQ(found.said, verdict::holds);
  ASSERT_NE(found.shown(), nullptr);
  EXPECT_DOUBLE_EQ(found.shown()->what->threshold, 5);

  claim never = example_claim(50, 60);
  never.one_suffices = true;
  EXPECT_EQ(judge(never, from).said, verdict::does_not_hold);
  evidence busy = from;
  busy.busy["made-up"].others = 0.9;
  EXPECT_EQ(judge(never, busy).said, verdict::cannot_tell);
}

}  // namespace
