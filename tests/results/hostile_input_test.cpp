// Whatever a file contains, the reading ends with its samples or with one sentence that names file and line.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <sstream>
#include <streambuf>

#include "results/reader.hpp"
#include "results/sink.hpp"
#include "tests/results/support.hpp"

namespace gobench::results {
namespace {

using namespace testing;

const std::string header =
    "suite,case,impl,vehicle,procs,tasks,rep,iterations,ns_per_op,cpu_ns_per_op,ops_per_s\n";
const std::string row = "s,c,i,thread,1,1,0,10,1.5,,\n";

// What it says about a text; empty when it was read.
std::string sentence_about(const std::string& text, const read_options& how = {}) {
  std::istringstream in(text);
  try {
    read_samples(
        in, "x", [](sample&&) {}, how);
  } catch (const malformed_file& refused) {
    return refused.what();
  }
  return "";
}

void expect_refused(const std::string& text, const std::string& beginning,
                    const std::string& part = "") {
  const std::string said = sentence_about(text);
  EXPECT_EQ(said.substr(0, beginning.size()), beginning) << text.substr(0, 300);
  EXPECT_NE(said.find(part), std::string::npos) << said;
  EXPECT_EQ(said.find_first_of("\n\r\x1b"), std::string::npos) << said;
  EXPECT_LT(said.size(), 500U) << said;
  EXPECT_TRUE(said.ends_with(".") || said.ends_with(").")) << said;
}

TEST(hostile_input, what_is_no_result_is_told) {
  expect_refused("", "x:1: The file is empty");
  expect_refused("hello\n", "x:1: This is none of the results");
  expect_refused(std::string("\x7f"
                             "ELF\0\0\0",
                             7),
                 "x:1: This is none of the results");
  expect_refused("a,b,c\n1,2,3\n", "x:1: This is none of the results");
  expect_refused("{\"a\": 1}", "x:1: This is none of the results");
  expect_refused("[1, 2]", "x:1: This is none of the results");
  expect_refused("\xff\xfes\0u\0i\0", "x:1: The file is in UTF-16");
  expect_refused(header, "x:1: There is no sample in the file");
  expect_refused("{\"samples\": []}", "x:1: There is no sample in the file");
}

TEST(hostile_input, csv) {
  ASSERT_EQ(sentence_about(header + row), "");
  expect_refused(header + row + "s,c,i,thread,1,1,1,10,1.", "x:3: The last row has no end");
  expect_refused(header + row + "s,c,i,thread,1,1\n", "x:3: The row has 6 cells and the header 11");
  expect_refused(header + row + "s,c,i,thread,1,1,1,10,1.5,,,\n", "x:3: The row has 12 cells");
  expect_refused(header + "s,c,i,thread,1,1,0,10,nan,,\n", "x:2: ns_per_op is NaN");
  expect_refused(header + "s,c,i,thread,1,1,0,10,-1,,\n", "x:2: ns_per_op is negative (-1)");
  expect_refused(header + "s,c,i,thread,1,1,0,10,inf,,\n", "x:2: ns_per_op is infinite");
  expect_refused(header + "s,c,i,thread,1,1,0,10,1e999,,\n", "x:2: ns_per_op is infinite");
  expect_refused(header + "s,c,i,thread,1,1,0,10,\"1,5\",,\n", "x:2: ns_per_op is \"1,5\"");
  expect_refused(header + "s,c,i,thread,1,1,0,10,1.5,-3,\n", "x:2: cpu_ns_per_op is negative");
  expect_refused(header + "s,c,i,thread,x,1,0,10,1.5,,\n", "x:2: procs is \"x\"");
  expect_refused(header + "s,c,i,thread,1,1,-1,10,1.5,,\n", "x:2: rep is \"-1\"");
  expect_refused(header + "s,c,i,thread,1,99999999999,0,10,1.5,,\n", "x:2: tasks is");
  expect_refused(header + "s,c,i,goroutine,1,1,0,10,1.5,,\n", "x:2: The vehicle goroutine is none");
  expect_refused(header + row + row,
                 "x:3: The case s c i thread procs=1 tasks=1 has repetition 0 twice");
  expect_refused(header + row + header + row, "x:3: A second header");
  expect_refused(header + row + "suite,case,impl\n", "x:3: A second header");
  expect_refused("suite,case,impl,vehicle,procs,tasks,rep,iterations,us_per_op\n",
                 "x:1: There is a column us_per_op where ns_per_op is expected");
  expect_refused("suite,case,impl\n", "x:1: There is no column vehicle");
  expect_refused("suite,suite,case\n", "x:1: Two columns are called suite");
  expect_refused(header + "\"s,c,i\n\n\n", "x:4: The quote in line 2 is never closed");
  expect_refused(header + "\"s\"x,c\n", "x:2: Something follows the quote");
  expect_refused(header + "s,\x1b[31mc\x1b[0m,i,thread,1,1,0,10,\x1b[31m,,\n",
                 "x:2: ns_per_op is \"?[31m\"");
  expect_refused(
      "suite,case,impl,vehicle,procs,tasks,rep,iterations,ns_per_op,p99_ns\n"
      "s,c,i,thread,1,1,0,10,1.5,nan\n",
      "x:2: p99_ns is \"nan\"");
}

TEST(hostile_input, json) {
  const std::string before = "{\"context\": {},\n\"samples\": [\n";
  const std::string one =
      R"({"suite":"s","case":"c","impl":"i","vehicle":"thread","procs":1,"tasks":1,"rep":0,"iterations":10,"ns_per_op":1.5})";
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string changed = one;
    changed.replace(changed.find(from), from.size(), to);
    return before + changed + "\n]}\n";
  };
  ASSERT_EQ(sentence_about(before + one + "]}"), "");
  for (std::size_t cut = before.size(); cut < before.size() + one.size() + 3; ++cut) {
    const std::string said = sentence_about((before + one + "\n]}").substr(0, cut));
    EXPECT_TRUE(said.starts_with("x:3: The JSON ends in the middle") ||
                said.starts_with("x:2: The JSON ends in the middle") ||
                said.starts_with("x:4: The JSON ends in the middle"))
        << cut << said;
  }
  expect_refused(before + one + ",\n" + one + "]}",
                 "x:4: The case s c i thread procs=1 tasks=1 has repetition 0 twice");
  expect_refused(with("1.5", "-1.5"), "x:3: ns_per_op is negative");
  expect_refused(with("1.5", "NaN"), "x:3: This is no JSON");
  expect_refused(with("1.5", "\"fast\""), "x:3: ns_per_op is \"fast\", which is no number");
  expect_refused(with("1.5", "1e999"), "x:3: This is no JSON");
  expect_refused(with("\"ns_per_op\"", "\"us_per_op\""), "x:3: The sample has no ns_per_op");
  expect_refused(with("\"rep\":0", "\"rep\":-1"), "x:3: rep is -1");
  expect_refused(with("\"rep\":0", "\"rep\":99999999999"), "x:3: rep is 99999999999");
  expect_refused(with("\"suite\":\"s\"", "\"suite\":7"), "x:3: suite is 7, which is no text");
  expect_refused(with("thread", "goroutine"), "x:3: The vehicle goroutine");
  expect_refused(with("\"ns_per_op\":1.5", "\"ns_per_op\":1,\"metrics\":[1]"),
                 "x:3: metrics is [1]");
  expect_refused(with("\"ns_per_op\":1.5", "\"ns_per_op\":1,\"metrics\":{\"a\":[1]}"),
                 "x:3: a is [1]");
  expect_refused(before + "7]}", "x:3: A sample must be an object");
  expect_refused(before + one + "]} trailing", "x:3: This is no JSON");
  expect_refused("{\"samples\": " + std::string(100'000, '['), "x:1: The JSON is nested deeper");
  expect_refused(before + "{\"suite\": \"" + std::string(3 << 20, 'x') + "\"}]}",
                 "x:3: A piece of the JSON is longer than 1 MiB");
}

TEST(hostile_input, json_of_google_benchmark) {
  const std::string before = "{\"benchmarks\": [\n";
  const std::string one =
      R"({"name":"a","run_type":"iteration","repetition_index":0,"real_time":1,"cpu_time":1,"time_unit":"ns"})";
  ASSERT_EQ(sentence_about(before + one + "]}"), "");
  expect_refused(before + one, "x:2: The JSON ends in the middle");
  expect_refused(before + one + ",\n" + one + "]}",
                 "x:3: The case gbench a has repetition 0 twice");
  expect_refused(before + R"({"name":"a","real_time":1,"cpu_time":1,"time_unit":"min"}]})",
                 "x:2: The time_unit \"min\" is none of ns, us, ms and s");
  expect_refused(before + R"({"name":"a","real_time":-1,"cpu_time":1,"time_unit":"ns"}]})",
                 "x:2: real_time is negative");
  expect_refused(before + R"({"name":"a","cpu_time":1,"time_unit":"ns"}]})",
                 "x:2: An entry has no real_time");
  expect_refused(before + R"({"real_time":1}]})", "x:2: An entry has no name");
  expect_refused(before + R"({"name":"a_mean","run_type":"aggregate","real_time":1}]})",
                 "x:2: There are only aggregates");
}

TEST(hostile_input, text_of_go) {
  ASSERT_EQ(sentence_about("BenchmarkX 10 1.5 ns/op\n"), "");
  expect_refused("BenchmarkX 10 1.5 ns/op\nBenchmarkX 10 1.", "x:2: The line ends in the middle");
  expect_refused("BenchmarkX 10 1.5 ns/op\nBenchmarkX 10 1.5 ns/o",
                 "x:2: The last line has no end");
  expect_refused("BenchmarkX 10 nan ns/op\n", "x:1: ns/op is NaN");
  expect_refused("BenchmarkX 10 -4 ns/op\n", "x:1: ns/op is negative");
  expect_refused("BenchmarkX 10 fast ns/op\n", "x:1: fast stands before the unit ns/op");
  expect_refused("BenchmarkX 0 4 ns/op\n", "x:1: 0 iterations were measured");
  expect_refused("pkg: x\nPASS\n", "x:2: There is no sample in the file");
}

TEST(hostile_input, a_context_that_is_none_is_told) {
  folder in;
  write(in / "x.csv", header + row);
  write(in / "x.context.json", "[]");
  try {
    read_samples(in / "x.csv", [](sample&&) {});
    ADD_FAILURE();
  } catch (const malformed_file& refused) {
    EXPECT_EQ(refused.what(),
              (in / "x.context.json").string() +
                  ":1: This is not the context of a run; remove the file to do without it.");
  }
  write(in / "x.context.json",
        "{\"seed\": \"x\", \"versions\": 7, \"cpus_online\": -1, \"warnings\": {}}");
  EXPECT_EQ(read_samples(in / "x.csv", [](sample&&) {}).samples, 1U);
}

// As many bytes as wanted, made as they are read.
class endless : public std::streambuf {
 public:
  endless(std::string beginning, std::function<std::string(std::size_t)> piece, std::size_t bytes)
      : text_(std::move(beginning)), piece_(std::move(piece)), left_(bytes) {
    setg(text_.data(), text_.data(), text_.data() + text_.size());
  }

 protected:
  int_type underflow() override {
    if (left_ == 0) return traits_type::eof();
    text_.clear();
    while (text_.size() < 65536) text_ += piece_(number_++);
    left_ -= std::min(left_, text_.size());
    setg(text_.data(), text_.data(), text_.data() + text_.size());
    return traits_type::to_int_type(text_[0]);
  }

 private:
  std::string text_;
  std::function<std::string(std::size_t)> piece_;
  std::size_t left_;
  std::size_t number_ = 0;
};

long peak_kib() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  return used.ru_maxrss;
}

// Reads a text without an end in sight and says what it was told.
std::string endless_sentence(const std::string& beginning,
                             const std::function<std::string(std::size_t)>& piece,
                             std::size_t bytes = std::size_t{1} << 30) {
  endless text(beginning, piece, bytes);
  std::istream in(&text);
  try {
    read_samples(in, "x", [](sample&&) {});
  } catch (const malformed_file& refused) {
    return refused.what();
  }
  return "";
}

TEST(hostile_input, a_huge_file_takes_little_memory) {
  const long before = peak_kib();
  const auto rows = [](std::size_t i) {
    return "s,c,i,thread,1,1," + std::to_string(i) + ",10,1.5,,\n";
  };
  EXPECT_EQ(endless_sentence(header, rows, std::size_t{32} << 20), "");
  const auto more = [](std::size_t) { return std::string(1000, 'x'); };
  EXPECT_TRUE(
      endless_sentence(header + "s,", more).starts_with("x:2: The line is longer than 1 MiB"));
  EXPECT_TRUE(endless_sentence(header + "\"s,", [](std::size_t) {
                return std::string(999, 'x') + "\n";
              }).find(": The quote in line 2 is never closed") != std::string::npos);
  EXPECT_TRUE(endless_sentence("{\"samples\": [{\"a\": \"", [](std::size_t) {
                return std::string("\\\"xxx");
              }).starts_with("x:1: A piece of the JSON is longer than 1 MiB"));
  EXPECT_TRUE(endless_sentence("{\"samples\": [{\"a\": [", [](std::size_t) {
                return std::string("1,");
              }).starts_with("x:1: A piece of the JSON is longer than 1 MiB"));
  EXPECT_TRUE(endless_sentence("BenchmarkX 10 1.5 ns/op\nBenchmarkX ", more)
                  .starts_with("x:2: The line is longer than 1 MiB"));
  EXPECT_TRUE(endless_sentence(header,
                               [](std::size_t i) {
                                 return "s,c" + std::to_string(i) + ",i,thread,1,1,0,10,1.5,,\n";
                               })
                  .ends_with("There are more than 100000 cases so far, which is more than gobench "
                             "takes; split the file."));
  EXPECT_TRUE(endless_sentence(header, [](std::size_t i) {
                return "s,c" + std::to_string(i) + std::string(100'000, 'y') +
                       ",i,thread,1,1,2000000000,10,1.5,,\n";
              }).ends_with("cases so far, which is more than gobench takes; split the file."));
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_LT(peak_kib() - before, 200 * 1024);
#else
  static_cast<void>(before);
#endif
}

}  // namespace
}  // namespace gobench::results
