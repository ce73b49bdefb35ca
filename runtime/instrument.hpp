// The one instrumentation seam: what a detector or a schedule explorer is told.
//
// Call sites write GOBENCH_HOOK(acquire(this)); the hooks themselves live in namespace `instrument`.
// In the plain flavour every hook is an empty inline function, so the compiled code is the same as
// without the call; tests/instrument compares the machine code with a build in which
// GOBENCH_WITHOUT_HOOKS removes the calls from the text. The tsan flavour tells the compiler's
// ThreadSanitizer about fibers, so that the runtime itself can be checked with it. No other file
// names a `__tsan_` symbol.
#pragma once

#include <cstdint>

#include "runtime/flavour.hpp"

#if defined(GOBENCH_FLAVOUR_TSAN)
extern "C" {
void* __tsan_get_current_fiber(void);
void* __tsan_create_fiber(unsigned flags);
void __tsan_destroy_fiber(void* fiber);
void __tsan_switch_to_fiber(void* fiber, unsigned flags);
}
#endif

#if defined(GOBENCH_WITHOUT_HOOKS)
#define GOBENCH_HOOK(call) static_cast<void>(0)
#else
#define GOBENCH_HOOK(call) ::gobench::instrument::call
#endif

namespace gobench::inline GOBENCH_FLAVOUR::instrument {

// How a lock is held.
enum class lock_mode : std::uint8_t { exclusive, shared };

// What was done on a channel. `slot` is the position in the channel's sequence of sends, which the
// rule "receive k happens before the completion of send k + capacity" needs.
enum class channel_event : std::uint8_t { made, sent, received, closed, closed_seen };

// The detector's own record of a task; kept in the task's control block.
using task_record = void*;

#if defined(GOBENCH_FLAVOUR_TSAN)

inline task_record task_created() noexcept { return __tsan_create_fiber(0); }
inline task_record thread_record() noexcept { return __tsan_get_current_fiber(); }
// To be called right before the jump, in a function that is not instrumented. Flag 0: fibers that take
// turns on one thread count as ordered. The scheduler passes its own state from fiber to fiber that way,
// and with flag 1 each such hand-over would be reported. What this flavour is for is to find races
// between the OS threads inside the runtime and the primitives.
inline __attribute__((always_inline)) void task_switched(task_record to) noexcept {
  __tsan_switch_to_fiber(to, 0);
}
// Not while the task is current.
inline void task_finished(task_record task) noexcept { __tsan_destroy_fiber(task); }

#else

inline task_record task_created() noexcept { return nullptr; }
inline task_record thread_record() noexcept { return nullptr; }
inline __attribute__((always_inline)) void task_switched(task_record) noexcept {}
inline void task_finished(task_record) noexcept {}

#endif

// Happens-before edges on `object`: a release publishes the caller's past there (replacing what was
// published, or merging with it), an acquire takes it over.
inline void acquire(const void* /*object*/) noexcept {}
inline void release(const void* /*object*/) noexcept {}
inline void release_merge(const void* /*object*/) noexcept {}
// What was published on one object is published on the other as well; the caller's past is not touched.
inline void transfer(const void* /*from*/, const void* /*to*/) noexcept {}

// Locks: before the caller waits, after it holds the lock, before it gives the lock up.
inline void lock_waited_for(const void* /*lock*/, lock_mode) noexcept {}
inline void lock_acquired(const void* /*lock*/, lock_mode) noexcept {}
inline void lock_released(const void* /*lock*/, lock_mode) noexcept {}

// Channels: after the effect of the operation, before its lock is dropped.
inline void channel_operation(const void* /*channel*/, channel_event,
                              std::uint64_t /*slot*/) noexcept {}
// The same for a parked task that the caller completes the operation of: it has published its past, as of
// when it parked, on `past`.
inline void channel_operation_for(const void* /*past*/, const void* /*channel*/, channel_event,
                                  std::uint64_t /*slot*/) noexcept {}

// The caller is about to wait on `object`, and has stopped waiting.
inline void blocked(const void* /*object*/, std::uint8_t /*reason*/) noexcept {}
inline void unblocked() noexcept {}

// A place at which an explorer may let another task run.
inline void schedule_point() noexcept {}

}  // namespace gobench::inline GOBENCH_FLAVOUR::instrument
