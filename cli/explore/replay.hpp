// One schedule again: `gobench replay`.
#pragma once

#include "cli/explore/request.hpp"

namespace gobench::cli::explore {

// Returns the exit code.
int replay(const replay_request& asked, const surroundings& around);

}  // namespace gobench::cli::explore
