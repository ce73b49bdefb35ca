// Runs that end early keep what they have measured.
#include <gtest/gtest.h>

#include <csignal>
#include <string>

#include "cli/program.hpp"
#include "suites/registry.hpp"
#include "tests/cli/process.hpp"

namespace {

using gobench::suites::measurement;
using gobench::suites::point;
using gobench::suites::proof;

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// Long enough not to end by itself.
std::vector<std::string> endless(std::vector<std::string> more) {
  more.insert(more.begin(), {"--reps", "1000000"});
  return small_run(more);
}

// Waits until the file has a few samples, or the program has ended.
void wait_for_rows(child& program, const scratch& here, const std::string& file) {
  while (!program.ended()) {
    if (here.has(file) && lines_of(here.read(file)).size() > 5) return;
  }
  ADD_FAILURE() << "the program ended by itself";
}

void expect_valid(const std::string& csv) {
  EXPECT_EQ(csv.back(), '\n');
  const auto rows = csv_of(csv);
  ASSERT_GT(rows.size(), 1U);
  for (const auto& row : rows) EXPECT_EQ(row.size(), rows[0].size()) << csv;
}

TEST(interruption, a_killed_run_leaves_every_finished_sample) {
  const scratch here;
  child program({.arguments = endless({"--out", "x.csv"}), .directory = here.path()});
  wait_for_rows(program, here, "x.csv");
  program.send(SIGKILL);
  EXPECT_EQ(program.wait().signal, SIGKILL);
  expect_valid(here.read("x.csv"));
}

class ending_signal : public ::testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(signals, ending_signal, ::testing::Values(SIGINT, SIGTERM));

TEST_P(ending_signal, shows_what_was_measured) {
  const scratch here;
  child program({.arguments = endless({"--out", "x.csv"}), .directory = here.path()});
  wait_for_rows(program, here, "x.csv");
  program.send(GetParam());
  const outcome found = program.wait();
  EXPECT_EQ(found.code, 128 + GetParam());
  EXPECT_TRUE(has(found.out, "counter on ")) << found.out;
  EXPECT_TRUE(has(found.err, "Interrupted after ")) << found.err;
  expect_valid(here.read("x.csv"));
}

TEST(interruption, a_second_signal_ends_it_at_once) {
  const scratch here;
  // One sample takes for ever, so only the second signal can end it.
  child program({.arguments = small_run({"--min-time", "1000s", "--out", "x.csv"}),
                 .directory = here.path()});
  while (!program.ended() && !here.has("x.csv")) {
  }
  // Signals that are not yet delivered count once, so there may have to be more than two.
  while (!program.ended()) program.send(SIGINT);
  EXPECT_EQ(program.wait().signal, SIGINT);
}

TEST(interruption, a_full_disk_ends_it_and_leaves_a_valid_file) {
  const scratch here;
  const outcome found = run(
      {.arguments = endless({"--out", "x.csv"}), .directory = here.path(), .largest_file = 6000});
  EXPECT_EQ(found.code, 4) << found.err;
  EXPECT_TRUE(has(found.err, "x.csv")) << found.err;
  EXPECT_EQ(remarks(found).size(), 1U) << found.err;
  EXPECT_TRUE(has(found.out, "counter on ")) << found.out;  // what was measured is shown
  expect_valid(here.read("x.csv"));
}

TEST(interruption, standard_output_that_is_full_is_told) {
  const outcome found = run({.arguments = endless({"--format", "csv"}), .out_path = "/dev/full"});
  EXPECT_EQ(found.code, 4) << found.err;
  EXPECT_TRUE(has(found.err, "cannot be written")) << found.err;
}

// Suites that misbehave, known only to this test binary.
measurement wrong_at_last(const point& at, std::uint64_t n) {
  static int calls = 0;
  const bool fine = at.tasks == 1 || ++calls < 6;
  return {
      .seconds = 1, .operations = n, .result = proof::equal("the counter", fine ? n : n + 1, n)};
}

measurement refused(const point&, std::uint64_t) {
  throw std::system_error(EAGAIN, std::generic_category(), "cannot start a thread");
}

measurement confused(const point&, std::uint64_t) { throw std::logic_error("two and two is five"); }

const gobench::suites::registration broken{
    {.name = "test-broken",
     .about = "Gives a wrong result",
     .claims = {},
     .tasks = {1, 2},
     .variants = {{.case_name = "a", .impl = "x.wrong", .run = wrong_at_last}}}};
const gobench::suites::registration limited{
    {.name = "test-limited",
     .about = "Is refused a thread",
     .claims = {},
     .variants = {{.case_name = "a", .impl = "x.refused", .run = refused}}}};
const gobench::suites::registration bewildered{
    {.name = "test-confused",
     .about = "Throws",
     .claims = {},
     .variants = {{.case_name = "a", .impl = "x.confused", .run = confused}}}};

outcome run_here(const std::vector<std::string>& arguments, const scratch& here) {
  return run({.directory = here.path(), .instead = [&] {
                std::vector<const char*> pointers = {"gobench"};
                for (const std::string& one : arguments) pointers.push_back(one.c_str());
                return gobench::cli::run_program(static_cast<int>(pointers.size()),
                                                 pointers.data());
              }});
}

TEST(interruption, a_wrong_result_is_told_with_its_case_and_exit_5) {
  const scratch here;
  const outcome found = run_here({"run", "test-broken", "--procs", "1", "--out", "x.csv"}, here);
  EXPECT_EQ(found.code, 5) << found.err;
  EXPECT_TRUE(has(found.err, "A sample of test-broken a x.wrong on ")) << found.err;
  EXPECT_TRUE(has(found.err, "the counter is 3 and should be 2")) << found.err;
  EXPECT_TRUE(has(found.err, "This is a bug")) << found.err;
  const auto rows = csv_of(here.read("x.csv"));
  EXPECT_GE(rows.size(), 2U);  // the good ones before it
}

TEST(interruption, what_the_system_refuses_is_exit_4) {
  const scratch here;
  const outcome found = run_here({"run", "test-limited", "--procs", "1"}, here);
  EXPECT_EQ(found.code, 4) << found.err;
  EXPECT_TRUE(has(found.err, "test-limited a x.refused")) << found.err;
  EXPECT_TRUE(has(found.err, "gobench doctor")) << found.err;
}

TEST(interruption, a_mistake_of_ours_is_exit_5) {
  const scratch here;
  const outcome found = run_here({"run", "test-confused", "--procs", "1"}, here);
  EXPECT_EQ(found.code, 5) << found.err;
  EXPECT_TRUE(has(found.err, "two and two is five")) << found.err;
}

}  // namespace
