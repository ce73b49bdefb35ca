// gobench report as a user meets it. What the page does in a browser: tests/scripts/report_page_test.
#include <gtest/gtest.h>

#include <string>

#include "cli/report/page_parts.hpp"
#include "tests/cli/process.hpp"

namespace {

const std::string header =
    "suite,case,impl,vehicle,procs,tasks,rep,iterations,ns_per_op,cpu_ns_per_op,ops_per_s\n";

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

bool has_uplot() {
  for (const auto& one : gobench::cli::report::page_parts()) {
    if (one.name == "uPlot.iife.min.js") return true;
  }
  return false;
}

class report : public testing::Test {
 protected:
  void SetUp() override {
    if (!has_uplot()) GTEST_SKIP() << "built without uPlot";
    in_.write("a.csv", header + "s,c,x,thread,2,1,0,100,10,,\ns,c,x,thread,2,1,1,100,12,,\n");
  }
  outcome typed_here(std::vector<std::string> arguments) const {
    launch how;
    how.arguments = std::move(arguments);
    how.directory = in_.path();
    return run(how);
  }
  void refuses(std::vector<std::string> arguments, int code, const std::string& part) const {
    const outcome found = typed_here(std::move(arguments));
    EXPECT_EQ(found.code, code) << found.err;
    EXPECT_TRUE(has(found.err, part)) << found.err;
    EXPECT_EQ(lines_of(found.err).size(), 1U) << found.err;
    EXPECT_FALSE(in_.has("report.html"));
  }
  scratch in_;
};

TEST_F(report, is_one_file_with_everything_in_it) {
  const outcome found = typed_here({"report", "a.csv"});
  EXPECT_EQ(found.code, 0) << found.err;
  EXPECT_EQ(found.out, "");
  const std::string page = in_.read("report.html");
  EXPECT_TRUE(has(page, "The MIT License"));
  EXPECT_TRUE(has(page, "default-src 'none'"));
  EXPECT_TRUE(has(page, "\"ns_per_op\":[10.0,12.0]")) << page.size();
  EXPECT_FALSE(has(page, "src="));
  EXPECT_FALSE(has(page, "<link"));
}

TEST_F(report, names_cannot_end_the_data) {
  in_.write("evil.csv", header + "s,c,</script><!--<b>,thread,2,1,0,100,10,,\n");
  EXPECT_EQ(typed_here({"report", "evil.csv"}).code, 0);
  const std::string page = in_.read("report.html");
  EXPECT_TRUE(has(page, "\\u003c/script>\\u003c!--\\u003cb>"));
  EXPECT_FALSE(has(page, "<b>"));
}

TEST_F(report, refuses_what_is_no_result_with_file_and_line) {
  refuses({"report"}, 2, "gobench report result.csv");
  refuses({"report", "none.csv"}, 4, "none.csv");
  in_.write("cut.csv", header + "s,c,x,thread,2,1,0,100,abc,,\n");
  refuses({"report", "cut.csv"}, 4, "cut.csv:2");
  refuses({"report", "a.csv", "--filter", "nothing"}, 2, "nothing");
  refuses({"report", "a.csv", "--filter", "("}, 2, "regular expression");
}

TEST_F(report, refuses_what_are_no_findings) {
  refuses({"report", "--findings", "none.json"}, 4, "none.json");
  in_.write("cut.json", "{\"findings\":\n[");
  refuses({"report", "--findings", "cut.json"}, 4, "cut.json:2");
  in_.write("other.json", "[1]");
  refuses({"report", "--findings", "other.json"}, 4, "other.json:1");
  in_.write("wrong.json", R"({"findings": [{"kind": 7}]})");
  refuses({"report", "--findings", "wrong.json"}, 4, "wrong.json:1");
}

TEST_F(report, a_page_that_cannot_be_written_is_told) {
  const outcome found = typed_here({"report", "a.csv", "--out", "no/such/folder.html"});
  EXPECT_EQ(found.code, 4);
  EXPECT_TRUE(has(found.err, "no/such/folder.html")) << found.err;
}

}  // namespace
