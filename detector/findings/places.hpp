// Paths of sources as others want them: relative to the root of the sources where they lie below it.
#pragma once

#include <filesystem>
#include <string>

#include "detector/findings/finding.hpp"

namespace gobench::detector::findings {

class places {
 public:
  // The root is `workspace` if that is not empty, else the folder above `directory` that a version
  // control system calls its root, else `directory`. Relative paths are meant from `directory`.
  explicit places(const std::filesystem::path& directory,
                  const std::filesystem::path& workspace = {});

  const std::filesystem::path& root() const { return root_; }

  // "src/app.cpp" below the root, else the absolute path.
  std::string shown(const std::string& file) const;
  bool below_root(const std::string& file) const;

  // "src/app.cpp:12", or "app+0x1234" without debug information, or "??".
  std::string shown(const frame& one) const;

 private:
  std::filesystem::path directory_;
  std::filesystem::path root_;
};

// A path as (part of) a URI: what RFC 3986 does not allow in a path becomes %XX.
std::string uri_path(const std::string& path);

}  // namespace gobench::detector::findings
