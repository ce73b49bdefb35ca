// The registry, and what engine hb does with many tasks.
#include <gtest/gtest.h>

#include <string>

#include "detector/offline/engine.hpp"
#include "tests/detector/offline/support.hpp"

namespace {

using events = std::vector<std::uint64_t>;

TEST(engines, are_found_by_name) {
  using namespace gobench::detector::offline;
  ASSERT_NE(find_engine("hb"), nullptr);
  EXPECT_EQ(find_engine("hb")->name, "hb");
  EXPECT_EQ(find_engine("nothing"), nullptr);
  EXPECT_FALSE(all_engines().empty());
}

TEST(hb_engine, tells_the_latest_access_that_the_later_one_races_with) {
  const found_races found =
      analyse_text("T1|r(x)|1\nT2|r(x)|2\nT3|r(x)|3\nT3|fork(T4)|4\nT4|w(x)|5\n");
  ASSERT_EQ(found.races.size(), 1U);
  EXPECT_EQ(found.races[0].earlier.position, 2U);
  EXPECT_EQ(found.races[0].earlier.operation, "read");
}

TEST(hb_engine, counts_the_racy_events_of_each_variable) {
  const found_races found =
      analyse_text("T1|w(x)|1\nT1|w(y)|2\nT2|w(x)|3\nT2|r(x)|4\nT2|r(y)|5\nT1|r(z)|6\nT2|r(z)|7\n");
  EXPECT_EQ(found.racy_events, (events{3, 4, 5}));
  ASSERT_EQ(found.races.size(), 2U);
  EXPECT_EQ(found.races[0].variable, "x");
  EXPECT_EQ(found.races[0].racy_events, 2U);
  EXPECT_EQ(found.races[1].variable, "y");
  EXPECT_EQ(found.races[1].racy_events, 1U);
  EXPECT_EQ(found.variables, 3U);
}

// Tasks that come one after the other share a place in the clocks; those that nobody joined do not.
TEST(hb_engine, many_tasks_one_after_the_other_and_at_once) {
  std::string joined;
  std::string left;
  std::uint64_t lines_left = 0;
  for (int i = 1; i <= 2000; ++i) {
    const std::string name = "T" + std::to_string(i);
    const std::string life = "T0|fork(" + name + ")|1\n" + name + "|w(x)|2\n";
    joined += life + "T0|join(" + name + ")|3\n";
    left += life;
    lines_left += 2;
  }
  EXPECT_EQ(analyse_text(joined).racy_events, events{});
  const found_races found = analyse_text(left);
  EXPECT_EQ(found.counts.threads, 2001U);
  EXPECT_EQ(found.racy_events.size(), 1999U);
  EXPECT_EQ(found.racy_events.back(), lines_left);
}

TEST(hb_engine, a_task_that_takes_the_place_of_another_still_races_with_third_ones) {
  // T3 begins where T2 ended; T4 knows T2's end and not T3.
  EXPECT_EQ(analyse_text("T1|fork(T2)|1\nT2|w(x)|2\nT1|join(T2)|3\nT1|fork(T3)|4\nT1|fork(T4)|5\n"
                         "T3|w(x)|6\nT4|w(x)|7\n")
                .racy_events,
            events{7});
  // T5 does not know of T2's end, which its parent does not.
  EXPECT_EQ(
      analyse_text("T1|fork(T2)|1\nT4|w(y)|2\nT2|w(x)|3\nT1|join(T2)|4\nT4|fork(T5)|5\nT5|w(x)|6\n")
          .racy_events,
      events{6});
}

}  // namespace
