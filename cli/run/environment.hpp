// What has to be settled between a measuring process and its environment.
#pragma once

#include <exception>
#include <string>
#include <vector>

namespace gobench::cli::run {

// The runtime lets these variables override what a run asks for. Here they would change the points
// at which cases are measured without changing what the records say: the settings have taken
// GOBENCH_PROCS as --procs already. Removes them, and returns a sentence about each of the others.
// Throws usage_error for a variable of the runtime that means nothing to it.
std::vector<std::string> take_over_environment();

// Whether the system refused something, such as one more thread, somewhere in the chain of causes.
bool refused_by_system(const std::exception& error);

}  // namespace gobench::cli::run
