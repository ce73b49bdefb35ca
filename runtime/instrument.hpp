// The one instrumentation seam: what a detector or a schedule explorer is told.
//
// Call sites write GOBENCH_HOOK(acquire(this)); the hooks themselves live in namespace `instrument`.
//
// Flavours
//   plain   every hook is an empty inline function and every scope is nothing, so the compiled code is the
//           same as without; tests/instrument compares the machine code with a build in which
//           GOBENCH_WITHOUT_HOOKS removes the calls from the text.
//   check   GOBENCH_FLAVOUR_CHECK: hooks call gobench's own detector (check_hooks.hpp, detector/seam).
//   tsan    GOBENCH_FLAVOUR_TSAN: hooks call the compiler's ThreadSanitizer (detector/tsan).
//   tsan, as a check of ourselves: GOBENCH_TSAN_SELF_CHECK beside it. The runtime is instrumented too, and only
//           fibers are told, so that ThreadSanitizer finds races inside the runtime and the primitives.
//
// Scopes. In check and tsan the library is not instrumented, but what its headers define is compiled into the
// program with the program's flags. So a function in a header that touches state of ours does it inside
//   GOBENCH_INTERNAL_SCOPE();    accesses, atomics and whatever std:: does with them are not seen; hooks are
// and what belongs to the user inside of it (calling a function, copying, moving and destroying a value) inside
//   GOBENCH_USER_SCOPE();        everything is seen again
//   GOBENCH_SILENT_SCOPE();      as internal, and hooks are not seen either: a lock of ours that orders nothing
//   GOBENCH_OPERATION(kind, object);    as internal, of an operation that other tasks can notice: an explorer of schedules
//                                may let them run before it, if it is the program that calls it. See step_kind
//   GOBENCH_INLINE_SCOPE();      as internal, for a few instructions; nothing where the library itself is compiled
// All last to the end of the block, whether it is left by a return or an exception; they nest, and belong to the
// task: one that parks in a scope goes on in it, wherever that is. Never across a co_await. A task starts internal.
//   GOBENCH_WAIT_SCOPE(why, timed);    the task waits, for what a wait_info says
// Functions of a .cpp that users call directly, and what threads of ours run, are internal too: what they call of
// the C library is seen otherwise.
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/flavour.hpp"

#if defined(GOBENCH_TSAN_SELF_CHECK)
extern "C" {
void* __tsan_get_current_fiber(void);
void* __tsan_create_fiber(unsigned flags);
void __tsan_destroy_fiber(void* fiber);
void __tsan_switch_to_fiber(void* fiber, unsigned flags);
}
#elif defined(GOBENCH_FLAVOUR_CHECK) || defined(GOBENCH_FLAVOUR_TSAN)
#define GOBENCH_HOOKS_LISTEN
#include "runtime/check_hooks.hpp"
#endif

#if defined(GOBENCH_WITHOUT_HOOKS)
#define GOBENCH_HOOK(call) static_cast<void>(0)
#else
#define GOBENCH_HOOK(call) ::gobench::instrument::call
#endif

#if defined(GOBENCH_HOOKS_LISTEN)
#define GOBENCH_SCOPE_NAME_(line) gobench_scope_of_line_##line
#define GOBENCH_SCOPE_NAME(line) GOBENCH_SCOPE_NAME_(line)
#if defined(GOBENCH_BUILDS_LIBRARY)
// The place is where the program has called the function of ours that this stands in.
#define GOBENCH_INTERNAL_LEVEL \
  (reinterpret_cast<std::uintptr_t>(__builtin_return_address(0)) << 2U | 1U)
#else
#define GOBENCH_INTERNAL_LEVEL 1
#endif
#define GOBENCH_INTERNAL_SCOPE() \
  const ::gobench::instrument::scope GOBENCH_SCOPE_NAME(__LINE__)(GOBENCH_INTERNAL_LEVEL)
#define GOBENCH_OPERATION(kind, object)                                      \
  const ::gobench::instrument::operation_scope GOBENCH_SCOPE_NAME(__LINE__)( \
      GOBENCH_INTERNAL_LEVEL, ::gobench::instrument::step_kind::kind, object)
#define GOBENCH_USER_SCOPE() const ::gobench::instrument::scope GOBENCH_SCOPE_NAME(__LINE__)(0)
#define GOBENCH_SILENT_SCOPE() const ::gobench::instrument::scope GOBENCH_SCOPE_NAME(__LINE__)(2)
#if defined(GOBENCH_BUILDS_LIBRARY)
#define GOBENCH_INLINE_SCOPE() static_cast<void>(0)
#else
#define GOBENCH_INLINE_SCOPE() GOBENCH_INTERNAL_SCOPE()
#endif
#define GOBENCH_WAIT_SCOPE(why, timed)                                  \
  const ::gobench::instrument::wait_scope GOBENCH_SCOPE_NAME(__LINE__)( \
      (why).object, static_cast<std::uint8_t>((why).reason), timed)
// In the class of a lock: its destructor, where somebody wants to know.
#define GOBENCH_LOCK_DESTRUCTOR(lock) \
  ~lock() { ::gobench::instrument::lock_destroyed(this); }
#else
#define GOBENCH_INTERNAL_SCOPE() static_cast<void>(0)
#define GOBENCH_OPERATION(kind, object) static_cast<void>(0)
#define GOBENCH_USER_SCOPE() static_cast<void>(0)
#define GOBENCH_SILENT_SCOPE() static_cast<void>(0)
#define GOBENCH_INLINE_SCOPE() static_cast<void>(0)
#define GOBENCH_WAIT_SCOPE(why, timed) static_cast<void>(0)
#define GOBENCH_LOCK_DESTRUCTOR(lock)
#endif

namespace gobench::inline GOBENCH_FLAVOUR::instrument {

// Whether hooks do something, for what has to be computed only then.
#if defined(GOBENCH_HOOKS_LISTEN)
inline constexpr bool listening = true;
#else
inline constexpr bool listening = false;
#endif

// How a lock is held.
enum class lock_mode : std::uint8_t { exclusive, shared };

// What was done on a channel. `slot` is the position in the channel's sequence of sends, which the
// rule "receive k happens before the completion of send k + capacity" needs.
// Those in vain are about to throw: the channel is closed, or a nil one that somebody closes.
enum class channel_event : std::uint8_t {
  made,
  sent,
  received,
  closed,
  closed_seen,
  sent_in_vain,
  closed_in_vain
};

// What was done with a wait_group: its count left zero, somebody is about to wait, a change that was refused because
// the count would be negative.
enum class wait_group_event : std::uint8_t { added_from_zero, waits, below_zero };

// What a task is: one of the program, or what stands for a timer while the runtime acts for it.
enum class born_as : std::uint8_t { fiber, coroutine, timer };

// What an operation is, for who decides on schedules. With its object, nullptr where that is several or not known, it says
// which operations of others it may get in each other's way with.
enum class step_kind : std::uint8_t {
  other,
  lock,
  try_lock,
  unlock,
  lock_shared,
  unlock_shared,
  wait,
  signal,
  broadcast,
  barrier,
  once,
  send,
  receive,
  close,
  select,
  sleep,
  join,
};

// The detector's own record of a task; kept in the task's control block.
using task_record = void*;

#if defined(GOBENCH_TSAN_SELF_CHECK)

inline task_record task_created(born_as) noexcept { return __tsan_create_fiber(0); }
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

#elif defined(GOBENCH_HOOKS_LISTEN)

inline task_record task_created(born_as kind) noexcept {
  return GOBENCH_SEAM(task_created)(static_cast<unsigned>(kind));
}
inline task_record thread_record() noexcept { return GOBENCH_SEAM(thread_record)(); }
inline void task_switched(task_record to) noexcept { GOBENCH_SEAM(task_switched)(to); }
inline void task_finished(task_record task) noexcept { GOBENCH_SEAM(task_finished)(task); }

#else

inline task_record task_created(born_as) noexcept { return nullptr; }
inline task_record thread_record() noexcept { return nullptr; }
inline __attribute__((always_inline)) void task_switched(task_record) noexcept {}
inline void task_finished(task_record) noexcept {}

#endif

#if defined(GOBENCH_HOOKS_LISTEN)

// Always inlined, so that the seam learns where in the program the scope begins, also at -O0.
class scope {
 public:
  explicit __attribute__((always_inline)) scope(std::uintptr_t internal) noexcept
      : before_(GOBENCH_SEAM(set_internal)(internal)) {}
  __attribute__((always_inline)) ~scope() { GOBENCH_SEAM(set_internal)(before_); }
  scope(const scope&) = delete;
  scope& operator=(const scope&) = delete;

 private:
  const std::uintptr_t before_;
};

class operation_scope {
 public:
  __attribute__((always_inline))
  operation_scope(std::uintptr_t internal, [[maybe_unused]] step_kind kind,
                  [[maybe_unused]] const void* object) noexcept
      : before_(GOBENCH_SEAM(set_internal)(internal)) {
#if defined(GOBENCH_FLAVOUR_CHECK)
    // Within another operation of the library it is a part of that one.
    if ((before_ & 3U) == 0) GOBENCH_SEAM(step)(static_cast<unsigned>(kind), object);
#endif
  }
  __attribute__((always_inline)) ~operation_scope() { GOBENCH_SEAM(set_internal)(before_); }
  operation_scope(const operation_scope&) = delete;
  operation_scope& operator=(const operation_scope&) = delete;

 private:
  const std::uintptr_t before_;
};

inline void task_named(task_record task, const char* name) noexcept {
  GOBENCH_SEAM(task_named)(task, name);
}
inline void stack_lent(task_record task, const void* low, std::size_t size) noexcept {
  GOBENCH_SEAM(stack_lent)(task, low, size);
}

inline void task_is(task_record task, const void* control) noexcept {
  GOBENCH_SEAM(task_is)(task, control);
}

inline void blocked(const void* object, std::uint8_t reason, bool timed) noexcept {
  GOBENCH_SEAM(blocked)(object, reason, timed ? 1 : 0);
}
inline void unblocked() noexcept { GOBENCH_SEAM(unblocked)(); }

// In a fiber the one that goes on is the one that was blocked, wherever that is.
class wait_scope {
 public:
  wait_scope(const void* object, std::uint8_t reason, bool timed) noexcept {
    blocked(object, reason, timed);
  }
  ~wait_scope() { unblocked(); }
  wait_scope(const wait_scope&) = delete;
  wait_scope& operator=(const wait_scope&) = delete;
};

inline bool explored() noexcept { return GOBENCH_SEAM(explored)() != 0; }
inline std::size_t choose(std::size_t count) noexcept { return GOBENCH_SEAM(choose)(count); }

class serving {
 public:
  serving() noexcept { GOBENCH_SEAM(serves)(1); }
  ~serving() { GOBENCH_SEAM(serves)(0); }
  serving(const serving&) = delete;
  serving& operator=(const serving&) = delete;
};

inline void acquire(const void* object) noexcept { GOBENCH_SEAM(acquire)(object); }
inline void release(const void* object) noexcept { GOBENCH_SEAM(release)(object); }
inline void release_merge(const void* object) noexcept { GOBENCH_SEAM(release_merge)(object); }
inline void transfer(const void* from, const void* to) noexcept {
  GOBENCH_SEAM(transfer)(from, to);
}
inline void forget(const void* object) noexcept { GOBENCH_SEAM(forget)(object); }

inline void lock_waited_for(const void* lock, lock_mode mode) noexcept {
  GOBENCH_SEAM(lock_waited_for)(lock, static_cast<unsigned>(mode));
}
inline void lock_acquired(const void* lock, lock_mode mode, bool tried = false) noexcept {
  GOBENCH_SEAM(lock_acquired)(lock, static_cast<unsigned>(mode) | (tried ? 2U : 0U));
}
inline void lock_released(const void* lock, lock_mode mode) noexcept {
  GOBENCH_SEAM(lock_released)(lock, static_cast<unsigned>(mode));
}
inline void lock_destroyed(const void* lock) noexcept { GOBENCH_SEAM(lock_destroyed)(lock); }

inline void reads(const void* start, std::size_t size) noexcept {
  GOBENCH_SEAM(reads)(start, size);
}
inline void writes(const void* start, std::size_t size) noexcept {
  GOBENCH_SEAM(writes)(start, size);
}
inline void memory_reused(const void* start, std::size_t size) noexcept {
  GOBENCH_SEAM(memory_reused)(start, size);
}

inline void channel_operation(const void* channel, channel_event what, std::uint64_t) noexcept {
  if (what != channel_event::made && what != channel_event::closed_seen)
    GOBENCH_SEAM(channel)(channel, static_cast<unsigned>(what));
}
inline void wait_group_operation(const void* group, wait_group_event what) noexcept {
  GOBENCH_SEAM(wait_group)(group, static_cast<unsigned>(what));
}

inline void standstill() noexcept { GOBENCH_SEAM(standstill)(); }
inline void main_ended(bool others_wait) noexcept { GOBENCH_SEAM(main_ended)(others_wait ? 1 : 0); }

// Acts for somebody else while it lives: what the caller does meanwhile is done with that one's past and not the
// caller's own. Not across a park.
class acting_for {
 public:
  explicit acting_for(task_record whom) noexcept : self_(GOBENCH_SEAM(thread_record)()) {
    GOBENCH_SEAM(task_switched)(whom);
  }
  ~acting_for() { GOBENCH_SEAM(task_switched)(self_); }
  acting_for(const acting_for&) = delete;
  acting_for& operator=(const acting_for&) = delete;

 private:
  const task_record self_;
};

// One for whom the runtime acts. Born by whoever makes it.
class actor {
 public:
  actor() noexcept : record_(GOBENCH_SEAM(task_created)(static_cast<unsigned>(born_as::timer))) {}
  ~actor() { GOBENCH_SEAM(task_finished)(record_); }
  actor(const actor&) = delete;
  actor& operator=(const actor&) = delete;
  task_record record() const noexcept { return record_; }

 private:
  const task_record record_;
};

#else

// The task is called so in reports.
inline void task_named(task_record, const char* /*name*/) noexcept {}
// The task runs on this stack from now on, where others may have run before.
inline void stack_lent(task_record, const void* /*low*/, std::size_t /*size*/) noexcept {}

// The task is the one that this control block stands for; null: the calling thread is.
inline void task_is(task_record, const void* /*control*/) noexcept {}

// The caller is about to wait on `object`, and has stopped waiting. See GOBENCH_WAIT_SCOPE.
inline void blocked(const void* /*object*/, std::uint8_t /*reason*/, bool /*timed*/) noexcept {}
inline void unblocked() noexcept {}

// Whether an explorer of schedules decides who runs, one thread at a time, in virtual time.
constexpr bool explored() noexcept { return false; }
// Which of so many things that are equally right is done, where it is explored; else 0.
constexpr std::size_t choose(std::size_t /*count*/) noexcept { return 0; }
// While it lives, the threads that the caller creates serve the runtime and are no part of the program.
struct [[maybe_unused]] serving {};

// Happens-before edges on `object`: a release publishes the caller's past there (replacing what was
// published, or merging with it), an acquire takes it over.
inline void acquire(const void* /*object*/) noexcept {}
inline void release(const void* /*object*/) noexcept {}
inline void release_merge(const void* /*object*/) noexcept {}
// What was published on one object is published on the other as well; the caller's past is not touched.
inline void transfer(const void* /*from*/, const void* /*to*/) noexcept {}
// Nothing is published there any more: the object begins a new life.
inline void forget(const void* /*object*/) noexcept {}

// Locks: before the caller waits, after it holds the lock, before it gives the lock up. They include the edges: a
// holder is ordered after all earlier exclusive ones, an exclusive holder after all earlier shared ones too. `tried`:
// the call would not have waited for ever.
inline void lock_waited_for(const void* /*lock*/, lock_mode) noexcept {}
inline void lock_acquired(const void* /*lock*/, lock_mode, bool /*tried*/ = false) noexcept {}
inline void lock_released(const void* /*lock*/, lock_mode) noexcept {}

// The caller has copied bytes of the program from there, or to there.
inline void reads(const void* /*start*/, std::size_t /*size*/) noexcept {}
inline void writes(const void* /*start*/, std::size_t /*size*/) noexcept {}
// An object of the program is about to begin in memory of ours, where others have been before.
inline void memory_reused(const void* /*start*/, std::size_t /*size*/) noexcept {}

// Channels: after the effect of the operation, before its lock is dropped; a send that is going to park tells it
// before that.
inline void channel_operation(const void* /*channel*/, channel_event,
                              std::uint64_t /*slot*/) noexcept {}
inline void wait_group_operation(const void* /*group*/, wait_group_event) noexcept {}

// No task of the run can go on; its main task has returned, and the others are about to be ended: whether all of
// them are parked, and nobody is just being woken.
inline void standstill() noexcept {}
inline void main_ended(bool /*others_wait*/) noexcept {}

// Nobody listens, so nobody cares for whom something is done.
struct acting_for {
  explicit acting_for(task_record) noexcept {}
};
struct actor {
  static task_record record() noexcept { return nullptr; }
};

#endif

// Channels, for a parked task that the caller completes the operation of: it has published its past, as of
// when it parked, on `past`.
inline void channel_operation_for(const void* /*past*/, const void* /*channel*/, channel_event,
                                  std::uint64_t /*slot*/) noexcept {}

}  // namespace gobench::inline GOBENCH_FLAVOUR::instrument
