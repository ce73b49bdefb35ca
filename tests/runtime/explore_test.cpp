#include "runtime/explore.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>

namespace {

using gobench::explore;

#if defined(GOBENCH_FLAVOUR_CHECK)

// The second thread sees what the first one has not finished.
void half_done() {
  std::atomic<int> steps{0};
  std::thread other([&] {
    ++steps;
    ++steps;
  });
  const bool half = steps == 1;
  other.join();
  if (half) throw std::runtime_error("half done");
}

TEST(explore, finds_a_schedule_that_fails_and_repeats_it) {
  const auto found = explore(half_done);
  ASSERT_TRUE(found.failed);
  EXPECT_EQ(found.status, 70);
  EXPECT_EQ(found.schedules, found.schedule + 1);
  EXPECT_NE(found.text().find(".only = " + std::to_string(found.schedule)), std::string::npos);
  for (int i = 0; i < 3; ++i) {
    const auto again = explore(half_done, {.only = found.schedule});
    EXPECT_TRUE(again.failed);
    EXPECT_EQ(again.schedules, 1u);
  }
}

TEST(explore, what_is_right_fails_in_no_schedule) {
  int outside = 0;
  const auto found = explore(
      [&] {
        int count = 0;
        std::mutex guard;
        const auto add = [&] {
          const std::lock_guard<std::mutex> lock(guard);
          ++count;
        };
        std::thread one(add);
        std::thread other(add);
        one.join();
        other.join();
        outside = count;
        if (count != 2) std::exit(1);
      },
      {.schedules = 40});
  EXPECT_TRUE(found.ok()) << found.text();
  EXPECT_EQ(found.schedules, 40u);
  EXPECT_EQ(outside, 0);  // each runs in a process of its own
}

TEST(explore, strategies_that_do_not_exist_are_refused) {
  for (const char* bad : {"", "dfs:2", "pct", "pct:", "pct:0", "pct:x", "mixed"}) {
    EXPECT_THROW(explore([] {}, {.strategy = bad}), std::invalid_argument) << bad;
  }
}

#else

TEST(explore, the_plain_flavour_says_what_to_do) {
  try {
    explore([] {});
    ADD_FAILURE() << "it has explored";
  } catch (const std::logic_error& told) {
    EXPECT_NE(std::string(told.what()).find("gobench cxx"), std::string::npos);
  }
}

#endif

}  // namespace
