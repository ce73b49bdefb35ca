// The commands there are. A command is one file below cli/commands that registers itself:
//
//   const command_registration registered{{.name = "list", .about = "...", .prepare = prepare}};
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "cli/terminal.hpp"

namespace gobench::cli {

// What a command is told besides its own options.
struct surroundings {
  bool quiet = false;
  color_choice color = color_choice::automatic;
  stream_traits out;  // standard output
  stream_traits err;
  std::vector<std::string> command_line;
  // The program to start and its arguments, or all arguments, as the command asks for.
  std::vector<std::string> rest;
  // Options that were not given as a flag -> where their value came from.
  std::map<std::string, std::string> origins;

  // What to call an option in a message: "--reps", "GOBENCH_REPS", "run.reps in gobench.toml".
  std::string origin_of(const std::string& option) const {
    const auto found = origins.find(option);
    return found == origins.end() ? option : found->second;
  }
};

// Runs the command once its options are parsed; returns the exit code.
using command_body = std::function<int(const surroundings&)>;

// What of the command line belongs to another program: nothing; the first word that is no option and all that
// follows; everything, unless the first word is one of the command's own options.
enum class rest_arguments { none, program, everything };

struct command {
  std::string name;
  std::string about;     // one line
  std::string epilogue;  // below the options in --help: examples
  // Adds the command's options to `verb`.
  std::function<command_body(CLI::App& verb)> prepare;
  rest_arguments rest = rest_arguments::none;
};

struct command_registration {
  explicit command_registration(command made);
};

// All commands, sorted by name.
const std::vector<command>& all_commands();

}  // namespace gobench::cli
