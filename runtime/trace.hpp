// A picture of what the tasks of a program do, for ui.perfetto.dev and chrome://tracing.
//
//   GOBENCH_TRACE=trace.json ./program
//
// The file has a track for each processor (with OS threads as tasks: for each task), on it a slice for
// each time that a task ran, named after the task and where it was spawned, with why it ended; marks for
// spawns, wake-ups, parks with reason and object, steals and hand-offs; arrows from who made a task
// runnable to where it ran; blocking calls, and when a processor was idle.
//
// Environment
//   GOBENCH_TRACE=file          trace every run; %p becomes the number of the process. A file that cannot
//                               be written is told on stderr, and the program goes on without a trace
//   GOBENCH_TRACE_LIMIT=bytes   largest size of the file (256m; suffixes k, m, g): later events are counted
//                               as dropped, and the file says how many
//
// Nothing of it ever blocks the program: each worker (and each task thread) has a buffer of 16384 events, a
// thread of ours writes them to the file, and what does not fit is dropped and counted. run() returns when
// all is written. The file can be loaded whenever the program is killed; the last 10 ms may be missing.
// A child made by fork() is traced only if %p gives it a file of its own.
#pragma once

#include <string>

#include "runtime/flavour.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {

// The same from within: traces all runs that begin from now on, to this file, which is replaced. %p
// becomes the number of the process. Throws std::system_error with the path when it cannot be written,
// and std::invalid_argument for a GOBENCH_TRACE_LIMIT that is no size. Not inside a run.
void trace_to(const std::string& path);

}  // namespace gobench::inline GOBENCH_FLAVOUR
