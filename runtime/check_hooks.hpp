// The functions behind the hooks of instrument.hpp in the two flavours that feed a race detector.
//
// `GOBENCH_SEAM(acquire)` is gobench_check_acquire in the check flavour, defined in detector/seam, and
// gobench_tsan_acquire in the flavour for the compiler's ThreadSanitizer, defined in detector/tsan. runtime/
// includes nothing of ours, so what it calls is declared here. Plain C names and types: user code that is
// compiled for a flavour calls them from the inline functions of our headers, and a library of the other
// flavour does not have them.
//
// All act for the task that the caller runs (fiber, coroutine or OS thread), from any thread, and never throw.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(GOBENCH_FLAVOUR_CHECK)
#define GOBENCH_SEAM(name) gobench_check_##name
#else
#define GOBENCH_SEAM(name) gobench_tsan_##name
#endif

extern "C" {

// --- Scopes. While a task is internal (1), its accesses and synchronisation are not seen, apart from what the
// functions below tell; while it is silent (2), not even that. Returns what restores what it was before: the level
// in the lowest two bits, and above them where the program entered the scope. A task is made internal, an OS thread
// is not.
std::uintptr_t GOBENCH_SEAM(set_internal)(std::uintptr_t level) noexcept;

// --- Tasks. `kind` is that of instrument::born_as. The parent's past is known to the task. The record stands for it until finished().
void* GOBENCH_SEAM(task_created)(unsigned kind) noexcept;
// The OS thread that calls, for switching back to it.
void* GOBENCH_SEAM(thread_record)() noexcept;
// Right before the jump.
void GOBENCH_SEAM(task_switched)(void* to) noexcept;
void GOBENCH_SEAM(task_finished)(void* task) noexcept;
// Null: the calling thread. The text is copied.
void GOBENCH_SEAM(task_named)(void* task, const char* name) noexcept;
// The task runs on this stack from now on, on which another may have run before.
void GOBENCH_SEAM(stack_lent)(void* task, const void* low, std::size_t size) noexcept;

// The task is the one that this control block stands for; null: the calling thread is.
void GOBENCH_SEAM(task_is)(void* task, const void* control) noexcept;
// The caller parks, and goes on. `reason` is a runtime::wait_reason; `timed` is 1 if there is a deadline, else 0.
void GOBENCH_SEAM(blocked)(const void* object, unsigned reason, unsigned timed) noexcept;
void GOBENCH_SEAM(unblocked)() noexcept;
// No task of the run can go on; the main task of the run has returned, and the others are about to be ended: 1 if all of
// them are parked, and nobody is just being woken.
void GOBENCH_SEAM(standstill)() noexcept;
void GOBENCH_SEAM(main_ended)(unsigned others_wait) noexcept;

// --- Exploration of schedules, by which one thread runs at a time and time is virtual. 1 while the program is explored.
unsigned GOBENCH_SEAM(explored)() noexcept;
// The program calls an operation of the library, and is in its scope already; `kind` is an instrument::step_kind. In the
// check flavour only.
void GOBENCH_SEAM(step)(unsigned kind, const void* object) noexcept;
// Which of so many things that are equally right is done: below `count`, and 0 while it is not explored.
std::size_t GOBENCH_SEAM(choose)(std::size_t count) noexcept;
// The threads that the caller creates until it says 0 serve the runtime, and are no part of the program.
void GOBENCH_SEAM(serves)(unsigned begins) noexcept;

// --- Edges.
void GOBENCH_SEAM(acquire)(const void* object) noexcept;
void GOBENCH_SEAM(release)(const void* object) noexcept;
void GOBENCH_SEAM(release_merge)(const void* object) noexcept;
void GOBENCH_SEAM(transfer)(const void* from, const void* to) noexcept;
void GOBENCH_SEAM(forget)(const void* object) noexcept;

// --- Locks, with their edges. `shared` is 0 or 1; `how` adds 2 if the call would not have waited for ever.
void GOBENCH_SEAM(lock_waited_for)(const void* lock, unsigned shared) noexcept;
void GOBENCH_SEAM(lock_acquired)(const void* lock, unsigned how) noexcept;
void GOBENCH_SEAM(lock_released)(const void* lock, unsigned shared) noexcept;
void GOBENCH_SEAM(lock_destroyed)(const void* lock) noexcept;

// --- What was done: an instrument::channel_event, an instrument::wait_group_event.
void GOBENCH_SEAM(channel)(const void* channel, unsigned what) noexcept;
void GOBENCH_SEAM(wait_group)(const void* group, unsigned what) noexcept;

// --- Accesses that code of ours makes on behalf of the program.
void GOBENCH_SEAM(reads)(const void* start, std::size_t size) noexcept;
void GOBENCH_SEAM(writes)(const void* start, std::size_t size) noexcept;
// Memory of ours in which an object of the program begins: what was there before has nothing to do with it.
void GOBENCH_SEAM(memory_reused)(const void* start, std::size_t size) noexcept;

}  // extern "C"
