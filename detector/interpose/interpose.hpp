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

// What is carried across fork: the list of threads, and signals kept for later.
void threads_before_fork() noexcept;
void threads_after_fork(bool in_child) noexcept;
void signals_after_fork_in_child() noexcept;

// A thread that is cancelled knows what its canceller knew: its clean-up handlers may rely on it. Blocking
// calls that are cancellation points run through here.
void cancelled() noexcept;

}  // namespace gobench::detector::interpose
