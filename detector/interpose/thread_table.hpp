// Which task a pthread_t is.
//
// Invariants
// - A thread is in the table from before its first own instruction, and from before pthread_create returns, until
//   its identifier becomes invalid: it was joined, or is both finished and detached.
// - `lock` guards the table; it is taken by internal threads only, so no handler runs while it is held.
#pragma once

#include <pthread.h>

#include "detector/engine/engine.hpp"

namespace gobench::detector::interpose::thread_table {

// Replaces what an earlier thread of the same identifier left.
void add(pthread_t thread, task_state* task, bool detached) noexcept;
// Null if it is not known.
task_state* find(pthread_t thread) noexcept;
// Joined, and `task` not yet released: the identifier may be another thread's already, which stays.
void remove(pthread_t thread, const task_state* task) noexcept;
// Removes it if it has finished. Returns its task, null if it is not known or was detached before.
task_state* detach(pthread_t thread) noexcept;
// The calling thread ends. Removes it if it is detached.
void finished(pthread_t thread) noexcept;

void before_fork() noexcept;
// In the child only the caller is left.
void after_fork(bool in_child) noexcept;

}  // namespace gobench::detector::interpose::thread_table
