#include "results/sink.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>
#include <system_error>

#include "tests/results/support.hpp"

namespace gobench::results {
namespace {

using namespace testing;

TEST(formats, are_the_five) {
  EXPECT_EQ(format_names(), (std::vector<std::string>{"action-benchmark", "benchfmt", "csv",
                                                      "gbench", "json", "table"}));
}

TEST(formats, unknown_one_names_the_nearest) {
  try {
    std::ostringstream out;
    make_stream_sink("cvs", out);
    FAIL() << "cvs is no format";
  } catch (const unknown_format& unknown) {
    EXPECT_STREQ(
        unknown.what(),
        "There is no format 'cvs'; the nearest is csv (of action-benchmark, benchfmt, csv, "
        "gbench, json, table).");
  }
  EXPECT_THROW(require_format("CSV"), unknown_format);
  EXPECT_THROW(require_format(""), unknown_format);
  EXPECT_NO_THROW(require_format("gbench"));
}

TEST(formats, follow_from_the_name_of_a_file) {
  EXPECT_EQ(format_of_file("x.csv"), "csv");
  EXPECT_EQ(format_of_file("some.where/X.CSV"), "csv");
  EXPECT_EQ(format_of_file("x.json"), "json");
  EXPECT_EQ(format_of_file("x.gbench.json"), "gbench");
  EXPECT_EQ(format_of_file("x.bench"), "benchfmt");
  EXPECT_EQ(format_of_file("x.action.json"), "action-benchmark");
  EXPECT_EQ(format_of_file("x.benchfmt"), "benchfmt");
  EXPECT_EQ(format_of_file("x.txt"), "table");
  EXPECT_EQ(format_of_file("x.jsonl"), std::nullopt);
  EXPECT_EQ(format_of_file("csv"), std::nullopt);
  EXPECT_EQ(format_of_file("x.csv/y"), std::nullopt);
}

class every_format : public ::testing::TestWithParam<std::string> {};

TEST_P(every_format, refuses_names_that_were_not_declared) {
  std::ostringstream out;
  const auto to = make_stream_sink(GetParam(), out);
  to->begin(some_context(), some_schema());
  sample with_parameter = some_sample();
  with_parameter.parameters.set("surprise", 1);
  EXPECT_THROW(to->add(with_parameter), std::invalid_argument);
  sample with_metric = some_sample();
  with_metric.metrics.set("surprise", 1);
  try {
    to->add(with_metric);
    FAIL();
  } catch (const std::invalid_argument& refused) {
    EXPECT_STREQ(refused.what(),
                 "A sample of mutex-vs-chan counter gobench.mutex has the metric 'surprise', which "
                 "its suite has not declared.");
  }
}

TEST_P(every_format, refuses_columns_of_the_same_name) {
  std::ostringstream out;
  schema columns;
  columns.add_parameters({"tasks"});
  EXPECT_THROW(make_stream_sink(GetParam(), out)->begin(some_context(), columns),
               std::invalid_argument);
  schema both;
  both.add_parameters({"size_bytes"});
  both.add_metrics({"size_bytes"});
  EXPECT_THROW(make_stream_sink(GetParam(), out)->begin(some_context(), both),
               std::invalid_argument);
}

TEST_P(every_format, refuses_a_place_that_cannot_be_written_when_it_is_opened) {
  const folder in;
  const auto code = [&](const std::filesystem::path& file) {
    try {
      make_file_sink(GetParam(), file);
    } catch (const std::system_error& refused) {
      EXPECT_NE(std::string(refused.what()).find(file.string()), std::string::npos)
          << refused.what();
      return refused.code();
    }
    return std::error_code();
  };
  EXPECT_EQ(code(in / "missing/x"), std::errc::no_such_file_or_directory);
  EXPECT_EQ(code(in.path()), std::errc::is_a_directory);
  write(in / "file", "");
  EXPECT_EQ(code(in / "file/x"), std::errc::not_a_directory);
  EXPECT_EQ(in.names(), (std::vector<std::string>{"file"})) << "a refusal leaves nothing behind";
}

TEST_P(every_format, tells_that_a_device_is_full) {
  const auto to = make_file_sink(GetParam(), "/dev/full");
  try {
    to->begin(some_context(), some_schema());
    to->add(some_sample());
    to->finish(some_context());
    FAIL() << "/dev/full took it";
  } catch (const std::system_error& full) {
    EXPECT_EQ(full.code(), std::errc::no_space_on_device);
    EXPECT_NE(std::string(full.what()).find("/dev/full: "), std::string::npos) << full.what();
  }
}

TEST_P(every_format, tells_that_a_stream_is_broken) {
  std::ostringstream out;
  out.setstate(std::ios::badbit);
  const auto to = make_stream_sink(GetParam(), out);
  EXPECT_THROW(
      {
        to->begin(some_context(), some_schema());
        to->add(some_sample());
        to->finish(some_context());
      },
      std::system_error);
}

TEST_P(every_format, says_the_same_in_a_file_as_in_a_stream) {
  const folder in;
  std::ostringstream out;
  std::vector<std::unique_ptr<sink>> both;
  both.push_back(make_stream_sink(GetParam(), out));
  both.push_back(make_file_sink(GetParam(), in / "x"));
  const auto to = make_tee(std::move(both));
  to->begin(some_context(), some_schema());
  for (int rep = 0; rep < 100; ++rep) to->add(some_sample(rep));
  to->finish(some_context());
  const std::string file = read(in / "x");
  if (file.starts_with("{")) {
    // In a stream the context comes last.
    EXPECT_EQ(nlohmann::json::parse(file), nlohmann::json::parse(out.str()));
  } else {
    EXPECT_EQ(file, out.str());
  }
  EXPECT_FALSE(file.empty());
  EXPECT_EQ(file.back(), '\n');
}

TEST_P(every_format, an_existing_file_is_kept_until_begin) {
  const folder in;
  write(in / "x", "precious");
  {
    const auto never_begun = make_file_sink(GetParam(), in / "x");
    EXPECT_EQ(read(in / "x"), "precious");
  }
  EXPECT_EQ(read(in / "x"), "precious");
  EXPECT_EQ(in.names(), (std::vector<std::string>{"x"}));
  const auto begun = make_file_sink(GetParam(), in / "x");
  begun->begin(some_context(), some_schema());
  EXPECT_NE(read(in / "x"), "precious");
}

INSTANTIATE_TEST_SUITE_P(all, every_format, ::testing::ValuesIn(format_names()),
                         [](const auto& one) {
                           std::string name = one.param;
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

// Counts its calls and throws when told to.
class probe : public sink {
 public:
  explicit probe(std::vector<std::string>& log, std::string failing = "")
      : log_(log), failing_(std::move(failing)) {}
  void begin(const context&, const schema&) override { call("begin"); }
  void add(const sample&) override { call("add"); }
  void finish(const context&) override { call("finish"); }

 private:
  void call(const std::string& name) {
    log_.push_back(name);
    if (name == failing_) throw std::runtime_error("the first failure");
  }
  std::vector<std::string>& log_;
  std::string failing_;
};

TEST(tee, hands_every_call_to_all_also_when_one_throws) {
  std::vector<std::string> first;
  std::vector<std::string> second;
  std::vector<std::unique_ptr<sink>> both;
  both.push_back(std::make_unique<probe>(first, "add"));
  both.push_back(std::make_unique<probe>(second));
  const auto to = make_tee(std::move(both));
  to->begin(some_context(), some_schema());
  EXPECT_THROW(to->add(some_sample()), std::runtime_error);
  to->finish(some_context());
  const std::vector<std::string> all = {"begin", "add", "finish"};
  EXPECT_EQ(first, all);
  EXPECT_EQ(second, all);
}

TEST(fields, keep_their_order_and_replace_by_name) {
  fields some;
  some.set("b", 1);
  some.set("a", 2.5);
  some.set("c", "text");
  some.set("b", true);
  ASSERT_EQ(some.size(), 3U);
  EXPECT_EQ(some.begin()->name, "b");
  EXPECT_EQ(*some.find("b"), value{std::int64_t{1}});
  EXPECT_EQ(*some.find("a"), value{2.5});
  EXPECT_EQ(*some.find("c"), value{std::string("text")});
  EXPECT_EQ(some.find("d"), nullptr);
}

TEST(schema, is_a_union_in_order) {
  schema all;
  all.add_parameters({"b", "a", "b"});
  schema other;
  other.add_parameters({"c", "a"});
  other.add_metrics({"m"});
  other.repetitions = 3;
  all.merge(other);
  EXPECT_EQ(all.parameters, (std::vector<std::string>{"b", "a", "c"}));
  EXPECT_EQ(all.metrics, (std::vector<std::string>{"m"}));
  EXPECT_EQ(all.repetitions, 3);
}

}  // namespace
}  // namespace gobench::results
