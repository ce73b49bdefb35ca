// Edges between a task and a clock that the caller has locked.
#pragma once

#include "detector/clocks/object_clock.hpp"
#include "detector/engine/task_state.hpp"

namespace gobench::detector {

inline void acquire_from(task_state& task, const object_clock& clock) noexcept {
  if (task.published) {
    end_epoch(task);
    shut(task);  // the tag stands for the epoch that has ended
  }
  // An epoch that is open goes on: what is acquired in its middle only makes more known. Unless the clock jumped.
  task.clock.acquire(clock);
  if (task.clock.now() != task.index_clock) shut(task);
}

inline void release_to(task_state& task, object_clock& clock) noexcept {
  task.clock.release(clock);
  task.published = true;
  shut(task);
}

inline void release_merge_to(task_state& task, object_clock& clock) noexcept {
  task.clock.release_merge(clock);
  task.published = true;
  shut(task);
}

}  // namespace gobench::detector
