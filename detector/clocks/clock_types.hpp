// What names a moment of a task: the number of the task and the value of its own clock.
#pragma once

#include <cstdint>
#include <limits>

namespace gobench::detector {

using task_id = std::uint32_t;      // 0 is no task
using clock_value = std::uint32_t;  // starts at 1; who knows 0 of a task knows nothing of it

inline constexpr unsigned task_id_bits = 24;
inline constexpr task_id max_task_id = (task_id{1} << task_id_bits) - 1;

// The last value that there is. A clock that arrives here stays here, so that it no longer names a moment:
// it may be known or not known as any other, but nothing follows from knowing it.
inline constexpr clock_value max_clock_value = std::numeric_limits<clock_value>::max();

}  // namespace gobench::detector
