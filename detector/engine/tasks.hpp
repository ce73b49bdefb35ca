// The registry of tasks: who has which id, and who may have an id again.
//
// A task_state is kept in a table by id and never freed. When a task is over, its state waits in a queue of
// the dead, so that its trace can still be read; a new task may take the state and the id over if its creator's clock
// covers the last clock of the dead one: then nobody can mistake the one for the other, since whatever the new
// one does is ordered after all that the old one did, and its clock goes on from there.
#pragma once

#include "detector/engine/engine.hpp"
#include "detector/engine/task_state.hpp"

namespace gobench::detector {

inline constexpr std::size_t most_tasks = std::size_t{1} << 22;

void reserve_tasks() noexcept;
// The main thread; start-up calls it once.
task_state* make_main_task() noexcept;
std::uint32_t tasks_used() noexcept;
task_state& task_by_id(task_id id) noexcept;
// Null if nobody has had the id yet.
task_state* find_task(task_id id) noexcept;

template <typename F>
void for_each_task(F f) {
  const std::uint32_t used = tasks_used();
  for (task_id id = 1; id <= used; ++id) f(task_by_id(id));
}

// The task goes on under a new id, knowing all it knew: its clock has come to its end.
void take_new_id(task_state& task) noexcept;

void grow_frames(task_state& task) noexcept;

// Does a thread live beside the caller? For the child of a fork; approximate elsewhere.
bool has_other_threads() noexcept;

void lock_tasks() noexcept;
void unlock_tasks() noexcept;

}  // namespace gobench::detector
