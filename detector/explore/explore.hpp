// What the interposed functions and the seam call while the program is explored: one thread runs at a time.
//
// Model. Every thread of the program is controlled: it runs only while it has the baton, of which there is one. Before an
// operation that others could notice it calls step(), which says what it is about to do; the strategy then decides who
// goes on. The real call that would block is never made: the thread waits here, on a key (the address of a lock, a
// condition, a futex), until somebody wakes that key or a virtual deadline has passed, and is no candidate meanwhile.
//
// Not controlled: threads that serve the library or the system (service_threads), everything in the child of a
// fork, and what runs in a thread after its end has begun.
#pragma once

#include <poll.h>
#include <pthread.h>
#include <time.h>

#include <cstddef>
#include <cstdint>

#include "detector/engine/internal.hpp"
#include "detector/explore/operation.hpp"
#include "detector/report/raw_finding.hpp"

namespace gobench::detector::explore {

struct thread_record;

// Null: the calling thread is not controlled.
extern __thread thread_record* self __attribute__((tls_model("initial-exec")));
extern bool on;

// Whether what the caller does is to be explored.
inline bool controls() noexcept {
  return __builtin_expect(on, 0) && self != nullptr && internal_depth == 0;
}

// --- Steps. No-ops unless controls(). Code of the library is no step, apart from what the seam tells.
void step(operation what, const void* object, address pc) noexcept;
// The same in code of the library.
void told_step(operation what, const void* object, address pc) noexcept;
// Others go first.
void yield(address pc) noexcept;
// A choice that is not who runs: a value below `count`, at least 1.
std::size_t choose(std::size_t count, operation why, const void* object, address pc) noexcept;

// --- Time, in nanoseconds of the virtual monotonic clock.
inline constexpr std::int64_t never = INT64_MAX;
std::int64_t now_ns() noexcept;
std::int64_t read_clock() noexcept;          // by the program: time passes with it
std::int64_t monotonic_begin_ns() noexcept;  // its value when the program begins
// Real time, while it is virtual, is this much more.
std::int64_t real_time_offset_ns() noexcept;
// Of an absolute time of `clock`, and of a duration, added to now. Null: never. Saturates.
std::int64_t deadline_of(clockid_t clock, const timespec* until) noexcept;
std::int64_t deadline_after(const timespec* length) noexcept;
std::int64_t time_until(std::int64_t deadline) noexcept;  // not below 0

// --- Waiting.
enum class wait_end : std::uint8_t { woken, timed_out, interrupted };
struct wait_for {
  const void* key;
  operation what;           // what it is that waits
  operation then;           // what it does next when it is woken
  const void* then_object;  // on what
  std::int64_t deadline = never;
  bool interruptible = false;  // a signal that is handled, and cancellation, end it
  address pc = 0;              // 0: that of the last step
};
wait_end wait(const wait_for& how) noexcept;
// For what is not seen to be waking: `ready` is asked before each step. While only such threads are left the
// process really waits, on descriptors where `polled` says which.
struct probe {
  bool (*ready)(void* about) noexcept;
  void* about;
  pollfd* polled = nullptr;
  std::size_t count = 0;
};
wait_end wait_until_ready(const wait_for& how, const probe& by) noexcept;

// Who waits on the key may go on: all of them, or so many. Which ones is a choice if not all are. Also by threads that are
// not controlled. Returns how many.
std::size_t wake_all(const void* key) noexcept;
std::size_t wake_some(const void* key, std::size_t most, operation why, address pc) noexcept;
// How many wait there, and whether one of them does `what`.
std::size_t waiting_on(const void* key) noexcept;
bool somebody_waits(const void* key, operation what) noexcept;

// --- Threads.
// By whoever creates it, before; null if the new thread is not to be controlled.
thread_record* creates(address pc) noexcept;
void created(thread_record* made, pthread_t handle, bool detached) noexcept;
void not_created(thread_record* made) noexcept;
// By the new thread, before anything else; returns when it has the baton.
void begins(thread_record* made) noexcept;
// By a thread that ends, as the last thing. It is not controlled any more. `may_free_locks`: it may have left some locked
// that others get when it is gone.
void ends(bool may_free_locks) noexcept;
// Null if the thread is not controlled, or was joined.
thread_record* find(pthread_t thread) noexcept;
bool has_ended(const thread_record* thread) noexcept;
bool is_detached(const thread_record* thread) noexcept;
// What it is for waits and steps: its number, so that it says the same in each run.
const void* key_of(const thread_record* thread) noexcept;
void joined(thread_record* thread) noexcept;
void detached(thread_record* thread) noexcept;
// Its waits are over where they can be cancelled.
void interrupt(thread_record* thread) noexcept;
// Before and after one is sent to it (null: to somebody): what the one gives the other is given. `is_handled`: by a function
// of the program.
std::uint32_t signals_noted_by(const thread_record* thread) noexcept;
void signal_was_sent(thread_record* to, std::uint32_t noted, bool is_handled) noexcept;
// In a handler: a signal waits until the calling thread leaves the detector.
void signal_waits_for_caller() noexcept;
// While true, threads that the caller creates are not controlled.
extern __thread bool creates_service_threads __attribute__((tls_model("initial-exec")));

// Timers of the system, and threads that they start, may wake the program: that nobody can run is no deadlock then.
void somebody_outside_may_wake() noexcept;

// The process has only the caller from now on, and is not explored.
void after_fork_in_child() noexcept;
// Random bits of the schedule's own.
std::uint64_t random_bits() noexcept;

}  // namespace gobench::detector::explore
