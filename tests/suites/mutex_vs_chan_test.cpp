#include <gtest/gtest.h>

#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "suites/mutex_vs_chan/answer.hpp"
#include "suites/mutex_vs_chan/guards.hpp"
#include "suites/mutex_vs_chan/workloads.hpp"
#include "suites/plan.hpp"
#include "suites/registry.hpp"

namespace {

using namespace gobench::suites;
using gobench::results::sample;
using gobench::results::vehicle;

class mutex_vs_chan_test : public ::testing::TestWithParam<std::tuple<vehicle, int, std::int64_t>> {
};

INSTANTIATE_TEST_SUITE_P(on, mutex_vs_chan_test,
                         ::testing::Combine(::testing::Values(vehicle::fiber, vehicle::thread),
                                            ::testing::Values(1, 2, 4), ::testing::Values(0, 300)));

TEST_P(mutex_vs_chan_test, every_case_proves_its_result) {
  const auto [runs_on, procs, hold_ns] = GetParam();
  const suite* one = find_suite("mutex-vs-chan");
  ASSERT_NE(one, nullptr);
  selection chosen;
  chosen.vehicles = {runs_on};
  chosen.procs = {procs};
  chosen.tasks = {1, 2, 5};
  chosen.parameters["hold_ns"] = {gobench::results::value(hold_ns)};
  chosen.parameters["capacity"] = {gobench::results::value(std::int64_t{0}),
                                   gobench::results::value(std::int64_t{3})};
  const auto cases = plan(*one, chosen);
  ASSERT_GT(cases.size(), 40U);
  for (const planned_case& c : cases) {
    for (const std::uint64_t iterations : {1U, 4U, 203U}) {
      point where = c.where;
      where.seed = 5;
      const measurement taken = c.what->run(where, iterations);
      EXPECT_TRUE(taken.result.holds()) << describe(c) << ": " << taken.result.wrong();
      EXPECT_GT(taken.seconds, 0) << describe(c);
    }
  }
}

TEST_P(mutex_vs_chan_test, the_defaults_are_those_of_the_claim) {
  const suite* one = find_suite("mutex-vs-chan");
  selection chosen;
  chosen.vehicles = {std::get<0>(GetParam())};
  chosen.procs = {std::get<1>(GetParam())};
  std::set<std::string> impls;
  std::set<int> tasks;
  std::set<std::int64_t> holds;
  for (const planned_case& c : plan(*one, chosen)) {
    impls.insert(c.what->impl);
    tasks.insert(c.where.tasks);
    holds.insert(c.where.number("hold_ns"));
  }
  EXPECT_EQ(impls, (std::set<std::string>{
                       "plain.loop", "std.atomic", "std.mutex", "std.shared_mutex", "gobench.mutex",
                       "gobench.shared_mutex", "gobench.spin_mutex", "gobench.ticket_mutex",
                       "gobench.mcs_mutex", "gobench.chan_lock", "gobench.chan_owner"}));
  EXPECT_EQ(tasks, (std::set<int>{1, 2, 8, 64}));
  EXPECT_EQ(holds, (std::set<std::int64_t>{0, 1000}));
}

// Loses one operation in a hundred.
struct forgetful {
  template <class F>
  void exclusive(F&& f) {
    if (++calls % 100 != 0) f();
  }
  template <class F>
  void shared(F&& f) {
    exclusive(f);
  }
  int calls = 0;
};

// Does one operation in a hundred twice.
struct eager {
  template <class F>
  void exclusive(F&& f) {
    f();
    if (++calls % 100 == 0) f();
  }
  template <class F>
  void shared(F&& f) {
    exclusive(f);
  }
  int calls = 0;
};

point alone() {
  point where;
  where.parameters.set("hold_ns", 0);
  where.parameters.set("read_pct", 50);
  return where;
}

TEST(mutex_vs_chan, a_broken_implementation_is_caught) {
  using namespace mutex_vs_chan;
  EXPECT_EQ((run_guarded<shared_counter, forgetful>(alone(), 1000).result.wrong()),
            "the counter is 990 and should be 1000");
  EXPECT_FALSE((run_guarded<shared_counter, eager>(alone(), 1000).result.holds()));
  EXPECT_FALSE((run_guarded<shared_map, forgetful>(alone(), 1000).result.holds()));
  EXPECT_FALSE((run_guarded<shared_map, eager>(alone(), 1000).result.holds()));
  EXPECT_TRUE((run_guarded<shared_map, unguarded>(alone(), 1000).result.holds()));
}

TEST(mutex_vs_chan, the_share_of_reads_is_what_was_asked_for) {
  using namespace mutex_vs_chan;
  for (const int percent : {0, 30, 100}) {
    point where = alone();
    where.parameters.set("read_pct", percent);
    shared_map::user one(where, 0);
    int reads = 0;
    for (int i = 0; i < 10'000; ++i) reads += one.next().read ? 1 : 0;
    EXPECT_NEAR(reads, percent * 100, percent % 100 == 0 ? 0 : 200);
  }
}

std::vector<sample> samples_of(const std::string& impl, double ns, int tasks = 8, int count = 5,
                               std::int64_t hold_ns = 0) {
  std::vector<sample> made;
  for (int rep = 0; rep < count; ++rep) {
    sample s{.suite = "mutex-vs-chan", .case_name = "counter", .impl = impl};
    s.runs_on = vehicle::fiber;
    s.procs = 2;
    s.tasks = tasks;
    s.rep = rep;
    s.iterations = 1000;
    s.time(ns * (1 + 0.01 * rep));
    s.parameters.set("hold_ns", hold_ns);
    made.push_back(s);
  }
  return made;
}

std::vector<sample> operator+(std::vector<sample> a, const std::vector<sample>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

TEST(mutex_vs_chan, the_answer_follows_the_samples) {
  using mutex_vs_chan::answer;
  const std::string mutex =
      answer(samples_of("gobench.mutex", 20) + samples_of("gobench.chan_lock", 100) +
             samples_of("gobench.chan_owner", 200));
  EXPECT_EQ(
      mutex,
      "Mutex or channel to protect a variable: use a mutex; without work inside, the better of "
      "the channel ways took 5.0 times as long on fibers (by the intervals of both medians "
      "4.8 to 5.2); faster was the mutex in 1 of 1, the channel in 0, and 0 cannot be told.");
  const std::string channel =
      answer(samples_of("gobench.mutex", 100) + samples_of("gobench.chan_lock", 20));
  EXPECT_NE(channel.find("use a channel"), std::string::npos) << channel;
  const std::string close =
      answer(samples_of("gobench.mutex", 100) + samples_of("gobench.chan_lock", 101));
  EXPECT_NE(close.find("cannot tell"), std::string::npos) << close;
  const std::string depends =
      answer(samples_of("gobench.mutex", 100, 1) + samples_of("gobench.chan_lock", 20, 1) +
             samples_of("gobench.mutex", 20, 8) + samples_of("gobench.chan_lock", 100, 8));
  EXPECT_NE(depends.find("it depends"), std::string::npos) << depends;
  EXPECT_NE(depends.find("mutex in 1 of 2, the channel in 1, and 0 cannot"), std::string::npos)
      << depends;
}

TEST(mutex_vs_chan, the_answer_takes_what_there_is) {
  using mutex_vs_chan::answer;
  EXPECT_EQ(answer({}), "");
  EXPECT_EQ(answer(samples_of("gobench.mutex", 20)), "");  // nothing to compare with
  const std::string standard =
      answer(samples_of("std.mutex", 20) + samples_of("gobench.chan_owner", 100));
  EXPECT_NE(standard.find("use a mutex"), std::string::npos);
  // One sample a side is no measure of its uncertainty.
  const std::string single =
      answer(samples_of("gobench.mutex", 20, 8, 1) + samples_of("gobench.chan_lock", 100, 8, 1));
  EXPECT_NE(single.find("cannot tell"), std::string::npos) << single;
  const std::string held =
      answer(samples_of("gobench.mutex", 20) + samples_of("gobench.chan_lock", 100) +
             samples_of("gobench.mutex", 1000, 8, 5, 1000) +
             samples_of("gobench.chan_lock", 1500, 8, 5, 1000));
  EXPECT_NE(held.find("; with 1000 ns of work inside it took 1.5 times as long."),
            std::string::npos)
      << held;
}

}  // namespace
