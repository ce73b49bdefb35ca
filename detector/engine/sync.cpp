// Happens-before edges through objects, and what annotations switch off.
#include "detector/engine/sync.hpp"
#include "detector/blocking/lock_order.hpp"
#include "detector/engine/engine.hpp"
#include "detector/engine/internal.hpp"
#include "detector/engine/recording.hpp"
#include "detector/engine/sync_object.hpp"
#include "detector/engine/task_state.hpp"

namespace gobench::detector {

namespace {

address at(const void* object) noexcept { return reinterpret_cast<address>(object); }

bool skips_sync(const task_state& task) noexcept {
  return task.dummy || task.ignoring_sync != 0 || task.in_our_code != 0 || internal_depth != 0;
}

}  // namespace

namespace told {

void acquire(const void* object) noexcept {
  task_state& task = *current_task;
  if (task.dummy) return;
  const internal_mark inside;
  if (const sync_ref found = find_object(at(object))) {
    acquire_from(task, found->clock);
    recording::sync(task, recording::step::acquire, at(object));
  }
}

void release(const void* object) noexcept {
  task_state& task = *current_task;
  if (task.dummy) return;
  const internal_mark inside;
  const sync_ref found = object_at(at(object));
  release_to(task, found->clock);
  recording::sync(task, recording::step::release, at(object));
}

void release_merge(const void* object) noexcept {
  task_state& task = *current_task;
  if (task.dummy) return;
  const internal_mark inside;
  const sync_ref found = object_at(at(object));
  release_merge_to(task, found->clock);
  recording::sync(task, recording::step::release_merge, at(object));
}

void transfer(const void* from, const void* to) noexcept {
  if (current_task->dummy) return;
  const internal_mark inside;
  // Not both locks at once: two transfers may cross. A copy shares the tree.
  object_clock past;
  if (const sync_ref source = find_object(at(from))) past.assign(source->clock);
  if (past.empty()) {
    if (const sync_ref target = find_object(at(to))) {
      target->clock.clear();
      recording::sync(*current_task, recording::step::forget, at(to));
    }
    return;
  }
  const sync_ref target = object_at(at(to));
  target->clock.assign(past);
  recording::transfer(*current_task, at(from), at(to), false);
  past.clear();
}

}  // namespace told

void acquire(const void* object) noexcept {
  if (!skips_sync(*current_task)) told::acquire(object);
}
void release(const void* object) noexcept {
  if (!skips_sync(*current_task)) told::release(object);
}
void release_merge(const void* object) noexcept {
  if (!skips_sync(*current_task)) told::release_merge(object);
}
void transfer(const void* from, const void* to) noexcept {
  if (!skips_sync(*current_task)) told::transfer(from, to);
}

void forget_object(const void* object) noexcept {
  const internal_mark inside;
  // The neighbours in the same word go as well only when the memory does; here it stays in the list, empty.
  if (const sync_ref found = find_object(at(object))) {
    found->clock.clear();
    recording::sync(*current_task, recording::step::forget, at(object));
    if (found->as_lock != nullptr) {
      blocking::lock_order::forget(*found->as_lock);
      found->as_lock->renew();
    }
  }
}

void ignore_accesses_begin() noexcept {
  task_state& task = *current_task;
  if (task.dummy) return;
  ++task.ignoring_accesses;
  shut(task);
}
void ignore_accesses_end() noexcept {
  task_state& task = *current_task;
  if (!task.dummy && task.ignoring_accesses != 0) --task.ignoring_accesses;
}
void ignore_sync_begin() noexcept {
  task_state& task = *current_task;
  if (!task.dummy) ++task.ignoring_sync;
}
void ignore_sync_end() noexcept {
  task_state& task = *current_task;
  if (!task.dummy && task.ignoring_sync != 0) --task.ignoring_sync;
}
void our_code_begin() noexcept {
  task_state& task = *current_task;
  if (task.dummy) return;
  ++task.in_our_code;
  shut(task);
}
void our_code_end() noexcept {
  task_state& task = *current_task;
  if (!task.dummy && task.in_our_code != 0) --task.in_our_code;
}
std::uint32_t our_code_leave() noexcept {
  task_state& task = *current_task;
  const std::uint32_t depth = task.in_our_code;
  if (!task.dummy) task.in_our_code = 0;
  return depth;
}
void our_code_enter_again(std::uint32_t depth) noexcept {
  task_state& task = *current_task;
  if (task.dummy || depth == 0) return;
  task.in_our_code = depth;
  shut(task);
}

}  // namespace gobench::detector
