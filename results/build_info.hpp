// What this binary was built from and how; recorded with every result.
#pragma once

#include <string_view>

namespace gobench::results {

struct build_info {
  std::string_view version;     // of gobench, such as 0.1.0
  std::string_view git_commit;  // short hash, "-dirty" added when sources were changed after it;
                                // empty when not built from a clone
  std::string_view compiler;    // name and version, such as GNU 12.2.0
  std::string_view flags;       // optimisation, debug and sanitizer flags
  std::string_view build_type;  // Release, Debug, ...
};

// Callable from anywhere at any time; the strings live as long as the program.
[[nodiscard]] const build_info& this_build() noexcept;

}  // namespace gobench::results
