// One `gobench claims` from the opened outputs to the exit code.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "cli/claims/claim.hpp"
#include "cli/claims/report.hpp"
#include "cli/claims/source.hpp"
#include "cli/command.hpp"

namespace gobench::cli::claims {

struct report_file {
  std::string file;
  std::string format;
};

struct request {
  std::vector<const claim*> chosen;
  std::string format = "table";  // of standard output
  std::vector<report_file> reports = {};
  std::vector<std::string> samples = {};  // files, in the format that their name tells
  std::string save = {};                  // name in the store; empty: not saved
  std::filesystem::path store = {};
  std::uint64_t seed = 1;
  bool quick = false;
  bool strict = false;
  bool in_detail = false;
};

// Measures, writes everything that was asked for, and returns the exit code. Throws what ends the program with a
// sentence: environment_error for an output that cannot be written, bug for a sample with a wrong result; what was
// measured before is written and told first.
int perform(const request& asked, const surroundings& around, source& from);

}  // namespace gobench::cli::claims
