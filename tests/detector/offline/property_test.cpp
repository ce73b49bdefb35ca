// Engine hb against the definition, on many generated traces.
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <string>

#include "tests/detector/offline/reference.hpp"
#include "tests/detector/offline/support.hpp"
#include "tests/detector/offline/trace_maker.hpp"

namespace {

constexpr std::uint64_t traces = 10'000;

// Another range of seeds: GOBENCH_TEST_SEED=100000.
std::uint64_t first_seed() {
  const char* typed = std::getenv("GOBENCH_TEST_SEED");
  return typed == nullptr ? 1 : std::strtoull(typed, nullptr, 10);
}

// Compares one trace; false when something differs.
bool agree(const std::vector<trace_maker::step>& steps) {
  const reference::result expected = reference::races_of(steps);
  const found_races found = analyse_text(trace_maker::text_of(steps));
  EXPECT_EQ(found.racy_events, expected.racy_events);
  EXPECT_EQ(found.counts.events, steps.size());
  std::map<std::uint32_t, std::uint64_t> found_first;
  std::uint64_t racy_events = 0;
  for (const auto& race : found.races) {
    const std::uint32_t variable = steps[race.later.position - 1].target;
    EXPECT_EQ(race.variable, "V" + std::to_string(variable));
    found_first[variable] = race.later.position;
    // Any that it races with is right; two accesses between releases are as one.
    EXPECT_EQ(expected.earlier.at(variable).count(race.earlier.position), 1U);
    racy_events += race.racy_events;
    EXPECT_EQ(race.later.location, std::to_string(race.later.position));
    EXPECT_EQ(race.earlier.location, std::to_string(race.earlier.position));
  }
  EXPECT_EQ(found_first, expected.first_race);
  EXPECT_EQ(racy_events, found.racy_events.size());
  return !testing::Test::HasFailure();
}

TEST(trace_maker, makes_the_same_trace_of_the_same_seed) {
  const auto steps =
      trace_maker::make({.threads = 3, .events = 8, .lock_share = 500, .fork_share = 200}, 5);
  EXPECT_EQ(
      trace_maker::text_of(steps),
      "T0|w(V2)|1\nT0|w(V1)|2\nT0|acq(L2)|3\nT0|r(V2)|4\nT0|r(V2)|5\nT0|rel(L2)|6\nT0|fork(T1)|7\n"
      "T0|r(V1)|8\n");
  EXPECT_NE(trace_maker::text_of(trace_maker::make(trace_maker::shape_for(1), 1)),
            trace_maker::text_of(trace_maker::make(trace_maker::shape_for(2), 2)));
}

TEST(hb_engine, finds_the_racy_events_and_variables_of_the_definition) {
  std::uint64_t racy = 0;
  std::uint64_t clean = 0;
  for (std::uint64_t seed = first_seed(); seed < first_seed() + traces; ++seed) {
    const auto steps = trace_maker::make(trace_maker::shape_for(seed), seed);
    ASSERT_TRUE(agree(steps)) << "GOBENCH_TEST_SEED=" << seed << " and the trace\n"
                              << trace_maker::text_of(steps);
    (reference::races_of(steps).racy_events.empty() ? clean : racy) += 1;
  }
  // A test of both verdicts.
  EXPECT_GT(racy, traces / 10);
  EXPECT_GT(clean, traces / 10);
}

TEST(hb_engine, agrees_on_longer_traces_whose_threads_come_and_go) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const trace_maker::shape shape{.threads = 40,
                                   .locks = 6,
                                   .variables = 200,
                                   .events = 6000,
                                   .lock_share = seed % 2 == 0 ? 500U : 100U,
                                   .fork_share = 300};
    ASSERT_TRUE(agree(trace_maker::make(shape, seed))) << "seed " << seed;
  }
}

TEST(hb_engine, finds_nothing_where_every_access_has_its_lock) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const trace_maker::shape shape{.threads = 16,
                                   .locks = 8,
                                   .variables = 128,
                                   .events = 5000,
                                   .fork_share = 0,
                                   .clean = true};
    const auto steps = trace_maker::make(shape, seed);
    EXPECT_TRUE(reference::races_of(steps).racy_events.empty());
    EXPECT_TRUE(agree(steps)) << "seed " << seed;
  }
}

}  // namespace
