#include "cli/explore/request.hpp"

#include <sched.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <string_view>
#include <tuple>

#include "cli/explore/messages.hpp"
#include "cli/explore/target.hpp"
#include "cli/failure.hpp"
#include "cli/messages.hpp"
#include "cli/nearest.hpp"
#include "cli/values.hpp"

namespace gobench::cli::explore {

namespace {

namespace exploration = detector::exploration;

constexpr std::int64_t any_number = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t most_jobs = 1024;
constexpr std::int64_t most_shards = 100'000;

std::size_t cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return std::max<std::size_t>(1, static_cast<std::size_t>(CPU_COUNT(&set)));
}

std::size_t parse_jobs(const surroundings& around, const std::string& text) {
  if (text.empty()) return cpus();
  return static_cast<std::size_t>(parse_number(around.origin_of("--jobs"), text, 1, most_jobs));
}

// How an array job or a CI matrix tells a job which one it is; the first number of its indices.
struct shard_environment {
  const char* index;
  const char* count;
  std::int64_t first;
};
constexpr std::array<shard_environment, 6> known_environments = {{
    {"SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", 0},
    {"CI_NODE_INDEX", "CI_NODE_TOTAL", 1},                          // GitLab
    {"CIRCLE_NODE_INDEX", "CIRCLE_NODE_TOTAL", 0},                  // CircleCI
    {"BUILDKITE_PARALLEL_JOB", "BUILDKITE_PARALLEL_JOB_COUNT", 0},  // Buildkite
    {"TEST_SHARD_INDEX", "TEST_TOTAL_SHARDS", 0},                   // Bazel
    {"JOB_COMPLETION_INDEX", "JOB_COMPLETIONS", 0},                 // Kubernetes; it has no count
}};

std::pair<std::size_t, std::size_t> shard_of_environment(const std::string& count_text) {
  for (const shard_environment& one : known_environments) {
    const char* index = std::getenv(one.index);
    if (index == nullptr || *index == '\0') continue;
    const char* told = std::getenv(one.count);
    const std::string count = !count_text.empty() ? count_text : told == nullptr ? "" : told;
    if (count.empty()) throw usage_error(messages::shard_without_count(one.index));
    std::int64_t first = one.first;
    // An array may begin anywhere.
    if (const char* least = std::getenv("SLURM_ARRAY_TASK_MIN");
        least != nullptr && std::string_view(one.index).starts_with("SLURM")) {
      first = parse_number("SLURM_ARRAY_TASK_MIN", least, 0, any_number);
    }
    const std::int64_t shards = parse_number(one.count, count, 1, most_shards);
    const std::int64_t shard = parse_number(one.index, index, first, first + shards - 1) - first;
    return {static_cast<std::size_t>(shard), static_cast<std::size_t>(shards)};
  }
  throw usage_error(messages::no_shard_in_environment());
}

exploration::strategy_choice strategy_of(const options_text& text, const surroundings& around) {
  if (const auto chosen = exploration::parse_strategy(text.strategy)) return *chosen;
  throw usage_error(cli::messages::bad_choice(
      around.origin_of("--strategy"), text.strategy, exploration::strategy_names(),
      nearest(text.strategy, exploration::strategy_names())));
}

}  // namespace

void add_options(CLI::App& verb, options_text& text) {
  verb.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  const std::string group = "Schedules";
  const auto option = [&](const char* name, std::string& value, const char* about,
                          const char* type) {
    verb.add_option(name, value, about)->type_name(type)->group(group);
  };
  option("--schedules", text.schedules, "Most schedules to run [1000]; 0: no limit", "N");
  option("--time", text.time, "Begin no further schedule after this time, such as 30s", "T");
  option("--strategy", text.strategy,
         "Who decides: mix, random, pct:D, pos; dfs:B and dfs\nsearch all schedules [mix]", "S");
  option("--seed", text.seed, "What random decisions are drawn from [1]", "N");
  option("--jobs", text.jobs, "Schedules that run at the same time [one per CPU]", "N");
  option("--shard", text.shard, "Only the part I of N (from 0) of the schedules; auto: as CI says",
         "I/N");
  option("--accesses", text.accesses,
         "Steps at accesses to memory: none, conflicting, sampled,\nall [conflicting]", "WHICH");
  option("--steps", text.steps, "Most steps; a schedule that makes more is a hang [100000]", "N");
  option("--shrink", text.shrink, "Most schedules to find a shorter one that fails [500]", "N");
  verb.add_flag("--spurious", text.spurious, "Conditions may wake without a signal")->group(group);
  CLI::Option* first = verb.add_flag("--stop-at-first", text.stop_at_first,
                                     "Stop at the first schedule that fails [so it is done]")
                           ->group(group);
  verb.add_flag("--keep-going", text.keep_going, "Run all schedules, also after one that fails")
      ->group(group)
      ->excludes(first);
  race::add_finding_options(verb, text.findings);
}

std::pair<std::size_t, std::size_t> parse_shard(const std::string& setting,
                                                const std::string& text) {
  if (text == "auto") return shard_of_environment("");
  if (text.starts_with("auto/")) return shard_of_environment(text.substr(5));
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos) throw usage_error(messages::bad_shard(setting, text));
  const std::int64_t shards = parse_number(setting, text.substr(slash + 1), 1, most_shards);
  const std::int64_t shard = parse_number(setting, text.substr(0, slash), 0, shards - 1);
  return {static_cast<std::size_t>(shard), static_cast<std::size_t>(shards)};
}

request parse(const options_text& text, const surroundings& around) {
  request made;
  const auto number = [&](const char* name, const std::string& value, std::int64_t least,
                          std::int64_t most) {
    return static_cast<std::uint64_t>(parse_number(around.origin_of(name), value, least, most));
  };
  made.schedules = number("--schedules", text.schedules, 0, any_number);
  if (made.schedules == 0) made.schedules = static_cast<std::uint64_t>(any_number);
  if (!text.time.empty()) made.seconds = parse_seconds(around.origin_of("--time"), text.time);
  made.strategy = strategy_of(text, around);
  made.seed = number("--seed", text.seed, 0, any_number);
  made.jobs = parse_jobs(around, text.jobs);
  if (!text.shard.empty()) {
    std::tie(made.shard, made.shards) = parse_shard(around.origin_of("--shard"), text.shard);
  }
  const std::vector<std::string> modes = {"none", "conflicting", "sampled", "all"};
  if (!text.accesses.empty() && std::ranges::find(modes, text.accesses) == modes.end()) {
    throw usage_error(cli::messages::bad_choice(around.origin_of("--accesses"), text.accesses,
                                                modes, nearest(text.accesses, modes)));
  }
  made.accesses = text.accesses == "conflicting" ? "" : text.accesses;
  if (!text.steps.empty()) made.steps = number("--steps", text.steps, 1, 1'000'000'000);
  made.trials = number("--shrink", text.shrink, 0, any_number);
  made.spurious = text.spurious;
  made.keep_going = text.keep_going;
  made.checked = race::parse(text.findings, around, "explore");
  return made;
}

void add_replay_options(CLI::App& verb, replay_text& text) {
  verb.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  const std::string group = "Replay";
  verb.add_option("--times", text.times, "So often, and see whether all runs are equal")
      ->type_name("N")
      ->group(group);
  verb.add_option("--jobs", text.jobs, "Runs at the same time [one per CPU]")
      ->type_name("N")
      ->group(group);
  verb.add_flag("--gdb", text.gdb, "In the debugger gdb")->group(group);
  race::add_finding_options(verb, text.findings);
}

replay_request parse_replay(const replay_text& text, const surroundings& around) {
  replay_request made;
  if (around.rest.empty()) throw usage_error(messages::nothing_to_replay());
  made.token_text = around.rest.front();
  try {
    made.token = exploration::read_token(made.token_text);
  } catch (const exploration::bad_token& bad) {
    throw usage_error(bad.what());
  }
  if (around.rest.size() == 1) throw usage_error(messages::token_without_program());
  if (!text.times.empty()) {
    made.times = static_cast<std::size_t>(
        parse_number(around.origin_of("--times"), text.times, 1, 1'000'000'000));
  }
  made.jobs = parse_jobs(around, text.jobs);
  made.gdb = text.gdb;
  if (made.gdb && !text.times.empty()) throw usage_error(messages::times_in_debugger());
  surroundings program = around;
  program.rest.erase(program.rest.begin());
  made.checked = race::parse(text.findings, program, "replay");
  if (build_of(made.checked.path) != made.token.build) {
    throw environment_error(messages::other_build(made.token_text, made.checked.program));
  }
  return made;
}

}  // namespace gobench::cli::explore
