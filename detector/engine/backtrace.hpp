// The real call stack, through code that is not instrumented: for what is rare and wants to be told in full.
#pragma once

#include "detector/engine/depot.hpp"

namespace gobench::detector {

// As stack_of(), with the frames of libraries that the shadow stack does not know. Takes microseconds.
stack_id whole_stack_of(task_state& task, address pc) noexcept;

}  // namespace gobench::detector
