// gobench merge as a user meets it: several result files in, one out.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "tests/cli/process.hpp"

namespace {

const std::string header =
    "suite,case,impl,vehicle,procs,tasks,rep,iterations,ns_per_op,cpu_ns_per_op,ops_per_s";

std::string row(const std::string& impl, int rep, double at, const std::string& more = "") {
  return "s,c," + impl + ",thread,2,1," + std::to_string(rep) + ",100," + std::to_string(at) +
         ",," + more + "\n";
}

class merge : public testing::Test {
 protected:
  outcome typed_here(std::vector<std::string> arguments) const {
    launch how;
    how.arguments = std::move(arguments);
    how.directory = in_.path();
    return run(how);
  }
  std::string content(const std::string& name) const {
    std::ifstream in(std::filesystem::path(in_.path()) / name);
    std::ostringstream all;
    all << in.rdbuf();
    return all.str();
  }
  scratch in_;
};

TEST_F(merge, repetitions_of_a_case_follow_one_another) {
  in_.write("a.csv", header + "\n" + row("x", 0, 10) + row("x", 1, 11) + row("y", 0, 20));
  in_.write("b.csv", header + "\n" + row("x", 0, 12) + row("z", 0, 30));
  const outcome found = typed_here({"merge", "a.csv", "b.csv"});
  EXPECT_EQ(found.code, 0) << found.err;
  const auto lines = lines_of(found.out);
  ASSERT_EQ(lines.size(), 6U) << found.out;
  EXPECT_EQ(lines[0], header);
  EXPECT_TRUE(lines[4].starts_with("s,c,x,thread,2,1,2,100,12")) << found.out;
  EXPECT_TRUE(lines[5].starts_with("s,c,z,thread,2,1,0,100,30")) << found.out;
}

TEST_F(merge, columns_are_those_of_all_files) {
  in_.write("a.csv", header + ",p99_ns\n" + row("x", 0, 10, ",5"));
  in_.write("b.csv", header + ",rss_bytes\n" + row("x", 0, 12, ",7"));
  const outcome found = typed_here({"merge", "a.csv", "b.csv"});
  EXPECT_EQ(found.code, 0) << found.err;
  const auto lines = lines_of(found.out);
  ASSERT_EQ(lines.size(), 3U) << found.out;
  EXPECT_EQ(lines[0], header + ",p99_ns,rss_bytes");
  EXPECT_TRUE(lines[1].ends_with(",5,")) << lines[1];
  EXPECT_TRUE(lines[2].ends_with(",,7")) << lines[2];
}

TEST_F(merge, an_input_may_be_the_output) {
  in_.write("a.csv", header + "\n" + row("x", 0, 10));
  in_.write("b.csv", header + "\n" + row("x", 0, 12));
  EXPECT_EQ(typed_here({"merge", "a.csv", "b.csv", "--out", "a.csv", "--out", "all.json"}).code, 0);
  EXPECT_EQ(lines_of(content("a.csv")).size(), 3U);
  EXPECT_EQ(nlohmann::json::parse(content("all.json")).at("samples").size(), 2U);
}

TEST_F(merge, what_charts_on_github_are_made_of) {
  in_.write("a.csv", header + "\n" + row("x", 0, 10) + row("x", 1, 14) + row("y", 0, 20));
  in_.write("b.csv", header + "\n" + row("x", 0, 12));
  EXPECT_EQ(typed_here({"merge", "a.csv", "b.csv", "--out", "chart.action.json"}).code, 0);
  const auto list = nlohmann::json::parse(content("chart.action.json"));
  ASSERT_EQ(list.size(), 2U) << list;
  EXPECT_EQ(list[0].at("name"), "s c x thread procs=2 tasks=1");
  EXPECT_EQ(list[0].at("unit"), "ns/op");
  EXPECT_EQ(list[0].at("value"), 12);
  EXPECT_EQ(list[0].at("range"), "10..14");
  const outcome to_stream = typed_here({"merge", "a.csv", "--format", "action-benchmark"});
  EXPECT_EQ(nlohmann::json::parse(to_stream.out).size(), 2U) << to_stream.out;
}

TEST_F(merge, mistakes_are_a_sentence_and_nothing_is_written) {
  in_.write("a.csv", header + "\n" + row("x", 0, 10));
  in_.write("bad.csv", header + "\nnonsense\n");
  EXPECT_EQ(typed_here({"merge"}).code, 2);
  EXPECT_EQ(typed_here({"merge", "a.csv", "--out", "a.unknown"}).code, 2);
  EXPECT_EQ(typed_here({"merge", "a.csv", "--format", "cvs"}).code, 2);
  EXPECT_EQ(typed_here({"merge", "a.csv", "absent.csv", "--out", "c.csv"}).code, 4);
  const outcome malformed = typed_here({"merge", "a.csv", "bad.csv", "--out", "c.csv"});
  EXPECT_EQ(malformed.code, 4);
  EXPECT_NE(malformed.err.find("bad.csv:2"), std::string::npos) << malformed.err;
  EXPECT_EQ(content("c.csv"), "");
}

}  // namespace
