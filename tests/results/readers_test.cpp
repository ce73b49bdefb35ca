// What is written is read again, and what others write is read as they mean it.
#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

#include "results/identity.hpp"
#include "results/reader.hpp"
#include "results/sink.hpp"
#include "tests/results/support.hpp"

namespace gobench::results {
namespace {

using namespace testing;

struct loaded : file_content {
  std::vector<sample> all;
};

loaded load(const std::string& text, const read_options& how = {}) {
  std::istringstream in(text);
  loaded made;
  static_cast<file_content&>(made) = read_samples(
      in, "x", [&](sample&& one) { made.all.push_back(std::move(one)); }, how);
  return made;
}

loaded load_file(const std::filesystem::path& file) {
  loaded made;
  static_cast<file_content&>(made) =
      read_samples(file, [&](sample&& one) { made.all.push_back(std::move(one)); });
  return made;
}

std::string exported(const std::string& format, const std::vector<sample>& samples) {
  std::ostringstream out;
  const auto to = make_stream_sink(format, out);
  to->begin(some_context(), some_schema());
  for (const sample& one : samples) to->add(one);
  to->finish(some_context());
  return out.str();
}

TEST(readers, there_is_one_for_each_format_but_the_table) {
  EXPECT_EQ(readable_formats(), (std::vector<std::string>{"benchfmt", "csv", "gbench", "json"}));
}

TEST(readers, what_the_exporters_write_is_the_same_case_again) {
  const std::vector<sample> samples = {some_sample(0), some_sample(1)};
  for (const std::string& format : readable_formats()) {
    const loaded found = load(exported(format, samples), {.parameters = {"hold_ns", "workload"}});
    EXPECT_EQ(found.format, format);
    ASSERT_EQ(found.all.size(), 2U) << format;
    EXPECT_EQ(found.samples, 2U);
    for (int rep : {0, 1}) {
      const sample& one = found.all[static_cast<std::size_t>(rep)];
      sample expected = some_sample(rep);
      if (format == "benchfmt") expected.suite = "MutexVsChan";  // all that the format keeps of it
      EXPECT_EQ(identity(one), identity(expected)) << format << ": " << description(one);
      EXPECT_EQ(one.rep, rep);
      EXPECT_EQ(one.iterations, 1'000'000U);
      EXPECT_DOUBLE_EQ(one.ns_per_op, 20.0 + rep);
      EXPECT_DOUBLE_EQ(one.cpu_ns_per_op, 40.5);
      EXPECT_DOUBLE_EQ(one.ops_per_s, samples[static_cast<std::size_t>(rep)].ops_per_s);
    }
    EXPECT_EQ(found.about.cpu_model, format == "csv" ? "" : "Some CPU @ 3 GHz");
  }
}

TEST(readers, a_csv_file_takes_its_context_and_its_parameters_from_beside) {
  folder in;
  for (const char* name : {"x.csv", "y.json"}) {
    const std::string format = std::string(name).substr(2);
    const auto to = make_file_sink(format, in / name);
    to->begin(some_context(), some_schema());
    to->add(some_sample(0));
    to->finish(some_context());
    const loaded found = load_file(in / name);
    ASSERT_EQ(found.all.size(), 1U);
    EXPECT_EQ(found.all[0].parameters, some_sample(0).parameters) << format;
    EXPECT_EQ(found.about.command_line, some_context().command_line);
    EXPECT_EQ(found.about.seed, 42U);
    EXPECT_EQ(found.about.cgroup_cpus, 1.5);
    EXPECT_TRUE(std::isnan(found.about.load_1min_end));
    EXPECT_EQ(found.about.versions, some_context().versions);
    EXPECT_EQ(found.columns.parameters, (std::vector<std::string>{"hold_ns", "workload"}));
  }
  std::filesystem::remove(in / "x.context.json");
  EXPECT_TRUE(load_file(in / "x.csv").all[0].parameters.empty()) << "nobody tells";
}

TEST(readers, a_spreadsheet_changes_nothing) {
  std::string text = exported("csv", {some_sample(0), some_sample(1)});
  std::string with_cr = "\xef\xbb\xbf";
  for (const char c : text) with_cr += c == '\n' ? std::string("\r\n") : std::string(1, c);
  const loaded found = load(with_cr + "\r\n\n");
  ASSERT_EQ(found.all.size(), 2U);
  EXPECT_EQ(found.all[1].ns_per_op, 21);
  EXPECT_EQ(found.all[1].metrics.find("note"), nullptr) << "the \\r is no content";
  for (const char* format : {"json", "gbench", "benchfmt"}) {
    text = exported(format, {some_sample(0)});
    with_cr = "\xef\xbb\xbf";
    for (const char c : text) with_cr += c == '\n' ? std::string("\r\n") : std::string(1, c);
    EXPECT_EQ(load(with_cr).all.size(), 1U) << format;
  }
}

TEST(readers, columns_of_a_csv_come_in_any_order_and_cells_may_be_quoted) {
  const loaded found = load(
      "ns_per_op,\"suite\",case,impl,vehicle,procs,tasks,rep,iterations,extra\n"
      "1.5,\"a,\"\"b\"\"\nc\",\"\",x,thread,1,2,0,7,\"say \"\"hi\"\"\"\n");
  ASSERT_EQ(found.all.size(), 1U);
  EXPECT_EQ(found.all[0].suite, "a,\"b\"\nc");
  EXPECT_EQ(found.all[0].case_name, "");
  EXPECT_EQ(found.all[0].ns_per_op, 1.5);
  EXPECT_TRUE(std::isnan(found.all[0].ops_per_s));
  EXPECT_EQ(*found.all[0].metrics.find("extra"), value{std::string("say \"hi\"")});
}

constexpr const char* google = R"({
  "context": {"date": "2024-05-01T12:00:00+02:00", "host_name": "box", "executable": "./bench",
    "num_cpus": 2, "caches": [{"type": "Data", "level": 1, "size": 32768}],
    "load_avg": [0.5], "library_build_type": "release"},
  "benchmarks": [
    {"name": "BM_copy<std::string>/64", "family_index": 0, "per_family_instance_index": 0,
     "run_name": "BM_copy<std::string>/64", "run_type": "iteration", "repetitions": 2,
     "repetition_index": 0, "threads": 1, "iterations": 1000, "real_time": 1.5, "cpu_time": 1.25,
     "time_unit": "us", "bytes_per_second": 2.5e9},
    {"name": "BM_copy<std::string>/64", "run_name": "BM_copy<std::string>/64",
     "run_type": "iteration", "repetitions": 2, "repetition_index": 1, "threads": 1,
     "iterations": 1000, "real_time": 1.75, "cpu_time": 1.25, "time_unit": "us"},
    {"name": "BM_copy<std::string>/64_mean", "run_name": "BM_copy<std::string>/64",
     "run_type": "aggregate", "aggregate_name": "mean", "real_time": 1.6, "cpu_time": 1.25,
     "time_unit": "us"},
    {"name": "BM_bad", "run_name": "BM_bad", "run_type": "iteration", "error_occurred": true,
     "error_message": "no file", "iterations": 0, "real_time": 0, "cpu_time": 0, "time_unit": "ns"},
    {"name": "BM_lock/size:8/threads:4", "iterations": 10, "real_time": 3, "cpu_time": 2}
  ]
})";

TEST(readers, json_of_any_program_of_google_benchmark) {
  const loaded found = load(google);
  ASSERT_EQ(found.all.size(), 3U);
  EXPECT_EQ(found.all[0].suite, "gbench");
  EXPECT_EQ(found.all[0].case_name, "BM_copy<std::string>/64");
  EXPECT_EQ(found.all[0].ns_per_op, 1500);
  EXPECT_EQ(found.all[0].cpu_ns_per_op, 1250);
  EXPECT_EQ(found.all[0].tasks, 1);
  EXPECT_EQ(*found.all[0].metrics.find("bytes_per_second"), value{2.5e9});
  EXPECT_EQ(found.all[1].rep, 1);
  EXPECT_EQ(identity(found.all[0]), identity(found.all[1]));
  EXPECT_EQ(found.all[2].case_name, "BM_lock");
  EXPECT_EQ(*found.all[2].parameters.find("size"), value{std::int64_t{8}});
  EXPECT_EQ(found.all[2].parameters.find("threads"), nullptr);
  ASSERT_EQ(found.remarks.size(), 1U);
  EXPECT_EQ(found.remarks[0], "BM_bad ended with an error and is left out: no file.");
  EXPECT_EQ(found.about.host, "box");
  EXPECT_EQ(found.about.cpus_online, 2);
}

constexpr const char* go_text = R"(goos: linux
goarch: amd64
pkg: example.org/sorting
cpu: Some CPU @ 3 GHz
BenchmarkSort
BenchmarkSort/n=1000/kind=random-8         	   10000	    112345 ns/op	    4096 B/op	       1 allocs/op
BenchmarkSort/n=1000/kind=random-8         	   10000	    112999 ns/op	    4096 B/op	       1 allocs/op
some words that a test printed
BenchmarkSort said something
Benchmarking is not a result 12
BenchmarkHash 	 200 	 5.5 ns/op
PASS
ok  	example.org/sorting	2.5s
)";

TEST(readers, output_of_any_go_test) {
  const loaded found = load(go_text);
  ASSERT_EQ(found.all.size(), 3U);
  EXPECT_EQ(found.all[0].suite, "example.org/sorting");
  EXPECT_EQ(found.all[0].case_name, "Sort");
  EXPECT_EQ(found.all[0].procs, 8);
  EXPECT_EQ(found.all[0].iterations, 10'000U);
  EXPECT_EQ(*found.all[0].parameters.find("n"), value{std::int64_t{1000}});
  EXPECT_EQ(*found.all[0].parameters.find("kind"), value{std::string("random")});
  EXPECT_EQ(found.all[1].ns_per_op, 112'999);
  EXPECT_EQ(found.all[1].rep, 1);
  EXPECT_EQ(*found.all[1].metrics.find("allocs/op"), value{1.0});
  EXPECT_EQ(found.all[2].case_name, "Hash");
  EXPECT_EQ(found.all[2].procs, 1);
  EXPECT_EQ(found.about.cpu_model, "Some CPU @ 3 GHz");
}

TEST(readers, the_name_of_a_file_decides_nothing) {
  folder in;
  write(in / "x.csv", go_text);
  EXPECT_EQ(load_file(in / "x.csv").format, "benchfmt");
  write(in / "x.bench", google);
  EXPECT_EQ(load_file(in / "x.bench").format, "gbench");
}

TEST(readers, files_that_cannot_be_opened_are_named) {
  folder in;
  for (const auto& file : {in / "missing.csv", in.path()}) {
    try {
      load_file(file);
      ADD_FAILURE() << file;
    } catch (const std::system_error& refused) {
      EXPECT_NE(std::string(refused.what()).find(file.string()), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace gobench::results
