// A program that has to end within a time.
#pragma once

#include <string>
#include <vector>

namespace gobench::cli::claims {

struct timed_run {
  int code = 0;  // as a shell tells it
  bool timed_out = false;
  std::string output;  // standard output and error together
};

// Runs it, its path first, without input. When the time is over it gets SIGTERM, a moment to write what it has, and
// then SIGKILL. Throws std::system_error when it cannot be started.
timed_run run_timed(const std::vector<std::string>& words, int seconds);

}  // namespace gobench::cli::claims
