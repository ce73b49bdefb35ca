// json and gbench: one object each that is valid after every sample.
#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

#include "results/sink.hpp"
#include "tests/results/support.hpp"

namespace gobench::results {
namespace {

using namespace testing;
using nlohmann::json;

json written(const std::string& format, const std::vector<sample>& samples,
             const context& about = some_context(), const schema& columns = some_schema()) {
  std::ostringstream out;
  const auto to = make_stream_sink(format, out);
  to->begin(about, columns);
  for (const sample& one : samples) to->add(one);
  to->finish(about);
  return json::parse(out.str());
}

TEST(json_format, has_context_and_samples) {
  const json all = written("json", {some_sample(0), some_sample(1)});
  EXPECT_EQ(all.size(), 2U);
  EXPECT_EQ(all["context"]["seed"], 42);
  EXPECT_EQ(all["context"]["warnings"], json({"The governor is powersave."}));
  ASSERT_EQ(all["samples"].size(), 2U);
  EXPECT_EQ(all["samples"][1], json::parse(R"({
      "suite": "mutex-vs-chan", "case": "counter", "impl": "gobench.mutex", "vehicle": "fiber",
      "procs": 2, "tasks": 8, "rep": 1, "iterations": 1000000, "ns_per_op": 21.0,
      "cpu_ns_per_op": 40.5, "ops_per_s": 47619047.61904762,
      "parameters": {"hold_ns": 0, "workload": "even"},
      "metrics": {"p99_ns": 1234.5, "parallel": 1.0}})"));
}

TEST(json_format, what_was_not_measured_is_null) {
  sample one = some_sample();
  one.cpu_ns_per_op = not_measured;
  one.metrics.set("p99_ns", std::numeric_limits<double>::infinity());
  context about;
  const json all = written("json", {one}, about);
  EXPECT_TRUE(all["samples"][0]["cpu_ns_per_op"].is_null());
  EXPECT_TRUE(all["samples"][0]["metrics"]["p99_ns"].is_null());
  for (const char* name : {"cpu_model", "governor", "cgroup_cpus", "load_1min", "memory_bytes",
                           "cores", "end_time", "steal_percent"}) {
    EXPECT_TRUE(all["context"].contains(name)) << name;
    EXPECT_TRUE(all["context"][name].is_null()) << name;
  }
}

TEST(json_format, text_that_is_not_utf8_is_replaced) {
  sample one = some_sample();
  one.impl = "a\xff\"\n\x01";
  EXPECT_EQ(written("json", {one})["samples"][0]["impl"], "a\xef\xbf\xbd\"\n\x01");
  EXPECT_NO_THROW(written("gbench", {one}));
}

TEST(json_format, without_samples_is_valid) {
  EXPECT_EQ(written("json", {})["samples"], json::array());
  EXPECT_EQ(written("gbench", {})["benchmarks"], json::array());
}

class growing : public ::testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(growing, is_valid_after_every_sample_and_gets_its_final_context) {
  const auto [format, list] = GetParam();
  const folder in;
  const auto to = make_file_sink(format, in / "x");
  context about = some_context();
  to->begin(about, some_schema());
  EXPECT_EQ(json::parse(read(in / "x"))[list].size(), 0U);
  for (int rep = 0; rep < 200; ++rep) {
    to->add(some_sample(rep));
    ASSERT_EQ(json::parse(read(in / "x"))[list].size(), static_cast<std::size_t>(rep) + 1);
  }
  about.steal_percent = 12.5;
  about.warnings.emplace_back(6000, 'w');
  to->finish(about);
  const json all = json::parse(read(in / "x"));
  EXPECT_EQ(all[list].size(), 200U);
  EXPECT_NE(all["context"].dump().find("12.5"), std::string::npos);
  EXPECT_EQ(in.names(), (std::vector<std::string>{"x"}));
}

INSTANTIATE_TEST_SUITE_P(all, growing,
                         ::testing::Values(std::pair("json", "samples"),
                                           std::pair("gbench", "benchmarks")),
                         [](const auto& one) { return std::string(one.param.first); });

TEST(gbench, has_the_fields_of_google_benchmark) {
  sample other = some_sample(0);
  other.tasks = 64;
  const json all = written("gbench", {some_sample(0), other, some_sample(1)});
  EXPECT_EQ(all["context"]["date"], "2024-05-01T12:00:00Z");
  EXPECT_EQ(all["context"]["host_name"], "box");
  EXPECT_EQ(all["context"]["num_cpus"], 4);
  EXPECT_EQ(all["context"]["cpu_scaling_enabled"], true);
  EXPECT_EQ(all["context"]["library_build_type"], "release");
  EXPECT_EQ(all["context"]["load_avg"], json({0.25}));
  ASSERT_EQ(all["benchmarks"].size(), 3U);
  const std::string name =
      "mutex-vs-chan/counter/gobench.mutex/vehicle:fiber/procs:2/tasks:8/hold_ns:0/workload:even";
  json expected = {{"name", name},
                   {"run_name", name},
                   {"family_index", 0},
                   {"per_family_instance_index", 0},
                   {"run_type", "iteration"},
                   {"repetitions", 5},
                   {"repetition_index", 1},
                   {"threads", 8},
                   {"iterations", 1000000},
                   {"real_time", 21.0},
                   {"cpu_time", 40.5},
                   {"time_unit", "ns"},
                   {"items_per_second", 1e9 / 21},
                   {"p99_ns", 1234.5},
                   {"parallel", 1.0}};
  EXPECT_EQ(all["benchmarks"][2], expected);
  EXPECT_EQ(all["benchmarks"][1]["family_index"], 1);
  EXPECT_EQ(all["benchmarks"][0]["repetition_index"], 0);
}

TEST(gbench, calculating_tools_get_numbers_only) {
  sample one = some_sample();
  one.cpu_ns_per_op = not_measured;
  one.metrics.set("note", "text");
  one.metrics.set("p99_ns", not_measured);
  const json entry = written("gbench", {one})["benchmarks"][0];
  EXPECT_EQ(entry["cpu_time"], 0);
  EXPECT_FALSE(entry.contains("note"));
  EXPECT_FALSE(entry.contains("p99_ns"));
}

}  // namespace
}  // namespace gobench::results
