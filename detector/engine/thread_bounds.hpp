// Where the calling thread's stack and thread-local variables are.
#pragma once

#include "detector/engine/task_state.hpp"

namespace gobench::detector {

void find_thread_bounds(task_state& task) noexcept;

}  // namespace gobench::detector
