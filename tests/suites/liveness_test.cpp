// What the suites livelock, starvation, parallelism and memory promise beyond what every suite does.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "suites/plan.hpp"
#include "suites/registry.hpp"

namespace {

using namespace gobench::suites;
using gobench::results::sample;
using gobench::results::value;
using gobench::results::vehicle;

// All measurements of a suite's impl at these points, each with some operations.
std::vector<measurement> taken_by(const char* suite_name, const std::string& impl, selection chosen,
                                  std::uint64_t operations) {
  std::vector<measurement> made;
  for (const planned_case& one : plan(*find_suite(suite_name), chosen)) {
    if (one.what->impl != impl) continue;
    made.push_back(one.what->run(one.where, operations));
    EXPECT_TRUE(made.back().result.holds()) << describe(one) << made.back().result.wrong();
  }
  EXPECT_FALSE(made.empty());
  return made;
}

double metric(const measurement& taken, const char* name) {
  const value* found = taken.metrics.find(name);
  return found == nullptr ? -1 : std::get<double>(*found);
}

selection small() {
  selection chosen;
  chosen.quick = true;
  chosen.procs = {1, 2};
  chosen.tasks = {2, 4};
  chosen.parameters["hold_ns"] = {value(std::int64_t{0})};
  return chosen;
}

TEST(livelock_suite, tries_once_and_never_gives_up_where_locks_are_ordered) {
  for (const char* impl : {"gobench.ordered", "std.lock"}) {
    for (const measurement& one : taken_by("livelock", impl, small(), 40)) {
      EXPECT_EQ(metric(one, "tries"), 1) << impl;
      EXPECT_EQ(metric(one, "gave_up_pct"), 0) << impl;
    }
  }
}

TEST(livelock_suite, counts_every_try_of_those_that_give_way) {
  for (const char* impl : {"gobench.at_once", "gobench.backoff"}) {
    for (const measurement& one : taken_by("livelock", impl, small(), 8)) {
      EXPECT_GE(metric(one, "tries"), 1) << impl;
      EXPECT_LE(metric(one, "tries"), 200) << impl;
      EXPECT_LE(metric(one, "gave_up_pct"), 100) << impl;
    }
  }
}

TEST(starvation_suite, tells_the_share_of_the_victim_and_its_longest_wait) {
  for (const char* impl :
       {"std.spin", "gobench.mutex", "std.reader_first", "gobench.shared_mutex"}) {
    for (const measurement& one : taken_by("starvation", impl, small(), 60)) {
      EXPECT_GE(metric(one, "victim_pct"), 0) << impl;
      EXPECT_LE(metric(one, "victim_pct"), 100) << impl;
      EXPECT_GE(metric(one, "longest_wait_us"), 0) << impl;
      EXPECT_LE(metric(one, "wait_p99_us"), metric(one, "longest_wait_us") + 0.01) << impl;
    }
  }
}

TEST(memory_suite, finds_that_deep_calls_take_more_than_shallow_ones) {
  selection chosen;
  chosen.tasks = {500};
  chosen.procs = {1};
  chosen.vehicles = {vehicle::coroutine};
  chosen.parameters["depth"] = {value(std::int64_t{1}), value(std::int64_t{50})};
  chosen.parameters["local_bytes"] = {value(std::int64_t{64}), value(std::int64_t{4096})};
  std::vector<double> calls;
  std::vector<double> locals;
  for (const planned_case& one : plan(*find_suite("memory"), chosen)) {
    if (one.what->case_name != "calls" && one.what->case_name != "locals") continue;
    const measurement taken = one.what->run(one.where, 1);
    EXPECT_TRUE(taken.result.holds()) << taken.result.wrong();
    (one.what->case_name == "calls" ? calls : locals).push_back(metric(taken, "task_bytes"));
  }
  ASSERT_EQ(calls.size(), 2U);
  ASSERT_EQ(locals.size(), 2U);
  EXPECT_GT(calls[1], calls[0] + 49 * 50);  // a frame is more than 50 bytes
  EXPECT_GT(locals[1], locals[0] + 3000);
}

TEST(parallelism_suite, says_how_many_times_as_fast_each_of_the_four_cases_is) {
  std::vector<sample> all;
  const auto add = [&](const char* case_name, const char* impl, vehicle on, int procs, int tasks,
                       double ns) {
    for (int rep = 0; rep < 6; ++rep) {
      sample one;
      one.case_name = case_name;
      one.impl = impl;
      one.runs_on = on;
      one.procs = procs;
      one.tasks = tasks;
      one.ns_per_op = ns;
      all.push_back(one);
    }
  };
  for (const int procs : {1, 2}) {
    add("compute", "plain.serial", vehicle::thread, procs, 1, 1000);
    add("wait", "plain.serial", vehicle::thread, procs, 1, 1000);
    add("compute", "gobench.go", vehicle::fiber, procs, 8, 1000.0 / procs);
    add("wait", "gobench.go", vehicle::fiber, procs, 8, 125);
  }
  EXPECT_EQ(
      find_suite("parallelism")->answer(all),
      "Times as fast as one after the other: computing, one processor, 8 fibers: 1.00 (1.00 to "
      "1.00); computing, 2 processors, 8 fibers: 2.00 (2.00 to 2.00); waiting, one processor, 8 "
      "fibers: 8.00 (8.00 to 8.00); waiting, 2 processors, 8 fibers: 8.00 (8.00 to 8.00).");
  EXPECT_EQ(find_suite("parallelism")->answer({}), "");
}

}  // namespace
