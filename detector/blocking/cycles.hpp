// Deadlocks that are certain when their last wait begins.
#pragma once

#include "detector/blocking/obstacles.hpp"

namespace gobench::detector::blocking {

// The task's wait has begun. Tells a deadlock that this closes; ends the process if nobody can go on then.
void look_for_cycle(task_state& task) noexcept;
// Tells a deadlock that the task is part of, if it was not told. Returns whether it was told now.
bool tell_cycle(task_state& task) noexcept;
// After a deadlock: does everybody wait for it? Then the process is ended.
void end_if_all_are_stuck() noexcept;

}  // namespace gobench::detector::blocking
