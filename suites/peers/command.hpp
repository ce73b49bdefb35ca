// Starting other programs, without a shell in between.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace gobench::suites::peers {

using variables = std::map<std::string, std::string>;

// What a program is started with.
struct launch {
  std::vector<std::string>
      words;                   // the program, found on PATH if it has no slash, and its arguments
  variables environment = {};  // replaces or adds to ours
  std::filesystem::path directory = "/";  // where it runs
  int input = -1;                         // descriptors; -1: /dev/null
  int output = -1;
  bool errors_to_output = false;  // else to our standard error, or to /dev/null when quiet
  bool quiet = false;
};

// Starts it in a process group of its own, so that an interrupt from the terminal is ours to act on. Throws
// std::system_error.
pid_t start(const launch& how);

struct command_result {
  bool succeeded = false;
  std::string output;
};

// Runs it to its end with its output collected. One that cannot be started has not succeeded.
command_result run_command(launch how);

}  // namespace gobench::suites::peers
