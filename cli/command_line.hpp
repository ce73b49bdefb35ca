// Command lines as text for a shell.
#pragma once

#include <string>
#include <vector>

#include "cli/command.hpp"

namespace gobench::cli {

// The argument as it is, or in quotes where a shell would change it.
std::string quoted(const std::string& argument);

// Quoted, with spaces between.
std::string quoted(const std::vector<std::string>& arguments);

// How the user typed gobench itself.
std::string typed_program(const surroundings& around);

// What the user typed to get here.
std::string typed_command(const surroundings& around);

}  // namespace gobench::cli
