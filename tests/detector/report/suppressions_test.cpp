#include "detector/report/suppressions.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/detector/report/samples.hpp"

namespace gobench::detector::reporting {
namespace {

TEST(suppression_patterns, match_anywhere_unless_held) {
  EXPECT_TRUE(matches("bump", "shop::bump(int)"));
  EXPECT_TRUE(matches("shop::*(int)", "shop::bump(int)"));
  EXPECT_TRUE(matches("^shop", "shop::bump(int)"));
  EXPECT_FALSE(matches("^bump", "shop::bump(int)"));
  EXPECT_TRUE(matches("(int)$", "shop::bump(int)"));
  EXPECT_FALSE(matches("shop$", "shop::bump(int)"));
  EXPECT_TRUE(matches("^shop::bump(int)$", "shop::bump(int)"));
  EXPECT_FALSE(matches("^shop::bump$", "shop::bump(int)"));
  EXPECT_TRUE(matches("^*::b*p(*", "shop::bump(int)"));
  EXPECT_TRUE(matches("*", "f"));
  EXPECT_FALSE(matches("*", ""));
  EXPECT_FALSE(matches("", "f"));
  // The first place where it could begin need not be the one where it ends.
  EXPECT_TRUE(matches("b$", "abab"));
  EXPECT_TRUE(matches("a*c$", "abcabc"));
}

class suppressed : public testing::Test {
 protected:
  // The text of the suppression that hits the sample, or nothing.
  std::string by(const std::string& line, const finding& what = sample()) {
    suppressions all;
    EXPECT_EQ(all.parse(line, "file"), "");
    const suppression* hit = all.find(what);
    return hit == nullptr ? "" : hit->text();
  }
};

TEST_F(suppressed, by_function_file_or_module_of_any_frame) {
  EXPECT_EQ(by("race:shop::work"), "race:shop::work");
  EXPECT_EQ(by("race:sum.cpp$"), "race:sum.cpp$");
  EXPECT_EQ(by("race:/app$"), "race:/app$");
  EXPECT_EQ(by("race:^/src/*.cpp"), "race:^/src/*.cpp");
  EXPECT_EQ(by("race:elsewhere"), "");
}

TEST_F(suppressed, by_where_a_task_was_made_or_memory_allocated) {
  EXPECT_EQ(by("race:pthread_create"), "race:pthread_create");
  EXPECT_EQ(by("race:operator new"), "race:operator new");
}

TEST_F(suppressed, by_the_name_of_a_global_variable) {
  finding what = sample();
  what.object.kind = location_kind::global;
  what.object.name = "shop::total";
  EXPECT_EQ(by("race:^shop::total$", what), "race:^shop::total$");
}

TEST_F(suppressed, at_the_top_only_by_what_is_there_and_inlined_there) {
  EXPECT_EQ(by("race_top:bump"), "race_top:bump");
  EXPECT_EQ(by("race_top:shop::work"), "race_top:shop::work");  // bump is inlined into it
  EXPECT_EQ(by("race_top:^main$"), "");
}

TEST_F(suppressed, by_names_in_full_as_other_detectors_write_them) {
  finding what = sample();
  what.accesses[0].frames[0].symbol =
      "_ZN4shop4fillIiEEvT_NSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE";
  EXPECT_NE(by("race:^void shop::fill<int>", what), "");
  EXPECT_NE(by("race:std::__cxx11::basic_string", what), "");
  EXPECT_NE(by("race:_ZN4shop4fill", what), "");
}

TEST_F(suppressed, by_its_own_kind_only) {
  EXPECT_EQ(by("mutex:bump"), "");
  EXPECT_EQ(by("signal:bump"), "");
  EXPECT_EQ(by("deadlock:bump"), "");
  EXPECT_EQ(by("thread:bump"), "");
  finding misuse = sample();
  misuse.type = finding_type::double_lock;
  EXPECT_EQ(by("mutex:bump", misuse), "mutex:bump");
  EXPECT_EQ(by("race:bump", misuse), "");
}

TEST(suppressions_in_a_file, may_have_comments_blank_lines_and_line_ends_of_others) {
  suppressions all;
  EXPECT_EQ(
      all.parse("# known\n\n  race:bump  \r\n\t\nmutex:x\ncalled_from_lib:libfoo.so", "known.txt"),
      "");
  ASSERT_EQ(all.all().size(), 3u);
  EXPECT_EQ(all.all()[0].text(), "race:bump");
  EXPECT_EQ(all.all()[0].origin, "known.txt:3");
  EXPECT_EQ(all.all()[1].origin, "known.txt:5");
  EXPECT_TRUE(all.any_called_from_lib());
  EXPECT_TRUE(all.is_called_from_lib("/usr/lib/libfoo.so"));
  EXPECT_FALSE(all.is_called_from_lib("/usr/lib/libbar.so"));
}

TEST(suppressions_in_a_file, are_counted) {
  suppressions all;
  EXPECT_EQ(all.parse("race:nobody\nrace:bump\nrace:work", "f"), "");
  all.find(sample());
  all.find(sample());
  EXPECT_EQ(all.all()[0].hits, 0u);
  EXPECT_EQ(all.all()[1].hits, 2u);
  EXPECT_EQ(all.all()[2].hits, 0u);
}

TEST(suppressions_that_are_malformed, are_named_with_file_and_line) {
  for (const char* line : {"races:f", "f", "race:", "race:  ", "leak:f", ":f"}) {
    suppressions all;
    const std::string said = all.parse("race:ok\n" + std::string(line) + "\n", "known.txt");
    EXPECT_EQ(said.find("known.txt:2: '"), 0u) << said;
    EXPECT_NE(said.find("KIND:PATTERN"), std::string::npos) << said;
  }
}

TEST(suppressions_that_cannot_be_read, are_named_with_the_reason) {
  suppressions all;
  const std::string missing = all.read("/nonexistent/known.txt");
  EXPECT_NE(missing.find("'/nonexistent/known.txt'"), std::string::npos);
  EXPECT_NE(missing.find("No such file"), std::string::npos);
  const std::string folder = all.read("/tmp");
  EXPECT_NE(folder.find("Is a directory"), std::string::npos);
}

}  // namespace
}  // namespace gobench::detector::reporting
