// Runs the cases of tests/checked, each in a process of its own, and some of them as users might: with options, limits
// and other layouts of memory.
#if defined(GOBENCH_CHECKED_PATH)

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace {

struct outcome {
  int exit_code;
  std::string output;
};

// A shell's line.
outcome run_line(const std::string& line) {
  const std::string command = "{ " + line + "; } 2>&1 </dev/null";
  FILE* output = popen(command.c_str(), "r");
  if (output == nullptr) return {-1, "popen failed"};
  std::string text;
  std::array<char, 4096> part;
  while (std::fgets(part.data(), part.size(), output) != nullptr) text += part.data();
  const int status = pclose(output);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), text};
}

// `before` stands in front of the program: assignments, or commands and `&&`.
outcome run(const std::string& before, const std::string& name) {
  return run_line(before + " timeout 60 " GOBENCH_CHECKED_PATH " " + name);
}

bool has(const outcome& got, const char* what) {
  return got.output.find(what) != std::string::npos;
}

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t times = 0;
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += what.size())
    ++times;
  return times;
}

struct listed {
  std::string name;
  bool racy;
};

void PrintTo(const listed& one, std::ostream* out) { *out << one.name; }

std::vector<listed> list() {
  std::vector<listed> cases;
  std::istringstream lines(run("", "").output);
  for (std::string kind, name; lines >> kind >> name;) cases.push_back({name, kind == "racy"});
  return cases;
}

class checked : public testing::TestWithParam<listed> {};

TEST_P(checked, as_it_says) {
  const auto& [name, racy] = GetParam();
  const outcome got = run("", name);
  EXPECT_EQ(got.exit_code, racy ? 66 : 0) << "Again: " GOBENCH_CHECKED_PATH " " << name << "\n"
                                          << got.output;
  EXPECT_EQ(has(got, "gobench:"), racy) << got.output;
}

INSTANTIATE_TEST_SUITE_P(cases, checked, testing::ValuesIn(list()),
                         [](const auto& about) { return about.param.name; });

TEST(programs, end_at_the_first_finding_if_asked) {
  const outcome all = run("", "two_write_twice");
  EXPECT_EQ(all.exit_code, 66);
  EXPECT_TRUE(has(all, "between") && has(all, "after")) << all.output;
  const outcome first = run("GOBENCH_RACE=halt_on_error=1", "two_write_twice");
  EXPECT_EQ(first.exit_code, 66);
  EXPECT_FALSE(has(first, "after")) << first.output;
  EXPECT_EQ(count(first.output, "Fingerprint"), 1U) << first.output;
}

TEST(programs, end_with_the_exit_code_that_is_asked_for) {
  EXPECT_EQ(run("GOBENCH_RACE=exitcode=7", "two_write").exit_code, 7);
  EXPECT_EQ(run("GOBENCH_RACE=exitcode=0", "two_write").exit_code, 0);
  EXPECT_EQ(run("GOBENCH_RACE=exitcode=7", "nothing").exit_code, 0);
}

TEST(programs, are_told_whose_memory_it_was) {
  const outcome on_stack = run("", "two_write_on_the_main_stack");
  EXPECT_TRUE(has(on_stack, "Stack of the main thread.")) << on_stack.output;
  const outcome local = run("", "two_write_what_is_local_to_the_main_thread");
  EXPECT_TRUE(has(local, "hread-local variable of the main thread.")) << local.output;
}

TEST(programs, tell_what_was_seen_if_asked) {
  const outcome got = run("GOBENCH_RACE=verbosity=1", "nothing");
  EXPECT_EQ(got.exit_code, 0);
  EXPECT_TRUE(has(got, "task numbers were used; the past was forgotten 0 times")) << got.output;
  EXPECT_FALSE(has(run("", "nothing"), "task numbers")) << got.output;
}

// Who asked for the program's exit code reads the findings; if he cannot, the code has to tell.
TEST(programs, end_with_66_if_their_findings_could_not_be_written) {
  const outcome got = run("GOBENCH_RACE=exitcode=0:findings=/dev/full", "two_write");
  EXPECT_EQ(got.exit_code, 66);
  EXPECT_TRUE(has(got, "gobench: '/dev/full' cannot be written: No space left")) << got.output;
  EXPECT_EQ(run("GOBENCH_RACE=exitcode=0:findings=/dev/full", "nothing").exit_code, 0);
}

TEST(programs, say_that_precision_is_reduced_and_invent_nothing) {
  const outcome got = run("GOBENCH_RACE=memory_limit_mb=1", "fibers_that_know_each_other");
  EXPECT_EQ(got.exit_code, 0) << got.output;
  EXPECT_EQ(count(got.output, "gobench: precision reduced: the clocks have reached the limit"), 1U)
      << got.output;
}

// Where the kernel would put things into the detector's tables.
TEST(programs, run_again_where_memory_is_laid_out_otherwise) {
  if (std::system("bash -c 'ulimit -s unlimited' 2>/dev/null") != 0)
    GTEST_SKIP() << "the stack cannot be made unlimited here";
  for (const char* const name : {"nothing", "ordered_by_a_mutex"}) {
    const outcome got = run("ulimit -s unlimited &&", name);
    EXPECT_EQ(got.exit_code, 0) << got.output;
    EXPECT_EQ(got.output, "");
  }
  EXPECT_EQ(run("ulimit -s unlimited &&", "two_write").exit_code, 66);
}

TEST(programs, run_without_address_randomisation) {
  if (std::system("setarch -R true 2>/dev/null") != 0)
    GTEST_SKIP() << "the personality cannot be changed here";
  EXPECT_EQ(run("setarch -R", "nothing").exit_code, 0);
  EXPECT_EQ(run("setarch -R", "two_write").exit_code, 66);
}

TEST(programs, say_in_one_sentence_that_address_space_is_limited) {
  const outcome got = run("ulimit -v 8000000 &&", "nothing");
  EXPECT_EQ(got.exit_code, 4);
  EXPECT_EQ(got.output.rfind("gobench: ", 0), 0U) << got.output;
  EXPECT_EQ(count(got.output, "\n"), 1U) << got.output;
  EXPECT_TRUE(has(got, "ulimit -v")) << got.output;
}

TEST(programs, may_lie_at_a_fixed_place) {
  const outcome got = run_line("timeout 60 " GOBENCH_CHECKED_FIXED);
  EXPECT_EQ(got.exit_code, 66);
  EXPECT_TRUE(has(got, "Global variable variable of 8 bytes")) << got.output;
  EXPECT_TRUE(has(got, "Heap block of 8 bytes")) << got.output;
}

TEST(programs, that_are_plain_may_load_what_is_instrumented) {
  const std::string line = "LD_PRELOAD=" GOBENCH_DETECTOR_LIBRARY
                           " timeout 60 " GOBENCH_CHECKED_PLAIN_HOST " " GOBENCH_CHECKED_PART;
  const outcome racy = run_line(line + " part_races");
  EXPECT_EQ(racy.exit_code, 66) << racy.output;
  EXPECT_TRUE(has(racy, "part.cpp:")) << racy.output;
  const outcome silent = run_line(line + " part_is_ordered");
  EXPECT_EQ(silent.exit_code, 0) << silent.output;
  EXPECT_EQ(silent.output, "");
  // Too late to see anything, which is said rather than nothing found.
  const outcome late =
      run_line("timeout 60 " GOBENCH_CHECKED_PLAIN_HOST " " GOBENCH_CHECKED_PART " part_races");
  EXPECT_EQ(late.exit_code, 4);
  EXPECT_TRUE(has(late, "gobench: the detector was loaded after the C library")) << late.output;
  EXPECT_EQ(count(late.output, "\n"), 1U) << late.output;
}

TEST(programs, that_are_checked_may_load_what_is_instrumented) {
  const std::string line = "timeout 60 " GOBENCH_CHECKED_HOST " " GOBENCH_CHECKED_PART_ALONE;
  const outcome racy = run_line(line + " part_races");
  EXPECT_EQ(racy.exit_code, 66) << racy.output;
  EXPECT_TRUE(has(racy, "part.cpp:")) << racy.output;
  const outcome silent = run_line(line + " part_is_ordered part_is_ordered");
  EXPECT_EQ(silent.exit_code, 0) << silent.output;
  EXPECT_EQ(silent.output, "");
}

#if defined(GOBENCH_CLI_PATH)
// What is recorded tells the same when it is read again.
TEST(programs, are_recorded_for_later) {
  const std::string file = testing::TempDir() + "checked_" + std::to_string(getpid()) + ".trace";
  for (const listed& one :
       {listed{"two_write", true}, {"ordered_by_a_mutex", false}, {"fibers_use_a_global", true}}) {
    const outcome recorded = run("GOBENCH_RACE=record=" + file, one.name);
    EXPECT_EQ(recorded.exit_code, one.racy ? 66 : 0) << recorded.output;
    const std::string command = GOBENCH_CLI_PATH " analyze " + file + " >/dev/null 2>&1";
    const int status = std::system(command.c_str());
    EXPECT_EQ(WEXITSTATUS(status), one.racy ? 66 : 0) << one.name << ": " << command;
    std::remove(file.c_str());
  }
}
#endif

}  // namespace

#endif
