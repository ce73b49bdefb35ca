// --peer as a user meets it, with programs that only pretend to be go.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/cli/process.hpp"

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// Builds a shell script that answers every line with ANSWER, whatever Go sources it is given.
std::string pretended_go(const std::string& answer) {
  return "#!/bin/sh\n"
         "if [ \"$1\" = version ]; then echo 'go version go1.99.1 linux/amd64'; exit; fi\n"
         "[ -f go.mod ] && [ -f main.go ] || exit 1\n"
         "grep -q '^go 1.99$' go.mod || exit 1\n"
         "printf '#!/bin/sh\\nwhile read -r line; do echo \"" +
         answer +
         "\"; done\\n' > peer\n"
         "chmod +x peer\n";
}

class peer : public ::testing::Test {
 protected:
  outcome with_go(const std::string& script, std::vector<std::string> arguments) {
    here_.write("go", script);
    ::chmod(here_.path("go").c_str(), 0755);
    return run({.arguments = std::move(arguments),
                .environment = {{"PATH", here_.path() + ":/usr/bin:/bin"},
                                {"XDG_CACHE_HOME", here_.path("cache")}},
                .directory = here_.path()});
  }
  outcome without_go(std::vector<std::string> arguments) {
    return run({.arguments = std::move(arguments), .environment = {{"PATH", "/nonexistent"}}});
  }

  scratch here_;
};

std::vector<std::string> yields(std::vector<std::string> more) {
  std::vector<std::string> all = {"run",    "switch", "--tasks",    "2",   "--vehicle", "fiber",
                                  "--reps", "1",      "--min-time", "1ms", "--procs",   "1"};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

TEST_F(peer, asked_for_by_name_it_has_to_be_there) {
  const outcome found = without_go(yields({"--peer", "go", "--out", here_.path("kept.csv")}));
  EXPECT_EQ(found.code, 4);
  EXPECT_TRUE(has(found.err, "peer go needs the go command")) << found.err;
  EXPECT_TRUE(has(found.err, "apt-get install golang-go")) << found.err;
  EXPECT_EQ(found.out, "");
  EXPECT_FALSE(here_.has("kept.csv"));
}

TEST_F(peer, of_all_those_that_are_missing_are_named_and_left_out) {
  const outcome found = without_go(yields({"--peer", "all", "--format", "csv"}));
  EXPECT_EQ(found.code, 0) << found.err;
  // Alone, or with libraries that are not built in.
  EXPECT_TRUE(has(found.err, "go")) << found.err;
  EXPECT_TRUE(has(found.err, "not installed and left out")) << found.err;
  EXPECT_TRUE(has(found.out, "gobench.yield"));
  EXPECT_FALSE(has(found.out, "go.gosched"));
}

TEST_F(peer, names_are_checked) {
  const outcome unknown = typed(yields({"--peer", "goo"}));
  EXPECT_EQ(unknown.code, 2);
  EXPECT_TRUE(has(unknown.err, "Did you mean go?")) << unknown.err;
  const outcome needed = typed(yields({"--impl", "go.gosched"}));
  EXPECT_EQ(needed.code, 2);
  EXPECT_TRUE(has(needed.err, "add --peer go")) << needed.err;
}

TEST_F(peer, a_dry_run_lists_it_and_builds_nothing) {
  const outcome found = with_go(pretended_go("ok"), yields({"--peer", "go", "--dry-run"}));
  EXPECT_EQ(found.code, 0) << found.err;
  EXPECT_TRUE(has(found.out, "switch yield go.gosched on fiber, procs 1, tasks 2")) << found.out;
  EXPECT_FALSE(here_.has("cache"));
}

TEST_F(peer, a_wrong_result_ends_the_run) {
  const outcome found =
      with_go(pretended_go("ok 2000000 1000000 7 8"), yields({"--peer", "go", "--impl", "go"}));
  EXPECT_EQ(found.code, 5) << found.err;
  EXPECT_TRUE(has(found.err, "the number of yields is 8 and should be 7")) << found.err;
  EXPECT_TRUE(has(found.err, "Building the Go programs with go1.99.1, once.")) << found.err;
}

TEST_F(peer, it_is_built_once_and_its_samples_are_records_like_others) {
  const auto arguments = yields({"--peer", "go", "--impl", "go", "--format", "json"});
  const std::string answer = "ok 2000000 1000000 700 700";
  const outcome first = with_go(pretended_go(answer), arguments);
  EXPECT_EQ(first.code, 0) << first.err;
  EXPECT_TRUE(has(first.err, "Building"));
  const outcome again = with_go(pretended_go(answer), arguments);
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_FALSE(has(again.err, "Building")) << again.err;
  const auto made = nlohmann::json::parse(again.out);
  EXPECT_EQ(made["context"]["versions"]["go"], "go1.99.1");
  ASSERT_FALSE(made["samples"].empty());
  const auto& sample = made["samples"][0];
  EXPECT_EQ(sample["impl"], "go.gosched");
  EXPECT_EQ(sample["vehicle"], "fiber");
  EXPECT_EQ(sample["iterations"], 700);
  EXPECT_DOUBLE_EQ(sample["cpu_ns_per_op"], 1e6 / 700);
}

TEST_F(peer, what_does_not_build_is_told) {
  const outcome found = with_go(
      "#!/bin/sh\n"
      "[ \"$1\" = version ] && echo 'go version go1.2 linux/amd64' && exit\n"
      "echo 'main.go:1: too new'; exit 2\n",
      yields({"--peer", "go"}));
  EXPECT_EQ(found.code, 4);
  EXPECT_TRUE(has(found.err, "could not be built with go1.2 (main.go:1: too new)")) << found.err;
  EXPECT_TRUE(has(found.err, "Go 1.20 or newer"));
}

// Each library, built in or not: what list says of it is what run does.
TEST_F(peer, libraries_take_part_when_asked_for_and_say_how_to_get_them_when_absent) {
  const struct {
    std::string name;
    std::string suite;
    std::string impl;
  } libraries[] = {{"absl", "mutex", "absl.mutex"},
                   {"boost", "switch", "boost.yield"},
                   {"moodycamel", "chan-buffer", "moodycamel.queue"},
                   {"nsync", "mutex", "nsync.mu"},
                   {"tbb", "mutex", "tbb.mutex"}};
  const auto listed = nlohmann::json::parse(typed({"list", "--json"}).out);
  for (const auto& [name, suite, impl] : libraries) {
    const auto state = std::ranges::find_if(
        listed["peers"], [&, &key = name](const auto& one) { return one["name"] == key; });
    ASSERT_NE(state, listed["peers"].end()) << name;
    const std::vector<std::string> asked = {"run",        suite,    "--tasks",  "2",      "--procs",
                                            "1",          "--reps", "1",        "--impl", impl,
                                            "--min-time", "1ms",    "--format", "csv"};
    const outcome unasked = typed(asked);
    EXPECT_EQ(unasked.code, 2) << name;
    std::vector<std::string> by_name = asked;
    by_name.insert(by_name.end(), {"--peer", name});
    if (suite == "mutex") by_name.insert(by_name.end(), {"--param", "hold_ns=0"});
    const outcome found = typed(by_name);
    if ((*state)["version"].is_null()) {
      EXPECT_EQ(found.code, 4) << found.err;
      EXPECT_TRUE(has(found.err, "The peer " + name + " is not built in: install lib"))
          << found.err;
      EXPECT_TRUE(has((*state)["absent"], "not built in: install lib")) << name;
      EXPECT_EQ(found.out, "");
    } else {
      EXPECT_TRUE(has(unasked.err, "add --peer " + name)) << unasked.err;
      EXPECT_EQ(found.code, 0) << found.err;
      EXPECT_TRUE(has(found.out, "," + impl + ",")) << found.out;
      EXPECT_TRUE((*state)["absent"].is_null()) << name;
    }
  }
}

TEST_F(peer, is_listed_with_its_suites) {
  EXPECT_TRUE(has(without_go({"list"}).out, "go (not installed)"));
  const outcome found = with_go(pretended_go("ok"), {"list"});
  EXPECT_TRUE(has(found.out, "go (go1.99.1)")) << found.out;
}

}  // namespace
