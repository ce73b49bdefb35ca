// The way from a variant of the Go peer to a measurement, with programs that only pretend to be Go's.
#include "suites/peers/go.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "suites/peers/go_program.hpp"
#include "suites/peers/line_process.hpp"
#include "suites/peers/peer.hpp"
#include "suites/plan.hpp"

namespace {

using namespace gobench::suites;

TEST(line_process, answers_a_line_with_a_line) {
  peers::line_process cat("/bin/cat", {});
  EXPECT_EQ(cat.ask("one"), "one");
  EXPECT_EQ(cat.ask("two words"), "two words");
  const std::string longer(300'000, 'x');
  EXPECT_EQ(cat.ask(longer), longer);
}

TEST(line_process, replaces_variables_of_the_environment) {
  peers::line_process shell("/bin/sh", {{"GOMAXPROCS", "3"}});
  EXPECT_EQ(shell.ask("echo $GOMAXPROCS"), "3");
  EXPECT_EQ(shell.ask("echo ${PATH:+kept}"), "kept");
}

TEST(line_process, says_that_the_program_has_ended) {
  peers::line_process ended("/bin/true", {});
  EXPECT_THROW(ended.ask("one"), std::runtime_error);
  EXPECT_THROW(ended.ask("two"), std::runtime_error);  // and no SIGPIPE
  EXPECT_THROW(peers::line_process("/nonexistent/program", {}), std::system_error);
}

TEST(go_peer, has_its_sources_with_it) {
  bool main_is_there = false;
  for (const peers::source_file& one : peers::go_sources()) {
    EXPECT_TRUE(one.name.ends_with(".go")) << one.name;
    EXPECT_NE(one.text.find("package main"), std::string_view::npos) << one.name;
    main_is_there = main_is_there || one.text.find("func main()") != std::string_view::npos;
  }
  EXPECT_TRUE(main_is_there);
}

TEST(go_peer, is_measured_only_when_asked_for) {
  const suite* one = find_suite("mutex-vs-chan");
  ASSERT_NE(one, nullptr);
  const auto go_cases = [one](const selection& chosen) {
    std::size_t count = 0;
    for (const planned_case& c : plan(*one, chosen)) count += c.what->impl.starts_with("go.");
    return count;
  };
  selection chosen;
  EXPECT_EQ(go_cases(chosen), 0U);
  chosen.peers = {"go"};
  EXPECT_GT(go_cases(chosen), 4U);
}

TEST(go_peer, a_variant_of_a_peer_is_named_after_it) {
  suite one = *find_suite("switch");
  for (variant& v : one.variants) v.peer = "go";
  EXPECT_THROW(check(one), std::logic_error);
}

class with_go : public ::testing::Test {
 protected:
  void SetUp() override {
    if (peers::go_version().empty()) GTEST_SKIP() << "go is not installed";
    try {
      peers::build_go_program([](const std::string&) {});
    } catch (const peer_missing& missing) {
      GTEST_SKIP() << missing.what();
    }
  }
};

TEST_F(with_go, a_wrong_result_is_caught) {
  const operation wrong = peers::go("switch/gosched", "the number of yields",
                                    [](const point&, std::uint64_t n) { return n + 1; });
  const measurement taken = wrong(point{}, 10);
  EXPECT_EQ(taken.result.wrong(), "the number of yields is 10 and should be 11");
}

TEST_F(with_go, a_workload_that_does_not_exist_is_told) {
  const operation none = peers::go("no/such", "nothing");
  try {
    none(point{}, 1);
    FAIL() << "it was measured";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("no workload no/such"), std::string::npos)
        << error.what();
  }
}

TEST_F(with_go, what_panics_is_told_and_the_next_sample_has_a_new_process) {
  const operation panics = peers::go("transfer/chan", "the sum");  // it lacks its capacity
  point where;
  where.tasks = 2;
  EXPECT_THROW(panics(where, 1), std::runtime_error);
  const operation works = peers::go("switch/gosched", "the number of yields");
  EXPECT_TRUE(works(where, 10).result.holds());
}

TEST_F(with_go, tasks_that_share_operations_say_how_they_overlapped) {
  const operation counter = peers::go("counter/mutex", "the counter");
  point where;
  where.tasks = 4;
  where.procs = 1;
  where.parameters.set("hold_ns", 0);
  const measurement taken = counter(where, 100'000);
  EXPECT_TRUE(taken.result.holds());
  EXPECT_NE(taken.metrics.find("interleaved"), nullptr);
  ASSERT_NE(taken.metrics.find("parallel"), nullptr);
}

}  // namespace
