#include "cli/values.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cli/failure.hpp"
#include "cli/nearest.hpp"
#include "cli/progress.hpp"

namespace {

using namespace gobench::cli;

TEST(values, times_have_units) {
  EXPECT_DOUBLE_EQ(parse_seconds("", "0.2s"), 0.2);
  EXPECT_DOUBLE_EQ(parse_seconds("", "20ms"), 0.02);
  EXPECT_DOUBLE_EQ(parse_seconds("", "500us"), 0.0005);
  EXPECT_DOUBLE_EQ(parse_seconds("", "5 µs"), 5e-6);
  EXPECT_DOUBLE_EQ(parse_seconds("", "1us"), 1e-6);
  for (const char* bad :
       {"", "s", "5", "ms5", "5 m", "-1s", "0.9us", "1001s", "infs", "nanms", "1e9s"}) {
    EXPECT_THROW(parse_seconds("--min-time", bad), usage_error) << bad;
  }
}

TEST(values, numbers_are_whole_and_within_their_range) {
  EXPECT_EQ(parse_number("", " 7 ", 1, 7), 7);
  for (const char* bad : {"", "0", "8", "1.5", "0x3", "1e3", "+3", "three", "3 4"}) {
    EXPECT_THROW(parse_number("--reps", bad, 1, 7), usage_error) << bad;
  }
  EXPECT_EQ(parse_counts("", "1, 8,64", 64), (std::vector<int>{1, 8, 64}));
  for (const char* bad : {"", ",", "1,", "65", "a", "1;2"}) {
    EXPECT_THROW(parse_counts("--tasks", bad, 64), usage_error) << bad;
  }
}

TEST(values, parameters_have_a_name_and_values) {
  const auto [name, values] = parse_parameter("", "hold_ns=0, 10");
  EXPECT_EQ(name, "hold_ns");
  EXPECT_EQ(values, (std::vector<std::string>{"0", "10"}));
  EXPECT_EQ(parse_value("10"), gobench::results::value(std::int64_t{10}));
  EXPECT_EQ(parse_value("lazy"), gobench::results::value(std::string("lazy")));
}

TEST(nearest, is_what_was_meant) {
  const std::vector<std::string> names = {"list", "run", "doctor", "mutex-vs-chan"};
  EXPECT_EQ(nearest("rnu", names), "run");
  EXPECT_EQ(nearest("lst", names), "list");
  EXPECT_EQ(nearest("mutex", names), "mutex-vs-chan");
  EXPECT_EQ(nearest("x", names), "");
  EXPECT_EQ(nearest("benchmark", names), "");
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("abcd", "acbd"), 1U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
}

TEST(progress, says_how_long_it_takes) {
  EXPECT_EQ(time_left(0.4), "under 1 s left");
  EXPECT_EQ(time_left(24.2), "about 25 s left");
  EXPECT_EQ(time_left(600), "about 10 min left");
  EXPECT_EQ(time_left(7200), "about 2.0 h left");
}

}  // namespace
