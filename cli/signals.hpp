// SIGINT and SIGTERM end a run between two samples; a second one ends the program at once.
#pragma once

namespace gobench::cli {

// From then on the first SIGINT or SIGTERM is only noted, and SIGPIPE ends the program quietly even when
// the parent had it ignored.
void watch_signals();

// The signal that was noted; 0 when none was.
int noted_signal() noexcept;

}  // namespace gobench::cli
