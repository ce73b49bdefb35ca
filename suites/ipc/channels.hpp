// The suite's own variants: what processes have is compared with these.
#pragma once

#include <vector>

#include "suites/registry.hpp"

namespace gobench::suites::ipc {

// Of channels between two tasks of one process; Go's as well.
std::vector<variant> between_tasks();

}  // namespace gobench::suites::ipc
