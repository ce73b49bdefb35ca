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
  deadlock,    // tasks that wait for each other; accesses: their waits, in the order of the cycle
  all_asleep,  // nobody can go on; accesses: the waits of all
  lock_order,  // accesses: the locks taken, each while the one before is held
  read_lock_again,  // by a reader, where a writer that waits would hold it back; then the writer
  leak,             // a task that is left, waiting for ever
  destroyed_while_waited_for,  // misuse from here on
  condition_without_lock,
  negative_wait_group,
  add_beside_wait,  // accesses: this one, and the other
  send_on_closed,   // accesses: the send, and the close
  close_of_closed,
  close_of_nil,
  held_too_long,  // longer than an option says
  waited_too_long,
};

// What reports have in common. A race is between two accesses; a misuse of a lock names that lock; of a misuse
// of something else the second access is what came before; waits name what is waited for.
enum class finding_family : std::uint8_t { race, lock_misuse, other_misuse, waits };
constexpr finding_family family_of(finding_type type) noexcept {
  switch (type) {
    case finding_type::data_race:
    case finding_type::atomic_race:
    case finding_type::use_after_free_race:
    case finding_type::use_after_free:
    case finding_type::race_with_free:
    case finding_type::vptr_race:
    case finding_type::channel_close_race:
      return finding_family::race;
    case finding_type::destroyed_while_locked:
    case finding_type::unlock_by_another:
    case finding_type::unlock_of_unlocked:
    case finding_type::double_lock:
    case finding_type::invalid_lock:
    case finding_type::destroyed_while_waited_for:
    case finding_type::condition_without_lock:
    case finding_type::held_too_long:
      return finding_family::lock_misuse;
    case finding_type::negative_wait_group:
    case finding_type::add_beside_wait:
    case finding_type::send_on_closed:
    case finding_type::close_of_closed:
    case finding_type::close_of_nil:
      return finding_family::other_misuse;
    case finding_type::deadlock:
    case finding_type::all_asleep:
    case finding_type::lock_order:
    case finding_type::read_lock_again:
    case finding_type::leak:
    case finding_type::waited_too_long:
      return finding_family::waits;
  }
  return finding_family::race;
}

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
  // What a task waits in, beside `lock` and `send_channel`.
  lock_shared,
  receive_channel,
  use_nil_channel,
  select_channels,
  wait_condition,
  acquire_semaphore,
  arrive_at_barrier,
  call_once,
  join_task,
  wait_wait_group,
  add_wait_group,
  wait_latch,
  wait_event,
  sleep,
  use_descriptor,
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

  // Of a wait.
  static constexpr std::uint32_t nobody = ~std::uint32_t{0};
  std::int64_t waited_ns = -1;   // -1: it is none, or not known
  std::uint32_t other = nobody;  // index into raw_finding::tasks: who holds it, or is joined
  bool other_has_ended = false;
  raw_lock object;  // the lock that is waited for; id 0: it is none
  // Of a wait for a channel: who was the last at its other end.
  operation last_use = operation::read;
  std::uint32_t last_user = nobody;
  raw_stack last_used;
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
