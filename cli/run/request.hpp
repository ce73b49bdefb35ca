// What `gobench run` was asked to do, checked as a whole before anything is measured.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "suites/harness.hpp"
#include "suites/peers/peer.hpp"
#include "suites/plan.hpp"

namespace gobench::cli::run {

// The options as typed.
struct options_text {
  std::vector<std::string> suites;
  std::string vehicle;
  std::string impl;
  std::string procs;
  std::string tasks;
  std::vector<std::string> params;
  std::string reps;
  std::string min_time;
  std::string seed;
  std::string format;
  std::vector<std::string> out;
  std::string peer;
  std::string trace;
  std::string save;
  std::string store;
  bool aa = false;
  bool quick = false;
  bool dry_run = false;
};

void add_options(CLI::App& verb, options_text& text);

// One suite with its cases.
struct part {
  const suites::suite* of = nullptr;
  std::vector<suites::planned_case> cases;
  suites::timing how;
};

struct output {
  std::string format;
  std::filesystem::path file;  // empty: standard output
};

struct request {
  std::vector<part> parts;
  std::vector<output> outputs;  // the first is standard output
  std::vector<const suites::peer*> peers;
  std::vector<std::string> remarks;  // said before the run: what was left out
  std::uint64_t seed = 1;
  std::string trace;  // empty: none
  std::string save;   // name in the store; empty: not saved
  std::filesystem::path store;
  bool aa = false;  // everything twice, and compared with itself
  bool dry_run = false;

  std::size_t samples() const;
  std::vector<suites::planned_case> cases() const;
};

// Throws usage_error for anything that cannot be done.
request parse(const options_text& text, const surroundings& around);

}  // namespace gobench::cli::run
