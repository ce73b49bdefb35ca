// What the interposed functions, the seam and the ABI call: the detector's model of the program.
//
// Model. A task (OS thread or fiber) has a vector clock; an object (anything with an address: a lock, an
// atomic, a channel's cell) has one as well. `acquire` lets the calling task know what was published on
// the object, `release` publishes what it knows and advances its own clock. An access is judged against the
// shadow of its memory: an earlier one by a task whose clock value at that time the caller does not know is a race.
//
// All functions act for `current()`, take no user-visible locks, and may be called by any thread at any time,
// also before main, after exit began, and in signal handlers (handlers are deferred while a thread is
// inside the detector). While a task is internal or ignoring, accesses and edges of its own are
// skipped as each function says.
#pragma once

#include <cstddef>
#include <cstdint>

#include "detector/report/raw_finding.hpp"

namespace gobench::detector {

struct task_state;

// The task that the calling thread runs; never null. Before start-up and in threads that the detector does not
// know it is a dummy, for which everything is skipped.
task_state* current() noexcept;

// Where the caller was called from: what interposed functions pass as `pc`.
#define GOBENCH_CALLER_PC() \
  reinterpret_cast<::gobench::detector::address>(__builtin_return_address(0))

// --- The calling thread is inside the detector -------------------------------------------------------------
// Nests. Inside, interposed functions have to go straight to the real ones (`is_internal()`), memory comes
// from the detector's arena, accesses are ignored, signal handlers are deferred.
void enter_internal() noexcept;
void leave_internal() noexcept;  // delivers deferred signals when the outermost is left
bool is_internal() noexcept;     // also true before start-up is done and after it failed

class internal_scope {
 public:
  internal_scope() noexcept { enter_internal(); }
  ~internal_scope() { leave_internal(); }
  internal_scope(const internal_scope&) = delete;
  internal_scope& operator=(const internal_scope&) = delete;
};

// --- The task ignores: annotations, and code of ours inlined into the program's --------------------------
// `accesses`: reads and writes of memory (atomics too) are neither judged nor recorded. `sync`: acquire,
// release and what atomics do to clocks are skipped. The count belongs to the task, not to the thread.
void ignore_accesses_begin() noexcept;
void ignore_accesses_end() noexcept;
void ignore_sync_begin() noexcept;
void ignore_sync_end() noexcept;

// Code of the library (runtime/, primitives/) that is inlined into the program and instrumented there: the accesses,
// atomics and interposed calls that it makes are skipped; what the seam tells through `told::` is not. Belongs to
// the task. `leave` goes back to the program's code for a callback or a move of its values, `enter_again` returns.
void our_code_begin() noexcept;
void our_code_end() noexcept;
std::uint32_t our_code_leave() noexcept;
void our_code_enter_again(std::uint32_t depth) noexcept;

// --- Shadow call stack ----------------------------------------------------------------------------------
// An interposed function that reports accesses or locks stands on the stack while it does.
class function_scope {
 public:
  explicit function_scope(address pc) noexcept;  // the return address of the interposed function
  ~function_scope();
  function_scope(const function_scope&) = delete;
  function_scope& operator=(const function_scope&) = delete;
};
// Drops the frames of functions that a longjmp to `stack_pointer` leaves.
void unwind_to(address stack_pointer) noexcept;

// --- Memory -------------------------------------------------------------------------------------------------
void read_range(const void* start, std::size_t size, address pc) noexcept;
void write_range(const void* start, std::size_t size, address pc) noexcept;
// Nothing is known about this memory any more: fresh from the system, a stack used again, a mapping replaced.
void forget_range(const void* start, std::size_t size) noexcept;
// Heap blocks. `allocated` forgets what was known of the range and remembers size and stack. `freed` judges
// the free as a write of the whole block and marks it, so that a later access is a finding; returns false if
// no such block is known (then nothing is done).
void heap_allocated(const void* block, std::size_t size, address pc) noexcept;
bool heap_freed(const void* block, address pc) noexcept;
// Size of the known block that starts here; 0 if there is none.
std::size_t heap_block_size(const void* block) noexcept;

// --- Happens-before -----------------------------------------------------------------------------------------
// Skipped while the task ignores sync.
void acquire(const void* object) noexcept;
void release(const void* object) noexcept;        // replaces what was published
void release_merge(const void* object) noexcept;  // adds to it
void transfer(const void* from,
              const void* to) noexcept;  // what is published on `from` is (only) published on `to`
void forget_object(const void* object) noexcept;  // also what is known of it as a lock

// What the seam tells about the library's own objects: also in code of ours.
namespace told {
void acquire(const void* object) noexcept;
void release(const void* object) noexcept;
void release_merge(const void* object) noexcept;
void transfer(const void* from, const void* to) noexcept;
void lock_acquired(const void* lock, unsigned flags, address pc) noexcept;
void lock_released(const void* lock, unsigned flags, address pc) noexcept;
void lock_waited_for(const void* lock, unsigned flags, address pc) noexcept;
void lock_destroyed(const void* lock, address pc) noexcept;
void read_range(const void* start, std::size_t size, address pc) noexcept;
void write_range(const void* start, std::size_t size, address pc) noexcept;
}  // namespace told

// --- Locks --------------------------------------------------------------------------------------------------
// Edges and lock sets. A lock needs no creation; it is known from its first use. `recursive`: the owner may
// lock again. `lock_acquired` includes the acquire edge, `lock_released` the release edge: before the
// real unlock, after the real lock. Shared: an exclusive holder is ordered after all earlier ones, a shared
// holder after earlier exclusive ones only.
enum lock_flags : unsigned {
  lock_exclusive = 0,
  lock_shared = 1,       // held in common with others
  lock_recursive = 2,    // locking again by its owner is right
  lock_static = 4,       // its destruction is not told
  lock_no_owner = 8,     // any task may unlock (semaphores used as locks, transferred locks)
  lock_tried = 16,       // by a call that would not have waited for ever
  lock_of_library = 32,  // one of gobench's own; there a writer that waits holds new readers back
};
void lock_created(const void* lock, unsigned flags, address pc) noexcept;
void lock_acquired(const void* lock, unsigned flags, address pc) noexcept;
// Before the caller blocks: finds a double lock. Optional.
void lock_waited_for(const void* lock, unsigned flags, address pc) noexcept;
void lock_released(const void* lock, unsigned flags, address pc) noexcept;
// Whatever the mode in which the caller holds it (pthread_rwlock_unlock).
void lock_released_any(const void* lock, address pc) noexcept;
// Gives all levels of a recursive lock up and tells how many (condition waits); `lock_acquired_levels` takes them again.
unsigned lock_released_all(const void* lock, address pc) noexcept;
void lock_acquired_levels(const void* lock, unsigned levels, address pc) noexcept;
void lock_destroyed(const void* lock, address pc) noexcept;
// Whether the caller holds it; true also where that is not followed.
bool lock_is_held(const void* lock) noexcept;
// A lock operation failed for a reason that is the program's mistake (EPERM, EINVAL, EDEADLK).
void lock_misused(const void* lock, finding_type what, address pc) noexcept;

// --- Tasks --------------------------------------------------------------------------------------------------
// Life: created by its parent (which is an edge to its start), started by the OS thread or switch that first
// runs it, finished by itself, joined by somebody (edge from its end) or detached. The record lives until it is
// both finished and joined or detached.
task_state* task_created(task_kind kind, address pc, bool detached) noexcept;
// OS threads: the calling thread becomes this task. Stack and thread-local bounds are found and forgotten.
void thread_started(task_state* task) noexcept;
void thread_finished() noexcept;  // the calling thread is nobody afterwards (dummy)
// Fibers: the calling thread goes on as `to`. To be called right before the jump in code that is not
// instrumented. One store and what belongs to the call stack.
void switch_to(task_state* to) noexcept;
void fiber_finished(task_state* task) noexcept;  // not while current
void task_joined(task_state* task) noexcept;     // edge; releases the record
void task_detached(task_state* task) noexcept;
void set_task_name(task_state* task, const char* name) noexcept;
// The task's stack, for locations ("stack of T3") and to forget when it is used again.
void set_task_stack(task_state* task, const void* low, std::size_t size) noexcept;

// --- Process --------------------------------------------------------------------------------------------------
// Locks of the detector itself around fork; in the child only the caller is left.
void before_fork() noexcept;
void after_fork_in_parent() noexcept;
void after_fork_in_child() noexcept;
// Ends the report (counts, unused suppressions); the exit code the process should have: `status` unless there were findings.
int finish(int status) noexcept;

// Around a handler that runs: it gets a part of the trace and a call stack of its own. The code that it has interrupted
// may be in the middle of writing an event.
void signal_handler_begins() noexcept;
void signal_handler_ended() noexcept;

// Signals: interpose/signals asks before running a handler. If the thread is internal, the signal is kept and
// true is returned: `deliver_deferred_signals` of interpose/signals will be called when it leaves.
bool must_defer_signal() noexcept;
void note_deferred_signal() noexcept;

}  // namespace gobench::detector
