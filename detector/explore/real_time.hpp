// What is real while time is virtual: whether the process still gets anywhere, and whether it has children.
#pragma once

namespace gobench::detector::explore::real_time {

// Where the process waits: ends it as a hang if there has been no step for long.
void check() noexcept;
// Looks from time to time whether the thread that runs still makes steps.
void watch() noexcept;

void child_was_made() noexcept;
bool has_children() noexcept;

}  // namespace gobench::detector::explore::real_time
