// `gobench explore` and `gobench replay` with a program that behaves as an explored one (tests/tools/explored_model.cpp).
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>

#include "tests/cli/process.hpp"

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

class explored : public ::testing::Test {
 protected:
  explored() { std::filesystem::copy_file(GOBENCH_EXPLORED_MODEL_PATH, here.path("app")); }

  outcome gobench(std::vector<std::string> arguments,
                  std::map<std::string, std::string> environment = {}) const {
    return run({.arguments = std::move(arguments),
                .environment = std::move(environment),
                .directory = here.path()});
  }
  outcome explore(std::vector<std::string> arguments,
                  std::map<std::string, std::string> environment = {}) const {
    arguments.insert(arguments.begin(), "explore");
    return gobench(std::move(arguments), std::move(environment));
  }
  nlohmann::json json(const std::string& name) const {
    return nlohmann::json::parse(here.read(name));
  }
  // The command that the text says to replay with, without "gobench".
  static std::vector<std::string> replay_in(const std::string& text) {
    const std::size_t at = text.find("gobench replay ");
    std::istringstream words(text.substr(at, text.find('\n', at) - at));
    std::vector<std::string> all;
    for (std::string word; words >> word;) all.push_back(word);
    if (!all.empty()) all.erase(all.begin());
    return all;
  }
  // The lines that the program has written of its schedules, sorted.
  std::multiset<std::string> schedules(const std::string& name) const {
    std::multiset<std::string> all;
    std::istringstream in(here.read(name));
    for (std::string line; std::getline(in, line);) all.insert(line);
    return all;
  }

  const scratch here;
};

TEST_F(explored, nothing_found_is_0_and_says_what_was_covered) {
  const outcome found = explore({"--schedules", "60", "./app", "fine"});
  EXPECT_EQ(found.code, 0) << found.err;
  EXPECT_EQ(found.out, "");
  EXPECT_TRUE(has(found.err, "60 schedules run, ")) << found.err;
  EXPECT_TRUE(has(found.err, "at most 3 threads, 18 steps")) << found.err;
  EXPECT_TRUE(has(found.err, "depth 2 would have been met with a probability of at least "))
      << found.err;
  EXPECT_TRUE(has(lines_of(found.err).back(), "gobench explore: no findings; run again: "))
      << found.err;
}

TEST_F(explored, a_deadlock_is_found_shrunk_shown_and_replayed) {
  const outcome found = explore({"--json", "r.json", "./app", "deadlock"});
  EXPECT_EQ(found.code, 66) << found.err;
  EXPECT_TRUE(has(found.err, "fails: deadlock told")) << found.err;
  EXPECT_TRUE(has(found.err, "\nOnly 1 of ")) << found.err;
  EXPECT_TRUE(has(found.err, "  main thread")) << found.err;
  EXPECT_TRUE(has(found.err, "\n> ")) << found.err;
  const auto words = replay_in(found.err);
  ASSERT_EQ(words.size(), 4u) << found.err;
  const auto document = json("r.json");
  EXPECT_EQ(document.at("complete"), true);
  EXPECT_EQ(document.at("findings").at(0).at("kind"), "deadlock");
  EXPECT_TRUE(has(document.at("findings").at(0).at("reproduce"), words[1]));

  const outcome again = gobench(words);
  EXPECT_EQ(again.code, 66) << again.err;
  EXPECT_TRUE(has(again.err, "deadlock told")) << again.err;
  auto often = words;
  often.insert(often.begin() + 1, {"--times", "25"});
  const outcome equal = gobench(often);
  EXPECT_EQ(equal.code, 66) << equal.err;
  EXPECT_TRUE(has(equal.err, "25 replays, 25 equal.")) << equal.err;
}

TEST_F(explored, replays_that_differ_are_told) {
  const outcome found = explore({"./app", "exit"});
  EXPECT_EQ(found.code, 66);
  auto words = replay_in(found.err);
  ASSERT_EQ(words.size(), 4u) << found.err;
  words.back() = "random";
  words.insert(words.begin() + 1, {"--times", "5"});
  const outcome differ = gobench(words);
  EXPECT_EQ(differ.code, 4) << differ.err;
  EXPECT_TRUE(has(differ.err, "5 replays, 4 of them not as the first: ")) << differ.err;
}

TEST_F(explored, exit_codes_and_crashes_are_findings_with_what_the_program_said) {
  const outcome code = explore({"--json", "r.json", "./app", "exit"});
  EXPECT_EQ(code.code, 66) << code.err;
  EXPECT_TRUE(has(code.err, "fails: exit code 3: Error: 17 is not 18")) << code.err;
  EXPECT_EQ(json("r.json").at("findings").at(0).at("type"), "exit code 3");
  const outcome crash = explore({"--json", "r.json", "./app", "crash"});
  EXPECT_EQ(crash.code, 66) << crash.err;
  EXPECT_EQ(json("r.json").at("findings").at(0).at("kind"), "assertion");
  EXPECT_TRUE(has(crash.err, "Assertion `balance == 7' failed.")) << crash.err;
}

TEST_F(explored, stops_at_the_first_failure_whatever_runs_beside_it) {
  const auto number = [&](const std::string& jobs) {
    const outcome found = explore({"--jobs", jobs, "--shrink", "0", "./app", "crash"});
    EXPECT_EQ(found.code, 66);
    return found.err.substr(0, found.err.find('\n')) +
           found.err.substr(found.err.find("replay: "), 60);
  };
  EXPECT_EQ(number("1"), number("7"));
}

TEST_F(explored, keep_going_runs_all_and_counts) {
  const outcome found =
      explore({"--keep-going", "--schedules", "40", "--json", "r.json", "./app", "two"});
  EXPECT_EQ(found.code, 66) << found.err;
  EXPECT_TRUE(has(found.err, "40 of 40 schedules failed.")) << found.err;
  EXPECT_TRUE(has(found.err, "The default schedule fails: misuse told")) << found.err;
  EXPECT_TRUE(has(found.err, "none of ")) << found.err;
  const auto list = json("r.json").at("findings");
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list.at(0).at("count"), 40);
  EXPECT_LT(list.at(1).at("count"), 40);
  EXPECT_NE(list.at(0).at("reproduce"), list.at(1).at("reproduce"));
}

TEST_F(explored, what_the_baseline_knows_does_not_fail) {
  const outcome first = explore({"--baseline", "b.json", "--update-baseline", "./app", "race"});
  EXPECT_EQ(first.code, 0) << first.err;
  const outcome found = explore({"--baseline", "b.json", "--schedules", "30", "./app", "race"});
  EXPECT_EQ(found.code, 0) << found.err;
  EXPECT_TRUE(has(found.err, "30 schedules run")) << found.err;
}

TEST_F(explored, shards_run_exactly_what_one_run_runs) {
  EXPECT_EQ(explore({"--schedules", "100", "--accesses", "none", "./app", "fine", "whole"}).code,
            0);
  for (const char* shard : {"0/3", "1/3", "2/3"}) {
    EXPECT_EQ(explore({"--schedules", "100", "--accesses", "none", "--shard", shard, "./app",
                       "fine", "parts"})
                  .code,
              0);
  }
  const auto whole = schedules("whole");
  auto parts = schedules("parts");
  EXPECT_EQ(whole.size(), 100u);
  // Each shard has the first one, to know how long the program is.
  const std::string first = *whole.find(*std::ranges::find_if(
      whole, [](const std::string& line) { return line.starts_with("follow 0 "); }));
  parts.erase(parts.find(first));
  parts.erase(parts.find(first));
  EXPECT_EQ(parts, whole);
}

TEST_F(explored, shards_of_a_search_cover_what_one_search_covers) {
  const auto run_of = [&](const std::string& file, const std::vector<std::string>& more) {
    std::vector<std::string> words = {"--strategy", "dfs:1", "--schedules", "0"};
    words.insert(words.end(), more.begin(), more.end());
    words.insert(words.end(), {"./app", "fine", file});
    const outcome found = explore(words);
    EXPECT_EQ(found.code, 0) << found.err;
    EXPECT_TRUE(has(found.err, "All schedules with at most 1 preemption")) << found.err;
  };
  run_of("whole", {});
  run_of("parts", {"--shard", "0/2"});
  run_of("parts", {"--shard", "1/2", "--jobs", "3"});
  auto parts = schedules("parts");
  const auto whole = schedules("whole");
  EXPECT_EQ(parts.size(), whole.size() + 1);
  EXPECT_EQ(std::set<std::string>(parts.begin(), parts.end()),
            std::set<std::string>(whole.begin(), whole.end()));
}

TEST_F(explored, a_search_says_when_it_has_covered_all_or_not) {
  const outcome all = explore({"--strategy", "dfs", "--schedules", "0", "./app", "never"});
  EXPECT_EQ(all.code, 0);
  EXPECT_TRUE(has(all.err, "1 schedule run, 1 of them different")) << all.err;
  EXPECT_TRUE(has(all.err, "nothing to decide")) << all.err;
  EXPECT_TRUE(has(all.err, "All schedules were covered.")) << all.err;
  const outcome some = explore({"--strategy", "dfs:2", "--schedules", "20", "./app", "fine"});
  EXPECT_EQ(some.code, 0);
  EXPECT_TRUE(has(some.err, "20 schedules run")) << some.err;
  EXPECT_TRUE(has(some.err, "Not all schedules with at most 2 preemptions were covered."))
      << some.err;
  EXPECT_EQ(explore({"--strategy", "dfs:0", "./app", "deadlock"}).code, 0);
  EXPECT_EQ(explore({"--strategy", "dfs:1", "./app", "deadlock"}).code, 66);
}

TEST_F(explored, the_environment_of_all_schedules_is_of_one_length) {
  EXPECT_EQ(explore({"--schedules", "30", "./app", "fine", "lines"}).code, 0);
  std::set<std::string> lengths;
  for (const std::string& line : schedules("lines")) {
    std::istringstream in(line);
    std::string word;
    for (int i = 0; i < 4; ++i) in >> word;
    lengths.insert(word);
  }
  EXPECT_EQ(lengths.size(), 1u);
}

TEST_F(explored, a_killed_run_keeps_what_it_has_found) {
  child running({.arguments = {"explore", "--keep-going", "--schedules", "0", "--json", "r.json",
                               "./app", "two"},
                 .directory = here.path()});
  for (int i = 0; i < 2000 && !(here.has("r.json") && has(here.read("r.json"), "misuse told"));
       ++i) {
    ASSERT_FALSE(running.ended());
    ::usleep(10'000);
  }
  running.send(SIGKILL);
  EXPECT_EQ(running.wait().signal, SIGKILL);
  const auto document = json("r.json");
  EXPECT_EQ(document.at("complete"), false);
  EXPECT_EQ(document.at("findings").at(0).at("fingerprint"), "m1");
}

TEST_F(explored, an_interrupted_run_ends_in_order) {
  child running({.arguments = {"explore", "--keep-going", "--schedules", "0", "--json", "r.json",
                               "./app", "race"},
                 .directory = here.path()});
  for (int i = 0; i < 2000 && !(here.has("r.json") && has(here.read("r.json"), "data-race told"));
       ++i) {
    ASSERT_FALSE(running.ended());
    ::usleep(10'000);
  }
  running.send(SIGINT);
  const outcome ended = running.wait();
  EXPECT_EQ(ended.code, 128 + SIGINT) << ended.err;
  EXPECT_TRUE(has(ended.err, "what was found until then is kept")) << ended.err;
  EXPECT_EQ(json("r.json").at("complete"), false);
}

TEST_F(explored, time_limits_the_run) {
  const outcome found = explore({"--time", "50ms", "--schedules", "0", "./app", "fine"});
  EXPECT_EQ(found.code, 0) << found.err;
  EXPECT_TRUE(has(found.err, " schedules run, ")) << found.err;
}

TEST_F(explored, tokens_of_other_builds_and_broken_ones_are_refused) {
  const auto words = replay_in(explore({"./app", "deadlock"}).err);
  ASSERT_EQ(words.size(), 4u);
  const outcome torn = gobench({"replay", words[1].substr(0, words[1].size() - 1), "./app"});
  EXPECT_EQ(torn.code, 2);
  EXPECT_TRUE(has(torn.err, "is not whole")) << torn.err;
  here.write("script", "#!/bin/sh\nexit 0\n");
  std::filesystem::permissions(here.path("script"), std::filesystem::perms::owner_all);
  const outcome other = gobench({"replay", words[1], "./script"});
  EXPECT_EQ(other.code, 4) << other.err;
  EXPECT_TRUE(has(other.err, "is of another build of ./script")) << other.err;
  EXPECT_TRUE(has(gobench({"replay"}).err, "gobench replay needs a token"));
  EXPECT_TRUE(has(gobench({"replay", words[1]}).err, "needs the program"));
  EXPECT_EQ(gobench({"replay", "--gdb", "--times", "3", words[1], "./app"}).code, 2);
}

TEST_F(explored, what_cannot_be_is_refused_with_a_sentence) {
  const auto refused = [&](std::vector<std::string> words, int code, const std::string& part) {
    const outcome found = explore(words);
    EXPECT_EQ(found.code, code) << found.err;
    EXPECT_TRUE(has(found.err, part)) << found.err;
  };
  refused({}, 2, "gobench explore needs the program");
  refused({"--strategy", "dsf:2", "./app"}, 2, "--strategy");
  refused({"--shard", "3/3", "./app"}, 2, "--shard");
  refused({"--shard", "half", "./app"}, 2, "such as 0/4");
  refused({"--shard", "auto", "./app"}, 2, "--shard auto finds nothing");
  refused({"--accesses", "some", "./app"}, 2, "--accesses");
  refused({"--jobs", "0", "./app"}, 2, "--jobs");
  refused({"--keep-going", "--stop-at-first", "./app"}, 2, "--keep-going");
  refused({"./nowhere"}, 4, "There is no program ./nowhere");
  refused({"/bin/true"}, 4, "gobench cxx");
  refused({"./app", "unexplored"}, 4, "was not explored");
}

TEST_F(explored, shards_are_taken_from_the_environment_when_asked_for) {
  const auto count = [&](std::map<std::string, std::string> environment, const std::string& shard) {
    const outcome found =
        explore({"--schedules", "40", "--shard", shard, "./app", "fine"}, std::move(environment));
    EXPECT_EQ(found.code, 0) << found.err;
    return found.err.substr(0, found.err.find(" schedules run"));
  };
  EXPECT_EQ(count({{"SLURM_ARRAY_TASK_ID", "7"},
                   {"SLURM_ARRAY_TASK_COUNT", "4"},
                   {"SLURM_ARRAY_TASK_MIN", "5"}},
                  "auto"),
            "10");
  EXPECT_EQ(count({{"CI_NODE_INDEX", "2"}, {"CI_NODE_TOTAL", "2"}}, "auto"), "20");
  EXPECT_EQ(count({{"JOB_COMPLETION_INDEX", "0"}}, "auto/8"), "5");
  const outcome no_count = explore({"--shard", "auto", "./app"}, {{"JOB_COMPLETION_INDEX", "0"}});
  EXPECT_EQ(no_count.code, 2);
  EXPECT_TRUE(has(no_count.err, "auto/4")) << no_count.err;
}

}  // namespace
