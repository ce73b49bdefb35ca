// From a conflict to a finding.
#pragma once

#include "detector/engine/epochs.hpp"
#include "detector/engine/task_state.hpp"

namespace gobench::detector {

// `me` is the access that the task is making, `other` the cell it conflicts with, `then` whose it is.
void raced_with(task_state& task, cell me, address where, address pc, cell other,
                epoch then) noexcept;
// The memory was freed by `then`; `raced`: not ordered before.
void accessed_freed(task_state& task, cell me, address where, address pc, cell other, epoch then,
                    bool raced) noexcept;
void misused_lock(task_state& task, finding_type what, address lock, std::uint32_t number,
                  stack_id earlier, address pc) noexcept;

// Conflicts found by the calling thread so far, reported or not.
std::uint64_t races_seen() noexcept;

// While it lives, writes of the calling thread are the freeing of memory; or the change of an object's class.
class freeing_mark {
 public:
  freeing_mark() noexcept;
  ~freeing_mark();
  freeing_mark(const freeing_mark&) = delete;
  freeing_mark& operator=(const freeing_mark&) = delete;
};
class vptr_mark {
 public:
  vptr_mark() noexcept;
  ~vptr_mark();
  vptr_mark(const vptr_mark&) = delete;
  vptr_mark& operator=(const vptr_mark&) = delete;
};

}  // namespace gobench::detector
