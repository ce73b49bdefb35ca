// What a run has found: folded, judged, counted.
#include "detector/findings/collection.hpp"

#include <gtest/gtest.h>

#include "detector/findings/exporter.hpp"
#include "tests/detector/findings/support.hpp"

namespace {

using namespace gobench::detector::findings;
using namespace gobench::detector::findings::testing;

constexpr const char* day = "2026-11-25";

TEST(collection, what_is_not_in_the_baseline_is_new) {
  collection found({}, day);
  EXPECT_TRUE(found.take(line_of(some_race())));
  ASSERT_EQ(found.entries().size(), 1U);
  EXPECT_EQ(found.entries()[0].how, standing::fresh);
  EXPECT_EQ(found.counts().failing(), 1U);
}

TEST(collection, what_is_in_the_baseline_is_known_until_it_expires) {
  for (const auto& [expires, how] :
       {std::pair{"2026-11-26", standing::known},
        std::pair{"2026-11-25", standing::known},  // the last day counts
        std::pair{"2026-11-24", standing::expired}}) {
    collection found(accepting("a1", expires), day);
    found.take(line_of(some_race("a1")));
    EXPECT_EQ(found.entries()[0].how, how) << expires;
    EXPECT_EQ(found.counts().failing(), how == standing::expired ? 1U : 0U);
    EXPECT_EQ(found.entries()[0].accepted.owner, "net team");
  }
}

TEST(collection, the_same_finding_of_two_processes_is_one) {
  collection found;
  for (int i = 0; i < 3; ++i) found.take(line_of(some_race()));
  found.take(line_of(some_race("other")));
  EXPECT_EQ(found.counts().fresh, 2U);
  EXPECT_EQ(found.entries()[0].count, 3U);
  // At its end a process tells how often it has met it in all.
  found.take(
      R"({"event":"end","pid":1,"repeated":[{"fingerprint":"other","times":5}],"unused_suppressions":[]})");
  EXPECT_EQ(found.entries()[1].count, 5U);
}

TEST(collection, suppressed_ones_are_counted_apart) {
  collection found;
  auto line = some_race();
  line["suppressed_by"] = "race:count";
  found.take(line_of(line));
  EXPECT_EQ(found.counts().suppressed, 1U);
  EXPECT_EQ(found.counts().failing(), 0U);
  EXPECT_EQ(standing_text(found.entries()[0]), "suppressed by race:count");
}

TEST(collection, events_are_no_findings) {
  collection found;
  EXPECT_FALSE(found.take(R"({"event":"start","pid":12,"program":"app"})"));
  EXPECT_TRUE(found.take(R"({"event":"note","pid":12,"text":"precision reduced"})"));
  EXPECT_FALSE(found.take(R"({"event":"note","pid":12,"text":"precision reduced"})"));
  EXPECT_FALSE(found.take(R"({"event":"of a later version"})"));
  EXPECT_FALSE(found.processes().at(12));
  found.take(
      R"({"event":"end","pid":12,"findings":0,"suppressed":0,"unused_suppressions":["race:x"]})");
  EXPECT_TRUE(found.processes().at(12));
  EXPECT_EQ(found.notes(), std::vector<std::string>{"precision reduced"});
  EXPECT_EQ(found.unused_suppressions().count("race:x"), 1U);
  EXPECT_EQ(found.counts().all(), 0U);
  EXPECT_EQ(found.unreadable(), 0U);
}

TEST(collection, a_suppression_is_unused_only_if_no_process_needed_it) {
  const char* end = R"({"event":"end","pid":1,"unused_suppressions":["race:count"]})";
  auto line = some_race();
  line["suppressed_by"] = "race:count";
  collection before;
  before.take(line_of(line));
  before.take(end);
  EXPECT_TRUE(before.unused_suppressions().empty());
  collection after;
  after.take(end);
  after.take(line_of(line));
  EXPECT_TRUE(after.unused_suppressions().empty());
}

TEST(collection, lines_that_are_none_are_counted) {
  collection found;
  for (const char* line : {"", "nonsense", "{", "3", "{\"kind\":\"x\"}", "{\"event\":\"note\"}"})
    found.take(line);
  EXPECT_EQ(found.unreadable(), 6U);
  EXPECT_EQ(found.counts().all(), 0U);
}

TEST(collection, keeps_at_most_as_many_as_it_was_told_and_counts_the_rest) {
  collection found({}, day, 2);
  for (const char* name : {"a", "b", "c", "c", "d"}) found.take(line_of(some_race(name)));
  EXPECT_EQ(found.entries().size(), 2U);
  EXPECT_EQ(found.counts().fresh, 4U);
  EXPECT_EQ(found.left_out(), 2U);
  EXPECT_EQ(found.updated().entries().size(), 4U);  // a baseline knows all of them
}

TEST(collection, an_updated_baseline_keeps_what_somebody_wrote_and_does_not_un_expire) {
  collection found(accepting("a1", "2020-01-01"), day);
  found.take(line_of(some_race("a1")));
  found.take(line_of(some_race("b2")));
  auto suppressed = some_race("c3");
  suppressed["suppressed_by"] = "race:x";
  found.take(line_of(suppressed));
  const baseline made = found.updated();
  ASSERT_EQ(made.entries().size(), 2U);
  const accepted_finding* old = made.find("a1");
  EXPECT_EQ(old->expires, "2020-01-01");
  EXPECT_EQ(old->owner, "net team");
  EXPECT_EQ(old->reason, "ticket 812");
  EXPECT_EQ(old->last_seen, day);
  EXPECT_TRUE(old->expired(day));
  EXPECT_EQ(made.find("b2")->functions, "count(int) and look");
  EXPECT_EQ(made.find("b2")->owner, "");
}

TEST(collection, an_updated_baseline_keeps_what_did_not_occur_this_time) {
  const collection found(accepting("a1", "2099-01-01"), day);
  const baseline made = found.updated();
  ASSERT_EQ(made.entries().size(), 1U);
  EXPECT_EQ(made.entries()[0].last_seen, "");
}

TEST(collection, tells_its_numbers) {
  EXPECT_EQ(tally_text({}), "no findings");
  EXPECT_EQ(tally_text({.fresh = 1}), "1 finding (1 new)");
  EXPECT_EQ(tally_text({.fresh = 1, .expired = 2, .known = 3, .suppressed = 4}),
            "10 findings (1 new, 2 expired, 3 known, 4 suppressed)");
}

}  // namespace
