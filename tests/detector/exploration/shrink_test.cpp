#include "detector/exploration/shrink.hpp"

#include <gtest/gtest.h>

#include "detector/exploration/interleaving.hpp"
#include "tests/detector/exploration/model.hpp"

namespace {

using namespace gobench::detector::exploration;
using model::operation;

std::vector<model::step> updates(std::size_t count, std::uint64_t object) {
  return std::vector<model::step>(count, {operation::atomic_update, object, 1});
}

// Both threads take two locks in opposite orders, after and before many other steps.
model::program crossed_locks() {
  model::program made{{updates(12, 7), updates(12, 7), updates(12, 7)}};
  for (const auto& [thread, outer, inner] : {std::tuple{0, 1, 2}, std::tuple{1, 2, 1}}) {
    auto& steps = made.threads[static_cast<std::size_t>(thread)];
    const auto put = [&](operation what, int object) {
      steps.push_back({what, static_cast<std::uint64_t>(object), 1});
    };
    put(operation::lock, outer);
    put(operation::lock, inner);
    put(operation::unlock, inner);
    put(operation::unlock, outer);
  }
  for (auto& steps : made.threads) steps.insert(steps.end(), 5, {operation::atomic_update, 8, 1});
  return made;
}

tried attempt(const model::program& program, const std::vector<deviation>& list,
              const std::vector<std::uint32_t>& asleep) {
  tried made;
  made.log = model::follow(program, list, asleep);
  made.fails = model::deadlocked(made.log);
  return made;
}

model::schedule_log failing(const model::program& program) {
  for (std::uint64_t schedule = 1; schedule < 1000; ++schedule) {
    auto log = model::run(program, "random", schedule);
    if (model::deadlocked(log)) return log;
  }
  throw std::logic_error("no schedule fails");
}

TEST(deviations, following_them_repeats_the_schedule) {
  const model::program program{
      {updates(9, 1),
       updates(9, 1),
       {{operation::signal, 1, 4}, {operation::yield, 0, 1}, {operation::signal, 2, 3}}}};
  for (std::uint64_t schedule = 1; schedule <= 100; ++schedule) {
    const auto log = model::run(program, "random", schedule);
    const auto again = model::follow(program, deviations_of(log));
    EXPECT_EQ(model::order_of(log), model::order_of(again));
    EXPECT_EQ(order_hash(log), order_hash(again));
  }
  EXPECT_TRUE(deviations_of(model::follow(program, {})).empty());
}

TEST(deviations, what_cannot_be_done_is_passed_over) {
  const model::program program{{updates(2, 1), updates(2, 1)}};
  const auto log = model::follow(program, {{{1, 1, 0}, 9}, {{2, 7, 0}, 1}, {{1, 1, 3}, 5}});
  EXPECT_EQ(model::order_of(log), "1 1 2 2");
}

TEST(shrinking, a_deadlock_of_two_needs_one_preemption) {
  const model::program program = crossed_locks();
  const auto log = failing(program);
  ASSERT_GT(deviations_of(log).size(), 10u);
  const auto made = shrink(
      log, [&](const auto& list, const auto& asleep) { return attempt(program, list, asleep); },
      2000);
  ASSERT_TRUE(made);
  EXPECT_TRUE(model::deadlocked(made->log));
  EXPECT_TRUE(made->finished);
  EXPECT_EQ(made->deviations.size(), 1u);
  EXPECT_EQ(preemptions_of(made->log), 1u);
  EXPECT_EQ(model::order_of(model::follow(program, made->deviations)), model::order_of(made->log));
}

TEST(shrinking, what_fails_by_default_needs_no_decisions) {
  const model::program program{{updates(5, 1), updates(5, 1)}};
  const auto log = model::run(program, "random", 3);
  std::size_t trials = 0;
  const auto made = shrink(
      log,
      [&](const auto& list, const auto& asleep) {
        ++trials;
        return tried{model::follow(program, list, asleep), true};
      },
      1000);
  ASSERT_TRUE(made);
  EXPECT_TRUE(made->deviations.empty());
  EXPECT_EQ(made->trials, trials);
  EXPECT_LE(trials, 2u);
}

TEST(shrinking, stops_when_told_and_still_fails) {
  const model::program program = crossed_locks();
  const auto log = failing(program);
  const auto made = shrink(
      log, [&](const auto& list, const auto& asleep) { return attempt(program, list, asleep); }, 4);
  ASSERT_TRUE(made);
  EXPECT_FALSE(made->finished);
  EXPECT_LE(made->trials, 4u);
  EXPECT_TRUE(model::deadlocked(made->log));
}

TEST(shrinking, what_does_not_fail_again_cannot_be_shrunk) {
  const model::program program = crossed_locks();
  const auto log = failing(program);
  EXPECT_FALSE(shrink(
      log, [&](const auto&, const auto&) { return tried{}; }, 100));
}

TEST(interleaving, columns_by_thread_and_marks_at_what_matters) {
  const model::program program{{{{operation::lock, 1, 1}, {operation::unlock, 1, 1}},
                                {{operation::lock, 2, 1}, {operation::unlock, 2, 1}}}};
  const auto log = model::follow(program, {{{1, 1, 0}, 2}});
  const std::string text = interleaving_text(
      log, {.width = 60, .most_rows = 60, .locate = [](std::uint64_t pc) {
              return source_line{"app.cpp", static_cast<int>(pc), pc == 1000 ? "m.lock();" : ""};
            }});
  EXPECT_EQ(text,
            "Only 1 of 3 decisions matters (>):\n"
            "Numbers are lines of app.cpp.\n"
            "  main thread                  thread 2\n"
            "  1000 lock A: m.lock();\n"
            ">                              2000 lock B\n"
            "                               2001 unlock B\n"
            "  1001 unlock A\n");
}

TEST(interleaving, long_ones_show_what_is_near_decisions) {
  model::program program{{updates(200, 1), updates(3, 2)}};
  for (auto& one : program.threads[0])
    one.object = 100 + static_cast<std::uint64_t>(&one - program.threads[0].data());
  const auto log = model::follow(program, {{{1, 100, 0}, 2}});
  const std::string text = interleaving_text(log, {.width = 100, .most_rows = 40, .locate = {}});
  EXPECT_LT(std::count(text.begin(), text.end(), '\n'), 40);
  EXPECT_NE(text.find("more steps"), std::string::npos);
  EXPECT_NE(text.find("\n> "), std::string::npos);
}

TEST(interleaving, many_threads_are_named_in_each_row) {
  model::program program;
  for (int i = 0; i < 9; ++i) program.threads.push_back(updates(1, 1));
  const std::string text =
      interleaving_text(model::follow(program, {}), {.width = 100, .most_rows = 60, .locate = {}});
  EXPECT_NE(text.find("  thread 9      update A\n"), std::string::npos) << text;
  EXPECT_TRUE(text.starts_with("It needs no special schedule: none of "));
}

}  // namespace
