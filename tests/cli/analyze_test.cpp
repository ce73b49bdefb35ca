// gobench analyze as its users see it.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/cli/process.hpp"

namespace {

constexpr const char* racy =
    "T1|w(x)|5\nT2|r(x)|7\nT1|acq(L)|8\nT1|w(y)|9\nT1|rel(L)|10\nT2|w(x)|11\n";
constexpr const char* ordered = "T1|w(x)|5\nT1|fork(T2)|6\nT2|r(x)|7\n";

TEST(analyze, tells_each_race_with_both_lines_both_locations_and_the_variable) {
  const scratch here;
  here.write("t.std", racy);
  const outcome found = run({.arguments = {"analyze", "t.std"}, .directory = here.path()});
  EXPECT_EQ(found.code, 66) << found.err;
  EXPECT_EQ(found.err, "");
  EXPECT_EQ(found.out,
            "race on x\n"
            "  line 2: read by T2 at 7\n"
            "  line 1: write by T1 at 5; nothing orders it before the other\n"
            "  1 racy event more on this variable\n"
            "\n"
            "t.std: 2 racy events on 1 variable by engine hb in 6 events, 2 threads, 1 lock, 2 "
            "variables.\n");
  const outcome again = run({.arguments = {"analyze", "t.std"}, .directory = here.path()});
  EXPECT_EQ(again.out, found.out);
}

TEST(analyze, ends_with_0_where_there_is_no_race) {
  const scratch here;
  here.write("t.std", ordered);
  const outcome found = run({.arguments = {"analyze", "t.std"}, .directory = here.path()});
  EXPECT_EQ(found.code, 0) << found.err;
  EXPECT_EQ(found.out,
            "t.std: no race by engine hb in 3 events, 2 threads, 0 locks, 1 variable.\n");
}

TEST(analyze, json_is_one_object_with_the_lists_whole) {
  const scratch here;
  here.write("t.std", racy);
  const outcome found = run({.arguments = {"analyze", "t.std", "--engine", "hb", "--format", "json",
                                           "--max-findings", "1"},
                             .directory = here.path()});
  EXPECT_EQ(found.code, 66);
  nlohmann::json all = nlohmann::json::parse(found.out);
  EXPECT_GE(all.at("seconds").get<double>(), 0);
  all.erase("seconds");
  EXPECT_EQ(all, nlohmann::json::parse(R"({"engine": "hb", "events": 6, "threads": 2, "locks": 1,
      "variables": 2, "racy_events": [2, 6], "racy_variables": ["x"], "first_race": {"x": 2}})"));
}

TEST(analyze, json_of_names_that_are_no_text_is_still_json) {
  const scratch here;
  here.write("t.std", "T1|w(\"\\\t\xff)|5\nT2|r(\"\\\t\xff)|7\n");
  const outcome found =
      run({.arguments = {"analyze", "t.std", "--format", "json"}, .directory = here.path()});
  EXPECT_EQ(nlohmann::json::parse(found.out).at("racy_variables").dump(),
            "[\"\\\"\\\\\\t\xef\xbf\xbd\"]");
}

TEST(analyze, csv_has_a_row_per_racy_variable) {
  const scratch here;
  here.write("t.std", "T1|w(a,b)|5\nT2|r(a,b)|7\nT1|w(y)|1\nT2|w(y)|2\n");
  const launch how{.arguments = {"analyze", "t.std", "--format", "csv"}, .directory = here.path()};
  const outcome found = run(how);
  EXPECT_EQ(found.code, 66);
  EXPECT_EQ(found.out,
            "variable,racy_events,line,thread,operation,location,earlier_line,earlier_thread,"
            "earlier_operation,earlier_location\n"
            "\"a,b\",1,2,T2,read,7,1,T1,write,5\n"
            "y,1,4,T2,write,2,3,T1,write,1\n");
}

TEST(analyze, max_findings_bounds_what_is_told_one_by_one) {
  const scratch here;
  std::string text;
  for (int i = 0; i < 150; ++i) {
    const std::string name = "v" + std::to_string(i);
    text += "T1|w(" + name + ")|1\nT2|w(" + name + ")|2\n";
  }
  here.write("t.std", text);
  const auto races_told = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"analyze", "t.std"});
    const outcome found = run({.arguments = more, .directory = here.path()});
    EXPECT_EQ(found.code, 66);
    EXPECT_NE(found.out.find("150 racy events on 150 variables"), std::string::npos);
    int count = 0;
    for (const std::string& line : lines_of(found.out)) count += line.starts_with("race on");
    return count;
  };
  EXPECT_EQ(races_told({}), 100);
  EXPECT_EQ(races_told({"--max-findings", "3"}), 3);
  EXPECT_EQ(races_told({"--max-findings", "150"}), 150);
}

struct mistake {
  std::vector<std::string> arguments;
  int code;
  const char* said;
};

class analyze_mistakes : public testing::TestWithParam<mistake> {};

TEST_P(analyze_mistakes, are_one_sentence) {
  const scratch here;
  here.write("bad.std", "T1|w(x)|1\nT1|x(y)|2\n");
  here.write("empty.std", "");
  here.write("cut.gz", "\x1f\x8b\x08");
  std::vector<std::string> arguments = GetParam().arguments;
  arguments.insert(arguments.begin(), "analyze");
  const outcome found = run({.arguments = arguments, .directory = here.path()});
  EXPECT_EQ(found.code, GetParam().code);
  EXPECT_EQ(found.out, "");
  EXPECT_EQ(remarks(found).size(), 1U) << found.err;
  EXPECT_NE(found.err.find(GetParam().said), std::string::npos) << found.err;
}

INSTANTIATE_TEST_SUITE_P(
    all, analyze_mistakes,
    testing::Values(
        mistake{{}, 2, "gobench analyze needs the file of a trace, or - for standard input;"},
        mistake{{"a", "b"}, 2, "gobench analyze does not know what to do with b;"},
        mistake{{"bad.std", "--engine", "h"}, 2, "--engine takes hb"},
        mistake{
            {"bad.std", "--format", "xml"}, 2, "--format takes text, json or csv, not \"xml\"."},
        mistake{{"bad.std", "--max-findings", "0"}, 2, "--max-findings takes"},
        mistake{{"bad.std"},
                4,
                "bad.std:2: expected an operation (r, w, acq, rel, fork, join, begin or end)"},
        mistake{{"missing.std"},
                4,
                "missing.std cannot be opened: No such file or directory; check the path."},
        mistake{{"."}, 4, ". is a directory; name a trace file in it."},
        mistake{{"empty.std"}, 4, "empty.std is empty; a trace has lines such as T1|w(x)|12."},
        mistake{{"cut.gz"}, 4, "cut.gz: the gzip data ends in the middle;"}));

TEST(analyze, a_result_that_cannot_be_written_is_told) {
  const scratch here;
  here.write("t.std", ordered);
  const outcome found =
      run({.arguments = {"analyze", "t.std"}, .directory = here.path(), .out_path = "/dev/full"});
  EXPECT_EQ(found.code, 4);
  EXPECT_NE(found.err.find("The results cannot be written"), std::string::npos) << found.err;
}

}  // namespace
