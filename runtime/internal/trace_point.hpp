// Where the runtime says what happens to tasks, for a trace (runtime/trace.hpp).
//
// Invariants
//  - Off, a hook costs one test of a pointer that lies beside what the caller has just used
//    (worker::trace), or of one flag on paths that are slow anyway. The rest is out of line, in trace.cpp.
//  - A buffer has one producer, the thread that has attached it, and one consumer at a time. A producer
//    never waits: what finds the buffer full is counted as dropped.
//  - A task's run on a processor becomes one event, made when it ends: one that is dropped leaves a gap
//    and nothing that contradicts the rest. It is made before the processor can be another worker's, so
//    the runs on one processor never overlap.
//  - trace_flow of a task is written by whoever makes it runnable and read by whoever runs it.
#pragma once

#include <atomic>
#include <cstdint>

#include "runtime/flavour.hpp"
#include "runtime/park.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {

class control;
struct processor;
struct worker;
enum class leave : std::uint8_t;

namespace trace {

class buffer;

extern std::atomic<bool> on;
// Relaxed: a hook that comes a moment too early or too late is no harm.
inline bool is_on() noexcept { return on.load(std::memory_order_relaxed); }

// A buffer for the calling thread, until it gives it back; null while nothing is traced.
buffer* attach() noexcept;
void detach(buffer* one) noexcept;

// --- workers: only with w.trace != nullptr ---
// `from` (null: the loop) is left for `to` (null: the loop).
void switched(worker& w, control* from, control* to, leave how) noexcept;
void finished(worker& w) noexcept;  // after `how` was leave::finish: its joiner has been told
void stole(worker& w, int victim, std::uint32_t tasks) noexcept;
void entered_blocking(worker& w) noexcept;  // while the processor is still its own
void left_blocking(worker& w) noexcept;     // w.p is null when it has found none

// --- anybody: only with is_on() ---
void spawned(worker* w, control& fresh) noexcept;
void woken(worker* w, waiter& target) noexcept;
void idle(processor& p) noexcept;       // it is given up
void idle_over(processor& p) noexcept;  // it is about to be used again
void handed_off(processor& p) noexcept;

// --- a task that is an OS thread, from itself: only with is_on() ---
void thread_began(control& task) noexcept;
void thread_parks(control& task) noexcept;
void thread_goes_on(control& task) noexcept;
void thread_ends(control& task) noexcept;
void thread_blocks(control& task, bool enters) noexcept;

// --- runs ---
// Takes GOBENCH_TRACE at its first call. A file that cannot be written is told on stderr.
void begin_run() noexcept;
// All that was recorded is in the file when it returns, and the file is complete JSON.
void end_run() noexcept;
// The kernel's number of the thread that writes; 0 when there is none.
int writer_number() noexcept;

}  // namespace trace
}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
