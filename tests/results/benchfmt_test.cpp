#include <gtest/gtest.h>

#include <regex>
#include <sstream>

#include "results/sink.hpp"
#include "tests/results/support.hpp"

namespace gobench::results {
namespace {

using namespace testing;

std::string benchfmt_of(const std::vector<sample>& samples, const context& about,
                        const schema& columns = some_schema()) {
  std::ostringstream out;
  const auto to = make_stream_sink("benchfmt", out);
  to->begin(about, columns);
  for (const sample& one : samples) to->add(one);
  to->finish(about);
  return out.str();
}

// The lines of Go's proposal 14313, and the unit metadata that benchstat adds to it.
void expect_grammar(const std::string& text) {
  static const std::regex configuration("[a-z][^A-Z\\s:]*: [^\\n]*");
  static const std::regex unit("Unit \\S+( [a-z]+=\\S+)+");
  // Name, iterations, then at least one pair of value and unit.
  static const std::regex result(
      "Benchmark[^a-z\\s]\\S*-[0-9]+\\s+[0-9]+(\\s+[-+0-9.e]+ [^\\s0-9]\\S*)+");
  for (const std::string& line : lines_of(text)) {
    EXPECT_TRUE(std::regex_match(line, configuration) || std::regex_match(line, unit) ||
                std::regex_match(line, result))
        << line;
  }
}

TEST(benchfmt, is_what_go_writes) {
  const std::string text = benchfmt_of({some_sample(1)}, some_context());
  EXPECT_EQ(text,
            "goos: linux\n"
            "goarch: amd64\n"
            "pkg: gobench\n"
            "cpu: Some CPU @ 3 GHz\n"
            "Unit ops/s better=higher\n"
            "BenchmarkMutexVsChan/case=counter/impl=gobench.mutex/vehicle=fiber/tasks=8/hold_ns=0/"
            "workload=even-2\t1000000\t21 ns/op\t40.5 cpu-ns/op\t47619047.61904762 ops/s\t"
            "1234.5 p99-ns\t1 parallel\n");
  expect_grammar(text);
}

TEST(benchfmt, hostile_names_stay_on_one_line_and_in_one_part) {
  context about = some_context();
  about.cpu_model = "a\nb";
  about.architecture = "aarch64";
  sample one = some_sample();
  one.suite = "2nd suite/of ünits";
  one.case_name = "a b\tc\nd";
  one.impl = "x/y=z";
  one.parameters.set("workload", "v w/-7");
  one.metrics.set("note", "no number");
  one.cpu_ns_per_op = not_measured;
  const std::string text = benchfmt_of({one}, about);
  expect_grammar(text);
  EXPECT_NE(text.find("goarch: arm64\n"), std::string::npos);
  EXPECT_NE(text.find("cpu: a b\n"), std::string::npos);
  EXPECT_NE(text.find("Benchmark2ndSuiteOfünits/"), std::string::npos) << text;
  EXPECT_NE(text.find("/case=a_b_c_d/impl=x_y=z/"), std::string::npos) << text;
  EXPECT_NE(text.find("/workload=v_w_-7-2\t"), std::string::npos) << text;
  EXPECT_EQ(text.find("cpu-ns/op"), std::string::npos) << "what was not measured is left out";
  EXPECT_EQ(text.find("note"), std::string::npos) << "units have numbers";
}

TEST(benchfmt, benchstat_reads_it) {
  if (!installed("benchstat")) GTEST_SKIP() << "benchstat is not installed";
  const folder in;
  for (const bool faster : {false, true}) {
    const auto to = make_file_sink("benchfmt", in / (faster ? "new.bench" : "base.bench"));
    to->begin(some_context(), some_schema());
    for (int rep = 0; rep < 10; ++rep) {
      sample one = some_sample(rep);
      one.time((faster ? 10 : 20) + 0.01 * rep, 40);
      to->add(one);
    }
    to->finish(some_context());
  }
  const std::string table = output_of("benchstat " + quoted(in / "base.bench") + " " +
                                      quoted(in / "new.bench") + " 2>&1");
  for (const char* part : {"goarch: amd64", "MutexVsChan/case=counter/impl=gobench.mutex", "sec/op",
                           "cpu-sec/op", "ops/s", "p99-sec", "parallel"}) {
    EXPECT_NE(table.find(part), std::string::npos) << part << " is missing in\n" << table;
  }
  EXPECT_TRUE(std::regex_search(table, std::regex("20\\.[0-9]+n.*10\\.[0-9]+n.*-(49|50)\\.")))
      << table;
}

}  // namespace
}  // namespace gobench::results
