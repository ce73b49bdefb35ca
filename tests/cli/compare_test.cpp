// gobench compare as a user meets it: files in, verdicts out, exit codes.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/cli/process.hpp"

namespace {

const std::string header =
    "suite,case,impl,vehicle,procs,tasks,rep,iterations,ns_per_op,cpu_ns_per_op,ops_per_s\n";

std::string rows(const std::string& impl, int tasks, double at) {
  std::string made;
  for (int rep = 0; rep < 10; ++rep) {
    made += "s,c," + impl + ",thread,2," + std::to_string(tasks) + "," + std::to_string(rep) +
            ",100," + std::to_string(at * (1 + 0.001 * rep)) + ",,\n";
  }
  return made;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

class compare : public testing::Test {
 protected:
  void SetUp() override {
    in_.write("base.csv", header + rows("a", 1, 10) + rows("a", 8, 20) + rows("b", 1, 30));
    in_.write("new.csv",
              header + rows("a", 1, 11) + rows("a", 8, 18) + rows("b", 1, 30) + rows("c", 1, 1));
  }
  outcome typed_here(std::vector<std::string> arguments) const {
    launch how;
    how.arguments = std::move(arguments);
    how.directory = in_.path();
    return run(how);
  }
  scratch in_;
};

TEST_F(compare, a_verdict_for_each_case_and_what_was_only_in_one) {
  const outcome found = typed_here({"compare", "base.csv", "new.csv"});
  EXPECT_EQ(found.code, 0) << found.err;
  EXPECT_TRUE(has(found.out, "ns_per_op: base.csv -> new.csv")) << found.out;
  EXPECT_TRUE(has(found.out, "+10.0 %")) << found.out;
  EXPECT_TRUE(has(found.out, "-10.0 %")) << found.out;
  EXPECT_TRUE(has(found.out, "1 better, 1 worse, 1 the same, 0 cannot be told.")) << found.out;
  EXPECT_TRUE(has(found.out, "1 case is only in new (new.csv).")) << found.out;
  for (const std::string& line : lines_of(found.out)) EXPECT_LE(line.size(), 100U) << line;
}

TEST_F(compare, ends_with_1_for_a_regression_where_that_is_wanted) {
  EXPECT_EQ(typed_here({"compare", "base.csv", "new.csv", "--fail-on-regression"}).code, 1);
  EXPECT_EQ(
      typed_here({"compare", "base.csv", "new.csv", "--fail-on-regression", "--threshold", "15%"})
          .code,
      0);
  EXPECT_EQ(
      typed_here({"compare", "base.csv", "new.csv", "--fail-on-regression", "--filter", "tasks=8"})
          .code,
      0);
  EXPECT_EQ(typed_here({"compare", "base.csv", "base.csv", "--fail-on-regression"}).code, 0);
}

TEST_F(compare, several_against_one_and_groups) {
  const outcome found =
      typed_here({"compare", "base.csv", "new.csv", "base.csv", "--group-by", "impl"});
  EXPECT_EQ(found.code, 0) << found.err;
  EXPECT_TRUE(has(found.out, "base.csv -> new.csv"));
  EXPECT_TRUE(has(found.out, "base.csv -> base.csv"));
  EXPECT_TRUE(has(found.out, "  impl a\n")) << found.out;
  EXPECT_TRUE(has(found.out, "Geometric mean of 2 cases: -0.5 %")) << found.out;
}

TEST_F(compare, other_formats_say_the_same) {
  const auto json =
      nlohmann::json::parse(typed_here({"compare", "base.csv", "new.csv", "--format", "json"}).out);
  ASSERT_EQ(json["comparisons"].size(), 1U);
  EXPECT_EQ(json["comparisons"][0]["worse"], 1);
  EXPECT_EQ(json["comparisons"][0]["cases"][0]["verdict"], "worse");
  EXPECT_NEAR(json["comparisons"][0]["cases"][0]["ratio"].get<double>(), 1.1, 1e-4);
  const auto csv = csv_of(typed_here({"compare", "base.csv", "new.csv", "--format", "csv"}).out);
  ASSERT_EQ(csv.size(), 4U);
  EXPECT_EQ(csv[1].size(), csv[0].size());
  EXPECT_EQ(csv[1][16], "worse");
  const outcome md = typed_here(
      {"compare", "base.csv", "new.csv", "--format", "md", "--out", "x.json", "--out", "x.xml"});
  EXPECT_TRUE(has(md.out, "| **worse** |")) << md.out;
  EXPECT_EQ(nlohmann::json::parse(in_.read("x.json")), json);
  EXPECT_TRUE(has(in_.read("x.xml"), "failures=\"1\"")) << in_.read("x.xml");
}

TEST_F(compare, what_cannot_be_done_is_a_sentence) {
  struct mistake {
    std::vector<std::string> arguments;
    int code;
    std::string says;
  };
  in_.write("cut.csv", header + "s,c,a,thread,2,1,0,100,1");
  in_.write("other.csv", header + rows("z", 1, 1));
  for (const mistake& one : std::vector<mistake>{
           {{"compare", "base.csv"}, 2, "gobench compare needs two result files"},
           {{"compare", "base.csv", "none.csv"}, 4, "none.csv"},
           {{"compare", "base.csv", "cut.csv"}, 4, "cut.csv:2: The last row has no end"},
           {{"compare", "base.csv", "other.csv"}, 2, "no case in common"},
           {{"compare", "base.csv", "new.csv", "--filter", "xyz"},
            2,
            "No case matches --filter xyz"},
           {{"compare", "base.csv", "new.csv", "--metric", "xyz"}, 2, "has a number called xyz"},
           {{"compare", "base.csv", "new.csv", "--group-by", "impls"}, 2, "Did you mean impl?"},
           {{"compare", "base.csv", "new.csv", "--ignore", "tasks"}, 2, "leave out --ignore"},
           {{"compare", "base.csv", "new.csv", "--alpha", "nan"}, 2, "--alpha takes a share"},
           {{"compare", "base.csv", "new.csv", "--format", "jsn"}, 2, "Did you mean json?"},
           {{"compare", "base.csv", "new.csv", "--out", "x.pdf"},
            2,
            "x.pdf does not tell the format"}}) {
    const outcome found = typed_here(one.arguments);
    EXPECT_EQ(found.code, one.code) << found.err;
    EXPECT_TRUE(has(found.err, one.says)) << found.err;
    EXPECT_EQ(lines_of(found.err).size(), 1U) << found.err;
    EXPECT_EQ(found.out, "");
  }
}

TEST_F(compare, runs_of_gobench_itself_are_compared) {
  for (const char* name : {"a.csv", "b.json"}) {
    EXPECT_EQ(typed_here(small_run({"--out", name, "--quiet", "--vehicle", "fiber"})).code, 0);
  }
  const outcome found = typed_here({"compare", "a.csv", "b.json", "--format", "csv"});
  EXPECT_EQ(found.code, 0) << found.err;
  EXPECT_EQ(csv_of(found.out).size(), 3U) << found.out;
}

TEST(run_aa, compares_both_halves) {
  const outcome found = typed(small_run({"--aa", "--vehicle", "fiber"}));
  EXPECT_EQ(found.code, 0) << found.err;
  EXPECT_TRUE(has(found.out, "first half -> second half")) << found.out;
}

TEST(history, keeps_shows_exports_and_imports_runs) {
  const scratch in;
  const auto here = [&](std::vector<std::string> arguments) {
    launch how;
    how.arguments = std::move(arguments);
    how.environment = {{"GOBENCH_STORE", in.path("x.sqlite")}};
    how.directory = in.path();
    return run(how);
  };
  EXPECT_EQ(here({"history"}).out,
            "No run was saved yet; gobench run SUITE --save NAME saves one.\n");
  for (int i = 0; i < 2; ++i) {
    const outcome made =
        here(small_run({"--save", "nightly", "--out", "x.json", "--out", "x.csv", "--quiet"}));
    EXPECT_EQ(made.code, 0) << made.err;
  }
  EXPECT_EQ(lines_of(here({"history"}).out).size(), 3U) << here({"history"}).out;
  const outcome shown = here({"history", "mutex-vs-chan", "--filter", "counter"});
  EXPECT_TRUE(has(shown.out, "mutex-vs-chan: ns_per_op, 2 runs")) << shown.out << shown.err;
  EXPECT_TRUE(has(shown.out, "counter std.mutex")) << shown.out;
  const auto json =
      nlohmann::json::parse(here({"history", "mutex-vs-chan", "--format", "json"}).out);
  EXPECT_EQ(json["runs"].size(), 2U);
  EXPECT_EQ(json["cases"][0]["medians"].size(), 2U);

  // What was saved is what the files say, byte by byte, also after it went in and out once more.
  for (const std::string name : {"json", "csv"}) {
    EXPECT_EQ(here({"history", "--export", "nightly", "--out", "y." + name}).code, 0);
    EXPECT_EQ(in.read("y." + name), in.read("x." + name));
    EXPECT_EQ(here({"history", "--import", "x." + name, "--save", "again", "-q"}).code, 0);
    EXPECT_EQ(here({"history", "--export", "again", "--out", "z." + name}).code, 0);
    EXPECT_EQ(in.read("z." + name), in.read("x." + name));
  }
  EXPECT_EQ(here({"history", "--remove", "1"}).code, 0);
  EXPECT_EQ(lines_of(here({"history"}).out).size(), 4U);
  EXPECT_EQ(here({"history", "--remove", "1"}).code, 4);
  const outcome none = here({"history", "spawn"});
  EXPECT_EQ(none.code, 2);
  EXPECT_TRUE(has(none.err, "No run of spawn was saved")) << none.err;
}

}  // namespace
