// What `gobench race` was asked to do, checked as a whole before the program is started.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/command.hpp"
#include "detector/findings/baseline.hpp"
#include "detector/findings/exporter.hpp"

namespace gobench::cli::race {

// The options as typed.
struct options_text {
  // Of the exporters and of the detector, by their names; deques and maps, as CLI11 keeps pointers to them.
  std::map<std::string, std::string> files;
  std::map<std::string, std::string> values;
  std::map<std::string, bool> flags;
  std::string suppressions;
  std::string record;
  std::string baseline;
  std::string most;
  std::vector<std::string> named;  // --option NAME=VALUE
  bool update_baseline = false;
  bool children = false;
  bool self_test = false;
  // Which of them were given, in any way; known when the command line is parsed.
  std::map<std::string, const CLI::Option*> given;
};

void add_options(CLI::App& verb, options_text& text);
// Those of them that every command has that runs a program under the detector.
void add_finding_options(CLI::App& verb, options_text& text);

struct output {
  const detector::findings::exporter* form = nullptr;
  std::string file;
};

struct request {
  std::string program;               // as typed
  std::string path;                  // to execute
  std::vector<std::string> command;  // the program with its arguments
  bool instrumented = false;         // the program itself, not only what it starts
  std::vector<output> outputs;
  std::string baseline_file;  // empty: none
  detector::findings::baseline known;
  bool update_baseline = false;
  std::size_t most = static_cast<std::size_t>(-1);
  std::map<std::string, std::string> detector;  // options for GOBENCH_RACE, but for `findings`
  int finding_code = 66;                        // the exit code where there are findings
};

// Throws usage_error or environment_error for what cannot be done.
// `verb` is the command, for what is said.
request parse(const options_text& text, const surroundings& around, std::string_view verb = "race");

// Throws environment_error when the file cannot be read or has a line that is no suppression.
void check_suppressions(const std::string& file);

}  // namespace gobench::cli::race
