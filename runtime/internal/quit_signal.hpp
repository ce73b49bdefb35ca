// SIGQUIT while a run is on: a dump of all tasks; runtime/dump.hpp says how users see it.
//
// Invariants
//  - The handler only sets a word and wakes the watchdog, which is all that a handler may do. The watchdog
//    starts a thread that makes the dump, since that may take a second.
//  - It is installed only over the default action, for the time of a run, and taken away only if it is
//    still there.
#pragma once

#include "runtime/flavour.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {

// What to do is in GOBENCH_SIGQUIT. Throws std::invalid_argument when it is neither die, continue nor off.
void take_quit_signal();
void leave_quit_signal() noexcept;

// For the watchdog: makes the dump if one was asked for.
void serve_quit_signal() noexcept;

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
