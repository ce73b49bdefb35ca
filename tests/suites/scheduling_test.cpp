// What the suites about scheduling see: run-queue, stealing, hog and fairness. That each of their variants proves
// its result is in every_suite_test.cpp.
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <gobench.hpp>
#include <numeric>
#include <string>
#include <vector>

#include "results/record.hpp"
#include "suites/fairness/turns.hpp"
#include "suites/plan.hpp"
#include "suites/registry.hpp"

namespace {

using namespace gobench::suites;
using gobench::results::sample;
using gobench::results::value;
using gobench::results::vehicle;

value number(std::int64_t n) { return n; }

double metric(const measurement& of, const std::string& name) {
  const value* found = of.metrics.find(name);
  if (found == nullptr) return std::nan("");
  if (const auto* n = std::get_if<std::int64_t>(found)) return static_cast<double>(*n);
  return std::get<double>(*found);
}

// Runs one variant of a suite where the selection says; it must be one case.
measurement run_one(const std::string& name, const std::string& case_name, const std::string& impl,
                    const point& where, std::uint64_t iterations) {
  for (const variant& v : find_suite(name)->variants) {
    if (v.case_name != case_name || v.impl != impl) continue;
    measurement taken = v.run(where, iterations);
    EXPECT_TRUE(taken.result.holds()) << taken.result.wrong();
    return taken;
  }
  ADD_FAILURE() << name << " has no " << case_name << " by " << impl;
  return {};
}

// --- fairness ---

using fairness::contest;
using fairness::jain_index;
using fairness::measure_turns;
using fairness::turns;

double jain_of(const std::vector<std::uint64_t>& shares) { return jain_index(shares); }

TEST(fairness, jains_index) {
  EXPECT_EQ(jain_of({5, 5, 5, 5}), 1);
  EXPECT_EQ(jain_of({20, 0, 0, 0}), 0.25);
  EXPECT_DOUBLE_EQ(jain_of({1, 2, 3}), 36.0 / (3 * 14));
  EXPECT_EQ(jain_of({0, 0}), 1);
  EXPECT_EQ(jain_of({7}), 1);
}

class fairness_test : public ::testing::TestWithParam<vehicle> {
 protected:
  static point at(int procs, int tasks) {
    return {.runs_on = GetParam(), .procs = procs, .tasks = tasks, .parameters = {}};
  }
};

INSTANTIATE_TEST_SUITE_P(on, fairness_test, ::testing::Values(vehicle::fiber, vehicle::thread),
                         [](const auto& one) { return std::string(to_string(one.param)); });

TEST_P(fairness_test, who_has_no_turn_has_waited_for_all_of_it) {
  contest shared(at(2, 3), 100);
  const measurement taken = measure_turns(at(2, 3), shared, 3, [&](int task, turns& mine) {
    while (shared.goes_on()) {
      if (task == 0) mine.took();
      gobench::yield();
    }
  });
  EXPECT_EQ(taken.operations, 100U);
  EXPECT_EQ(metric(taken, "ops_min"), 0);
  EXPECT_EQ(metric(taken, "ops_max"), 100);
  EXPECT_NEAR(metric(taken, "jain"), 1.0 / 3, 1e-9);
  // From the start to the last turn, which lies within the measured time. The clock of the CPU and that of the
  // system may differ by a little.
  EXPECT_GT(metric(taken, "longest_wait_us"), 0);
  EXPECT_LE(metric(taken, "longest_wait_us"), taken.seconds * 1e6 * 1.02 + 5);
  EXPECT_LE(metric(taken, "wait_p99_us"), metric(taken, "longest_wait_us"));
}

TEST_P(fairness_test, goes_on_until_all_together_have_done_it) {
  for (const std::uint64_t wanted : {1U, 7U, 5000U}) {
    contest shared(at(2, 4), wanted);
    std::atomic<std::uint64_t> sum{0};
    const measurement taken = measure_turns(at(2, 4), shared, 4, [&](int, turns& mine) {
      std::uint64_t own = 0;
      while (shared.goes_on()) {
        own += 3;
        mine.took(3);
        gobench::yield();
      }
      sum += own;
    });
    EXPECT_EQ(taken.operations, sum.load());
    EXPECT_GE(taken.operations, wanted);
    EXPECT_LE(taken.operations, wanted + 4 * (64 + 3));  // what had not been told yet
  }
}

TEST_P(fairness_test, ends_when_time_is_up) {
  point where = at(1, 2);
  where.most_seconds = 0.005;
  contest shared(where, std::uint64_t{1} << 60U);
  const measurement taken = measure_turns(where, shared, 2, [&](int, turns& mine) {
    while (shared.goes_on()) {
      mine.took();
      gobench::yield();
    }
  });
  EXPECT_GT(taken.operations, 0U);
  EXPECT_GE(taken.seconds, 0.004);
}

TEST_P(fairness_test, what_a_task_throws_comes_out) {
  contest shared(at(1, 2), 10);
  EXPECT_THROW(
      measure_turns(at(1, 2), shared, 2, [](int, turns&) { throw std::runtime_error("a task"); }),
      std::runtime_error);
}

TEST(fairness, says_which_lock_is_least_even) {
  std::vector<sample> samples;
  const auto add = [&](const std::string& impl, double jain, vehicle on) {
    for (int rep = 0; rep < 3; ++rep) {
      sample one{.suite = "fairness", .case_name = "lock", .impl = impl, .runs_on = on, .tasks = 8};
      one.metrics.set("jain", jain + rep * 0.01);
      samples.push_back(one);
    }
  };
  const auto& answer = find_suite("fairness")->answer;
  EXPECT_EQ(answer(samples), "");
  add("a.mutex", 0.9, vehicle::thread);
  EXPECT_EQ(answer(samples), "") << "one lock alone";
  add("b.mutex", 0.3, vehicle::thread);
  EXPECT_EQ(
      answer(samples),
      "Of the locks, 8 threads share a lock most evenly by a.mutex (Jain's index 0.91, 0.90 to "
      "0.92) and least evenly by b.mutex (Jain's index 0.31, 0.30 to 0.32).");
  add("c.mutex", 0.5, vehicle::fiber);
  add("d.mutex", 0.6, vehicle::fiber);
  EXPECT_NE(answer(samples).find("And 8 fibers"), std::string::npos);
}

// --- hog ---

point beside_a_hog(std::int64_t hogs) {
  return {.runs_on = vehicle::fiber,
          .procs = 1,
          .tasks = 2,
          .parameters = {{"hogs", number(hogs)}, {"burst_ms", number(15)}}};
}

// The others are behind it in the queue: they wait for the whole burst, whatever the machine does.
TEST(hog, without_hand_off_the_others_wait_for_the_burst) {
  for (const char* name : {"timer", "message"}) {
    const measurement taken = run_one("hog", name, "gobench.no_hand_off", beside_a_hog(1), 4);
    EXPECT_GE(metric(taken, "max_us"), 5000) << name;
    EXPECT_EQ(taken.operations, 4U);
  }
}

TEST(hog, percentiles_are_in_order) {
  for (const std::int64_t hogs : {0, 1}) {
    const measurement taken = run_one("hog", "timer", "gobench.hand_off", beside_a_hog(hogs), 20);
    double before = 0;
    for (const char* name : {"p50_us", "p90_us", "p99_us", "p999_us", "max_us"}) {
      EXPECT_GE(metric(taken, name), before) << name;
      before = metric(taken, name);
    }
  }
}

sample waited(const std::string& impl, int procs, std::int64_t hogs, double p99_us) {
  sample one{.suite = "hog",
             .case_name = "timer",
             .impl = impl,
             .runs_on = vehicle::fiber,
             .procs = procs,
             .tasks = 4};
  one.parameters.set("hogs", hogs);
  one.metrics.set("p99_us", p99_us);
  return one;
}

TEST(hog, says_what_hand_off_brings) {
  const auto& answer = find_suite("hog")->answer;
  std::vector<sample> samples;
  EXPECT_EQ(answer(samples), "");
  for (const double off : {-1000.0, 0.0, 1000.0}) {
    for (const std::int64_t hogs : {0, 1, 2}) {
      for (const int procs : {1, 2}) {
        samples.push_back(
            waited("gobench.hand_off", procs, hogs, 20'000 + off + double(hogs * procs)));
        samples.push_back(waited("gobench.no_hand_off", procs, hogs, 100'000 + off));
      }
    }
  }
  const std::string without_go = answer(samples);
  EXPECT_EQ(
      without_go,
      "Beside a task that computes on one processor, 99 of 100 wake-ups by a timer are at most "
      "20 ms (19 to 21) late with hand-off and 100 ms (99 to 101) without (median and range of "
      "the samples).");
  for (const double off : {-1000.0, 0.0, 1000.0})
    samples.push_back(waited("go.preempted", 1, 1, 30'000 + off));
  EXPECT_NE(answer(samples).find("without; in Go 30 ms (29 to 31)"), std::string::npos)
      << answer(samples);
}

// --- stealing ---

point one_batch(int procs, int tasks, std::int64_t grain_ns) {
  return {.runs_on = vehicle::fiber,
          .procs = procs,
          .tasks = tasks,
          .parameters = {{"grain_ns", number(grain_ns)}}};
}

TEST(stealing, one_processor_does_it_all) {
  for (const char* impl : {"gobench.go", "gobench.event"}) {
    const char* name = std::string(impl) == "gobench.go" ? "spawned" : "woken";
    const measurement taken = run_one("stealing", name, impl, one_batch(1, 100, 100), 300);
    EXPECT_EQ(taken.operations, 300U);
    EXPECT_EQ(metric(taken, "share_max"), 1);
    EXPECT_EQ(metric(taken, "share_min"), 1);
    EXPECT_EQ(metric(taken, "shared_by"), 1);
    EXPECT_EQ(metric(taken, "steals"), 0);
  }
}

TEST(stealing, shares_are_shares) {
  for (const int procs : {2, 4}) {
    const measurement taken =
        run_one("stealing", "spawned", "gobench.go", one_batch(procs, 200, 100'000), 200);
    const double workers = metric(taken, "shared_by");
    EXPECT_GE(workers, 1);
    EXPECT_LE(workers, procs);
    EXPECT_GE(metric(taken, "share_max") * workers, 1 - 1e-9);
    EXPECT_LE(metric(taken, "share_min") * workers, 1 + 1e-9);
    EXPECT_EQ(metric(taken, "steals") > 0, workers > 1);
  }
}

sample drained(int procs, std::int64_t grain_ns, double ns) {
  sample one{.suite = "stealing",
             .case_name = "spawned",
             .impl = "gobench.go",
             .runs_on = vehicle::fiber,
             .procs = procs,
             .tasks = 1000};
  one.time(ns);
  one.parameters.set("grain_ns", grain_ns);
  return one;
}

TEST(stealing, says_how_much_faster_several_drain) {
  const auto& answer = find_suite("stealing")->answer;
  std::vector<sample> samples;
  for (int rep = 0; rep < 3; ++rep) {
    samples.push_back(drained(1, 0, 100));
    samples.push_back(drained(1, 10'000, 10'000));
  }
  EXPECT_EQ(answer(samples), "") << "one processor alone";
  for (int rep = 0; rep < 3; ++rep) {
    samples.push_back(drained(2, 0, 100));
    samples.push_back(drained(2, 10'000, 5000 + rep * 100));
  }
  EXPECT_EQ(answer(samples),
            "1000 tasks that were born on one of 2 processors drain 1 times (1 to 1) as fast as on "
            "one where each takes 0 us, 2 times (1.9 to 2) where each takes 10 us.");
}

// --- run-queue ---

TEST(run_queue, says_what_one_queue_costs) {
  const auto& answer = find_suite("run-queue")->answer;
  std::vector<sample> samples;
  EXPECT_EQ(answer(samples), "");
  for (int rep = 0; rep < 3; ++rep) {
    for (const int procs : {1, 2}) {
      sample one{.suite = "run-queue",
                 .case_name = "yield",
                 .impl = "gobench.local",
                 .runs_on = vehicle::fiber,
                 .procs = procs,
                 .tasks = 64};
      one.time(20);
      samples.push_back(one);
      one.impl = "gobench.global";
      one.time(procs == 1 ? 20 : 60 + rep);
      samples.push_back(one);
    }
  }
  EXPECT_EQ(
      answer(samples),
      "With one global queue 2 processors take, compared with queues of their own: 3 times (3 to "
      "3.1) as long for yield.");
}

}  // namespace
