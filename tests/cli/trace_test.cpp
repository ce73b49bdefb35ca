// gobench run --trace FILE.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/cli/process.hpp"

namespace {

std::size_t runs_in(const std::string& text) {
  const nlohmann::json all = nlohmann::json::parse(text);
  return static_cast<std::size_t>(std::ranges::count_if(all, [](const nlohmann::json& one) {
    return one.at("ph") == "X" && one.at("cat") == "run";
  }));
}

TEST(trace_option, writes_what_the_tasks_did_and_says_that_it_costs_time) {
  const scratch here;
  const outcome found =
      run({.arguments = small_run({"--trace", "t.json", "--out", "x.csv", "--tasks", "2"}),
           .directory = here.path()});
  EXPECT_EQ(found.code, 0) << found.err;
  EXPECT_GT(runs_in(here.read("t.json")), 0U);
  EXPECT_NE(found.err.find("--trace"), std::string::npos) << found.err;
  const nlohmann::json context = nlohmann::json::parse(here.read("x.context.json"));
  EXPECT_NE(context.at("warnings").dump().find("--trace"), std::string::npos);
}

TEST(trace_option, comes_from_the_environment_as_every_option_does) {
  const scratch here;
  const outcome found = run({.arguments = small_run(),
                             .environment = {{"GOBENCH_TRACE", "t.json"}},
                             .directory = here.path()});
  EXPECT_EQ(found.code, 0) << found.err;
  EXPECT_GT(runs_in(here.read("t.json")), 0U);
}

TEST(trace_option, a_file_that_cannot_be_written_is_told_before_anything_is_measured) {
  const scratch here;
  for (const bool typed : {true, false}) {
    launch how{.arguments = small_run({"--out", "x.csv"}), .directory = here.path()};
    if (typed) {
      how.arguments.insert(how.arguments.end(), {"--trace", "missing/t.json"});
    } else {
      how.environment["GOBENCH_TRACE"] = "missing/t.json";
    }
    const outcome found = run(how);
    EXPECT_EQ(found.code, 4) << found.err;
    EXPECT_EQ(found.out, "");
    EXPECT_EQ(remarks(found).size(), 1U) << found.err;
    EXPECT_NE(found.err.find("missing/t.json"), std::string::npos) << found.err;
    EXPECT_FALSE(here.has("x.csv"));
  }
}

TEST(trace_option, an_impossible_limit_is_a_wrong_use) {
  const scratch here;
  const outcome found = run({.arguments = small_run({"--trace", "t.json"}),
                             .environment = {{"GOBENCH_TRACE_LIMIT", "much"}},
                             .directory = here.path()});
  EXPECT_EQ(found.code, 2) << found.err;
  EXPECT_NE(found.err.find("GOBENCH_TRACE_LIMIT=much"), std::string::npos) << found.err;
  EXPECT_FALSE(here.has("t.json"));
}

TEST(counter_columns, are_in_the_records_and_not_in_the_table) {
  const scratch here;
  const outcome found =
      run({.arguments = {"run", "ping-pong", "--impl", "gobench.chan", "--reps", "1", "--min-time",
                         "50us", "--procs", "1", "--out", "x.json"},
           .directory = here.path()});
  ASSERT_EQ(found.code, 0) << found.err;
  EXPECT_EQ(found.out.find("wake_ups"), std::string::npos) << found.out;
  const nlohmann::json all = nlohmann::json::parse(here.read("x.json"));
  int fibers = 0;
  for (const nlohmann::json& one : all.at("samples")) {
    const nlohmann::json& metrics = one.at("metrics");
    EXPECT_TRUE(metrics.contains("parks"));
    if (one.at("vehicle") != "fiber") continue;
    ++fibers;
    // On one processor a round trip makes each of the two wait; threads may find the other's value there.
    EXPECT_GE(metrics.at("parks").get<std::uint64_t>(), one.at("iterations").get<std::uint64_t>());
    EXPECT_GE(metrics.at("switches").get<std::uint64_t>(),
              metrics.at("parks").get<std::uint64_t>() / 2);
    for (const char* name :
         {"wakes", "spins", "steals", "stolen", "sleeps", "wake_ups", "hand_offs"})
      EXPECT_TRUE(metrics.contains(name)) << name;
  }
  EXPECT_EQ(fibers, 1);
}

}  // namespace
