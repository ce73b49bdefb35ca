#include <gtest/gtest.h>

#include <clocale>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <locale>
#include <nlohmann/json.hpp>
#include <sstream>

#include "results/sink.hpp"
#include "tests/results/support.hpp"

namespace gobench::results {
namespace {

using namespace testing;

constexpr const char* fixed_header =
    "suite,case,impl,vehicle,procs,tasks,rep,iterations,ns_per_op,cpu_ns_per_op,ops_per_s";

std::string csv_of(const std::vector<sample>& samples, const schema& columns) {
  std::ostringstream out;
  const auto to = make_stream_sink("csv", out);
  to->begin(some_context(), columns);
  for (const sample& one : samples) to->add(one);
  to->finish(some_context());
  return out.str();
}

TEST(csv, header_and_rows_and_nothing_else) {
  EXPECT_EQ(csv_of({some_sample(0), some_sample(1)}, some_schema()),
            std::string(fixed_header) +
                ",hold_ns,workload,p99_ns,parallel,note\n"
                "mutex-vs-chan,counter,gobench.mutex,fiber,2,8,0,1000000,20,40.5,50000000,"
                "0,even,1234.5,1,\n"
                "mutex-vs-chan,counter,gobench.mutex,fiber,2,8,1,1000000,21,40.5,"
                "47619047.61904762,0,even,1234.5,1,\n");
}

TEST(csv, columns_without_parameters_are_the_eleven) {
  sample bare = some_sample();
  bare.parameters = {};
  bare.metrics = {};
  EXPECT_EQ(lines_of(csv_of({bare}, {})).front(), fixed_header);
}

TEST(csv, what_does_not_apply_is_an_empty_cell) {
  sample other = some_sample();
  other.parameters = {{"workload", std::string("")}};
  other.metrics = {};
  other.time(20);  // no CPU time
  const auto rows = parse_csv(csv_of({other}, some_schema()));
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[1].size(), rows[0].size());
  EXPECT_EQ(rows[1][9], "") << "cpu_ns_per_op";
  for (std::size_t i = 11; i < rows[1].size(); ++i) EXPECT_EQ(rows[1][i], "") << rows[0][i];
}

const std::vector<std::string> hostile = {
    "plain", "a,b", "a\"b",         "\"",         "\"\"", "line\nbreak",   "cr\rlf\r\n", ",",
    "\n",    " x ", "ünïcödé 名前", "a,\"b\"\nc", "'q'",  "=1+1",          "\t",         "",
    "\\n",   "a;b", "🦀",         "#",          "-1",   "\"quoted\" end"};

TEST(csv, hostile_names_survive_our_parser) {
  std::vector<sample> samples;
  for (const std::string& name : hostile) {
    sample one = some_sample();
    one.suite = one.case_name = one.impl = name;
    one.parameters.set("workload", name);
    one.metrics.set("note", name);
    samples.push_back(one);
  }
  const auto rows = parse_csv(csv_of(samples, some_schema()));
  ASSERT_EQ(rows.size(), hostile.size() + 1);
  for (std::size_t i = 0; i < hostile.size(); ++i) {
    ASSERT_EQ(rows[i + 1].size(), 16U);
    for (const std::size_t column : {0U, 1U, 2U, 12U, 15U}) {
      EXPECT_EQ(rows[i + 1][column], hostile[i]) << column;
    }
  }
}

TEST(csv, hostile_names_survive_pythons_csv_module) {
  if (!installed("python3")) GTEST_SKIP() << "python3 is not installed";
  const folder in;
  nlohmann::json expected = nlohmann::json::array();
  schema columns = some_schema();
  columns.add_parameters({"odd, \"column\"\nname"});
  const auto to = make_file_sink("csv", in / "x.csv");
  to->begin(some_context(), columns);
  for (const std::string& name : hostile) {
    sample one = some_sample();
    one.impl = name;
    one.parameters.set("odd, \"column\"\nname", name);
    to->add(one);
    expected.push_back(name);
  }
  to->finish(some_context());
  write(in / "expected.json", expected.dump());
  write(in / "check.py", R"py(
import csv, json, sys
with open(sys.argv[1], newline='', encoding='utf-8') as f:
    rows = list(csv.DictReader(f, strict=True))
expected = json.load(open(sys.argv[2], encoding='utf-8'))
assert [r['impl'] for r in rows] == expected, rows
assert [r['odd, "column"\nname'] for r in rows] == expected, rows
assert all(float(r['ns_per_op']) == 20.0 and int(r['iterations']) == 1000000 for r in rows)
assert all(None not in r and None not in r.values() for r in rows)
print(len(rows))
)py");
  EXPECT_EQ(output_of("python3 " + quoted(in / "check.py") + " " + quoted(in / "x.csv") + " " +
                      quoted(in / "expected.json")),
            std::to_string(hostile.size()) + "\n");
}

TEST(csv, numbers_come_back_exactly) {
  const std::vector<double> numbers = {0.1,
                                       1.0 / 3,
                                       12.5,
                                       1e5,
                                       123456789.0,
                                       1e16,
                                       2.5e17,
                                       1e300,
                                       5e-324,
                                       1e-5,
                                       0.00001234,
                                       9.99e-6,
                                       -0.0,
                                       std::numeric_limits<double>::max(),
                                       std::nextafter(1.0, 2.0)};
  std::vector<sample> samples;
  for (const double number : numbers) {
    sample one = some_sample();
    one.ns_per_op = number;
    samples.push_back(one);
  }
  const auto rows = parse_csv(csv_of(samples, some_schema()));
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    EXPECT_EQ(std::strtod(rows[i + 1][8].c_str(), nullptr), numbers[i]) << rows[i + 1][8];
  }
  EXPECT_EQ(rows[1][8], "0.1");
  EXPECT_EQ(rows[4][8], "100000") << "no exponent where digits are readable";
  EXPECT_EQ(rows[6][8], "10000000000000000");
  EXPECT_EQ(rows[8][8], "1e+300");
}

// Sets a locale with a comma in its numbers for as long as it lives.
class german {
 public:
  german() : before_(std::locale()) {
    struct comma : std::numpunct<char> {
      char do_decimal_point() const override { return ','; }
      char do_thousands_sep() const override { return '.'; }
      std::string do_grouping() const override { return "\3"; }
    };
    std::locale::global(std::locale(before_, new comma));
  }
  ~german() { std::locale::global(before_); }
  german(const german&) = delete;
  german& operator=(const german&) = delete;

 private:
  std::locale before_;
};

TEST(csv, does_not_depend_on_the_locale) {
  const std::string expected = csv_of({some_sample(1)}, some_schema());
  const german numbers;
  EXPECT_EQ(csv_of({some_sample(1)}, some_schema()), expected);
}

TEST(csv, context_is_a_json_file_beside_it) {
  const folder in;
  const auto to = make_file_sink("csv", in / "run.csv");
  EXPECT_TRUE(in.names().empty()) << "nothing is written before begin";
  context about = some_context();
  to->begin(about, some_schema());
  EXPECT_EQ(in.names(), (std::vector<std::string>{"run.context.json", "run.csv"}));
  nlohmann::json found = nlohmann::json::parse(read(in / "run.context.json"));
  EXPECT_EQ(found["cpu_model"], about.cpu_model);
  EXPECT_EQ(found["command_line"], about.command_line);
  EXPECT_TRUE(found["end_time"].is_null());
  EXPECT_TRUE(found["steal_percent"].is_null());
  to->add(some_sample());
  about.end_time = "2024-05-01T12:01:00Z";
  about.steal_percent = 0.5;
  to->finish(about);
  found = nlohmann::json::parse(read(in / "run.context.json"));
  EXPECT_EQ(found["end_time"], about.end_time);
  EXPECT_EQ(found["steal_percent"], 0.5);
  EXPECT_EQ(found["versions"]["libc"], "2.36");
  EXPECT_EQ(in.names(), (std::vector<std::string>{"run.context.json", "run.csv"}));
  EXPECT_EQ(parse_csv(read(in / "run.csv")).size(), 2U);
}

}  // namespace
}  // namespace gobench::results
