// `gobench claims` from its outputs to its exit code, with measurements that were made up, and as a program with one
// real claim.
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "cli/claims/session.hpp"
#include "cli/failure.hpp"
#include "cli/signals.hpp"
#include "tests/cli/process.hpp"

namespace {

namespace claims = gobench::cli::claims;
using claims::claim;

// A machine on which everything takes `ns`, and programs do as they should or not.
struct world {
  double ns = 40;
  bool trial_goes_well = true;
  bool wrong_result = false;
  int signal_after = -1;  // samples
  int repetitions = 9;
};

class made_up : public claims::source {
 public:
  explicit made_up(const world& what) : is_(what) {}

  claims::fitness examine() override { return {.procs = 2, .no_times = {}, .no_contention = {}}; }

  bool measure(const claims::suite_plan& one, gobench::results::sink& out, claims::evidence& to,
               const gobench::suites::observer& watching) override {
    if (is_.wrong_result)
      throw gobench::suites::wrong_result("A sample of it gave a wrong result: 1.");
    for (int rep = 0; rep < is_.repetitions; ++rep) {
      for (const auto& each : one.cases) {
        if (is_.signal_after-- == 0) std::raise(SIGINT);
        if (watching.stop()) return false;
        gobench::results::sample made{.suite = one.of->name,
                                      .case_name = each.what->case_name,
                                      .impl = each.what->impl,
                                      .runs_on = each.where.runs_on,
                                      .procs = each.where.procs,
                                      .tasks = each.where.tasks,
                                      .rep = rep,
                                      .iterations = 1000};
        made.parameters = each.where.parameters;
        made.time(is_.ns, is_.ns);
        out.add(made);
      }
    }
    to.busy[one.of->name] = {};
    return true;
  }

  claims::tried attempt(const claims::trial&, int runs) override {
    if (is_.trial_goes_well) return {.runs = runs, .as_expected = runs};
    return {.runs = runs, .as_expected = 0, .otherwise = "It reported no data-race."};
  }

 private:
  world is_;
};

claims::request asked_for(const std::vector<std::string>& ids) {
  claims::request made;
  made.quick = true;
  for (const std::string& id : ids) made.chosen.push_back(claims::find_claim(id));
  return made;
}

outcome performed(const claims::request& asked, const world& machine) {
  launch how;
  how.instead = [&asked, &machine] {
    made_up from(machine);
    gobench::cli::watch_signals();
    gobench::cli::surroundings around;
    around.command_line = {"gobench", "claims"};
    try {
      return claims::perform(asked, around, from);
    } catch (const gobench::cli::failure& known) {
      const std::string sentence = std::string(known.what()) + "\n";
      static_cast<void>(!::write(2, sentence.data(), sentence.size()));
      return static_cast<int>(known.code());
    }
  };
  return run(how);
}

TEST(claims_session, a_line_for_each_claim_and_how_many_hold) {
  const outcome found = performed(asked_for({"C8", "R1"}), {});
  EXPECT_EQ(found.code, 0) << found.err;
  EXPECT_NE(found.out.find("C8"), std::string::npos);
  EXPECT_NE(found.out.find("40.0 [40.0, 40.0] ns"), std::string::npos) << found.out;
  EXPECT_NE(found.out.find("4 of 4 programs"), std::string::npos);
  EXPECT_NE(found.out.find("2 of 2 claims hold, 0 do not, 0 cannot be told"), std::string::npos);
}

TEST(claims_session, lines_of_a_table_are_not_too_long) {
  claims::request all = asked_for({});
  for (const claim& one : claims::all_claims()) all.chosen.push_back(&one);
  const outcome found = performed(all, {});
  for (const std::string& line : lines_of(found.out)) {
    std::size_t width = 0;
    for (const char c : line) width += (static_cast<unsigned char>(c) & 0xc0U) != 0x80U ? 1 : 0;
    EXPECT_LE(width, 100U) << line;
  }
}

TEST(claims_session, strict_ends_with_1_where_a_claim_does_not_hold) {
  world slow;
  slow.ns = 100'000;
  claims::request asked = asked_for({"C8"});
  EXPECT_EQ(performed(asked, slow).code, 0);
  asked.strict = true;
  const outcome found = performed(asked, slow);
  EXPECT_EQ(found.code, 1);
  EXPECT_NE(found.err.find("1 claim does not hold here: C8."), std::string::npos) << found.err;
  EXPECT_EQ(performed(asked, {}).code, 0);
}

// Nobody is to take for a failure what could not be told.
TEST(claims_session, strict_lets_pass_what_cannot_be_told) {
  world few;
  few.repetitions = 3;
  claims::request asked = asked_for({"C8"});
  asked.strict = true;
  const outcome found = performed(asked, few);
  EXPECT_EQ(found.code, 0);
  EXPECT_NE(found.out.find("cannot tell"), std::string::npos);
  EXPECT_NE(found.out.find("only 3 samples"), std::string::npos) << found.out;
}

TEST(claims_session, a_program_that_goes_otherwise_is_told_with_what_it_did) {
  world blind;
  blind.trial_goes_well = false;
  const outcome found = performed(asked_for({"R1"}), blind);
  EXPECT_NE(found.out.find("does not hold"), std::string::npos);
  EXPECT_NE(found.out.find("It reported no data-race."), std::string::npos);
}

TEST(claims_session, samples_and_verdicts_go_into_files) {
  const scratch folder;
  claims::request asked = asked_for({"C8", "R1"});
  asked.samples = {folder.path("samples.csv")};
  asked.save = "kept";
  asked.store = folder.path("store.sqlite");
  for (const char* format : {"md", "html", "json", "csv"})
    asked.reports.push_back({folder.path(std::string("claims.") + format), format});
  const outcome found = performed(asked, {});
  EXPECT_EQ(found.code, 0) << found.err;

  const auto samples = csv_of(folder.read("samples.csv"));
  ASSERT_EQ(samples.size(), 10U);
  EXPECT_EQ(samples[1][0], "select");
  EXPECT_TRUE(folder.has("store.sqlite"));

  const auto rows = csv_of(folder.read("claims.csv"));
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0][0], "id");
  EXPECT_EQ(rows[1][0], "C8");
  EXPECT_NE(folder.read("claims.csv").find(",holds,40,40,40,ns,at most,1000,9,"), std::string::npos)
      << folder.read("claims.csv");

  const auto told = nlohmann::json::parse(folder.read("claims.json"));
  EXPECT_EQ(told["counts"]["holds"], 2);
  EXPECT_EQ(told["claims"][0]["figures"][0]["measured"], 40);
  EXPECT_EQ(told["claims"][1]["trials"].size(), 4U);

  EXPECT_NE(folder.read("claims.md").find("| C8 |"), std::string::npos);
  const std::string page = folder.read("claims.html");
  EXPECT_TRUE(page.starts_with("<!DOCTYPE html>"));
  EXPECT_TRUE(page.ends_with("</html>\n"));
  EXPECT_EQ(page.find("<script"), std::string::npos);
  EXPECT_NE(page.find("id=\"R1\""), std::string::npos);
}

TEST(claims_session, an_interrupted_run_tells_what_it_has) {
  world interrupted;
  interrupted.signal_after = 9 + 3;  // in the second suite
  const scratch folder;
  claims::request asked = asked_for({"C8", "V2", "R1"});
  asked.samples = {folder.path("samples.csv")};
  const outcome found = performed(asked, interrupted);
  EXPECT_EQ(found.code, 128 + SIGINT);
  EXPECT_NE(found.err.find("The run was stopped"), std::string::npos) << found.err;
  EXPECT_NE(found.out.find("1 of 3 claims hold, 0 do not, 2 cannot be told"), std::string::npos)
      << found.out;
  EXPECT_EQ(csv_of(folder.read("samples.csv")).size(), 1 + 9 + 3U);
}

TEST(claims_session, a_wrong_result_is_a_bug_and_ends_it) {
  world wrong;
  wrong.wrong_result = true;
  const outcome found = performed(asked_for({"C8"}), wrong);
  EXPECT_EQ(found.code, 5);
  EXPECT_NE(found.err.find("gave a wrong result"), std::string::npos) << found.err;
}

TEST(claims_session, an_output_that_cannot_be_written_is_told_before_anything_is_measured) {
  claims::request asked = asked_for({"C8"});
  asked.samples = {"/nonexistent/samples.csv"};
  outcome found = performed(asked, {});
  EXPECT_EQ(found.code, 4);
  EXPECT_EQ(found.out, "");
  asked.samples = {};
  asked.reports = {{"/nonexistent/claims.md", "md"}};
  found = performed(asked, {});
  EXPECT_EQ(found.code, 4);
  EXPECT_EQ(found.out, "");
  EXPECT_NE(found.err.find("/nonexistent/claims.md"), std::string::npos) << found.err;
}

TEST(claims_program, a_real_claim_is_measured) {
  const scratch folder;
  const outcome found = typed(
      {"claims", "c8", "--quick", "--format", "json", "--samples", folder.path("samples.csv")});
  EXPECT_EQ(found.code, 0) << found.err;
  const auto told = nlohmann::json::parse(found.out);
  ASSERT_EQ(told["claims"].size(), 1U);
  const auto& figure = told["claims"][0]["figures"][0];
  EXPECT_GE(figure["samples"], 6);
  EXPECT_GT(figure["measured"], 0);
  EXPECT_LE(figure["low"], figure["measured"]);
  EXPECT_GE(figure["high"], figure["measured"]);
  EXPECT_EQ(csv_of(folder.read("samples.csv")).size(), 1 + figure["samples"].get<std::size_t>());
}

TEST(claims_program, without_a_compiler_programs_cannot_be_told) {
  const outcome found = run({.arguments = {"claims", "R7", "--quick", "--strict"},
                             .environment = {{"GOBENCH_CXX", "/nonexistent/c++"}}});
  EXPECT_EQ(found.code, 0) << found.err;
  EXPECT_NE(found.out.find("cannot tell"), std::string::npos) << found.out;
  EXPECT_NE(found.out.find("copied_locks.cpp could not be built"), std::string::npos) << found.out;
}

TEST(claims_program, lists_claims_with_their_thresholds) {
  const outcome found = typed({"claims", "--list"});
  EXPECT_EQ(found.code, 0);
  for (const claim& one : claims::all_claims())
    EXPECT_NE(found.out.find("\n" + one.id + " "), std::string::npos + (one.id == "V1")) << one.id;
  EXPECT_NE(typed({"claims", "--list", "C8"}).out.find("≤ 1,000 ns"), std::string::npos);
}

struct mistake {
  std::vector<std::string> arguments;
  std::string said;
};
class claims_usage : public ::testing::TestWithParam<mistake> {};

TEST_P(claims_usage, is_one_sentence_with_exit_2) {
  const outcome found = typed(GetParam().arguments);
  EXPECT_EQ(found.code, 2);
  EXPECT_EQ(found.out, "");
  EXPECT_NE(found.err.find(GetParam().said), std::string::npos) << found.err;
  EXPECT_EQ(lines_of(found.err).size(), 1U) << found.err;
}

INSTANTIATE_TEST_SUITE_P(
    mistakes, claims_usage,
    ::testing::Values(mistake{{"claims", "V99"}, "There is no claim V99; did you mean V9?"},
                      mistake{{"claims", "zebra"},
                              "There is no claim zebra; gobench claims --list shows"},
                      mistake{{"claims", "--format", "htm"}, "html"},
                      mistake{{"claims", "--out", "claims.pdf"},
                              "The name of claims.pdf does not tell its format"},
                      mistake{{"claims", "--samples", "claims.html"}, "let it end in one of .csv"},
                      mistake{{"claims", "--out", "a.md", "--out", "./a.md"}, "a.md"},
                      mistake{{"claims", "--seed", "many"}, "--seed takes a whole number"}));

}  // namespace
