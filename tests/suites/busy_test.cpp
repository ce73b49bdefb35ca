#include "suites/busy.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace {

using gobench::suites::busy_work;
using std::chrono::steady_clock;

TEST(busy, takes_at_least_the_time_it_says) {
  const busy_work work(20'000);
  const auto start = steady_clock::now();
  for (int i = 0; i < 50; ++i) work();
  const auto taken = steady_clock::now() - start;
  // Two clocks that are compared over 5 ms agree to one in a thousand; one in a hundred is allowed.
  EXPECT_GE(taken, std::chrono::microseconds(990));
}

TEST(busy, ticks_go_forward_and_have_a_length) {
  const auto& source = gobench::suites::ticking();
  EXPECT_GT(source.ns_per_tick, 0);
  const auto first = ticks_now(source);
  const busy_work work(1000);
  work();
  EXPECT_GE(static_cast<double>(ticks_now(source) - first) * source.ns_per_tick, 990);
}

TEST(busy, a_mark_names_a_cpu_that_exists) {
  const auto here = now_on(gobench::suites::ticking());
  EXPECT_LT(here.cpu, 4096U);
}

}  // namespace
