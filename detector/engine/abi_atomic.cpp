// Atomic operations of the program: what they do, and which edges they make.
//
// The model is that of C++20, [atomics.order] and [atomics.fences]. An object's clock is what the present value
// of the atomic carries: the release that wrote it, and of the sequence that it continues.
//  - A store replaces the value, hence the clock: by the storing task's for a release, by what its last release
//    fence published for a relaxed store after one, and by nothing otherwise. (A relaxed store by the task that
//    released last leaves the clock: until C++20 it continued the release sequence, and programs rely on it.)
//  - A read-modify-write continues the sequence: it adds its own clock if it releases.
//  - A load, or the read of a read-modify-write, takes the clock over if it acquires; if it is relaxed, the clock is kept
//    for a later acquire fence.
// Value and clock change together, under the lock of the object. An atomic that nobody ever released has no object,
// and needs none: a load looks for the object after it has read, and a release makes it before it writes.
// The access is recorded before its clock is published, or else whoever acquires it could be judged against it.
#include <cstdint>

#include "detector/engine/abi.hpp"
#include "detector/engine/access.hpp"
#include "detector/engine/engine.hpp"
#include "detector/engine/internal.hpp"
#include "detector/engine/recording.hpp"
#include "detector/engine/schedule.hpp"
#include "detector/engine/sync.hpp"
#include "detector/engine/sync_object.hpp"

using namespace gobench::detector;

namespace {

// The numbers of __ATOMIC_*; clang passes hints above them.
// NOLINTNEXTLINE(performance-enum-size)
enum order : int { relaxed, consume, acquiring, releasing, both, total };

order order_of(int raw) { return static_cast<order>(raw & 7); }
bool acquires(order o) { return o == consume || o == acquiring || o == both || o == total; }
bool releases(order o) { return o == releasing || o == both || o == total; }

address at(const volatile void* p) { return reinterpret_cast<address>(p); }

// Only the operation itself.
bool plain(const task_state& task) {
  return task.dummy || task.in_our_code != 0 || internal_depth != 0;
}

__extension__ using wide = unsigned __int128;

template <typename T, bool Read>
void record(const volatile void* p, address pc) {
  const void* where = const_cast<const void*>(p);
  if constexpr (sizeof(T) == 16) {
    access<8, Read, true>(where, pc);
    access<8, Read, true>(static_cast<const char*>(where) + 8, pc);
  } else {
    access<sizeof(T), Read, true>(where, pc);
  }
}

// Sixteen bytes: only compare-and-swap exists, and gcc calls a library for the rest.
__attribute__((target("cx16"))) bool swap_wide(volatile wide* p, wide& expected, wide desired) {
  const wide old = __sync_val_compare_and_swap(p, expected, desired);
  const bool done = old == expected;
  expected = old;
  return done;
}

template <typename T>
T raw_load(const volatile T* p) {
  if constexpr (sizeof(T) == 16) {
    wide value = 0;
    swap_wide(const_cast<volatile wide*>(p), value, 0);  // writes 0 over 0 at most
    return value;
  } else {
    return __atomic_load_n(p, __ATOMIC_SEQ_CST);
  }
}

template <typename T>
bool raw_swap(volatile T* p, T& expected, T desired) {
  if constexpr (sizeof(T) == 16)
    return swap_wide(p, expected, desired);
  else
    return __atomic_compare_exchange_n(p, &expected, desired, false, __ATOMIC_SEQ_CST,
                                       __ATOMIC_SEQ_CST);
}

struct exchanging {
  template <typename T>
  static T apply(volatile T* p, T v) {
    return __atomic_exchange_n(p, v, __ATOMIC_SEQ_CST);
  }
  template <typename T>
  static T value(T, T v) {
    return v;
  }
};
#define GOBENCH_FETCH(name, builtin, expression) \
  struct name {                                  \
    template <typename T>                        \
    static T apply(volatile T* p, T v) {         \
      return builtin(p, v, __ATOMIC_SEQ_CST);    \
    }                                            \
    template <typename T>                        \
    static T value(T old, T v) {                 \
      return static_cast<T>(expression);         \
    }                                            \
  };
GOBENCH_FETCH(adding, __atomic_fetch_add, old + v)
GOBENCH_FETCH(subtracting, __atomic_fetch_sub, old - v)
GOBENCH_FETCH(anding, __atomic_fetch_and, old& v)
GOBENCH_FETCH(oring, __atomic_fetch_or, old | v)
GOBENCH_FETCH(xoring, __atomic_fetch_xor, old ^ v)
GOBENCH_FETCH(nanding, __atomic_fetch_nand, ~(old& v))

template <typename Operation, typename T>
T raw_modify(volatile T* p, T v) {
  if constexpr (sizeof(T) == 16) {
    wide old = raw_load(p);
    while (!swap_wide(p, old, Operation::value(old, v))) {
    }
    return old;
  } else {
    return Operation::apply(p, v);
  }
}

template <typename T>
void raw_store(volatile T* p, T v, order o) {
  if constexpr (sizeof(T) == 16)
    raw_modify<exchanging>(p, v);
  else if (o == total)
    __atomic_store_n(p, v, __ATOMIC_SEQ_CST);
  else
    __atomic_store_n(p, v, __ATOMIC_RELEASE);
}

// Before the operation, which the caller has not begun.
[[gnu::always_inline]] inline void step(explore::operation what, const volatile void* p,
                                        address pc) {
  if (__builtin_expect(schedule::explored, 0)) schedule::step(what, const_cast<const void*>(p), pc);
}

// The value that was read carries this.
void take_over(task_state& task, const sync_object& object, order o) {
  if (object.clock.empty()) return;
  const address where = object.where.load(std::memory_order_relaxed);
  if (acquires(o)) {
    acquire_from(task, object.clock);
    recording::sync(task, recording::step::acquire, where);
  } else {
    task.pending_acquire.merge(object.clock);
    recording::transfer(task, where, recording::acquire_fence(task), true);
  }
}

template <typename T>
T load(const volatile T* p, order o, address pc) {
  task_state& task = *current_task;
  if (plain(task)) return raw_load(p);
  step(explore::operation::atomic_load, p, pc);
  record<T, true>(p, pc);
  T value = raw_load(p);
  if (task.ignoring_sync != 0 || !has_object(at(p))) return value;
  const internal_mark inside;
  if (const sync_ref object = find_object(at(p))) {
    value = raw_load(p);  // together with its clock
    take_over(task, *object, o);
  }
  return value;
}

template <typename T>
void store(volatile T* p, T value, order o, address pc) {
  task_state& task = *current_task;
  if (plain(task)) return raw_store(p, value, o);
  step(explore::operation::atomic_store, p, pc);
  record<T, false>(p, pc);
  const bool publishes = releases(o) || task.has_release_fence;
  if (task.ignoring_sync != 0 || (!publishes && !has_object(at(p)))) return raw_store(p, value, o);
  const internal_mark inside;
  const sync_ref object = object_at(at(p));
  if (releases(o)) {
    release_to(task, object->clock);
    recording::sync(task, recording::step::release, at(p));
    object->last_releaser = task.clock.self();
  } else if (task.has_release_fence) {
    object->clock.assign(task.release_fence);
    recording::transfer(task, recording::release_fence(task), at(p), false);
    object->last_releaser = task.clock.self();
  } else if (object->last_releaser != task.clock.self()) {
    object->clock.clear();
    recording::sync(task, recording::step::forget, at(p));
  }
  raw_store(p, value, o);
}

// After the value was changed, with the object locked.
void publish(task_state& task, sync_object& object, order o) {
  const address where = object.where.load(std::memory_order_relaxed);
  if (releases(o)) {
    if (acquires(o))
      release_to(task, object.clock);  // it has just taken over what was there
    else
      release_merge_to(task, object.clock);
    recording::sync(task, recording::step::release_merge, where);
    object.last_releaser = task.clock.self();
  } else if (task.has_release_fence) {
    object.clock.merge(task.release_fence);
    recording::transfer(task, recording::release_fence(task), where, true);
    object.last_releaser = task.clock.self();
  }
}

template <typename Operation, typename T>
T modify(volatile T* p, T value, order o, address pc) {
  task_state& task = *current_task;
  if (plain(task)) return raw_modify<Operation>(p, value);
  step(explore::operation::atomic_update, p, pc);
  record<T, false>(p, pc);
  if (task.ignoring_sync != 0) return raw_modify<Operation>(p, value);
  if (!releases(o) && !task.has_release_fence && !has_object(at(p))) {
    const T old = raw_modify<Operation>(p, value);
    if (!has_object(at(p))) return old;
    // Somebody has released meanwhile; perhaps it was that value that was read.
    const internal_mark inside;
    if (const sync_ref object = find_object(at(p))) take_over(task, *object, o);
    return old;
  }
  const internal_mark inside;
  const sync_ref object = object_at(at(p));
  const T old = raw_modify<Operation>(p, value);
  take_over(task, *object, o);
  publish(task, *object, o);
  return old;
}

template <typename T>
bool swap(volatile T* p, T& expected, T desired, order o, order failed, address pc) {
  task_state& task = *current_task;
  if (plain(task)) return raw_swap(p, expected, desired);
  step(explore::operation::atomic_update, p, pc);
  // A failed one only reads; whether it fails is known under the lock of the object, where it is recorded.
  record<T, true>(p, pc);
  if (task.ignoring_sync != 0) {
    const bool done = raw_swap(p, expected, desired);
    if (done) record<T, false>(p, pc);
    return done;
  }
  const held_signals held;
  const sync_ref object = object_at(at(p));
  const bool done = raw_swap(p, expected, desired);
  if (done) record<T, false>(p, pc);
  const internal_mark inside;
  take_over(task, *object, done ? o : failed);
  if (done) publish(task, *object, o);
  return done;
}

}  // namespace

extern "C" {

// clang-format off
#define GOBENCH_MODIFY(bits, type, name, operation)                                                           \
  GOBENCH_ABI type __tsan_atomic##bits##_##name(volatile type* p, type v, int o) {                            \
    return modify<operation>(p, v, order_of(o), GOBENCH_CALLER_PC());                                         \
  }
#define GOBENCH_ATOMIC(bits, type)                                                                            \
  GOBENCH_ABI type __tsan_atomic##bits##_load(const volatile type* p, int o) {                                \
    return load(p, order_of(o), GOBENCH_CALLER_PC());                                                         \
  }                                                                                                           \
  GOBENCH_ABI void __tsan_atomic##bits##_store(volatile type* p, type v, int o) {                             \
    store(p, v, order_of(o), GOBENCH_CALLER_PC());                                                            \
  }                                                                                                           \
  GOBENCH_MODIFY(bits, type, exchange, exchanging)                                                            \
  GOBENCH_MODIFY(bits, type, fetch_add, adding)                                                               \
  GOBENCH_MODIFY(bits, type, fetch_sub, subtracting)                                                          \
  GOBENCH_MODIFY(bits, type, fetch_and, anding)                                                               \
  GOBENCH_MODIFY(bits, type, fetch_or, oring)                                                                 \
  GOBENCH_MODIFY(bits, type, fetch_xor, xoring)                                                               \
  GOBENCH_MODIFY(bits, type, fetch_nand, nanding)                                                             \
  GOBENCH_ABI int __tsan_atomic##bits##_compare_exchange_strong(volatile type* p, type* c, type v, int o, int f) { \
    return swap(p, *c, v, order_of(o), order_of(f), GOBENCH_CALLER_PC()) ? 1 : 0;                             \
  }                                                                                                           \
  GOBENCH_ABI int __tsan_atomic##bits##_compare_exchange_weak(volatile type* p, type* c, type v, int o, int f) { \
    return swap(p, *c, v, order_of(o), order_of(f), GOBENCH_CALLER_PC()) ? 1 : 0;                             \
  }                                                                                                           \
  GOBENCH_ABI type __tsan_atomic##bits##_compare_exchange_val(volatile type* p, type c, type v, int o, int f) { \
    swap(p, c, v, order_of(o), order_of(f), GOBENCH_CALLER_PC());                                             \
    return c;                                                                                                 \
  }
GOBENCH_ATOMIC(8, std::uint8_t)
GOBENCH_ATOMIC(16, std::uint16_t)
GOBENCH_ATOMIC(32, std::uint32_t)
GOBENCH_ATOMIC(64, std::uint64_t)
GOBENCH_ATOMIC(128, wide)
// clang-format on

GOBENCH_ABI void __tsan_atomic_thread_fence(int o) {
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
  task_state& task = *current_task;
  if (plain(task) || task.ignoring_sync != 0) return;
  const internal_mark inside;
  if (acquires(order_of(o)) && !task.pending_acquire.empty()) {
    acquire_from(task, task.pending_acquire);
    task.pending_acquire.clear();
    recording::sync(task, recording::step::acquire, recording::acquire_fence(task));
    recording::sync(task, recording::step::forget, recording::acquire_fence(task));
  }
  if (releases(order_of(o))) {
    release_to(task, task.release_fence);
    recording::sync(task, recording::step::release, recording::release_fence(task));
    task.has_release_fence = true;
  }
}

GOBENCH_ABI void __tsan_atomic_signal_fence(int) { __atomic_signal_fence(__ATOMIC_SEQ_CST); }

}  // extern "C"
