// The hooks of runtime/check_hooks.hpp for the compiler's ThreadSanitizer: gobench::tsan.
//
// What its interface cannot say is said with more edges than there are, which hides races and invents none:
//  - release() merges, since replacing what was published is not offered;
//  - transfer() lets the caller take over what it passes on;
//  - forget() does nothing.
// Locks are edges only, so reports do not name them. The library is not instrumented, and neither is this file;
// ThreadSanitizer's runtime comes with the program, which is linked with -fsanitize=thread.
#include <sys/mman.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>

#include "runtime/check_hooks.hpp"

extern "C" {
void* __tsan_get_current_fiber(void);
void* __tsan_create_fiber(unsigned flags);
void __tsan_destroy_fiber(void* fiber);
void __tsan_switch_to_fiber(void* fiber, unsigned flags);
void __tsan_set_fiber_name(void* fiber, const char* name);
void __tsan_acquire(void* object);
void __tsan_release(void* object);
void __tsan_ignore_thread_begin(void);
void __tsan_ignore_thread_end(void);
void AnnotateIgnoreSyncBegin(const char* file, int line);
void AnnotateIgnoreSyncEnd(const char* file, int line);
void __tsan_read_range(void* start, std::size_t size);
void __tsan_write_range(void* start, std::size_t size);
}

namespace {

enum level : std::uint8_t { seen = 0, internal = 1, silent = 2 };
constexpr unsigned no_implied_edge = 1;

struct task {
  void* fiber = nullptr;
  std::uint8_t level = seen;
  bool fresh = false;
};

// As in detector/seam/seam_task.cpp.
thread_local constinit task own_task;
thread_local constinit task* current_task = nullptr;

task& here() noexcept {
  if (current_task == nullptr) [[unlikely]] {
    own_task.fiber = __tsan_get_current_fiber();
    current_task = &own_task;
  }
  return *current_task;
}

void ignore_begin() noexcept {
  __tsan_ignore_thread_begin();
  AnnotateIgnoreSyncBegin(__FILE__, __LINE__);
}
void ignore_end() noexcept {
  AnnotateIgnoreSyncEnd(__FILE__, __LINE__);
  __tsan_ignore_thread_end();
}

// Calls tell() while ThreadSanitizer listens to the task, unless it is silent.
template <class Tell>
void while_listening(Tell tell) noexcept {
  const task& self = here();
  if (self.level == silent) return;
  if (self.level == internal) ignore_end();
  tell();
  if (self.level == internal) ignore_begin();
}

void* plain(const void* object) noexcept { return const_cast<void*>(object); }

// Of a lock: where readers publish, so that they do not order one another.
void* readers_of(const void* lock) noexcept { return static_cast<char*>(plain(lock)) + 1; }

}  // namespace

extern "C" {

std::uintptr_t gobench_tsan_set_internal(std::uintptr_t asked) noexcept {
  task& self = here();
  const std::uintptr_t before = self.level;
  const std::uintptr_t wanted = asked & 3U;  // above it a place
  if (wanted == before || (wanted == internal && before == silent)) return before;
  if (before == seen) {
    ignore_begin();
  } else if (wanted == seen) {
    ignore_end();
  }
  self.level = static_cast<std::uint8_t>(wanted);
  return before;
}

void* gobench_tsan_task_created(unsigned) noexcept {
  auto* made = new task;
  // While it ignores synchronisation, the child would not be ordered after its parent.
  while_listening([&] { made->fiber = __tsan_create_fiber(0); });
  if (made->fiber == nullptr) made->fiber = __tsan_create_fiber(0);
  made->level = internal;
  made->fresh = true;
  return made;
}

void* gobench_tsan_thread_record() noexcept { return &here(); }

void gobench_tsan_task_switched(void* to) noexcept {
  auto& next = *static_cast<task*>(to);
  current_task = &next;
  __tsan_switch_to_fiber(next.fiber, no_implied_edge);
  if (next.fresh) [[unlikely]] {
    next.fresh = false;
    ignore_begin();
  }
}

void gobench_tsan_task_finished(void* record) noexcept {
  auto* ended = static_cast<task*>(record);
  if (ended->level != seen && !ended->fresh) {
    // ThreadSanitizer complains of one that ends while it ignores.
    __tsan_switch_to_fiber(ended->fiber, no_implied_edge);
    ignore_end();
    __tsan_switch_to_fiber(here().fiber, no_implied_edge);
  }
  __tsan_destroy_fiber(ended->fiber);
  delete ended;
}

void gobench_tsan_task_named(void* record, const char* name) noexcept {
  __tsan_set_fiber_name(record == nullptr ? here().fiber : static_cast<task*>(record)->fiber, name);
}

// ThreadSanitizer forgets what it knows of memory that is unmapped, and does so before it asks the kernel. Which refuses
// an address that is not that of a page, so nothing is unmapped: the stack may be in use. The page above is
// the guard of the next stack, and makes up for what is rounded down.
void gobench_tsan_stack_lent(void*, const void* low, std::size_t size) noexcept {
  constexpr std::size_t page = 4096;
  const int before = errno;
  ::munmap(static_cast<char*>(plain(low)) + 1, size + page);
  errno = before;
}

void gobench_tsan_task_is(void*, const void*) noexcept {}
void gobench_tsan_blocked(const void*, unsigned, unsigned) noexcept {}
void gobench_tsan_unblocked() noexcept {}

unsigned gobench_tsan_explored() noexcept { return 0; }
std::size_t gobench_tsan_choose(std::size_t) noexcept { return 0; }
void gobench_tsan_serves(unsigned) noexcept {}
void gobench_tsan_standstill() noexcept {}
void gobench_tsan_main_ended(unsigned) noexcept {}

void gobench_tsan_acquire(const void* object) noexcept {
  while_listening([&] { __tsan_acquire(plain(object)); });
}
void gobench_tsan_release(const void* object) noexcept {
  while_listening([&] { __tsan_release(plain(object)); });
}
void gobench_tsan_release_merge(const void* object) noexcept {
  while_listening([&] { __tsan_release(plain(object)); });
}
void gobench_tsan_transfer(const void* from, const void* to) noexcept {
  while_listening([&] {
    __tsan_acquire(plain(from));
    __tsan_release(plain(to));
  });
}
void gobench_tsan_forget(const void*) noexcept {}

void gobench_tsan_lock_waited_for(const void*, unsigned) noexcept {}
void gobench_tsan_lock_acquired(const void* lock, unsigned how) noexcept {
  while_listening([&] {
    __tsan_acquire(plain(lock));
    if ((how & 1) == 0) __tsan_acquire(readers_of(lock));
  });
}
void gobench_tsan_lock_released(const void* lock, unsigned shared) noexcept {
  while_listening([&] { __tsan_release(shared == 0 ? plain(lock) : readers_of(lock)); });
}
void gobench_tsan_lock_destroyed(const void*) noexcept {}

// A send reads the channel and a close writes it, as in Go (src/runtime/chan.go, racereadpc and racewritepc of raceaddr):
// so a close beside an unordered send, or another close, is told, whoever came first.
void gobench_tsan_channel(const void* channel, unsigned what) noexcept {
  constexpr unsigned sent = 1, closed = 3, sent_in_vain = 5, closed_in_vain = 6;
  while_listening([&] {
    if (what == sent || what == sent_in_vain)
      __tsan_read_range(plain(channel), 1);
    else if (what == closed || what == closed_in_vain)
      __tsan_write_range(plain(channel), 1);
  });
}
void gobench_tsan_wait_group(const void*, unsigned) noexcept {}

void gobench_tsan_reads(const void* start, std::size_t size) noexcept {
  while_listening([&] { __tsan_read_range(plain(start), size); });
}
void gobench_tsan_writes(const void* start, std::size_t size) noexcept {
  while_listening([&] { __tsan_write_range(plain(start), size); });
}
// Cannot be said; closure.hpp does without.
void gobench_tsan_memory_reused(const void*, std::size_t) noexcept {}

}  // extern "C"
