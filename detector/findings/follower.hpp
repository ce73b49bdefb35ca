// Reads the lines of a file while others append to it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace gobench::detector::findings {

class follower {
 public:
  // Makes the file, which must not exist yet. Throws std::system_error.
  explicit follower(const std::filesystem::path& file);
  follower(const follower&) = delete;
  follower& operator=(const follower&) = delete;
  ~follower();

  // The lines that were completed since the last call. Throws std::system_error.
  std::vector<std::string> lines();
  // What follows the last line end: a line whose writer was ended in the middle of it.
  const std::string& rest() const { return rest_; }

 private:
  std::filesystem::path file_;
  int fd_ = -1;
  std::string rest_;
};

}  // namespace gobench::detector::findings
