#include "cli/scratch_folder.hpp"

#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace gobench::cli {

scratch_folder::scratch_folder(const std::string& name) {
  const char* set = std::getenv("TMPDIR");
  const std::filesystem::path base = set == nullptr || *set == '\0' ? "/tmp" : set;
  std::error_code unusable;
  std::string made = (std::filesystem::absolute(base, unusable) / (name + "-XXXXXX")).string();
  if (::mkdtemp(made.data()) == nullptr) {
    throw std::system_error(errno, std::generic_category(), base.string());
  }
  path_ = made;
}

scratch_folder::~scratch_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace gobench::cli
