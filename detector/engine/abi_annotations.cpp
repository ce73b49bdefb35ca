// What a program tells on purpose: ThreadSanitizer's public interface (sanitizer/tsan_interface.h) and the older
// dynamic annotations (valgrind's and Google's Annotate* names).
#include "detector/engine/abi.hpp"
#include "detector/engine/engine.hpp"
#include "detector/engine/recording.hpp"
#include "detector/engine/shadow.hpp"
#include "detector/engine/sync.hpp"
#include "detector/engine/tasks.hpp"

using namespace gobench::detector;

namespace {

// Flags of the mutex calls.
constexpr unsigned tsan_linker_init = 1u << 0, tsan_write_reentrant = 1u << 1,
                   tsan_read_lock = 1u << 3, tsan_try_lock = 1u << 4,
                   tsan_try_lock_failed = 1u << 5, tsan_recursive_lock = 1u << 6,
                   tsan_recursive_unlock = 1u << 7;

unsigned flags_of(unsigned raw) {
  unsigned flags = 0;
  if ((raw & tsan_read_lock) != 0) flags |= lock_shared;
  if ((raw & (tsan_write_reentrant | tsan_recursive_lock)) != 0) flags |= lock_recursive;
  return flags;
}

void ignore_begin() {
  ignore_accesses_begin();
  ignore_sync_begin();
}
void ignore_end() {
  ignore_sync_end();
  ignore_accesses_end();
}

}  // namespace

extern "C" {

GOBENCH_ABI void __tsan_acquire(void* p) { acquire(p); }
GOBENCH_ABI void __tsan_release(void* p) { release_merge(p); }

// Locks of the program's own. Inside its functions nothing is judged.
GOBENCH_ABI void __tsan_mutex_create(void* lock, unsigned flags) {
  if ((flags & tsan_linker_init) == 0) lock_created(lock, flags_of(flags), GOBENCH_CALLER_PC());
}
GOBENCH_ABI void __tsan_mutex_destroy(void* lock, unsigned) {
  lock_destroyed(lock, GOBENCH_CALLER_PC());
}
GOBENCH_ABI void __tsan_mutex_pre_lock(void* lock, unsigned flags) {
  if ((flags & tsan_try_lock) == 0) lock_waited_for(lock, flags_of(flags), GOBENCH_CALLER_PC());
  ignore_begin();
}
GOBENCH_ABI void __tsan_mutex_post_lock(void* lock, unsigned flags, int recursion) {
  ignore_end();
  if ((flags & tsan_try_lock_failed) != 0) return;
  if ((flags & tsan_recursive_lock) != 0)
    lock_acquired_levels(lock, recursion > 0 ? static_cast<unsigned>(recursion) : 1,
                         GOBENCH_CALLER_PC());
  else
    lock_acquired(lock, flags_of(flags), GOBENCH_CALLER_PC());
}
GOBENCH_ABI int __tsan_mutex_pre_unlock(void* lock, unsigned flags) {
  int levels = 1;
  if ((flags & tsan_recursive_unlock) != 0)
    levels = static_cast<int>(lock_released_all(lock, GOBENCH_CALLER_PC()));
  else
    lock_released(lock, flags_of(flags), GOBENCH_CALLER_PC());
  ignore_begin();
  return levels;
}
GOBENCH_ABI void __tsan_mutex_post_unlock(void*, unsigned) { ignore_end(); }
GOBENCH_ABI void __tsan_mutex_pre_signal(void*, unsigned) { ignore_begin(); }
GOBENCH_ABI void __tsan_mutex_post_signal(void*, unsigned) { ignore_end(); }
GOBENCH_ABI void __tsan_mutex_pre_divert(void*, unsigned) { ignore_end(); }
GOBENCH_ABI void __tsan_mutex_post_divert(void*, unsigned) { ignore_begin(); }
GOBENCH_ABI void __tsan_check_no_mutexes_held() {}

// Fibers of the program's own.
GOBENCH_ABI void* __tsan_get_current_fiber() { return current(); }
GOBENCH_ABI void* __tsan_create_fiber(unsigned) {
  return task_created(task_kind::fiber, GOBENCH_CALLER_PC(), true);
}
GOBENCH_ABI void __tsan_destroy_fiber(void* fiber) {
  fiber_finished(static_cast<task_state*>(fiber));
}
GOBENCH_ABI void __tsan_switch_to_fiber(void* fiber, unsigned flags) {
  auto* to = static_cast<task_state*>(fiber);
  task_state& from = *current_task;
  constexpr unsigned no_sync = 1;
  if ((flags & no_sync) == 0 && !from.dummy && to != nullptr && !to->dummy && to != &from) {
    end_epoch(from);
    end_epoch(*to);
    to->clock.acquire(from.clock);
    recording::sync(from, recording::step::release, recording::switch_of(from));
    recording::sync(*to, recording::step::acquire, recording::switch_of(from));
    shut(*to);
    from.published = true;
    shut(from);
  }
  switch_to(to);
}
GOBENCH_ABI void __tsan_set_fiber_name(void* fiber, const char* name) {
  set_task_name(static_cast<task_state*>(fiber), name);
}

GOBENCH_ABI void __tsan_ignore_thread_begin() { ignore_begin(); }
GOBENCH_ABI void __tsan_ignore_thread_end() { ignore_end(); }
GOBENCH_ABI void __tsan_flush_memory() {}
GOBENCH_ABI void __tsan_on_thread_idle() {}
GOBENCH_ABI void __tsan_resumed() {}

// Calls of a library that reports accesses to its objects as such.
GOBENCH_ABI void* __tsan_external_register_tag(const char*) {
  static int tag;
  return &tag;
}
GOBENCH_ABI void __tsan_external_register_header(void*, const char*) {}
GOBENCH_ABI void __tsan_external_assign_tag(void*, void*) {}
GOBENCH_ABI void __tsan_external_read(void* p, void* caller, void*) {
  const function_scope frame(reinterpret_cast<address>(caller));
  read_range(p, 1, GOBENCH_CALLER_PC());
}
GOBENCH_ABI void __tsan_external_write(void* p, void* caller, void*) {
  const function_scope frame(reinterpret_cast<address>(caller));
  write_range(p, 1, GOBENCH_CALLER_PC());
}

GOBENCH_ABI void AnnotateHappensBefore(const char*, int, const volatile void* p) {
  release_merge(const_cast<const void*>(p));
}
GOBENCH_ABI void AnnotateHappensAfter(const char*, int, const volatile void* p) {
  acquire(const_cast<const void*>(p));
}
GOBENCH_ABI void AnnotateCondVarSignal(const char*, int, const volatile void*) {}
GOBENCH_ABI void AnnotateCondVarSignalAll(const char*, int, const volatile void*) {}
GOBENCH_ABI void AnnotateCondVarWait(const char*, int, const volatile void*, const volatile void*) {
}
GOBENCH_ABI void AnnotateMutexIsNotPHB(const char*, int, const volatile void*) {}
GOBENCH_ABI void AnnotateMutexIsUsedAsCondVar(const char*, int, const volatile void*) {}
GOBENCH_ABI void AnnotateEnableRaceDetection(const char*, int, int enable) {
  if (enable != 0)
    ignore_accesses_end();
  else
    ignore_accesses_begin();
}
GOBENCH_ABI void AnnotateRWLockCreate(const char*, int, const volatile void* lock) {
  lock_created(const_cast<const void*>(lock), 0, GOBENCH_CALLER_PC());
}
GOBENCH_ABI void AnnotateRWLockCreateStatic(const char*, int, const volatile void*) {}
GOBENCH_ABI void AnnotateRWLockDestroy(const char*, int, const volatile void* lock) {
  lock_destroyed(const_cast<const void*>(lock), GOBENCH_CALLER_PC());
}
GOBENCH_ABI void AnnotateRWLockAcquired(const char*, int, const volatile void* lock, long writer) {
  lock_acquired(const_cast<const void*>(lock),
                writer != 0 ? unsigned{lock_exclusive} : unsigned{lock_shared},
                GOBENCH_CALLER_PC());
}
GOBENCH_ABI void AnnotateRWLockReleased(const char*, int, const volatile void* lock, long writer) {
  lock_released(const_cast<const void*>(lock),
                writer != 0 ? unsigned{lock_exclusive} : unsigned{lock_shared},
                GOBENCH_CALLER_PC());
}
GOBENCH_ABI void AnnotateTraceMemory(const char*, int, const volatile void*) {}
GOBENCH_ABI void AnnotateFlushState(const char*, int) {}
GOBENCH_ABI void AnnotateNewMemory(const char*, int, const volatile void* p, unsigned long size) {
  forget_range(const_cast<const void*>(p), size);
}
GOBENCH_ABI void AnnotateNoOp(const char*, int, const volatile void*) {}
GOBENCH_ABI void AnnotateFlushExpectedRaces(const char*, int) {}
GOBENCH_ABI void AnnotatePCQCreate(const char*, int, const volatile void*) {}
GOBENCH_ABI void AnnotatePCQDestroy(const char*, int, const volatile void*) {}
GOBENCH_ABI void AnnotatePCQPut(const char*, int, const volatile void*) {}
GOBENCH_ABI void AnnotatePCQGet(const char*, int, const volatile void*) {}
GOBENCH_ABI void AnnotatePublishMemoryRange(const char*, int, const volatile void*, unsigned long) {
}
GOBENCH_ABI void AnnotateUnpublishMemoryRange(const char*, int, const volatile void*,
                                              unsigned long) {}
GOBENCH_ABI void AnnotateThreadName(const char*, int, const char* name) {
  set_task_name(current(), name);
}
GOBENCH_ABI void AnnotateIgnoreReadsBegin(const char*, int) { ignore_accesses_begin(); }
GOBENCH_ABI void AnnotateIgnoreReadsEnd(const char*, int) { ignore_accesses_end(); }
GOBENCH_ABI void AnnotateIgnoreWritesBegin(const char*, int) { ignore_accesses_begin(); }
GOBENCH_ABI void AnnotateIgnoreWritesEnd(const char*, int) { ignore_accesses_end(); }
GOBENCH_ABI void AnnotateIgnoreSyncBegin(const char*, int) { ignore_sync_begin(); }
GOBENCH_ABI void AnnotateIgnoreSyncEnd(const char*, int) { ignore_sync_end(); }
GOBENCH_ABI int RunningOnValgrind() { return 0; }
GOBENCH_ABI double ValgrindSlowdown() { return 10.0; }

}  // extern "C"
