// Lines of a checked program as findings, whole or with parts missing.
#include "detector/findings/finding.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/detector/findings/support.hpp"

namespace {

using namespace gobench::detector::findings;
using gobench::detector::findings::testing::some_race;

TEST(finding, comes_back_as_the_line_it_was) {
  const json line = some_race();
  json again = to_json(to_finding(line));
  json expected = line;
  expected.erase("suppressed_by");
  again.erase("lock");  // null here, and not in the line
  EXPECT_EQ(nlohmann::json(again), nlohmann::json(expected));
}

TEST(finding, a_lock_that_it_is_about_comes_back_too) {
  json line = some_race();
  line["kind"] = "misuse";
  line["lock"] = line["accesses"][1]["locks"][0];
  EXPECT_EQ(to_json(to_finding(line))["lock"], line["lock"]);
}

TEST(finding, needs_a_kind_and_a_fingerprint) {
  EXPECT_THROW(to_finding(json::parse("{}")), std::invalid_argument);
  EXPECT_THROW(to_finding(json::parse("[]")), std::invalid_argument);
  EXPECT_THROW(to_finding(json::parse(R"({"kind":"data-race"})")), std::invalid_argument);
  EXPECT_THROW(to_finding(json::parse(R"({"fingerprint":"1"})")), std::invalid_argument);
}

TEST(finding, members_of_the_wrong_type_count_as_absent) {
  const finding made = to_finding(json::parse(
      R"({"kind":"data-race","fingerprint":"1","message":7,"advice":null,"object":[],"lock":"x","pid":-3,
          "accesses":[3,{"op":1,"size":-4,"task":[],"stack":[null,{"line":"x","function":"f"}],"locks":[0]}]})"));
  EXPECT_EQ(made.message, "data-race in f");
  EXPECT_FALSE(made.object.has_value());
  EXPECT_FALSE(made.lock.has_value());
  EXPECT_EQ(made.process, 0);
  ASSERT_EQ(made.accesses.size(), 1U);
  EXPECT_EQ(made.accesses[0].size, 0U);
  ASSERT_EQ(made.accesses[0].where.size(), 1U);
  EXPECT_EQ(made.accesses[0].where[0].line, 0);
  EXPECT_TRUE(made.accesses[0].locks.empty());
}

TEST(finding, the_telling_frame_is_the_first_in_the_users_own_sources) {
  const finding made = to_finding(some_race());
  EXPECT_EQ(telling_frame(made.accesses[0].where)->function, "count(int)");
  EXPECT_EQ(functions_of(made), "count(int) and look");
  EXPECT_EQ(telling_frame({}), nullptr);
  const stack system = {
      {.function = "a", .file = {}, .module = {}, .offset = {}},
      {.function = "b", .file = "/usr/include/x", .line = 3, .module = {}, .offset = {}}};
  EXPECT_EQ(telling_frame(system)->function, "b");
  const stack unknown = {{.function = "", .file = {}, .module = "app", .offset = "0x1"}};
  EXPECT_EQ(function_of(*telling_frame(unknown)), "??");
}

}  // namespace
