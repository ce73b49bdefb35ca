// How a command ends badly: an exit code of DESIGN's table and one sentence for the user.
#pragma once

#include <stdexcept>
#include <string>

namespace gobench::cli {

enum class exit_code : int {
  done = 0,
  regression = 1,
  usage = 2,
  environment = 4,
  bug = 5,
  finding = 66,
};

class failure : public std::runtime_error {
 public:
  failure(exit_code code, const std::string& sentence)
      : std::runtime_error(sentence), code_(code) {}
  exit_code code() const { return code_; }

 private:
  exit_code code_;
};

// What the user typed cannot be done.
struct usage_error : failure {
  explicit usage_error(const std::string& sentence) : failure(exit_code::usage, sentence) {}
};

// What the machine does not allow: a file, a limit.
struct environment_error : failure {
  explicit environment_error(const std::string& sentence)
      : failure(exit_code::environment, sentence) {}
};

// Our own mistake.
struct bug : failure {
  explicit bug(const std::string& sentence) : failure(exit_code::bug, sentence) {}
};

}  // namespace gobench::cli
