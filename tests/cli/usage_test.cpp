// What gobench says to a command line that it cannot follow: one sentence, exit 2, nothing measured.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "tests/cli/process.hpp"

namespace {

struct mistake {
  std::vector<std::string> arguments;
  std::string said;  // part of the sentence
};

class usage : public ::testing::TestWithParam<mistake> {};

TEST_P(usage, is_one_sentence_with_exit_2) {
  const outcome found = typed(GetParam().arguments);
  EXPECT_EQ(found.code, 2);
  EXPECT_EQ(found.out, "");
  EXPECT_NE(found.err.find(GetParam().said), std::string::npos) << found.err;
  EXPECT_EQ(std::count(found.err.begin(), found.err.end(), '\n'), 1) << found.err;
}

INSTANTIATE_TEST_SUITE_P(
    mistakes, usage,
    ::testing::Values(
        mistake{{},
                "gobench needs to know what to do: analyze, claims, compare, cxx, doctor, explore, "
                "history, list, race, replay or "
                "run; gobench --help"},
        mistake{{"rnu"}, "There is no command rnu; did you mean run?"},
        mistake{{"frobnicate"}, "There is no command frobnicate; gobench --help lists"},
        mistake{{"--quite", "list"}, "gobench list has no option --quite; did you mean --quiet?"},
        mistake{{"--frobnicate"}, "gobench has no option --frobnicate; gobench --help lists them."},
        mistake{{"list", "--jsno"}, "gobench list has no option --jsno; did you mean --json?"},
        mistake{{"list", "mutex"},
                "gobench list does not know what to do with mutex; gobench list "
                "--help"},
        mistake{{"run"}, "gobench run needs the name of a suite: atomics, "},
        mistake{{"run", "mutex-vs-chn"},
                "There is no suite mutex-vs-chn; did you mean "
                "mutex-vs-chan?"},
        mistake{{"run", "mutex-chan"}, "There is no suite mutex-chan; did you mean mutex-vs-chan?"},
        mistake{{"run", "zzz"}, "There is no suite zzz; gobench list shows the suites."},
        mistake{{"run", "mutex-vs-chan", "mutex-vs-chan"}, "was named twice"},
        mistake{{"run", "mutex-vs-chan", "--taks", "3"}, "no option --taks; did you mean --tasks?"},
        mistake{{"run", "mutex-vs-chan", "--taks=3"}, "no option --taks; did you mean --tasks?"},
        mistake{{"run", "mutex-vs-chan", "--reps"}, "--reps needs a value; gobench run --help"},
        mistake{{"run", "mutex-vs-chan", "--reps", "0"}, "--reps takes a whole number from 1"},
        mistake{{"run", "mutex-vs-chan", "--reps", "many"}, "not \"many\"."},
        mistake{{"run", "mutex-vs-chan", "--reps=-3"}, "not \"-3\"."},
        mistake{{"run", "mutex-vs-chan", "--reps", "3.5"}, "not \"3.5\"."},
        mistake{{"run", "mutex-vs-chan", "--reps", "99999999999999999999"}, "--reps takes"},
        mistake{{"run", "mutex-vs-chan", "--tasks", "1,,2"}, "--tasks takes whole numbers from 1"},
        mistake{{"run", "mutex-vs-chan", "--tasks", "0"}, "--tasks takes whole numbers from 1"},
        mistake{{"run", "mutex-vs-chan", "--procs", "two"}, "--procs takes whole numbers from 1"},
        mistake{{"run", "mutex-vs-chan", "--min-time", "5"}, "--min-time takes a time"},
        mistake{{"run", "mutex-vs-chan", "--min-time", "0ms"}, "--min-time takes a time"},
        mistake{{"run", "mutex-vs-chan", "--min-time", "nans"}, "--min-time takes a time"},
        mistake{{"run", "mutex-vs-chan", "--seed", "x"}, "--seed takes a whole number"},
        mistake{{"run", "mutex-vs-chan", "--impl", "("}, "--impl takes a regular expression"},
        mistake{{"run", "mutex-vs-chan", "--impl", "nobody"},
                "No case of mutex-vs-chan is left with --impl nobody; there is gobench.chan_lock"},
        mistake{{"run", "mutex-vs-chan", "--vehicle", "fibre"},
                "--vehicle takes process, thread, fiber or coroutine, not \"fibre\". Did you mean "
                "fiber?"},
        mistake{{"run", "mutex-vs-chan", "--vehicle", "process"},
                "No case of mutex-vs-chan is left with --vehicle process; there is fiber, thread."},
        mistake{{"run", "mutex-vs-chan", "--impl", "atomic", "--param", "hold_ns=5"},
                "No case of mutex-vs-chan fits all of these filters together"},
        mistake{{"run", "mutex-vs-chan", "--param", "hold_ms=5"},
                "There is no parameter hold_ms; the suites chosen have hold_ns, read_pct, "
                "capacity. Did you mean hold_ns?"},
        mistake{{"run", "mutex-vs-chan", "--param", "hold_ns"}, "--param takes a name and values"},
        mistake{{"run", "mutex-vs-chan", "--param", "hold_ns=-1"},
                "The parameter hold_ns takes whole numbers from 0 to 10000000, not \"-1\"."},
        mistake{{"run", "mutex-vs-chan", "--param", "read_pct=half"},
                "The parameter read_pct takes whole numbers from 0 to 100, not \"half\"."},
        mistake{{"run", "mutex-vs-chan", "--format", "cvs"}, "csv"},
        mistake{{"run", "mutex-vs-chan", "--out", "x.dat"}, "The name x.dat does not tell"},
        mistake{{"run", "mutex-vs-chan", "--out", "a.csv", "--out", "./a.csv"},
                "./a.csv was given as output twice"},
        mistake{{"list", "--color", "sometimes"},
                "--color takes auto, always or never, not \"sometimes\"."}));

TEST(help, is_there_for_every_verb_and_fits_100_columns) {
  std::vector<std::vector<std::string>> all = {{"--help"}, {"-h"}};
  for (const auto& one : gobench::cli::all_commands()) all.push_back({one.name, "--help"});
  ASSERT_EQ(all.size(), 10U);
  for (const auto& arguments : all) {
    const outcome found = typed(arguments);
    EXPECT_EQ(found.code, 0);
    EXPECT_EQ(found.err, "");
    EXPECT_NE(found.out.find("Usage"), std::string::npos);
    for (const std::string& line : lines_of(found.out)) EXPECT_LE(line.size(), 100U) << line;
  }
}

TEST(version, names_the_build) {
  const outcome found = typed({"--version"});
  EXPECT_EQ(found.code, 0);
  EXPECT_EQ(found.out.substr(0, 8), "gobench ");
  EXPECT_EQ(lines_of(found.out).size(), 1U);
}

TEST(list, shows_suites_with_their_cases) {
  const outcome found = typed({"list"});
  EXPECT_EQ(found.code, 0);
  EXPECT_EQ(found.err, "");
  for (const char* part : {"mutex-vs-chan", "C1, C4", "gobench.chan_owner", "hold_ns=0,1000"}) {
    EXPECT_NE(found.out.find(part), std::string::npos) << part;
  }
  for (const std::string& line : lines_of(found.out)) EXPECT_LE(line.size(), 100U) << line;
}

TEST(list, json_has_every_case) {
  const outcome found = typed({"list", "--json"});
  EXPECT_EQ(found.code, 0);
  const auto document = nlohmann::json::parse(found.out);
  const auto& suites = document.at("suites");
  const auto found_suite = std::ranges::find_if(
      suites, [](const auto& one) { return one.at("name") == "mutex-vs-chan"; });
  ASSERT_NE(found_suite, suites.end());
  const auto& suite = *found_suite;
  EXPECT_EQ(suite.at("tasks"), (std::vector<int>{1, 2, 8, 64}));
  // Without the libraries that this build may or may not have found.
  const auto everywhere = std::ranges::count_if(suite.at("cases"), [](const auto& one) {
    return one.at("peer") == "" || one.at("peer") == "go";
  });
  EXPECT_EQ(everywhere, 26);
  EXPECT_EQ(suite.at("parameters").at(0).at("default"), (std::vector<int>{0, 1000}));
}

}  // namespace
