#include "suites/registry.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "suites/plan.hpp"

namespace {

using namespace gobench::suites;
using gobench::results::value;
using gobench::results::vehicle;

value number(std::int64_t n) { return n; }

measurement done(const point&, std::uint64_t) { return {.result = proof::that(true, "")}; }

suite small() {
  return {.name = "small",
          .about = "For tests",
          .claims = {},
          .tasks = {1, 4},
          .quick_tasks = {4},
          .parameters = {{.name = "hold_ns",
                          .about = "",
                          .usual = {number(0), number(10)},
                          .quick = {number(0)},
                          .most = 100},
                         {.name = "kind",
                          .about = "",
                          .usual = {value("lazy")},
                          .quick = {value("lazy")},
                          .words = {"lazy", "fixed"}}},
          .variants = {{.case_name = "a", .impl = "plain.loop", .run = done, .baseline = true},
                       {.case_name = "a", .impl = "x.lock", .run = done, .parameters = {"hold_ns"}},
                       {.case_name = "a",
                        .impl = "x.other",
                        .run = done,
                        .parameters = {"hold_ns", "kind"},
                        .vehicles = {vehicle::thread},
                        .applies = [](const point& at) { return at.number("hold_ns") == 0; }}}};
}

selection on(int procs) {
  selection chosen;
  chosen.procs = {procs};
  return chosen;
}

TEST(registry, a_suite_that_contradicts_itself_is_refused) {
  EXPECT_NO_THROW(check(small()));
  suite one = small();
  one.variants.clear();
  EXPECT_THROW(check(one), std::logic_error);
  one = small();
  one.variants[1].parameters = {"hold_ms"};
  EXPECT_THROW(check(one), std::logic_error);
  one = small();
  one.parameters[0].quick = {number(101)};
  EXPECT_THROW(check(one), std::logic_error);
  one = small();
  one.parameters[1].usual = {value("pooled")};
  EXPECT_THROW(check(one), std::logic_error);
  one = small();
  one.variants[1].impl = "plain.loop";
  EXPECT_THROW(check(one), std::logic_error);
  one = small();
  one.variants[0].run = nullptr;
  EXPECT_THROW(check(one), std::logic_error);
  one = small();
  one.metrics = {"p50_us"};
  one.shown = {"p50_us"};
  EXPECT_NO_THROW(check(one));
  one.shown = {"p99_us"};
  EXPECT_THROW(check(one), std::logic_error);
}

std::vector<std::string> impls_of(const std::string& name) {
  std::vector<std::string> made;
  for (const variant& v : find_suite(name)->variants) made.push_back(v.impl);
  return made;
}

variant done_by(const std::string& peer_name, const std::string& impl) {
  return {
      .case_name = "a", .impl = impl, .run = done, .parameters = {"hold_ns"}, .peer = peer_name};
}

suite example(const std::string& name) {
  suite made = small();
  made.name = name;
  return made;
}

TEST(registry, variants_from_other_files_join_before_and_after_their_suite) {
  const more_variants before("example-joined",
                             {done_by("tbb", "tbb.lock"), done_by("", "os.lock")});
  EXPECT_EQ(suites_never_registered(), std::vector<std::string>{"example-joined"});
  const registration own(example("example-joined"));
  EXPECT_TRUE(suites_never_registered().empty());
  const more_variants after("example-joined", {done_by("boost", "boost.lock")});
  // Own ones, then peers by name, however they came.
  EXPECT_EQ(impls_of("example-joined"),
            (std::vector<std::string>{"plain.loop", "x.lock", "x.other", "os.lock", "boost.lock",
                                      "tbb.lock"}));
}

TEST(registry, variants_from_other_files_have_to_fit) {
  const registration own(example("example-fit"));
  const auto add = [](variant one) { more_variants("example-fit", {std::move(one)}); };
  variant wrong = done_by("tbb", "tbb.lock");
  wrong.parameters = {"hold_ms"};
  EXPECT_THROW(add(wrong), std::logic_error);
  EXPECT_THROW(add(done_by("", "x.lock")), std::logic_error);  // is there already
  EXPECT_THROW(add(done_by("tbb", "boost.lock")), std::logic_error);
  EXPECT_EQ(impls_of("example-fit"), (std::vector<std::string>{"plain.loop", "x.lock", "x.other"}));
}

TEST(registry, suites_are_found_by_name) {
  ASSERT_NE(find_suite("mutex-vs-chan"), nullptr);
  EXPECT_EQ(find_suite("mutex-chan"), nullptr);
  EXPECT_THROW(registration(*find_suite("mutex-vs-chan")), std::logic_error);  // a second time
}

TEST(registry, parameters_know_their_values) {
  const suite one = small();
  EXPECT_TRUE(allows(one.parameters[0], number(100)));
  EXPECT_FALSE(allows(one.parameters[0], number(-1)));
  EXPECT_FALSE(allows(one.parameters[0], value("lazy")));
  EXPECT_TRUE(allows(one.parameters[1], value("fixed")));
  EXPECT_FALSE(allows(one.parameters[1], number(0)));
  EXPECT_EQ(allowed_values(one.parameters[0]), "whole numbers from 0 to 100");
  EXPECT_EQ(allowed_values(one.parameters[1]), "lazy or fixed");
}

TEST(registry, a_proof_that_was_never_made_does_not_hold) {
  EXPECT_FALSE(proof().holds());
  EXPECT_FALSE(proof::that(false, "").holds());
  EXPECT_TRUE(proof::that(true, "it is").holds());
  EXPECT_EQ(proof::equal("the counter", 9, 10).wrong(), "the counter is 9 and should be 10");
  EXPECT_EQ((proof::equal("a", 1, 2) && proof::equal("b", 1, 2)).wrong(), "a is 1 and should be 2");
  EXPECT_FALSE((proof::that(true, "") && proof()).holds());
}

TEST(registry, a_point_refuses_a_parameter_it_does_not_have) {
  point at;
  at.parameters.set("hold_ns", 5);
  at.parameters.set("kind", "lazy");
  EXPECT_EQ(at.number("hold_ns"), 5);
  EXPECT_EQ(at.word("kind"), "lazy");
  EXPECT_THROW(static_cast<void>(at.number("kind")), std::logic_error);
  EXPECT_THROW(static_cast<void>(at.word("absent")), std::logic_error);
}

TEST(plan, is_the_product_of_what_applies) {
  const suite one = small();
  const auto cases = plan(one, on(2));
  // Baseline: 2 vehicles, one task. x.lock: 2 vehicles, 2 tasks, 2 hold times. x.other: threads only,
  // 2 tasks, one hold time.
  EXPECT_EQ(cases.size(), 2U + 8U + 2U);
  for (const planned_case& c : cases) {
    EXPECT_EQ(c.where.procs, 2);
    EXPECT_EQ(c.where.parameters.find("kind") != nullptr, c.what->impl == "x.other");
    if (c.what->baseline) {
      EXPECT_EQ(c.where.tasks, 1);
    }
  }
}

TEST(plan, follows_the_selection) {
  const suite one = small();
  selection chosen = on(1);
  chosen.vehicles = {vehicle::fiber};
  chosen.impl = std::regex("lock$");
  chosen.tasks = {3, 3};
  chosen.parameters["hold_ns"] = {number(7), number(7)};
  const auto cases = plan(one, chosen);
  ASSERT_EQ(cases.size(), 1U);
  EXPECT_EQ(describe(cases[0]), "small a x.lock on fiber, procs 1, tasks 3, hold_ns 7");
  chosen.impl = std::regex("nobody");
  EXPECT_TRUE(plan(one, chosen).empty());
}

TEST(plan, quick_takes_the_quick_values) {
  selection chosen = on(1);
  chosen.quick = true;
  const suite one = small();
  for (const planned_case& c : plan(one, chosen)) {
    if (!c.what->baseline) {
      EXPECT_EQ(c.where.tasks, 4);
    }
    if (c.what->impl == "x.lock") {
      EXPECT_EQ(c.where.number("hold_ns"), 0);
    }
  }
}

TEST(plan, columns_are_those_of_all_suites) {
  const suite one = small();
  suite other = small();
  other.parameters[0].name = "capacity";
  other.metrics = {"parallel"};
  const auto columns = columns_of({&one, &other});
  EXPECT_EQ(columns.parameters, (std::vector<std::string>{"hold_ns", "kind", "capacity"}));
  // Theirs, then the counters of the runtime.
  EXPECT_EQ(columns.metrics,
            (std::vector<std::string>{"parallel", "switches", "parks", "wakes", "spins", "steals",
                                      "stolen", "sleeps", "wake_ups", "hand_offs"}));
}

}  // namespace
