#include "detector/findings/places.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>
#include <system_error>

namespace gobench::detector::findings {

namespace {

namespace fs = std::filesystem;

fs::path repository_of(const fs::path& directory) {
  std::error_code ignored;
  for (fs::path at = directory;; at = at.parent_path()) {
    for (const char* mark : {".git", ".hg", ".jj"}) {
      if (fs::exists(at / mark, ignored)) return at;
    }
    if (at == at.parent_path()) return directory;
  }
}

}  // namespace

places::places(const fs::path& directory, const fs::path& workspace)
    : directory_(directory.lexically_normal()) {
  root_ = (workspace.empty() ? repository_of(directory_) : workspace).lexically_normal();
  if (!root_.has_filename() && root_.has_parent_path()) root_ = root_.parent_path();
}

std::string places::shown(const std::string& file) const {
  const fs::path whole = (directory_ / file).lexically_normal();
  const fs::path relative = whole.lexically_relative(root_);
  if (relative.empty() || *relative.begin() == "..") return whole.string();
  return relative.string();
}

bool places::below_root(const std::string& file) const {
  return !fs::path(shown(file)).is_absolute();
}

std::string places::shown(const frame& one) const {
  if (!one.file.empty()) {
    return one.line > 0 ? fmt::format("{}:{}", shown(one.file), one.line) : shown(one.file);
  }
  if (one.module.empty()) return "??";
  const std::string name = fs::path(one.module).filename().string();
  return one.offset.empty() ? name : fmt::format("{}+{}", name, one.offset);
}

std::string uri_path(const std::string& path) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/!$&'()*+,;=@";
  std::string made;
  for (const char c : path) {
    if (plain.find(c) != std::string_view::npos) {
      made += c;
    } else {
      made += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return made;
}

}  // namespace gobench::detector::findings
