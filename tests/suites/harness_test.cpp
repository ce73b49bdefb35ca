#include "suites/harness.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <system_error>
#include <tuple>
#include <vector>

namespace {

using namespace gobench::suites;
using gobench::results::sample;

// Remembers what it is given.
class memory : public gobench::results::sink {
 public:
  void begin(const gobench::results::context&, const gobench::results::schema&) override {}
  void add(const sample& one) override {
    if (refuse_after == samples.size()) {
      throw std::system_error(ENOSPC, std::generic_category(), "x.csv");
    }
    samples.push_back(one);
  }
  void finish(const gobench::results::context&) override {}

  std::vector<sample> samples;
  std::size_t refuse_after = ~std::size_t{0};
};

// Takes 1 us an operation by its own account, without taking any time.
measurement pretended(const point&, std::uint64_t iterations) {
  return {.seconds = static_cast<double>(iterations) * 1e-6,
          .operations = iterations,
          .cpu_seconds = static_cast<double>(iterations) * 2e-6,
          .result = proof::that(true, "")};
}

suite of_two() {
  return {.name = "two",
          .about = "For tests",
          .claims = {},
          .tasks = {1, 2, 3},
          .variants = {{.case_name = "a", .impl = "first", .run = pretended},
                       {.case_name = "a", .impl = "second", .run = pretended}}};
}

timing quickly(int repetitions) {
  return {.repetitions = repetitions, .min_seconds = 1e-3, .seed = 7};
}

selection anywhere() {
  selection chosen;
  chosen.procs = {1};
  return chosen;
}

TEST(harness, one_sample_for_each_case_and_repetition) {
  const suite one = of_two();
  const auto cases = plan(one, anywhere());
  memory out;
  EXPECT_TRUE(measure_all(cases, quickly(3), out));
  ASSERT_EQ(out.samples.size(), cases.size() * 3);
  std::set<std::tuple<std::string, int, int, int>> seen;
  for (const sample& s : out.samples) {
    seen.insert({s.impl, static_cast<int>(s.runs_on), s.tasks, s.rep});
    EXPECT_EQ(s.suite, "two");
    EXPECT_NEAR(s.ns_per_op, 1000, 1);
    EXPECT_NEAR(s.cpu_ns_per_op, 2000, 1);
    EXPECT_NEAR(s.ops_per_s, 1e6, 1e3);
    EXPECT_GE(static_cast<double>(s.iterations) * s.ns_per_op, 1e6);  // the shortest time
    EXPECT_EQ(s.iterations % static_cast<unsigned>(s.tasks), 0U);     // as much for each task
  }
  EXPECT_EQ(seen.size(), out.samples.size());
}

TEST(harness, repetitions_are_interleaved_and_shuffled) {
  const suite one = of_two();
  const auto cases = plan(one, anywhere());
  memory out;
  measure_all(cases, quickly(4), out);
  std::set<std::vector<std::string>> orders;
  for (int round = 0; round < 4; ++round) {
    std::vector<std::string> order;
    for (std::size_t i = 0; i < cases.size(); ++i) {
      const sample& s = out.samples[static_cast<std::size_t>(round) * cases.size() + i];
      EXPECT_EQ(s.rep, round);
      order.push_back(s.impl + std::to_string(s.tasks) +
                      std::to_string(static_cast<int>(s.runs_on)));
    }
    orders.insert(order);
  }
  EXPECT_GT(orders.size(), 1U);

  memory again;
  measure_all(cases, quickly(4), again);
  for (std::size_t i = 0; i < out.samples.size(); ++i) {
    EXPECT_EQ(again.samples[i].impl, out.samples[i].impl);  // the same seed, the same order
    EXPECT_EQ(again.samples[i].tasks, out.samples[i].tasks);
  }
}

TEST(harness, where_the_suite_sets_the_pace_the_number_of_rounds_follows_from_it) {
  suite one = of_two();
  one.round_seconds = 1e-4;
  std::vector<std::uint64_t> asked;
  for (variant& v : one.variants) {
    v.run = [&](const point& at, std::uint64_t n) {
      asked.push_back(n / static_cast<std::uint64_t>(at.tasks));
      return pretended(at, n);
    };
  }
  const auto cases = plan(one, anywhere());
  memory out;
  EXPECT_TRUE(measure_all(cases, quickly(2), out));
  EXPECT_EQ(asked, std::vector<std::uint64_t>(cases.size() * 2, 10)) << "1 ms, 0.1 ms each";
}

TEST(harness, the_number_of_iterations_is_found_once) {
  int calls = 0;
  suite one = of_two();
  one.tasks = {1};
  one.variants.resize(1);
  one.variants[0].vehicles = {gobench::results::vehicle::fiber};
  one.variants[0].run = [&](const point& at, std::uint64_t n) {
    ++calls;
    return pretended(at, n);
  };
  const auto cases = plan(one, anywhere());
  memory out;
  measure_all(cases, quickly(1), out);
  const int first = calls;
  EXPECT_GT(first, 1);
  calls = 0;
  memory more;
  measure_all(cases, quickly(5), more);
  EXPECT_EQ(calls, first + 4);  // one more for each further sample
  for (const sample& s : more.samples) EXPECT_EQ(s.iterations, more.samples[0].iterations);
}

TEST(harness, a_case_that_became_slow_is_cut) {
  int calls = 0;
  suite one = of_two();
  one.tasks = {1};
  one.variants.resize(1);
  one.variants[0].vehicles = {gobench::results::vehicle::fiber};
  bool slow = false;
  one.variants[0].run = [&](const point& at, std::uint64_t n) {
    ++calls;
    measurement made = pretended(at, n);
    if (slow) made.seconds *= 100;
    return made;
  };
  const auto cases = plan(one, anywhere());
  memory out;
  observer watching;
  watching.starting = [&](const progress& now) { slow = now.rep > 0; };
  measure_all(cases, quickly(3), out, watching);
  EXPECT_EQ(out.samples[1].iterations, out.samples[0].iterations);
  EXPECT_LT(out.samples[2].iterations, out.samples[1].iterations / 50);
}

TEST(harness, an_interruption_while_the_number_is_found_does_no_harm) {
  int calls = 0;
  suite one = of_two();
  one.tasks = {1};
  one.variants.resize(1);
  one.variants[0].vehicles = {gobench::results::vehicle::fiber};
  one.variants[0].run = [&](const point& at, std::uint64_t n) {
    measurement made = pretended(at, n);
    if (++calls == 1) made.seconds = 1;  // one iteration, and "long enough"
    return made;
  };
  memory out;
  measure_all(plan(one, anywhere()), quickly(3), out);
  for (const sample& s : out.samples) {
    EXPECT_GE(s.iterations, 500U);
    EXPECT_NEAR(s.ns_per_op, 1000, 1);
  }
}

TEST(harness, a_case_that_became_fast_is_given_more) {
  suite one = of_two();
  one.tasks = {1};
  one.variants.resize(1);
  one.variants[0].vehicles = {gobench::results::vehicle::fiber};
  bool fast = false;
  one.variants[0].run = [&](const point& at, std::uint64_t n) {
    measurement made = pretended(at, n);
    if (fast) made.seconds /= 1000;
    return made;
  };
  memory out;
  observer watching;
  watching.starting = [&](const progress& now) { fast = now.rep > 0; };
  measure_all(plan(one, anywhere()), quickly(2), out, watching);
  EXPECT_GE(out.samples[1].iterations, 50 * out.samples[0].iterations);
  EXPECT_NEAR(out.samples[1].ns_per_op, 1, 0.01);
}

TEST(harness, a_sample_that_was_cut_short_counts_what_was_done) {
  suite one = of_two();
  one.tasks = {1};
  one.variants.resize(1);
  bool slow = false;
  one.variants[0].run = [&](const point& at, std::uint64_t n) {
    EXPECT_GT(at.most_seconds, 1e-3);
    EXPECT_LT(at.most_seconds, 1);
    measurement made = pretended(at, n);
    if (slow) {
      made.operations = 10;
      made.seconds = 20e-3;  // 2 ms an operation
    }
    return made;
  };
  memory out;
  observer watching;
  watching.starting = [&](const progress& now) { slow = now.rep > 0; };
  measure_all(plan(one, anywhere()), quickly(2), out, watching);
  for (const sample& s : out.samples) {
    if (s.rep == 0) continue;
    EXPECT_EQ(s.iterations, 10U);
    EXPECT_NEAR(s.ns_per_op, 2e6, 1);
  }
}

TEST(harness, a_wrong_result_is_loud_and_names_the_case) {
  suite one = of_two();
  one.variants[1].run = [](const point& at, std::uint64_t n) {
    measurement made = pretended(at, n);
    made.result = proof::equal("the counter", n + 1, n);
    return made;
  };
  const auto cases = plan(one, anywhere());
  memory out;
  try {
    measure_all(cases, quickly(3), out);
    FAIL() << "nothing was thrown";
  } catch (const wrong_result& wrong) {
    const std::string what = wrong.what();
    EXPECT_NE(what.find("two a second on "), std::string::npos) << what;
    EXPECT_NE(what.find("the counter is"), std::string::npos) << what;
  }
  for (const sample& s : out.samples) EXPECT_EQ(s.impl, "first");  // the wrong one left no record
}

TEST(harness, a_result_that_is_not_proved_is_wrong) {
  suite one = of_two();
  one.variants[0].run = [](const point&, std::uint64_t) {
    return measurement{.seconds = 1, .operations = 1};
  };
  const auto cases = plan(one, anywhere());
  memory out;
  EXPECT_THROW(measure_all(cases, quickly(1), out), wrong_result);
}

TEST(harness, what_a_case_throws_is_told_with_the_case) {
  suite one = of_two();
  one.variants[0].run = [](const point&, std::uint64_t) -> measurement {
    throw std::system_error(EAGAIN, std::generic_category(), "a thread");
  };
  const auto cases = plan(one, anywhere());
  memory out;
  try {
    measure_all(cases, quickly(1), out);
    FAIL() << "nothing was thrown";
  } catch (const failed_case& failed) {
    EXPECT_NE(std::string(failed.what()).find("two a first on"), std::string::npos);
    EXPECT_THROW(std::rethrow_if_nested(failed), std::system_error);
  }
}

TEST(harness, stops_between_samples) {
  const suite one = of_two();
  const auto cases = plan(one, anywhere());
  memory out;
  observer watching;
  watching.stop = [&] { return out.samples.size() == 4; };
  std::size_t started = 0;
  watching.starting = [&](const progress& now) {
    ++started;
    EXPECT_EQ(now.done, out.samples.size());
    EXPECT_EQ(now.total, cases.size() * 3);
  };
  EXPECT_FALSE(measure_all(cases, quickly(3), out, watching));
  EXPECT_EQ(out.samples.size(), 4U);
  EXPECT_EQ(started, 4U);
}

TEST(harness, an_output_that_fails_ends_it) {
  const suite one = of_two();
  memory out;
  out.refuse_after = 2;
  EXPECT_THROW(measure_all(plan(one, anywhere()), quickly(3), out), std::system_error);
  EXPECT_EQ(out.samples.size(), 2U);
}

}  // namespace
