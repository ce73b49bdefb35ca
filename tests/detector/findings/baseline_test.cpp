// The baseline as a file that people edit.
#include "detector/findings/baseline.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/detector/findings/support.hpp"

namespace {

using namespace gobench::detector::findings;
using namespace gobench::detector::findings::testing;

TEST(baseline, reads_what_it_writes) {
  baseline made;
  EXPECT_TRUE(made.note(to_finding(some_race("b")), "2026-11-25"));
  EXPECT_TRUE(made.note(to_finding(some_race("a")), "2026-11-25"));
  EXPECT_FALSE(made.note(to_finding(some_race("a")), "2026-11-26"));
  const baseline again = baseline::parse(made.text(), "x");
  ASSERT_EQ(again.entries().size(), 2U);
  EXPECT_EQ(again.entries()[0].fingerprint, "a");  // sorted, so that versions can be compared
  EXPECT_EQ(again.entries()[0].last_seen, "2026-11-26");
  EXPECT_EQ(again.text(), made.text());
}

TEST(baseline, what_never_expires_is_null) {
  const baseline made =
      baseline::parse(R"({"findings":[{"fingerprint":"a","expires":null,"owner":null}]})", "x");
  EXPECT_FALSE(made.entries()[0].expired("2999-01-01"));
}

struct mistake {
  std::string text;
  std::string said;
};

class bad_file : public ::testing::TestWithParam<mistake> {};

TEST_P(bad_file, is_told_with_its_name_and_the_next_step) {
  try {
    baseline::parse(GetParam().text, "known.json");
    FAIL() << GetParam().text;
  } catch (const bad_baseline& bad) {
    const std::string said = bad.what();
    EXPECT_NE(said.find("known.json"), std::string::npos) << said;
    EXPECT_NE(said.find(GetParam().said), std::string::npos) << said;
    EXPECT_NE(said.find("correct it"), std::string::npos) << said;
  }
}

INSTANTIATE_TEST_SUITE_P(
    mistakes, bad_file,
    ::testing::Values(
        mistake{"{\n  \"findings\": [\n  }", "no JSON from line 3 on"},
        mistake{"", "no JSON from line 1 on"}, mistake{"[]", "no list \"findings\""},
        mistake{"{}", "no list \"findings\""}, mistake{R"({"findings":3})", "no list \"findings\""},
        mistake{R"({"version":2,"findings":[]})", "of version 2"},
        mistake{R"({"findings":[3]})", "finding 1 is no object"},
        mistake{R"({"findings":[{"kind":"x"}]})", "finding 1 has no \"fingerprint\""},
        mistake{R"({"findings":[{"fingerprint":7}]})", "\"fingerprint\" of finding 1 is no text"},
        mistake{R"({"findings":[{"fingerprint":"a"},{"fingerprint":"b","expires":"soon"}]})",
                "\"expires\" of finding 2 is \"soon\""},
        mistake{R"({"findings":[{"fingerprint":"a","expires":"2026-13-01"}]})", "2026-13-01"},
        mistake{R"({"findings":[{"fingerprint":"a"},{"fingerprint":"a"}]})", "same fingerprint"}));

TEST(baseline, a_file_that_is_not_there_is_told) {
  try {
    baseline::read("/nowhere/known.json");
    FAIL();
  } catch (const bad_baseline& bad) {
    const std::string said = bad.what();
    EXPECT_NE(said.find("/nowhere/known.json"), std::string::npos);
    EXPECT_NE(said.find("--update-baseline makes one"), std::string::npos);
  }
}

TEST(baseline, today_is_a_date) {
  const std::string text = today();
  ASSERT_EQ(text.size(), 10U);
  EXPECT_GE(text, "2025-01-01");
}

}  // namespace
