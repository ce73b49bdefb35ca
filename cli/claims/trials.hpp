// Small programs, built by `gobench cxx` and looked at by the compiler, `gobench race` or `gobench explore`, each
// as its user would: by the command line.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "cli/claims/claim.hpp"
#include "cli/claims/evidence.hpp"
#include "cli/scratch_folder.hpp"

namespace gobench::cli::claims {

// A file of cli/claims/programs, which is part of this program.
struct program_source {
  std::string_view name;
  std::string_view text;
};
std::span<const program_source> program_sources();
// Null when there is none of this name.
const program_source* find_program_source(std::string_view name);

// The lines, from 1, that are marked with "// refused".
std::set<std::size_t> refused_lines(std::string_view text);
// The lines of that file in which a compiler has found errors.
std::set<std::size_t> lines_with_errors(std::string_view output, std::string_view file);

// From the report of `gobench race --json` or `gobench explore --json`: a sentence about what was not as expected;
// empty when all was. Throws nlohmann::json::exception for a text that is no report.
std::string compared_with_report(const trial& one, std::string_view report);

class trial_runner {
 public:
  explicit trial_runner(std::string program) : program_(std::move(program)) {}

  tried attempt(const trial& one, int runs);

 private:
  // A program that was built, or why it was not.
  struct built {
    std::string path;
    std::string impossible;
  };
  const std::string& folder();  // throws std::system_error
  built build(const program_source& source);
  tried compile(const trial& one, const program_source& source);
  tried run(const trial& one, const std::string& path, int runs);
  bool has_command(const std::string& name);

  std::string program_;
  std::mutex guard_;  // of what follows, but not of what the locks of programs guard
  std::optional<scratch_folder> folder_;
  int reports_ = 0;
  std::map<std::string, bool> commands_;
  struct slot {
    std::mutex building;
    std::optional<built> made;
  };
  std::map<std::string, slot> programs_;
};

}  // namespace gobench::cli::claims
