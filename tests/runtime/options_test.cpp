// The options of a run and the environment that overrides them.
#include <sys/resource.h>

#include <fstream>
#include <limits>
#include <new>
#include <stdexcept>
#include <string>

#include "runtime/cpus.hpp"
#include "runtime/internal/scheduler.hpp"
#include "tests/runtime/support.hpp"

namespace {

std::string complaint_about(const gobench::options& chosen) {
  try {
    gobench::run(chosen, [] {});
  } catch (const std::invalid_argument& caught) {
    return caught.what();
  }
  return "";
}

std::string complaint_about(const char* variable, const char* value) {
  const scoped_env set(variable, value);
  return complaint_about(gobench::options{});
}

gobench::backend backend_of(const gobench::options& chosen) {
  bool fiber = false;
  gobench::run(chosen, [&] {
    fiber = gobench::runtime::this_waiter().kind == gobench::runtime::waiter_kind::fiber;
  });
  return fiber ? gobench::backend::fiber : gobench::backend::thread;
}

int procs_of(const gobench::options& chosen) {
  int procs = 0;
  gobench::run(chosen, [&] { procs = gobench::max_procs(); });
  return procs;
}

std::size_t stack_of(const gobench::options& chosen) {
  std::size_t size = 0;
  gobench::run(chosen,
               [&] { size = gobench::runtime::scheduler::instance().stacks().made_for().reserve; });
  return size;
}

class options_test : public ::testing::Test {
 private:
  // What the machine on which the tests run has set.
  const scoped_env procs_{"GOBENCH_PROCS", nullptr};
  const scoped_env backend_{"GOBENCH_BACKEND", nullptr};
  const scoped_env stack_{"GOBENCH_STACK", nullptr};
};

TEST_F(options_test, defaults) {
  EXPECT_EQ(backend_of({}), gobench::backend::fiber);
  EXPECT_EQ(procs_of({}), gobench::runtime::usable_cpus());
  EXPECT_EQ(stack_of({}), std::size_t{256} * 1024);
}

TEST_F(options_test, are_obeyed) {
  EXPECT_EQ(backend_of(on_threads(1)), gobench::backend::thread);
  EXPECT_EQ(procs_of(on_fibers(3)), 3);
  EXPECT_EQ(procs_of(on_threads(3)), 3);
  gobench::options chosen = on_fibers(1);
  chosen.stack.reserve = 70'000;
  EXPECT_EQ(stack_of(chosen), 18U * 4096U) << "rounded up to pages";
}

TEST_F(options_test, the_environment_overrides_them) {
  {
    const scoped_env set("GOBENCH_PROCS", "5");
    EXPECT_EQ(procs_of(on_fibers(2)), 5);
    EXPECT_EQ(procs_of(on_threads(2)), 5);
  }
  {
    const scoped_env set("GOBENCH_BACKEND", "thread");
    EXPECT_EQ(backend_of(on_fibers(1)), gobench::backend::thread);
  }
  {
    const scoped_env set("GOBENCH_BACKEND", "fiber");
    EXPECT_EQ(backend_of(on_threads(1)), gobench::backend::fiber);
  }
  for (const auto& [text, bytes] : {std::pair{"65536", std::size_t{64} << 10},
                                    {"64k", std::size_t{64} << 10},
                                    {"64K", std::size_t{64} << 10},
                                    {"64KiB", std::size_t{64} << 10},
                                    {"2m", std::size_t{2} << 20},
                                    {"2M", std::size_t{2} << 20},
                                    {"2MiB", std::size_t{2} << 20},
                                    {"1g", std::size_t{1} << 30},
                                    {"1GiB", std::size_t{1} << 30}}) {
    const scoped_env set("GOBENCH_STACK", text);
    EXPECT_EQ(stack_of(on_fibers(1)), bytes) << text;
  }
}

gobench::stack_options stacks_of(const char* variable) {
  const scoped_env set("GOBENCH_STACK", variable);
  gobench::stack_options made;
  gobench::run(on_fibers(1),
               [&] { made = gobench::runtime::scheduler::instance().stacks().made_for(); });
  return made;
}

TEST_F(options_test, the_environment_tells_all_about_stacks) {
  using enum gobench::stack_strategy;
  constexpr std::size_t kib = 1024;
  EXPECT_EQ(stacks_of("pooled").strategy, pooled);
  EXPECT_EQ(stacks_of("pooled").reserve, 256 * kib);
  EXPECT_EQ(stacks_of("lazy").strategy, lazy);
  EXPECT_TRUE(stacks_of("lazy").guard);
  EXPECT_FALSE(stacks_of("unguarded").guard);
  EXPECT_EQ(stacks_of("unguarded").strategy, lazy);
  for (const char* all : {"fixed,128k,unguarded", "unguarded,fixed,128k", "128k,unguarded,fixed"}) {
    EXPECT_EQ(stacks_of(all).strategy, fixed) << all;
    EXPECT_EQ(stacks_of(all).reserve, 128 * kib) << all;
    EXPECT_FALSE(stacks_of(all).guard) << all;
  }
}

// This program is not compiled with -fsplit-stack; tests/segmented is.
TEST_F(options_test, segmented_stacks_need_a_program_made_for_them) {
  constexpr const char* sentence =
      "segmented stacks need a program whose own code is compiled with -fsplit-stack (by g++, and "
      "linked with -fuse-ld=gold), and this one is not: compile it so, or take another strategy in "
      "options::stack or GOBENCH_STACK";
  EXPECT_EQ(complaint_about("GOBENCH_STACK", "segmented"), sentence);
  gobench::options chosen = on_fibers(1);
  chosen.stack.strategy = gobench::stack_strategy::segmented;
  EXPECT_EQ(complaint_about(chosen), sentence);
  chosen.kind = gobench::backend::thread;  // whose stacks are the system's
  EXPECT_EQ(gobench::run(chosen, [] { return 3; }), 3);
}

TEST_F(options_test, an_empty_variable_is_none) {
  const scoped_env procs("GOBENCH_PROCS", "");
  const scoped_env kind("GOBENCH_BACKEND", "");
  const scoped_env stack("GOBENCH_STACK", "");
  EXPECT_EQ(procs_of(on_fibers(3)), 3);
  EXPECT_EQ(backend_of(on_threads(1)), gobench::backend::thread);
}

TEST_F(options_test, values_that_cannot_be_are_named) {
  for (const char* value : {"0", "-1", "many", "2x", " 2", "1025", "99999999999999999999", "1.5"})
    EXPECT_EQ(complaint_about("GOBENCH_PROCS", value).find("GOBENCH_PROCS=" + std::string(value)),
              0U)
        << value;
  for (const char* value : {"fibre", "FIBER", "threads", "1"})
    EXPECT_EQ(complaint_about("GOBENCH_BACKEND", value),
              "GOBENCH_BACKEND=" + std::string(value) + " is neither fiber nor thread");
  for (const char* value : {"0",
                            "-1",
                            "big",
                            "64x",
                            "64kk",
                            "2g",
                            "3",
                            "4095",
                            "1025m",
                            "99999999999999999999",
                            "18446744073709551615k",
                            "Lazy",
                            "lazy,",
                            ",lazy",
                            "lazy,pooled",
                            "64k,64k",
                            "guarded,unguarded",
                            "lazy 64k",
                            "segmented,lazy",
                            "guard"})
    EXPECT_EQ(complaint_about("GOBENCH_STACK", value).find("GOBENCH_STACK=" + std::string(value)),
              0U)
        << value;
  gobench::options chosen;
  for (const int procs : {-1, 1025, std::numeric_limits<int>::max()}) {
    chosen.procs = procs;
    EXPECT_NE(complaint_about(chosen).find("options::procs"), std::string::npos) << procs;
  }
  chosen.procs = 1;
  for (const std::size_t reserve : {std::size_t{1}, std::size_t{4095}, (std::size_t{1} << 30) + 1,
                                    std::numeric_limits<std::size_t>::max()}) {
    chosen.stack.reserve = reserve;
    EXPECT_NE(complaint_about(chosen).find("options::stack.reserve"), std::string::npos) << reserve;
  }
  // A run that was refused leaves nothing in the way of the next.
  EXPECT_EQ(gobench::run([] { return 6; }), 6);
}

TEST_F(options_test, max_procs_outside_of_a_run_is_what_one_would_start_with) {
  EXPECT_EQ(gobench::max_procs(), gobench::runtime::usable_cpus());
  const scoped_env set("GOBENCH_PROCS", "7");
  EXPECT_EQ(gobench::max_procs(), 7);
}

TEST_F(options_test, set_max_procs_takes_what_can_be) {
  for (const gobench::options& chosen : {on_fibers(2), on_threads(2)}) {
    gobench::run(chosen, [] {
      EXPECT_THROW(gobench::set_max_procs(0), gobench::misuse);
      EXPECT_THROW(gobench::set_max_procs(-3), gobench::misuse);
      EXPECT_THROW(gobench::set_max_procs(1025), gobench::misuse);
      EXPECT_EQ(gobench::max_procs(), 2);
      EXPECT_EQ(gobench::set_max_procs(3), 2);
      EXPECT_EQ(gobench::set_max_procs(1), 3);
      EXPECT_EQ(gobench::max_procs(), 1);
    });
  }
}

// What is left of the address space does not hold one stack.
TEST_F(options_test, no_memory_for_the_main_task_is_bad_alloc) {
  if (sanitized) GTEST_SKIP() << "a sanitizer needs the address space itself";
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_AS, &before), 0);
  gobench::run(on_fibers(1), [] {});  // the watchdog starts
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  rlimit little = before;
  little.rlim_cur = pages * 4096 + (std::size_t{500} << 20);
  ASSERT_EQ(::setrlimit(RLIMIT_AS, &little), 0);
  gobench::options chosen = on_fibers(1);
  chosen.stack.reserve = std::size_t{1000} << 20;  // a size that no other test uses
  EXPECT_THROW(gobench::run(chosen, [] {}), std::bad_alloc);
  EXPECT_EQ(gobench::run(on_fibers(1), [] { return 2; }), 2);
  ASSERT_EQ(::setrlimit(RLIMIT_AS, &before), 0);
}

}  // namespace
