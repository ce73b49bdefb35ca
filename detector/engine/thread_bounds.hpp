// Where the calling thread's stack and thread-local variables are.
#pragma once

#include "detector/engine/task_state.hpp"

namespace gobench::detector {

struct bounds {
  address low = 0;
  address high = 0;
};

// Of the calling thread, into its record; of the main thread the thread-local variables only.
void find_thread_bounds(task_state& task) noexcept;

// As far as the main thread's stack may grow.
bounds main_stack() noexcept;

}  // namespace gobench::detector
