// Suites from outside: shared objects that register them (docs/writing-a-suite.md).
#pragma once

#include <string>
#include <vector>

namespace gobench::cli {

// Loads the files, each once, in this order; they stay loaded. A name without a slash is of the current directory. Throws
// environment_error with the file and the cause: it cannot be loaded, registers nothing, or what it
// registers contradicts itself.
void load_plugins(const std::vector<std::string>& files);

}  // namespace gobench::cli
