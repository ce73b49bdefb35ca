// The table of claims itself, and what follows from it: every claim is there, says what it needs, and can be planned.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "cli/claims/claim.hpp"
#include "cli/claims/evidence.hpp"
#include "cli/claims/plan.hpp"
#include "cli/claims/trials.hpp"
#include "detector/findings/kinds.hpp"
#include "results/table/text.hpp"
#include "suites/registry.hpp"

namespace {

using namespace gobench::cli::claims;

std::vector<std::string> all_ids() {
  std::vector<std::string> ids;
  const auto add = [&](char letter, int count) {
    for (int i = 1; i <= count; ++i) ids.push_back(letter + std::to_string(i));
  };
  add('V', 9);
  add('S', 10);
  add('C', 14);
  add('R', 10);
  return ids;
}

std::vector<const claim*> every_claim() {
  std::vector<const claim*> all;
  for (const claim& one : all_claims()) all.push_back(&one);
  return all;
}

TEST(claims_table, has_every_claim_in_its_order) {
  std::vector<std::string> ids;
  for (const claim& one : all_claims()) ids.push_back(one.id);
  EXPECT_EQ(ids, all_ids());
}

TEST(claims_table, every_claim_says_what_it_rests_on) {
  for (const claim& one : all_claims()) {
    SCOPED_TRACE(one.id);
    EXPECT_FALSE(one.text.empty());
    EXPECT_FALSE(one.brief.empty());
    EXPECT_LE(gobench::results::table::width_of(one.brief), 34U) << one.brief;
    EXPECT_TRUE(one.look_closer.starts_with("gobench ")) << one.look_closer;
    EXPECT_TRUE(!one.figures.empty() || !one.trials.empty());
    for (const figure& each : one.figures) {
      EXPECT_FALSE(each.about.empty());
      EXPECT_TRUE(each.reason.ends_with(".")) << each.reason;
    }
    for (const trial& each : one.trials) {
      EXPECT_FALSE(each.about.empty());
      EXPECT_TRUE(each.reason.ends_with(".")) << each.reason;
    }
  }
}

// The commands to look closer with name suites that there are.
TEST(claims_table, commands_name_suites_that_there_are) {
  for (const claim& one : all_claims()) {
    if (!one.look_closer.starts_with("gobench run ")) continue;
    std::string rest = one.look_closer.substr(12);
    while (!rest.empty()) {
      const std::string word = rest.substr(0, rest.find(' '));
      if (word.starts_with("-")) break;
      EXPECT_NE(gobench::suites::find_suite(word), nullptr) << one.id << ": " << word;
      rest = word.size() == rest.size() ? "" : rest.substr(word.size() + 1);
    }
  }
}

class planned : public ::testing::TestWithParam<bool> {};

// A place that no suite has would be told as "cannot tell" for ever.
TEST_P(planned, every_place_can_be_measured) {
  const plan_of_claims made = plan(every_claim(), {.quick = GetParam(), .procs = 2});
  for (const auto& [place, why] : made.missing) ADD_FAILURE() << place << ": " << why;
  EXPECT_GT(made.samples(), 100U);
  std::set<std::string> seen;
  for (const suite_plan& one : made.suites) {
    ASSERT_EQ(one.cases.size(), one.places.size());
    EXPECT_GE(one.how.repetitions, 6) << one.of->name;
    for (const std::string& place : one.places) EXPECT_TRUE(seen.insert(place).second) << place;
  }
}

TEST_P(planned, columns_are_those_of_the_suite) {
  const std::set<std::string> always = {"ns_per_op", "cpu_ns_per_op", "ops_per_s"};
  for (const claim& one : all_claims()) {
    for (const figure& each : one.figures) {
      std::vector<const quantity*> sides = {&each.of};
      if (each.to) sides.push_back(&*each.to);
      for (const quantity* side : sides) {
        if (always.contains(side->column)) continue;
        const auto* suite = gobench::suites::find_suite(side->where.suite);
        ASSERT_NE(suite, nullptr) << side->where.suite;
        EXPECT_NE(std::ranges::find(suite->metrics, side->column), suite->metrics.end())
            << one.id << ": " << side->column;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(both, planned, ::testing::Bool());

TEST(claims_plan, a_place_that_two_claims_need_is_measured_once) {
  const claim* atomics = find_claim("C3");
  ASSERT_NE(atomics, nullptr);
  const plan_of_claims once = plan({atomics}, {.quick = true, .procs = 2});
  const plan_of_claims twice = plan({atomics, atomics}, {.quick = true, .procs = 2});
  EXPECT_EQ(once.samples(), twice.samples());
}

TEST(claims_plan, what_does_not_exist_is_told) {
  const claim invented{
      .id = "X1",
      .figures = {{.of = {{.suite = "no-such-suite", .case_name = "a", .impl = "b"}}},
                  {.of = {{.suite = "switch", .case_name = "yield", .impl = "no.such"}}},
                  {.of = {{.suite = "switch",
                           .case_name = "yield",
                           .impl = "gobench.yield",
                           .tasks = 2,
                           .parameters = {{"no_such_parameter", std::int64_t{1}}}}}}}};
  const plan_of_claims made = plan({&invented}, {.procs = 2});
  EXPECT_TRUE(made.suites.empty());
  ASSERT_EQ(made.missing.size(), 3U);
  EXPECT_EQ(made.missing.at(describe(invented.figures[0].of.where, false)),
            "This build has no suite no-such-suite.");
}

TEST(claims_programs, every_trial_has_its_program_and_a_kind_that_there_is) {
  std::set<std::string> used;
  for (const claim& one : all_claims()) {
    for (const trial& each : one.trials) {
      used.insert(each.program);
      const program_source* source = find_program_source(each.program);
      ASSERT_NE(source, nullptr) << one.id << ": " << each.program;
      if (!each.finding.empty()) {
        const auto& kinds = gobench::detector::findings::all_kinds();
        EXPECT_NE(
            std::ranges::find(kinds, each.finding, &gobench::detector::findings::kind_info::id),
            kinds.end())
            << one.id << ": " << each.finding;
      }
      if (each.by == examiner::compiler) {
        EXPECT_FALSE(refused_lines(source->text).empty()) << each.program;
      }
    }
  }
  for (const program_source& one : program_sources())
    EXPECT_TRUE(used.contains(std::string(one.name))) << one.name << " serves no claim";
}

TEST(claims_programs, lines_of_errors_are_read_from_what_compilers_say) {
  const std::string said =
      "/tmp/x/locks.cpp: In function 'void f()':\n"
      "/tmp/x/locks.cpp:12:20: error: use of deleted function\n"
      "/usr/include/mutex.hpp:7:1: note: declared here\n"
      "/usr/include/mutex.hpp:9:1: error: static assertion failed\n"
      "locks.cpp:14:3: fatal error: no such file\n"
      "/tmp/x/locks.cpp:16:1: warning: error: is a word here\n";
  EXPECT_EQ(lines_with_errors(said, "locks.cpp"), (std::set<std::size_t>{12, 14}));
  EXPECT_EQ(refused_lines("a\nb  // refused\nc // refused? no\nd // refused"),
            (std::set<std::size_t>{2, 4}));
}

std::string report_of(const std::string& findings) { return R"({"findings": [)" + findings + "]}"; }
constexpr const char* a_race =
    R"({"kind": "data-race", "message": "race on counter", "stack": ["app.cpp"]})";

TEST(claims_programs, reports_are_compared_with_what_was_expected) {
  trial one{.about = "x", .program = "x.cpp", .finding = "data-race", .mentions = {"app.cpp"}};
  EXPECT_EQ(compared_with_report(one, report_of(a_race)), "");
  EXPECT_EQ(compared_with_report(one, report_of("")), "It reported no data-race.");
  one.succeeds = true;
  EXPECT_EQ(
      compared_with_report(one, R"({"exit_code": 0, "findings": [)" + std::string(a_race) + "]}"),
      "");
  EXPECT_NE(
      compared_with_report(one, R"({"exit_code": 1, "findings": [)" + std::string(a_race) + "]}"),
      "");
  EXPECT_NE(compared_with_report(one, report_of(a_race)), "");
  one.succeeds = false;
  one.mentions = {"other.cpp"};
  EXPECT_EQ(compared_with_report(one, report_of(a_race)), "Its report does not say 'other.cpp'.");
  one.finding = "deadlock";
  EXPECT_EQ(compared_with_report(one, report_of(a_race)),
            "It reported a data-race (race on counter) and no deadlock.");
  one.finding = "";
  EXPECT_EQ(compared_with_report(one, report_of("")), "");
  EXPECT_EQ(compared_with_report(one, report_of(a_race)),
            "It reported a data-race (race on counter), and there is nothing to report.");
  EXPECT_ANY_THROW(compared_with_report(one, ""));
  EXPECT_ANY_THROW(compared_with_report(one, "{}"));
}

}  // namespace
