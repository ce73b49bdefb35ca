// Commands that start another program take its arguments as they are, after their own options.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace gobench::cli {

struct split_arguments {
  std::vector<std::string> ours;  // for CLI11: the program's name, options, the verb, its options
  std::vector<std::string> rest;  // of the other program, as typed
};

// `app` has the options of gobench and of its commands. Only commands that ask for the rest get one.
split_arguments split_rest(const CLI::App& app, int argc, const char* const* argv);

}  // namespace gobench::cli
