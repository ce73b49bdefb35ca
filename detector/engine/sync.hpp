// Edges between a task and a clock that the caller has locked.
#pragma once

#include "detector/clocks/object_clock.hpp"
#include "detector/engine/task_state.hpp"

namespace gobench::detector {

void acquire_from(task_state& task, const object_clock& clock) noexcept;
void release_to(task_state& task, object_clock& clock) noexcept;
void release_merge_to(task_state& task, object_clock& clock) noexcept;

}  // namespace gobench::detector
