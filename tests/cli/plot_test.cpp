// gobench plot as a user meets it; where neither gnuplot nor matplotlib is there, that is what it says.
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "tests/cli/process.hpp"

namespace {

const std::string header =
    "suite,case,impl,vehicle,procs,tasks,rep,iterations,ns_per_op,cpu_ns_per_op,ops_per_s\n";

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string rows(const std::string& impl) {
  std::string made;
  for (const char* tasks : {"1", "8", "64"}) {
    for (const char* rep : {"0", "1", "2"}) {
      made += "s,c," + impl + ",fiber,2," + tasks + "," + rep + ",100,1" + tasks + rep + ",,\n";
    }
  }
  return made;
}

class plot : public testing::Test {
 protected:
  void SetUp() override { in_.write("a.csv", header + rows("x") + rows("y")); }
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
  }
  bool draws(const std::string& with) const {
    return typed_here({"plot", "a.csv", "--with", with, "--out", "probe.svg"}).code == 0;
  }
  scratch in_;
};

void every_kind(const scratch& in, const std::string& with,
                const std::function<outcome(std::vector<std::string>)>& typed) {
  for (const char* kind : {"lines", "bars", "heat"}) {
    for (const std::string ending : {".svg", ".png"}) {
      const outcome found =
          typed({"plot", "a.csv", "--kind", kind, "--with", with, "--out", kind + ending});
      EXPECT_EQ(found.code, 0) << kind << found.err;
      const std::string picture = in.read(kind + ending);
      EXPECT_TRUE(has(picture.substr(0, 400), ending == ".svg" ? "<svg" : "PNG")) << kind;
    }
  }
}

TEST_F(plot, draws_every_kind_with_gnuplot) {
  if (!draws("gnuplot")) GTEST_SKIP() << "there is no gnuplot";
  every_kind(in_, "gnuplot", [this](auto arguments) { return typed_here(arguments); });
}

TEST_F(plot, draws_latencies_of_suites_that_tell_them) {
  if (!draws("gnuplot")) GTEST_SKIP() << "there is no gnuplot";
  in_.write("l.csv", header.substr(0, header.size() - 1) + ",p50_us,p99_us,max_us\n" +
                         "s,c,x,fiber,1,1,0,1,9,,,5,7,90\ns,c,x,fiber,1,1,1,1,9,,,6,8,95\n");
  const outcome found = typed_here({"plot", "l.csv", "--with", "gnuplot", "--keep-script", "k.gp"});
  EXPECT_EQ(found.code, 0) << found.err;
  EXPECT_TRUE(has(in_.read("k.gp"), "set ylabel 'latency (µs)'"));
}

TEST_F(plot, draws_with_matplotlib) {
  if (!draws("matplotlib")) GTEST_SKIP() << "there is no matplotlib";
  const outcome found =
      typed_here({"plot", "a.csv", "--with", "matplotlib", "--keep-script", "k.py"});
  EXPECT_EQ(found.code, 0) << found.err;
  EXPECT_TRUE(has(in_.read("plot.svg"), "<svg"));
  EXPECT_TRUE(has(in_.read("k.py"), "save("));
}

TEST_F(plot, names_are_no_commands_for_gnuplot) {
  if (!draws("gnuplot")) GTEST_SKIP() << "there is no gnuplot";
  in_.write("evil.csv", header + rows("'`touch evil`'") + rows("$(touch evil)\\n@x"));
  const outcome found =
      typed_here({"plot", "evil.csv", "--with", "gnuplot", "--keep-script", "k.gp"});
  EXPECT_EQ(found.code, 0) << found.err;
  EXPECT_FALSE(in_.has("evil"));
  EXPECT_TRUE(has(in_.read("k.gp"), "’´touch evil´’"));
}

TEST_F(plot, refuses_what_cannot_be_drawn) {
  refuses({"plot"}, 2, "gobench plot result.csv");
  refuses({"plot", "none.csv"}, 4, "none.csv");
  refuses({"plot", "a.csv", "--out", "a.pdf"}, 2, ".svg or .png");
  refuses({"plot", "a.csv", "--kind", "pie"}, 2, "pie");
  refuses({"plot", "a.csv", "--kind", "latency"}, 2, "quantiles");
  refuses({"plot", "a.csv", "--metric", "nothing"}, 2, "nothing");
  refuses({"plot", "a.csv", "--x", "taks"}, 2, "tasks");
  refuses({"plot", "a.csv", "--with", "paint"}, 2, "gnuplot or matplotlib");
  in_.write("cut.csv", header + "s,c,x\n");
  refuses({"plot", "cut.csv"}, 4, "cut.csv:2");
  in_.write("two.csv", header + "s,c,x,fiber,1,1,0,1,1,,\nt,c,x,fiber,1,1,0,1,1,,\n");
  refuses({"plot", "two.csv"}, 2, "--filter '^s '");
}

TEST_F(plot, says_what_to_install_where_nothing_draws) {
  launch how;
  how.arguments = {"plot", "a.csv", "--with", "gnuplot"};
  how.directory = in_.path();
  how.environment = {{"PATH", "/nowhere"}};
  const outcome found = run(how);
  EXPECT_EQ(found.code, 4);
  EXPECT_TRUE(has(found.err, "apt-get install gnuplot-nox")) << found.err;
}

}  // namespace
