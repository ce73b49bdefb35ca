#include "detector/engine/options.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "detector/engine/start.hpp"

using namespace gobench::detector;

namespace {

options read_from(std::vector<const char*> environment) {
  environment.push_back(nullptr);
  option_values = {};
  initial_environment = const_cast<char**>(environment.data());
  read_options();
  initial_environment = nullptr;
  return option_values;
}

TEST(options, have_their_defaults) {
  const options got = read_from({});
  EXPECT_EQ(got.exitcode, 66);
  EXPECT_FALSE(got.halt_on_error);
  EXPECT_STREQ(got.log_path, "stderr");
}

TEST(options, are_read_with_any_separator_and_quotes) {
  const options got = read_from(
      {"GOBENCH_RACE=exitcode=7:halt_on_error=1,history_size=5 log_path=\"/a b:c\" color='never'"});
  EXPECT_EQ(got.exitcode, 7);
  EXPECT_TRUE(got.halt_on_error);
  EXPECT_EQ(got.history_size, 5);
  EXPECT_STREQ(got.log_path, "/a b:c");
  EXPECT_STREQ(got.color, "never");
}

TEST(options, of_two_values_the_last_counts) {
  EXPECT_EQ(read_from({"GOBENCH_RACE=exitcode=7:exitcode=8"}).exitcode, 8);
  EXPECT_EQ(read_from({"GOBENCH_RACE=exitcode=7", "TSAN_OPTIONS=exitcode=9"}).exitcode, 7);
  EXPECT_EQ(read_from({"TSAN_OPTIONS=exitcode=9:flush_memory_ms=3"}).exitcode, 9)
      << "what only ThreadSanitizer knows is passed over";
}

TEST(options_death, what_is_not_understood_ends_with_a_sentence) {
  const auto ends = testing::ExitedWithCode(4);
  EXPECT_EXIT(read_from({"GOBENCH_RACE=exitcod=7"}), ends,
              "gobench: GOBENCH_RACE sets 'exitcod' to '7', but there is no such option; .*--help");
  EXPECT_EXIT(read_from({"GOBENCH_RACE=exitcode=-1"}), ends, "a number was expected");
  EXPECT_EXIT(read_from({"GOBENCH_RACE=exitcode=12345678901"}), ends, "a number was expected");
  EXPECT_EXIT(read_from({"GOBENCH_RACE=halt_on_error=maybe"}), ends, "true or false was expected");
}

}  // namespace
