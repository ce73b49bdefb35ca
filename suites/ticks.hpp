// The finest clock of the machine, and which CPU reads it.
//
// Invariants
//  - On x86 with a time stamp counter that runs at one rate on all CPUs, a tick is one of its counts;
//    everywhere else a tick is a nanosecond of the steady clock. Which of the two is decided once, at
//    the first use, by looking at the processor and at what the counter says of the CPU it is on.
//  - Ticks of different CPUs can be compared as far as the machine keeps its counters in step, which is
//    what the kernel relies on too when it chooses the same counter as its clock.
#pragma once

#include <sched.h>

#include <chrono>
#include <cstdint>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace gobench::suites {

struct tick_source {
  bool counter = false;      // whether the CPU's counter is read
  double ns_per_tick = 1.0;  // measured against the steady clock
};

// Measures for about 5 ms at the first call. From any thread.
const tick_source& ticking();

namespace internal {
inline std::uint64_t steady_ns() noexcept {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                        std::chrono::steady_clock::now().time_since_epoch())
                                        .count());
}
}  // namespace internal

// When, and on which CPU.
struct mark {
  std::uint64_t ticks = 0;
  std::uint32_t cpu = 0;
};

// The present. `source` is ticking(), taken before the measured interval so that its first call does
// not fall into it.
inline mark now_on(const tick_source& source) noexcept {
#if defined(__x86_64__)
  if (source.counter) {
    unsigned where = 0;
    const std::uint64_t ticks = __rdtscp(&where);
    return {ticks, where & 0xfffU};  // Linux puts node << 12 | cpu there
  }
#endif
  static_cast<void>(source);
  return {internal::steady_ns(), static_cast<std::uint32_t>(::sched_getcpu())};
}

inline std::uint64_t ticks_now(const tick_source& source) noexcept {
#if defined(__x86_64__)
  if (source.counter) return __rdtsc();
#endif
  static_cast<void>(source);
  return internal::steady_ns();
}

}  // namespace gobench::suites
