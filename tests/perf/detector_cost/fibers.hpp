// Fibers on Boost.Context that tell a detector of themselves by ThreadSanitizer's interface, which ours has too.
// COST_PLAIN: there is no detector to tell.
#pragma once

#include <sys/mman.h>

#include <boost/context/detail/fcontext.hpp>
#include <cstddef>
#include <cstdio>
#include <cstdlib>

#ifdef COST_PLAIN
inline void* create_record() { return nullptr; }
inline void destroy_record(void*) {}
inline void* current_record() { return nullptr; }
inline void switch_record(void*) {}
inline void published(void*) {}
inline void learned(void*) {}
#else
extern "C" {
void* __tsan_create_fiber(unsigned flags);
void __tsan_destroy_fiber(void* fiber);
void* __tsan_get_current_fiber();
void __tsan_switch_to_fiber(void* fiber, unsigned flags);
void __tsan_acquire(void* object);
void __tsan_release(void* object);
}
inline void* create_record() { return __tsan_create_fiber(0); }
inline void destroy_record(void* record) { __tsan_destroy_fiber(record); }
inline void* current_record() { return __tsan_get_current_fiber(); }
// 1: the switch alone orders nothing. It stands right before the jump.
[[gnu::always_inline]] inline void switch_record(void* record) {
  __tsan_switch_to_fiber(record, 1);
}
inline void published(void* object) { __tsan_release(object); }
inline void learned(void* object) { __tsan_acquire(object); }
#endif

namespace cost {

namespace context = boost::context::detail;

// Entry and exit of a function that jumps would run on different fibers.
#define COST_JUMPS __attribute__((no_sanitize("thread"), noinline))

inline char* reserve_stacks(std::size_t bytes) {
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) std::abort();
  return static_cast<char*>(memory);
}

inline double resident_mb() {
  long all = 0, resident = 0;
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr || std::fscanf(file, "%ld %ld", &all, &resident) != 2) std::abort();
  std::fclose(file);
  return static_cast<double>(resident) * 4096 / 1e6;
}

}  // namespace cost
