// A folder for files that only this command needs; it goes with everything in it.
#pragma once

#include <filesystem>
#include <string>

namespace gobench::cli {

class scratch_folder {
 public:
  // Below TMPDIR, or /tmp. Throws std::system_error.
  explicit scratch_folder(const std::string& name);
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  ~scratch_folder();

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace gobench::cli
