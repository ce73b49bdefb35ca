// What every suite promises, whichever it is: its variants prove their results at the smallest sizes, on
// one processor and on two, also with more or fewer operations than tasks.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "suites/peers/peer.hpp"
#include "suites/plan.hpp"
#include "suites/priority_inversion.hpp"
#include "suites/registry.hpp"

namespace {

using namespace gobench::suites;
using gobench::results::value;

// Parameters that decide how long an operation takes, as small as they can be.
const std::map<std::string, std::vector<value>> smallest = {
    {"leaves", {value(std::int64_t{1}), value(std::int64_t{100})}},
    {"primes", {value(std::int64_t{1}), value(std::int64_t{12})}},
    {"capacity", {value(std::int64_t{0}), value(std::int64_t{3})}},
    {"hold_ns", {value(std::int64_t{0}), value(std::int64_t{200})}},
    {"hogs", {value(std::int64_t{0}), value(std::int64_t{1})}},
    {"burst_ms", {value(std::int64_t{2})}},
    {"grain_ns", {value(std::int64_t{0}), value(std::int64_t{200})}},
    {"depth_kb", {value(std::int64_t{2}), value(std::int64_t{100})}},
    {"stack_kb", {value(std::int64_t{0}), value(std::int64_t{20})}},
    {"limit_mb", {value(std::int64_t{8})}},
    {"read_pct", {value(std::int64_t{0}), value(std::int64_t{90})}},
    {"bytes", {value(std::int64_t{1}), value(std::int64_t{20'000})}},
    {"waiting", {value(std::int64_t{0}), value(std::int64_t{5})}},
    {"blocked", {value(std::int64_t{0}), value(std::int64_t{2})}},
    {"read_ms", {value(std::int64_t{1})}},
    {"gap_us", {value(std::int64_t{1}), value(std::int64_t{50})}},
    {"spin_us", {value(std::int64_t{0}), value(std::int64_t{5})}},
    {"poll_us", {value(std::int64_t{10})}},
    {"hold_us", {value(std::int64_t{10})}},
};

std::vector<planned_case> small_cases(const suite& one, const std::vector<std::string>& peers) {
  selection chosen;
  chosen.procs = {1, 2};
  chosen.tasks = {1, 2, 6};
  chosen.peers = peers;
  for (const parameter& p : one.parameters) {
    const auto found = smallest.find(p.name);
    if (found != smallest.end()) chosen.parameters[p.name] = found->second;
  }
  return plan(one, chosen);
}

std::vector<std::string> names() {
  std::vector<std::string> made;
  for (const suite& one : all_suites()) {
    if (!one.name.starts_with("example") && one.name != "mutex-vs-chan") made.push_back(one.name);
  }
  return made;
}

// By name: GoogleTest wants its parameters before main, when not all suites have registered themselves.
const std::vector<std::string> tested = {"atomics",
                                         "blocking",
                                         "chan-buffer",
                                         "fairness",
                                         "gomaxprocs",
                                         "hog",
                                         "ipc",
                                         "million",
                                         "mutex",
                                         "ping-pong",
                                         "priority-inversion",
                                         "reactor",
                                         "run-queue",
                                         "rwmutex",
                                         "select",
                                         "sieve",
                                         "skynet",
                                         "spawn",
                                         "stack-growth",
                                         "stacks",
                                         "stealing",
                                         "switch",
                                         "syscall",
                                         "task-pool",
                                         "timers",
                                         "waiting"};

class every_suite : public ::testing::TestWithParam<std::string> {};

void prove_all(const std::vector<planned_case>& cases) {
  for (const planned_case& one : cases) {
    for (const std::uint64_t operations : {1U, 13U}) {
      point where = one.where;
      where.seed = 3;
      const measurement taken = one.what->run(where, operations);
      EXPECT_TRUE(taken.result.holds()) << describe(one) << ": " << taken.result.wrong();
      EXPECT_GT(taken.seconds, 0) << describe(one);
      EXPECT_GT(taken.operations, 0U) << describe(one);
      for (const auto& metric : taken.metrics) {
        EXPECT_NE(std::ranges::find(one.of->metrics, metric.name), one.of->metrics.end())
            << describe(one) << " has not declared " << metric.name;
      }
    }
  }
}

TEST_P(every_suite, proves_its_results) {
  const suite* one = find_suite(GetParam());
  ASSERT_NE(one, nullptr);
  if (one->name == "priority-inversion" && !real_time_permitted())
    GTEST_SKIP() << "the kernel permits no real-time priority here";
  const auto cases = small_cases(*one, {});
  ASSERT_FALSE(cases.empty());
  prove_all(cases);
}

// The cases of a suite that a peer does, where it is there.
std::vector<planned_case> small_cases_of(const suite& one, const peer& by) {
  std::vector<planned_case> cases = small_cases(one, {by.name});
  std::erase_if(cases, [&by](const planned_case& c) { return c.what->peer != by.name; });
  return cases;
}

TEST_P(every_suite, proves_what_go_did) {
  if (find_peer("go")->version().empty()) GTEST_SKIP() << "go is not installed";
  const suite* one = find_suite(GetParam());
  ASSERT_NE(one, nullptr);
  const auto cases = small_cases_of(*one, *find_peer("go"));
  if (cases.empty()) GTEST_SKIP() << "Go has no part in it";
  try {
    find_peer("go")->prepare([](const std::string&) {});
  } catch (const peer_missing& missing) {
    GTEST_SKIP() << missing.what();  // such as one that is too old
  }
  prove_all(cases);
}

TEST_P(every_suite, proves_what_libraries_did) {
  const suite* one = find_suite(GetParam());
  ASSERT_NE(one, nullptr);
  for (const peers::library& by : peers::libraries()) {
    const auto cases = small_cases_of(*one, *find_peer(by.name));
    if (by.version.empty()) {
      EXPECT_TRUE(cases.empty()) << by.name;
    } else {
      prove_all(cases);
    }
  }
}

// What a peer does is there to be compared with.
TEST_P(every_suite, has_something_of_its_own_in_every_case_that_a_peer_does) {
  const suite* one = find_suite(GetParam());
  ASSERT_NE(one, nullptr);
  for (const variant& v : one->variants) {
    if (v.peer.empty()) continue;
    EXPECT_NE(find_peer(v.peer), nullptr) << v.impl;
    EXPECT_TRUE(std::ranges::any_of(one->variants,
                                    [&v](const variant& w) {
                                      return w.case_name == v.case_name && w.peer.empty() &&
                                             !w.baseline;
                                    }))
        << v.case_name << " " << v.impl;
  }
}

TEST_P(every_suite, says_what_it_answers_and_where_it_runs) {
  const suite* one = find_suite(GetParam());
  ASSERT_NE(one, nullptr);
  EXPECT_FALSE(one->claims.empty());
  selection quick;
  quick.quick = true;
  EXPECT_FALSE(plan(*one, quick).empty());
  for (const planned_case& c : plan(*one, selection{})) EXPECT_TRUE(c.what->peer.empty());
}

INSTANTIATE_TEST_SUITE_P(named, every_suite, ::testing::ValuesIn(tested), [](const auto& one) {
  std::string name = one.param;
  std::ranges::replace(name, '-', '_');
  return name;
});

TEST(every_suite_there_is, is_tested_here) { EXPECT_EQ(names(), tested); }

TEST(every_suite_there_is, is_what_peers_have_named) {
  EXPECT_EQ(suites_never_registered(), std::vector<std::string>{});
}

// A library that was built in without its files having registered anything would be one that nobody can run.
TEST(every_suite_there_is, has_a_part_by_each_library_that_is_built_in) {
  for (const peers::library& by : peers::libraries()) {
    const bool found = std::ranges::any_of(all_suites(), [&by](const suite& one) {
      return std::ranges::find(one.variants, by.name, &variant::peer) != one.variants.end();
    });
    EXPECT_EQ(found, !by.version.empty()) << by.name;
  }
}

}  // namespace
