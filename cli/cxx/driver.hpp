// `gobench cxx` without its command line: the compiler, called as the check flavour needs it.
//
// Objects are compiled with -fsanitize=thread, which makes the compiler put in the calls that a detector
// needs, and linked without it, which would bring in the compiler's own detector. A command that compiles
// and links at once therefore becomes one per source and one that links.
#pragma once

#include <string>
#include <vector>

#include "cli/cxx/arguments.hpp"
#include "cli/cxx/toolchain.hpp"

namespace gobench::cli::cxx {

// One call of the compiler, its path first.
using call = std::vector<std::string>;

// The calls for what was asked. Objects between two of them go to `scratch`. Throws environment_error when
// the library is missing that a call needs, usage_error for what the check flavour cannot do.
std::vector<call> plan(const arguments& asked, const compiler& with, const check_library& library,
                       const std::string& scratch);

// As the user's compiler would: its streams are ours. Returns the exit code; does not return at all when one
// call is enough, as this process then becomes the compiler.
int compile(const std::vector<std::string>& words);

}  // namespace gobench::cli::cxx
