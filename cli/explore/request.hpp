// What `gobench explore` and `gobench replay` are to do, checked as a whole before anything is started.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "cli/command.hpp"
#include "cli/race/request.hpp"
#include "detector/exploration/strategy_choice.hpp"
#include "detector/exploration/token.hpp"

namespace gobench::cli::explore {

// The options as typed.
struct options_text {
  race::options_text findings;
  std::string schedules = "1000";
  std::string time;
  std::string strategy = "mix";
  std::string seed = "1";
  std::string jobs;
  std::string shard;
  std::string accesses;
  std::string steps;
  std::string shrink = "500";
  bool spurious = false;
  bool stop_at_first = false;
  bool keep_going = false;
};

struct request {
  race::request checked;  // the program, outputs, the baseline, options of the detector
  std::uint64_t schedules = 1000;
  std::optional<double> seconds;
  detector::exploration::strategy_choice strategy;
  std::uint64_t seed = 1;
  std::size_t jobs = 1;
  std::size_t shard = 0;
  std::size_t shards = 1;
  std::uint64_t steps = 0;  // 0: as usual
  std::string accesses;     // empty: as usual, which is "conflicting"
  bool spurious = false;
  bool keep_going = false;
  std::size_t trials = 500;  // of shrinking
};

void add_options(CLI::App& verb, options_text& text);

// Throws usage_error or environment_error for what cannot be done.
request parse(const options_text& text, const surroundings& around);

// "2/8": the third of eight. "auto", "auto/8": which one the environment says, as array jobs and CI matrices have
// it. Throws usage_error. `setting` is where the text came from.
std::pair<std::size_t, std::size_t> parse_shard(const std::string& setting,
                                                const std::string& text);

struct replay_text {
  race::options_text findings;
  std::string times;
  std::string jobs;
  bool gdb = false;
};

struct replay_request {
  race::request checked;
  detector::exploration::token_parts token;
  std::string token_text;
  std::size_t times = 1;
  std::size_t jobs = 1;
  bool gdb = false;
};

void add_replay_options(CLI::App& verb, replay_text& text);
replay_request parse_replay(const replay_text& text, const surroundings& around);

}  // namespace gobench::cli::explore
