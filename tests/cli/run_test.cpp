// gobench run as a user meets it: what goes where, and in which form.
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "tests/cli/process.hpp"

namespace {

std::vector<std::string> with(std::vector<std::string> all, const std::vector<std::string>& more) {
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(run, table_on_standard_output_and_a_hint_on_the_other) {
  const outcome found = typed(small_run());
  EXPECT_EQ(found.code, 0) << found.err;
  EXPECT_TRUE(has(found.out, "counter on fibers")) << found.out;
  EXPECT_TRUE(has(found.out, "std.mutex"));
  EXPECT_EQ(remarks(found).size(), 3U) << found.err;
  EXPECT_TRUE(has(found.err, "--out mutex-vs-chan.csv")) << found.err;
  EXPECT_TRUE(has(found.err, " plot mutex-vs-chan.csv\n")) << found.err;
  EXPECT_TRUE(has(found.err, " report mutex-vs-chan.csv\n")) << found.err;
  for (const std::string& line : lines_of(found.out)) {
    // Columns, not bytes: signs such as ± take two.
    const auto columns = std::count_if(line.begin(), line.end(), [](char c) {
      return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
    });
    EXPECT_LE(columns, 100) << line;
  }
}

TEST(run, the_answer_is_one_sentence_below_the_table) {
  const outcome found = typed({"run", "mutex-vs-chan", "--impl", "gobench.mutex|chan_lock",
                               "--tasks", "1", "--procs", "1", "--reps", "3", "--min-time", "50us",
                               "--param", "hold_ns=0", "--vehicle", "fiber"});
  EXPECT_EQ(found.code, 0) << found.err;
  const std::size_t at = found.out.find("\n\nMutex or channel to protect a variable: ");
  ASSERT_NE(at, std::string::npos) << found.out;
  for (const std::string& line : lines_of(found.out.substr(at))) EXPECT_LE(line.size(), 100U);
  const outcome data =
      typed({"run", "mutex-vs-chan", "--impl", "gobench.mutex|chan_lock", "--tasks", "1", "--procs",
             "1", "--reps", "3", "--min-time", "50us", "--param", "hold_ns=0", "--format", "csv"});
  EXPECT_FALSE(has(data.out, "Mutex or channel"));
  EXPECT_TRUE(has(data.err, "Mutex or channel"));
}

TEST(run, quiet_leaves_only_the_data) {
  EXPECT_EQ(typed(small_run({"--quiet"})).err, "");
  EXPECT_EQ(typed(with({"--quiet"}, small_run())).err, "");
}

TEST(run, csv_has_one_row_per_sample_and_nothing_else) {
  const outcome found = typed(small_run({"--format", "csv", "--reps", "3", "--tasks", "1,2"}));
  EXPECT_EQ(found.code, 0) << found.err;
  const auto rows = csv_of(found.out);
  ASSERT_GT(rows.size(), 1U);
  const std::vector<std::string> fixed = {"suite", "case",  "impl", "vehicle",
                                          "procs", "tasks", "rep",  "iterations"};
  EXPECT_TRUE(std::equal(fixed.begin(), fixed.end(), rows[0].begin())) << found.out;
  // 2 workloads, 2 vehicles, 2 numbers of tasks, 3 repetitions.
  EXPECT_EQ(rows.size(), 1U + 2 * 2 * 2 * 3);
  std::set<std::vector<std::string>> cases;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i].size(), rows[0].size());
    EXPECT_EQ(rows[i][0], "mutex-vs-chan");
    EXPECT_GT(std::stod(rows[i][8]), 0);  // ns_per_op
    cases.insert({rows[i].begin(), rows[i].begin() + 7});
  }
  EXPECT_EQ(cases.size(), rows.size() - 1);  // none twice
}

TEST(run, python_reads_the_csv) {
  const scratch here;
  const outcome measured =
      run({.arguments = small_run({"--out", "x.csv", "--tasks", "1,2"}), .directory = here.path()});
  ASSERT_EQ(measured.code, 0) << measured.err;
  const outcome read =
      run({.directory = here.path(), .instead = [] {
             return std::system(
                 "command -v python3 > /dev/null || exit 77; python3 -c \"import csv; "
                 "rows = list(csv.DictReader(open('x.csv', newline=''))); print(len(rows), "
                 "sorted({r['vehicle'] for r in rows}), all(float(r['ns_per_op']) > 0 for r in "
                 "rows))\"");
           }});
  if (read.out.empty()) GTEST_SKIP() << "there is no python3 on this machine";
  EXPECT_EQ(read.out, "16 ['fiber', 'thread'] True\n");
}

TEST(run, every_format_is_written_and_named_files_tell_theirs) {
  const scratch here;
  const outcome found =
      run({.arguments = small_run({"--out", "a.csv", "--out", "b.json", "--out", "c.bench", "--out",
                                   "d.gbench.json", "--out", "e.txt", "--format", "benchfmt"}),
           .directory = here.path()});
  EXPECT_EQ(found.code, 0) << found.err;
  EXPECT_TRUE(has(found.out, "Benchmark")) << found.out;
  EXPECT_EQ(here.read("c.bench").substr(0, 1), found.out.substr(0, 1));
  EXPECT_EQ(csv_of(here.read("a.csv")).size(), 1U + 2 * 2 * 2);
  EXPECT_TRUE(here.has("a.context.json"));
  EXPECT_TRUE(nlohmann::json::accept(here.read("b.json")));
  EXPECT_TRUE(nlohmann::json::parse(here.read("d.gbench.json")).contains("benchmarks"));
  EXPECT_TRUE(has(here.read("e.txt"), "std.mutex"));
}

TEST(run, a_name_that_tells_no_format_takes_the_one_given) {
  const scratch here;
  const outcome found = run(
      {.arguments = small_run({"--format", "csv", "--out", "samples"}), .directory = here.path()});
  EXPECT_EQ(found.code, 0) << found.err;
  EXPECT_TRUE(has(found.out, "counter on fibers"));  // standard output keeps the table
  EXPECT_EQ(csv_of(here.read("samples")).size(), 1U + 2 * 2 * 2);
}

TEST(run, the_seed_and_the_command_are_in_the_context) {
  const scratch here;
  ASSERT_EQ(
      run({.arguments = small_run({"--seed", "42", "--out", "x.csv"}), .directory = here.path()})
          .code,
      0);
  const std::string context = here.read("x.context.json");
  EXPECT_TRUE(has(context, "42"));
  EXPECT_TRUE(has(context, "--min-time"));
}

TEST(run, dry_run_lists_the_cases_and_measures_nothing) {
  const scratch here;
  const outcome found = run({.arguments = {"run", "mutex-vs-chan", "--procs", "2", "--dry-run",
                                           "--min-time", "1000s", "--out", "x.csv"},
                             .directory = here.path()});
  EXPECT_EQ(found.code, 0) << found.err;
  const auto lines = lines_of(found.out);
  EXPECT_TRUE(has(found.out, "counter gobench.mutex on fiber, procs 2, tasks 64, hold_ns 1000"));
  EXPECT_TRUE(has(lines.back(), std::to_string(lines.size() - 1) + " cases, ")) << lines.back();
  EXPECT_FALSE(here.has("x.csv"));
}

TEST(run, quick_is_less) {
  const auto cases = [](const std::vector<std::string>& more) {
    return lines_of(typed(with({"run", "mutex-vs-chan", "--dry-run"}, more)).out).size();
  };
  EXPECT_LT(cases({"--quick"}), cases({}) / 2);
}

TEST(run, a_baseline_stays_in_the_table_whatever_the_tasks) {
  const outcome found = typed({"run", "mutex-vs-chan", "--dry-run", "--tasks", "64"});
  EXPECT_TRUE(has(found.out, "plain.loop on fiber")) << found.out;
}

TEST(run, output_that_cannot_be_written_is_told_before_anything_is_measured) {
  for (const char* file : {"/nonexistent/x.csv", "/proc/x.csv", "/x.csv/y.json"}) {
    const outcome found = typed(
        {"run", "mutex-vs-chan", "--min-time", "1000s", "--out", file});  // would take for ever
    EXPECT_EQ(found.code, 4) << file;
    EXPECT_EQ(found.out, "");
    EXPECT_TRUE(has(found.err, file)) << found.err;
    EXPECT_EQ(lines_of(found.err).size(), 1U) << found.err;
  }
}

TEST(run, no_progress_unless_standard_error_is_a_terminal) {
  EXPECT_FALSE(has(typed(small_run()).err, "\r"));
  const outcome shown = run({.arguments = small_run(), .err_terminal = true});
  EXPECT_TRUE(has(shown.err, "\r")) << shown.err;
  EXPECT_TRUE(has(shown.err, "/8 samples: mutex-vs-chan"));
  const outcome quiet = run({.arguments = small_run({"--quiet"}), .err_terminal = true});
  EXPECT_EQ(quiet.err, "");
}

TEST(run, colour_only_where_it_is_wanted) {
  const std::string escape = "\x1b[";
  EXPECT_FALSE(has(typed({"doctor"}).out, escape));  // a pipe
  EXPECT_TRUE(has(typed({"doctor", "--color", "always"}).out, escape));
  EXPECT_TRUE(
      has(run({.arguments = {"doctor", "--color=always"}, .environment = {{"NO_COLOR", "1"}}}).out,
          escape));
  EXPECT_FALSE(has(typed({"doctor", "--color", "never"}).out, escape));
}

TEST(run, a_backend_in_the_environment_changes_no_case) {
  const outcome found = run({.arguments = small_run({"--format", "csv"}),
                             .environment = {{"GOBENCH_BACKEND", "thread"}}});
  EXPECT_EQ(found.code, 0);
  EXPECT_TRUE(has(found.err, "GOBENCH_BACKEND is ignored here")) << found.err;
  EXPECT_TRUE(has(found.out, ",fiber,"));
}

TEST(run, what_the_environment_says_of_the_runtime_changes_no_case) {
  const outcome found =
      run({.arguments = small_run({"--format", "csv"}),
           .environment = {{"GOBENCH_HAND_OFF", "nonsense"}, {"GOBENCH_RUN_QUEUE", "global"}}});
  EXPECT_EQ(found.code, 0) << found.err;
  EXPECT_TRUE(has(found.err, "GOBENCH_HAND_OFF is ignored here")) << found.err;
  EXPECT_TRUE(has(found.err, "GOBENCH_RUN_QUEUE is ignored here")) << found.err;
}

TEST(run, stacks_that_cannot_be_are_refused_before_anything_is_written) {
  const scratch here;
  here.write("old.csv", "old");
  const outcome found = run({.arguments = {"run", "switch", "--quick", "--out", "old.csv"},
                             .environment = {{"GOBENCH_STACK", "tall"}},
                             .directory = here.path()});
  EXPECT_EQ(found.code, 2);
  EXPECT_EQ(found.out, "");
  EXPECT_TRUE(has(found.err, "GOBENCH_STACK=tall is not a size")) << found.err;
  EXPECT_EQ(here.read("old.csv"), "old");
}

TEST(run, a_reader_that_leaves_ends_it_quietly) {
  const outcome found = run({.arguments = {"list", "--json"}, .out_closed = true});
  EXPECT_EQ(found.signal, SIGPIPE);
  EXPECT_EQ(found.err, "");
}

}  // namespace
