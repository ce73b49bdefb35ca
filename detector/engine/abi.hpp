// How the functions of the ABI are declared.
#pragma once

#include "detector/engine/task_state.hpp"

#define GOBENCH_ABI __attribute__((visibility("default")))

namespace gobench::detector {

void push_frame(task_state& task, address pc, address stack) noexcept;
void pop_frame(task_state& task) noexcept;
void enter_function_slowly(void* pc, address stack) noexcept;
void leave_function_slowly() noexcept;

}  // namespace gobench::detector
