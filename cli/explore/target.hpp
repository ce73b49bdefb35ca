// The program whose schedules are explored: how it is started so that only the decisions differ between two runs.
//
// The environment has the same length whatever is in it, and addresses are not randomised: what the program sees of them
// is the same in every schedule and in every replay.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "detector/exploration/token.hpp"

namespace gobench::cli::explore {

// From here on programs that this process starts have their memory at the same addresses. Where the system does not
// allow it, the program itself sees to it when it starts.
void fix_addresses();

// 8 hexadecimal digits of the program's build id, else of a hash of its file.
std::string build_of(const std::string& path);

// Files that one run uses; they are there before it.
struct run_files {
  std::filesystem::path log;
  std::filesystem::path findings;
  std::filesystem::path follow;
  std::filesystem::path hot;
};

class target {
 public:
  // `detector`: options for GOBENCH_RACE, `controller`: further ones for GOBENCH_EXPLORE.
  target(std::string path, std::vector<std::string> command,
         std::map<std::string, std::string> detector,
         std::map<std::string, std::string> controller);

  const std::string& path() const { return path_; }
  const std::vector<std::string>& command() const { return command_; }
  const std::string& build() const { return build_; }

  // Values of GOBENCH_RACE and GOBENCH_EXPLORE for the schedule, padded.
  std::map<std::string, std::string> variables(const detector::exploration::plan& what,
                                               const run_files& files) const;

 private:
  std::string path_;
  std::vector<std::string> command_;
  std::map<std::string, std::string> detector_;
  std::map<std::string, std::string> controller_;
  std::string build_;
};

// Writes what `variables` names: the deviations and the places. Throws std::system_error.
void write_plan(const detector::exploration::plan& what, const std::vector<std::uint32_t>& asleep,
                const run_files& files);

}  // namespace gobench::cli::explore
