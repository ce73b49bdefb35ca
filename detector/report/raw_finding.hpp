// What the engine hands to the report: a finding as it was seen, in addresses.
//
// Nothing here owns memory but the vectors of program counters; they come from the detector's own arena
// (engine/internal.hpp), so a raw finding may be made anywhere the detector runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace gobench::detector {

using address = std::uintptr_t;

enum class finding_type : std::uint8_t {
  data_race,               // two accesses, at least one a write, not ordered
  atomic_race,             // the same, one of them atomic and the other not
  use_after_free_race,     // an access and the freeing of its memory, not ordered
  use_after_free,          // an access to memory whose freeing was ordered before it
  race_with_free,          // a free and an earlier access, not ordered
  vptr_race,               // a virtual call or destructor against the change of an object's class
  destroyed_while_locked,  // misuse of locks from here on
  unlock_by_another,
  unlock_of_unlocked,
  double_lock,
  invalid_lock,        // a lock that was destroyed, or never was one
  channel_close_race,  // close beside a send or another close, not ordered
};

enum class operation : std::uint8_t {
  read,
  write,
  atomic_read,
  atomic_write,
  free_memory,
  vptr_update,
  lock,
  unlock,
  destroy,
  close_channel,
  send_channel,
};

enum class task_kind : std::uint8_t { main_thread, thread, fiber };

// Program counters, innermost first. The innermost is the address of the access or call itself as a return
// address: a symboliser subtracts 1.
using raw_stack = std::vector<address>;

struct raw_task {
  std::uint32_t id = 0;  // as printed: T1 is the main thread
  task_kind kind = task_kind::thread;
  char name[48] = {};        // empty: none was set
  std::uint32_t parent = 0;  // 0: unknown
  raw_stack born;            // where it was made
  bool running = true;
};

struct raw_lock {
  std::uint32_t id = 0;  // as printed: M1, M2, ...
  address where = 0;
  bool shared = false;
  raw_stack taken;  // where it was acquired, may be empty
};

struct raw_access {
  operation what = operation::read;
  address where = 0;
  std::size_t size = 0;
  std::uint32_t task = 0;  // index into raw_finding::tasks
  raw_stack stack;         // may be empty: it could not be restored
  std::vector<raw_lock> locks;
};

enum class location_kind : std::uint8_t {
  unknown,
  heap,
  global,
  stack,
  thread_local_storage,
  descriptor
};

struct raw_location {
  location_kind kind = location_kind::unknown;
  address start = 0;  // of the heap block, the global or the stack, if known
  std::size_t size = 0;
  std::uint32_t task =
      0;  // index into tasks: who allocated it, or whose stack it is; none: no_task
  int descriptor = -1;
  raw_stack allocated;  // where the heap block was allocated or the descriptor opened
};

struct raw_finding {
  static constexpr std::uint32_t no_task = ~std::uint32_t{0};
  finding_type type = finding_type::data_race;
  std::vector<raw_task> tasks;       // everybody who is named
  std::vector<raw_access> accesses;  // the later one, which saw it, first
  raw_location location;
  raw_lock lock;  // of misuse: the lock; `taken` is where it was last locked or made
};

}  // namespace gobench::detector
