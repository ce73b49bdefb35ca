// A flag goes before the environment, that before gobench.toml, and that before the default.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "cli/settings.hpp"
#include "tests/cli/process.hpp"

namespace {

using strings = std::map<std::string, std::string>;

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// "42 samples" of a run of one case.
std::string samples(const std::string& file, const strings& environment,
                    const std::vector<std::string>& more) {
  const scratch here;
  if (!file.empty()) here.write("gobench.toml", file);
  std::vector<std::string> arguments = {
      "run",       "mutex-vs-chan", "--dry-run", "--impl",    "std.atomic", "--procs", "1",
      "--vehicle", "fiber",         "--param",   "hold_ns=0", "--tasks",    "1"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const outcome found =
      run({.arguments = arguments, .environment = environment, .directory = here.path()});
  const auto lines = lines_of(found.out);
  return lines.empty() ? found.err : lines.back();
}

TEST(settings, flag_then_environment_then_file_then_default) {
  const std::string file = "[run]\nreps = 30\n";
  const strings environment = {{"GOBENCH_REPS", "20"}};
  EXPECT_EQ(samples(file, environment, {"--reps", "10"}), "1 cases, 10 samples");
  EXPECT_EQ(samples(file, environment, {}), "1 cases, 20 samples");
  EXPECT_EQ(samples(file, {}, {}), "1 cases, 30 samples");
  EXPECT_EQ(samples("", {}, {}), "1 cases, 6 samples");  // what the suite asks for
}

TEST(settings, names_follow_the_options) {
  EXPECT_EQ(gobench::cli::environment_name("min-time"), "GOBENCH_MIN_TIME");
}

TEST(settings, lists_switches_and_parameters_come_from_the_file) {
  const scratch here;
  here.write("gobench.toml",
             "# comment\ncolor = \"always\"\n[run]\ntasks = [3, 5]\nvehicle = \"thread\"\n"
             "dry-run = true\nimpl = \"^gobench.mutex$\"\n[run.param]\nhold_ns = [7]\n"
             "read_pct = 20\n");
  const outcome found =
      run({.arguments = {"run", "mutex-vs-chan", "--procs", "1"}, .directory = here.path()});
  EXPECT_EQ(found.code, 0) << found.err;
  EXPECT_TRUE(has(found.out, "counter gobench.mutex on thread, procs 1, tasks 3, hold_ns 7"));
  EXPECT_TRUE(
      has(found.out, "map gobench.mutex on thread, procs 1, tasks 5, hold_ns 7, read_pct 20"));
  EXPECT_TRUE(has(found.out, "4 cases")) << found.out;
  EXPECT_TRUE(has(run({.arguments = {"doctor"}, .directory = here.path()}).out, "\x1b["));
}

TEST(settings, the_environment_sets_switches_and_the_processors) {
  EXPECT_TRUE(has(run({.arguments = {"run", "mutex-vs-chan"},
                       .environment = {{"GOBENCH_DRY_RUN", "true"}, {"GOBENCH_PROCS", "3"}}})
                      .out,
                  "procs 3,"));
  // And a flag goes before what the runtime itself would read.
  const outcome found = run({.arguments = small_run({"--format", "csv", "--procs", "2"}),
                             .environment = {{"GOBENCH_PROCS", "1"}}});
  EXPECT_EQ(csv_of(found.out).at(1).at(4), "2");
}

struct mistake {
  std::string file;
  strings environment;
  std::string said;
};

TEST(settings, mistakes_say_where_they_come_from) {
  const std::vector<mistake> mistakes = {
      {"[run]\nreps = 0\n", {}, "run.reps in gobench.toml takes a whole number"},
      {"", {{"GOBENCH_REPS", "x"}}, "GOBENCH_REPS takes a whole number"},
      {"", {{"GOBENCH_QUIET", "maybe"}}, "GOBENCH_QUIET takes true or false, not \"maybe\"."},
      {"", {{"GOBENCH_COLOR", "red"}}, "GOBENCH_COLOR takes auto, always or never"},
      {"[run]\nrepz = 3\n",
       {},
       "gobench.toml sets run.repz, which does not exist; did you mean "
       "run.reps?"},
      {"reps = 3\n", {}, "gobench.toml sets reps, which does not exist"},
      {"[run.param.more]\nx = 3\n", {}, "gobench.toml sets run.param.more.x, which does not exist"},
      {"[run.param]\nhold_ms = 3\n", {}, "There is no parameter hold_ms"},
  };
  for (const mistake& one : mistakes) {
    const scratch here;
    if (!one.file.empty()) here.write("gobench.toml", one.file);
    std::vector<std::string> arguments = {"run", "mutex-vs-chan", "--dry-run"};
    const outcome found =
        run({.arguments = arguments, .environment = one.environment, .directory = here.path()});
    EXPECT_EQ(found.code, 2) << one.said;
    EXPECT_TRUE(has(found.err, one.said)) << found.err;
    EXPECT_EQ(lines_of(found.err).size(), 1U) << found.err;
  }
}

TEST(settings, a_file_that_cannot_be_read_is_exit_4) {
  const scratch here;
  here.write("gobench.toml/file", "");  // a directory of that name
  const outcome found = run({.arguments = {"list"}, .directory = here.path()});
  EXPECT_EQ(found.code, 4);
  EXPECT_TRUE(has(found.err, "The settings in gobench.toml cannot be read")) << found.err;
}

}  // namespace
