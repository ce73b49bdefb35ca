// What the detector knows about a task: thread or fiber.
//
// Owner. Everything but what is marked otherwise is touched by the task itself only: by the OS thread that it runs on,
// which changes at switches only. Who reports reads the trace of others under the lock of the traces (trace.hpp).
//
// Epochs. `clock.now()` is the epoch that the task is in. A release publishes the clock as it is and ends the epoch;
// the next one begins with the next access that is recorded or the next acquire (task_clock.hpp, first invariant), so
// releases in a row cost one. While no epoch is open, `tags` are 0, which equal no cell, and `trace_end` is null,
// which sends the next access to `open_gate()` (access.cpp). The same gate is used for all that is rare:
// ignoring, no trace, dummy.
#pragma once

#include <emmintrin.h>

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "detector/blocking/wait_record.hpp"
#include "detector/clocks/task_clock.hpp"
#include "detector/engine/cell.hpp"
#include "detector/engine/depot.hpp"
#include "detector/engine/trace.hpp"
#include "detector/report/raw_finding.hpp"

namespace gobench::detector {

// A frame of the shadow call stack. `pc` is where the function returns to; `stack` the low half of the stack
// pointer at its entry, for longjmp; `node` names the stack up to here, 0 until somebody asks (depot.hpp).
struct frame {
  address pc;
  std::uint32_t stack;
  stack_id node;
};

// A lock that the task holds.
struct held_lock {
  address lock;
  std::uint32_t number;  // M1, M2, ... of reports
  std::uint16_t levels;
  bool shared;
  stack_id taken;
};

enum class life : std::uint8_t { unused, created, running, finished };

struct alignas(64) task_state {
  // What an access reads.
  cell tags[cells_per_granule] = {};  // current index, shifted, in all lanes; 0: no epoch is open
  cell block_base = cell_index;       // own cells: (c & block_mask) == block_base
  cell block_mask = 0;
  std::uint32_t number = 0;  // T1, T2, ... of reports
  trace_event* trace_next = nullptr;
  trace_event* trace_end = nullptr;  // null: look() first
  address trace_pc = 0;              // the pc that the next access event is relative to
  frame* frame_next = nullptr;
  frame* frame_end = nullptr;
  frame* frames = nullptr;

  // What the slow paths need.
  trace_event* trace_stop = nullptr;  // the real end of the part
  trace_part* part = nullptr;         // the one being written; null: events are dropped
  cell index_tag = 0;                 // the last index; 0: none
  clock_value index_clock = 0;        // the epoch that the last index stands for
  bool published = false;             // the clock was published as it is: the epoch has ended
  bool unrecorded = false;            // there was no index for it: accesses are dropped
  bool dummy = false;
  std::uint32_t ignoring_accesses = 0;
  std::uint32_t ignoring_sync = 0;
  std::uint32_t in_our_code = 0;  // code of the library inlined into the program
  task_clock clock;

  static constexpr unsigned cache_size = 16;
  struct known_entry {
    task_id id;
    clock_value clock;
  } known[cache_size] = {};

  // The epoch of another task that was last found to be known, as it is in cells; holds until the next reset.
  cell ordered_tag = 0;
  std::uint64_t ordered_resets = 0;

  // Fences: what relaxed reads would have acquired, and what a release fence published.
  bool has_release_fence = false;
  object_clock pending_acquire;
  object_clock release_fence;

  // Locks held, in order of acquisition.
  held_lock* held = nullptr;
  std::uint32_t held_count = 0;
  std::uint32_t held_capacity = 0;

  blocking::wait_record wait;

  // Life; under the lock of tasks.cpp where others are concerned.
  task_kind kind = task_kind::thread;
  std::atomic<life> stage{life::unused};
  bool joined_or_detached = false;
  std::uint32_t parent = 0;
  clock_value first_clock = 1;  // of the present holder of this state
  task_id dead_id = 0;          // what its clock was, once it is in the queue of the dead: the
  clock_value last_clock = 0;   // clock itself is given back then
  stack_id born = 0;
  char name[48] = {};
  address stack_low = 0, stack_high = 0;
  address tls_low = 0, tls_high = 0;
  task_state* next = nullptr;  // in the queue of the dead
  // Parts of the trace, oldest first; under the lock of the traces.
  trace_part* first_part = nullptr;
  trace_part* last_part = nullptr;
  std::uint32_t part_count = 0;
};

extern __thread task_state* current_task __attribute__((tls_model("initial-exec")));
extern task_state dummy_task;

// In one store: the next access loads them all at once.
inline void set_tags(task_state& task, cell tag) noexcept {
  _mm_store_si128(reinterpret_cast<__m128i*>(task.tags), _mm_set1_epi32(static_cast<int>(tag)));
}
// Closes the gate: the next access looks.
inline void shut(task_state& task) noexcept {
  set_tags(task, 0);
  task.trace_end = nullptr;
}
inline void open(task_state& task) noexcept { set_tags(task, task.index_tag); }

// After a release: what the task does from now on is not what was published.
inline void end_epoch(task_state& task) noexcept {
  if (task.published) {
    task.published = false;
    task.clock.advance();
  }
}

// Writes an event if the task has a part with room; else the part is given up as the one being written, and the
// next access begins another. Without a part, both ends are null.
inline void push_event(task_state& task, trace_event event) noexcept {
  // Looked at once: after a handler of a signal there is no part, and the event goes into the one that was.
  trace_event* const at = task.trace_next;
  if (at < task.trace_stop) [[likely]] {
    *at = event;
    task.trace_next = at + 1;
  } else {
    push_event_slowly(task);
  }
}

inline bool skips_accesses(const task_state& task) noexcept {
  return task.ignoring_accesses != 0 || task.in_our_code != 0 || task.unrecorded;
}

// Whether what happened at `then` is ordered before what `task` does now.
inline bool knows(task_state& task, task_id id, clock_value then) noexcept {
  task_state::known_entry& entry = task.known[id % task_state::cache_size];
  if (entry.id == id && entry.clock >= then) return true;
  if (id == task.clock.self()) return true;
  const clock_value now = task.clock.known(id);
  entry = {id, now};
  return now >= then;
}

}  // namespace gobench::detector
