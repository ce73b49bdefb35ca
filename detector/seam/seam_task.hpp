// What the seam keeps for each task beside the engine's record.
//
// Invariants
//  - here() is the seam's record of what the calling thread runs: a fiber's, a coroutine's or an actor's between two
//    task_switched(), the thread's own otherwise. The engine's current() is its `state` then.
//  - `level` is what set_internal() was told last. While it is not 0, and not before the task has run, the engine takes
//    what the task does for code of ours, entered once; what is told:: is not skipped.
//  - Records of fibers come from slabs that are never freed: one may be looked at a moment too late.
#pragma once

#include <cstdint>

#include "detector/engine/engine.hpp"

namespace gobench::detector::seam {

enum level : std::uint8_t { seen = 0, internal = 1, silent = 2 };

struct task {
  task_state* state = nullptr;
  // Where the program entered the outermost internal scope: the place of what the library does there.
  address entered_at = 0;
  std::uint8_t level = seen;
  // Internal from its first moment on, but the engine can be told only once it is current.
  bool fresh = false;
  task* next_free = nullptr;
};

// Never null.
task& here() noexcept;
void become(task& one) noexcept;

task& take_task();
void give_task(task& one) noexcept;

// Where in the program something was done, given where the hook was called from.
inline address place(const task& by, address caller) noexcept {
  return by.level == seen ? caller : by.entered_at;
}

}  // namespace gobench::detector::seam
