#include "suites/child.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <span>
#include <stdexcept>
#include <string>
#include <system_error>

#include "suites/registry.hpp"
#include "suites/stacks.hpp"

namespace {

using namespace gobench::suites;

struct numbers {
  int pid = 0;
  std::array<double, 1000> more{};
};

class child : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!has_children) GTEST_SKIP() << "there are no children in this flavour";
  }
};

TEST_F(child, reports) {
  const numbers told = report_of_a_child([] {
    numbers made;
    made.pid = ::getpid();
    made.more.back() = 7;
    return made;
  });
  EXPECT_NE(told.pid, ::getpid());
  EXPECT_EQ(told.more.back(), 7);
}

TEST_F(child, runs_tasks) {
  EXPECT_EQ(report_of_a_child([] {
              int sum = 0;
              gobench::run([&] { gobench::go([&] { sum = 5; }).join(); });
              return sum;
            }),
            5);
}

TEST_F(child, passes_on_what_was_thrown) {
  try {
    report_of_a_child([]() -> int { throw std::runtime_error("no more threads"); });
    ADD_FAILURE() << "nothing was thrown";
  } catch (const std::system_error& error) {
    EXPECT_NE(std::string(error.what()).find("no more threads"), std::string::npos);
  }
}

TEST_F(child, that_ends_early_is_an_error) {
  EXPECT_THROW(report_of_a_child([]() -> int { std::_Exit(0); }), std::runtime_error);
  EXPECT_THROW(report_of_a_child([]() -> int {
                 ::raise(SIGKILL);
                 return 1;
               }),
               std::runtime_error);
}

TEST_F(child, is_listened_to_when_asked) {
  const child_end end = in_a_child(
      {},
      [] {
        std::fputs("a word\n", stderr);
        std::fflush(stderr);
        ::signal(SIGTERM, SIG_DFL);
        ::raise(SIGTERM);
      },
      child_stderr::taken);
  EXPECT_FALSE(end.reported);
  EXPECT_TRUE(WIFSIGNALED(end.status));
  EXPECT_EQ(WTERMSIG(end.status), SIGTERM);
  EXPECT_EQ(end.said, "a word\n");
}

TEST_F(child, says_more_than_a_pipe_holds) {
  const child_end end = in_a_child(
      {}, [] { std::fputs(std::string(300'000, 'x').c_str(), stderr); }, child_stderr::taken);
  EXPECT_TRUE(end.reported);
  EXPECT_GE(end.said.size(), std::size_t{64} << 10);
}

TEST(status_bytes, are_of_this_process) {
  EXPECT_GT(status_bytes("VmRSS"), 1 << 20);
  EXPECT_GT(status_bytes("VmSize"), status_bytes("VmRSS"));
  EXPECT_EQ(status_bytes("VmNothing"), 0);
}

TEST(stack_here, is_the_stack_of_the_caller) {
  const auto within = [] {
    const stack_bounds mine = stack_here();
    const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
    return mine.low < here && here < mine.top;
  };
  EXPECT_TRUE(within());
  for (const gobench::backend kind : {gobench::backend::fiber, gobench::backend::thread}) {
    gobench::options chosen;
    chosen.kind = kind;
    bool right = false;
    gobench::run(chosen, [&] { gobench::go([&] { right = within(); }).join(); });
    EXPECT_TRUE(right);
  }
}

// The metrics of a suite at one point.
measurement taken_by(const char* suite_name, const char* case_name, const char* impl, point where) {
  for (const variant& one : find_suite(suite_name)->variants) {
    if (one.case_name == case_name && one.impl == impl) return one.run(where, 1);
  }
  throw std::logic_error("there is no such variant");
}

double metric(const measurement& of, const char* name) {
  const gobench::results::value* found = of.metrics.find(name);
  const auto* number = found == nullptr ? nullptr : std::get_if<double>(found);
  return number == nullptr ? -1 : *number;
}

TEST_F(child, stacks_tell_strategies_apart) {
  point where;
  where.tasks = 300;
  where.parameters.set("stack", "lazy");
  const measurement lazy = taken_by("stacks", "park", "gobench.go", where);
  where.parameters.set("stack", "pooled");
  const measurement pooled = taken_by("stacks", "park", "gobench.go", where);
  EXPECT_GE(metric(lazy, "stack_bytes"), 4096);
  EXPECT_LE(metric(lazy, "stack_bytes"), 16 * 1024);
  EXPECT_GE(metric(lazy, "virtual_bytes"), 256 * 1024);
  EXPECT_GE(metric(pooled, "stack_bytes"), 250 * 1024);
}

TEST_F(child, stacks_are_filled_up_to_the_limit) {
  point where;
  where.tasks = 100'000;
  where.parameters.set("stack", "lazy");
  where.parameters.set("limit_mb", 8);
  const measurement taken = taken_by("stacks", "fill", "gobench.go", where);
  EXPECT_TRUE(taken.result.holds()) << taken.result.wrong();
#if defined(__SANITIZE_ADDRESS__)
  EXPECT_GE(taken.operations, 50U);  // it keeps memory of its own for each stack
#else
  EXPECT_GE(taken.operations, 500U);
#endif
  EXPECT_LE(taken.operations, 3'000U);
  const auto* why = std::get_if<std::string>(taken.metrics.find("stopped_by"));
  ASSERT_NE(why, nullptr);
  EXPECT_EQ(*why, "limit_mb");
}

TEST_F(child, deep_stacks_are_given_back_at_the_end_of_a_run) {
  point where;
  where.parameters.set("depth_kb", 20'000);
  const measurement taken = taken_by("stack-growth", "recursion", "gobench.go", where);
  EXPECT_GE(metric(taken, "at_bytes"), 19'000.0 * 1024);
  EXPECT_LE(metric(taken, "ended_bytes"), 5'000.0 * 1024);
}

}  // namespace
