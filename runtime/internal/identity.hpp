// Who the calling OS thread is, when it is no worker.
#pragma once

#include "runtime/internal/control.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {

// The waiter of the calling OS thread itself: the task it carries, or one from the common pool that goes
// back when the thread ends. Never inlined: see this_worker().
__attribute__((noinline)) waiter& thread_waiter();

// Makes the calling thread the carrier of a task; null to end that.
void set_thread_task(control* task) noexcept;
control* this_thread_task() noexcept;  // null when it carries none

// The calling thread belongs to the runtime: what it wakes is no sign of an outsider.
void become_runtime_thread() noexcept;

// To be called by whatever touches tasks of a run: when the calling thread was started by somebody else
// and carries no task of ours, the run is no longer all there is, and a standstill no deadlock.
void note_outsider() noexcept;

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
