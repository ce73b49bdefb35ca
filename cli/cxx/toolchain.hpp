// The user's compiler, and what it needs for the check flavour.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace gobench::cli::cxx {

enum class compiler_family { gcc, clang };

struct compiler {
  std::vector<std::string> words;  // such as {"ccache", "/usr/bin/g++"}, the first one a path
  compiler_family family = compiler_family::gcc;
};

// $GOBENCH_CXX, else $CXX unless that is gobench itself, else c++. Throws environment_error when there is
// no such program.
compiler find_compiler();

// Where the library of the check flavour is and what goes with it. It is told by a file beside this
// program, ../lib/gobench/check-flags, one flag per line after the word compile, link or library; {prefix}
// in it is the folder that both are in.
struct check_library {
  std::filesystem::path told_by;
  std::vector<std::string> compile;
  std::vector<std::string> link;
  std::vector<std::string> missing;  // libraries that should be there and are not
};

// Throws environment_error when there is no such file.
check_library find_library();
// The same, from the program at that path.
check_library find_library(const std::filesystem::path& program);

// What to add to the user's own arguments: `debug` says whether those have some -g.
std::vector<std::string> compile_flags(const compiler& with, const check_library& library,
                                       bool debug);
// For programs; a shared library takes the detector from the program that loads it. Throws
// environment_error when the library is not there.
std::vector<std::string> link_flags(const check_library& library);

}  // namespace gobench::cli::cxx
