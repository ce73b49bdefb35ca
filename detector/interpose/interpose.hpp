// What the engine's start-up calls of the interposed side, and what its parts share.
#pragma once

#include "detector/engine/engine.hpp"

namespace gobench::detector {

// Once, by the main thread, when the engine is ready and before the first instruction of the program: looks the
// real functions up, makes the main thread known, and registers what runs at fork, at thread end and at exit.
void start_interposition() noexcept;

// Runs the handlers of signals that came while the calling thread was internal. Called by leave_internal when
// the outermost is left and a signal was noted.
void deliver_deferred_signals() noexcept;

}  // namespace gobench::detector

namespace gobench::detector::interpose {

// Parts of start_interposition.
void start_threads() noexcept;
void start_process() noexcept;

// Signals kept for later are the parent's.
void signals_after_fork_in_child() noexcept;

// The calling thread, which nobody knows yet, is a task from now on until it ends.
void become_task(address born) noexcept;

// A thread that is cancelled knows what its canceller knew: its clean-up handlers may rely on it. Blocking
// calls that are cancellation points run through here.
void cancelled() noexcept;

}  // namespace gobench::detector::interpose
