// Waits and holds that last longer than an option says. Off by default.
#pragma once

#include "detector/blocking/wait_record.hpp"
#include "detector/engine/task_state.hpp"

namespace gobench::detector::blocking {

// The wait has ended. Sleeps are as long as somebody wanted them to be.
void look_at_length(task_state& task, const wait_seen& wait) noexcept;
// The task is about to unlock what it has held since then.
void look_at_hold(task_state& task, const held_lock& held, address pc) noexcept;

}  // namespace gobench::detector::blocking
