// The one waiting seam: how a fiber, a coroutine's carrier or an OS thread waits and is woken.
//
// Model. Every caller that can wait is a `waiter` with one permit, initially absent.
//   park()    waits until the permit is there, takes it and returns. It may also return without one
//             (spuriously), so a caller always waits in a loop over its own condition.
//   unpark()  makes the permit available; it never blocks and may come before the park().
// What happened before an unpark() is visible after the park() that took its permit.
//
// A waiter outlives everybody who may still unpark it: its memory is recycled, never freed, so a
// late unpark() on a waiter that meanwhile serves another task is a spurious wake-up and nothing
// worse. This is what lets a primitive drop its lock before it wakes anybody.
//
// Who may call: fibers, task threads and OS threads that the runtime did not start; the same object
// may be waited on by all of them at once.
#pragma once

#include <chrono>
#include <cstdint>

#include "runtime/flavour.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {

using steady_time = std::chrono::steady_clock::time_point;

namespace runtime {

// Why a task waits; shown by deadlock reports and task dumps.
enum class wait_reason : std::uint8_t {
  none,
  chan_send,
  chan_recv,
  nil_chan_send,
  nil_chan_recv,
  select,
  select_nothing,
  mutex,
  shared_mutex_read,
  shared_mutex_write,
  condition_variable,
  wait_group,
  once,
  semaphore,
  barrier,
  latch,
  event,
  sleep,
  join,
  // These wait for a file descriptor, which somebody outside of the program may make ready; `object` is not
  // an address but its number.
  io_read,
  io_write,
  io_accept,
  io_connect,
};

// "receiving from a channel", "locking a mutex", ...: completes the sentence "the task is ...".
const char* describe(wait_reason reason) noexcept;

struct wait_info {
  wait_reason reason = wait_reason::none;
  const void* object = nullptr;
};

// Whether who waits so waits for a file descriptor.
constexpr bool waits_for_descriptor(wait_reason reason) noexcept {
  return reason >= wait_reason::io_read && reason <= wait_reason::io_connect;
}

enum class park_result : std::uint8_t {
  woken,      // a permit was taken, or spuriously
  timed_out,  // the deadline has passed
  ended,      // the run has ended: leave every queue that you stand in, then throw_ended()
};

inline constexpr steady_time no_deadline = steady_time::max();

class waiter;

// The waiter of the calling fiber or thread. The first call on a thread that the runtime did not
// start takes a waiter from the common pool and gives it back when the thread ends. Throws misuse
// on a fiber inside blocking(): so a primitive calls it before it changes anything.
waiter& this_waiter();

// Waits as described above. Precondition: `self` is this_waiter(). The runtime publishes a fiber as
// parked only after it has left its stack. Once `ended` was returned, every later call by the same
// task returns `ended` at once.
park_result park(waiter& self, wait_info why, steady_time deadline = no_deadline);

// Makes the permit of `target` available. From anywhere, but not from a signal handler.
void unpark(waiter& target) noexcept;

// Unwinds the calling task because the run has ended. The exception is of no standard type; user
// code must let it pass, as it must with a cancelled pthread. `ended_exception` is for code of ours
// that has to clean up on the way.
struct ended_exception {};
[[noreturn]] void throw_ended();

// Whether waiting a moment by spinning can help: false where one CPU or one processor serves
// everybody, because then whoever we wait for cannot run meanwhile.
bool spinning_helps() noexcept;

// One step of an unbounded spin loop. `round` counts from 0: first the CPU's pause instruction,
// later yields of the fiber or thread, so that the one we wait for can run even on a single
// processor. May switch fibers; in an unwinding task it never throws.
void relax(unsigned round) noexcept;

}  // namespace runtime
}  // namespace gobench::inline GOBENCH_FLAVOUR
