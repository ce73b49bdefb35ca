// The watchdog thread, as Go's sysmon: what no worker can notice because it is busy or blocked.
//
// One thread per process, started with the first run on fibers. While a run has work it looks every
// millisecond to ten: it hands on processors whose task sits in a blocking call, wakes a worker for work that
// queues behind a task that computes, fires timers that are overdue, and keeps the coarse clock. When
// everything sleeps, so does it, until a worker notices it.
#pragma once

#include "runtime/flavour.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {

// Starts it unless it runs (also after a fork). Throws std::system_error.
void start_watchdog();

// Something runs again.
void watchdog_notice() noexcept;

// Makes it look soon, whatever it does. Also from a signal handler.
void watchdog_wake() noexcept;

// The kernel's number of its thread; 0 when there is none.
int watchdog_number() noexcept;

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
