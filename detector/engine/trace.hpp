// What each task did lately, in events of eight bytes, so that the stack of an earlier access can be rebuilt.
//
// A trace is a list of parts. A part begins with the call stack and the locks as they were, so that it can be replayed
// alone; then come accesses, entries and exits of functions, locks, and the beginnings of epochs. Parts grow
// with the task: the first has room for about a hundred events, since most fibers do little.
//
// Locks. The owner writes events without one. Beginning a part, giving parts up and replaying happen under
// `traces.lock`. An event is written before the cell of its access, so who has seen the cell finds the event
// (stores of one thread are seen in order on x86).
// Memory. All parts together stay below a budget; then the part that was begun first is given up, of whatever
// task, unless it is the one being written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "detector/clocks/clock_types.hpp"
#include "detector/engine/layout.hpp"
#include "detector/engine/spin_lock.hpp"

namespace gobench::detector {

struct task_state;

// bit 63 set: an access. 62 read, 61 atomic, 59-60 log2 of its size, 44-58 pc minus the pc before, 0-43 address.
// Else bits 56-62 are the kind and 0-47 what the kind says.
using trace_event = std::uint64_t;

enum class event_kind : std::uint8_t {
  none,
  entry,  // pc
  exit,
  pc,      // the next access is relative to this
  epoch,   // clock value, 32 bits
  lock,    // low 44 bits of the address; bit 47: shared. The pc event before it says where
  unlock,  // low 44 bits of the address; bit 47: all levels
  range,   // low 44 bits of the address; bit 47: read. The next event is its size as is
  size,    // of the range
};

inline constexpr trace_event access_event = trace_event{1} << 63;
inline constexpr unsigned pc_bits = 15;
inline constexpr unsigned pc_shift = 44;

inline constexpr trace_event make_event(event_kind kind, std::uint64_t payload) {
  return (trace_event{static_cast<std::uint8_t>(kind)} << 56) |
         (payload & ((trace_event{1} << 48) - 1));
}
inline constexpr trace_event flag_bit = trace_event{1} << 47;

struct trace_part {
  task_state* owner;
  trace_part* newer;  // of the same task
  trace_part* older;
  trace_part* later_begun;  // of all tasks
  trace_part* earlier_begun;
  clock_value first_clock;
  std::uint32_t bytes;
  trace_event*
      written;  // end of its events once it is full; while it is written, the owner's trace_next
  trace_event* events() { return reinterpret_cast<trace_event*>(this + 1); }
};

struct traced_lock {
  address lock;
  bool shared;
  std::vector<address> taken;
};

struct traced_access {
  bool found = false;
  std::vector<address> stack;  // innermost first
  std::vector<traced_lock> locks;
  std::size_t size = 0;
};

class trace_store {
 public:
  spin_lock lock;

  void set_budget(std::size_t bytes) noexcept { budget_ = bytes; }
  void set_parts_per_task(std::uint32_t parts) noexcept { most_parts_ = parts; }

  // Begins a part for the task, with what is needed to replay it.
  void begin_part(task_state& task) noexcept;
  // Gives all parts of the task up.
  void drop(task_state& task) noexcept;

  // The last access by the task in its epoch `clock` that touches one of the bytes, of that kind. Takes the lock.
  // Must be called inside the detector.
  traced_access replay(task_state& task, clock_value clock, address low, std::size_t size,
                       bool read, bool atomic);

 private:
  void unlink(trace_part& part) noexcept;

  std::size_t budget_ = std::size_t{256} << 20;
  std::size_t used_ = 0;
  std::uint32_t most_parts_ = 8;
  trace_part* first_begun_ = nullptr;
  trace_part* last_begun_ = nullptr;
};

extern trace_store traces;

// The part has no room, or there is none; see push_event (task_state.hpp).
void push_event_slowly(task_state& task) noexcept;

}  // namespace gobench::detector
