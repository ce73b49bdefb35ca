// Leaving one fiber's stack for another.
#pragma once

#include "runtime/internal/worker.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {

// Leaves `from` (null: the worker's scheduling loop) for `to` (null: the loop) on the same worker. What
// `how` says happens to `from` as soon as its stack is not in use any more. Returns when somebody
// switches back to `from`, and tells on which worker.
worker& switch_to(worker& w, control* from, control* to, leave how);

// Gives a task that has no stack one, and a context. False, and the task has ended with std::bad_alloc, when there
// is no memory for a stack.
bool prepare(worker& w, control& fresh);

// Returns a processor's cached stacks to the arena.
void flush_stacks(processor& p) noexcept;

// The same with those that were not needed since the last call. False when there were none at all. For an
// idle processor.
bool flush_idle_stacks(processor& p) noexcept;

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
