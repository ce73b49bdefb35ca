#include "suites/ticks.hpp"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace gobench::suites {

namespace {

#if defined(__x86_64__)

// Whether the counter exists, counts at one rate in every power state, and names its CPU as the
// kernel does. Some sandboxes run without setting the CPU's name, which the last part finds out.
bool counter_usable() {
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  constexpr unsigned rdtscp_bit = 1U << 27;
  constexpr unsigned invariant_bit = 1U << 8;
  if (__get_cpuid(0x80000001U, &a, &b, &c, &d) == 0 || (d & rdtscp_bit) == 0) return false;
  if (__get_cpuid(0x80000007U, &a, &b, &c, &d) == 0 || (d & invariant_bit) == 0) return false;
  for (int attempt = 0; attempt < 100; ++attempt) {
    const int before = ::sched_getcpu();
    unsigned where = 0;
    static_cast<void>(__rdtscp(&where));
    if (before != ::sched_getcpu()) continue;  // moved meanwhile
    return before >= 0 && (where & 0xfffU) == static_cast<unsigned>(before);
  }
  return false;
}

// Ticks between two readings of the steady clock that are at least 5 ms apart. Each end is the
// narrowest of several readings, so that an interruption between the two clocks does not count.
double measured_ns_per_tick() {
  struct pair {
    std::uint64_t ns;
    std::uint64_t ticks;
  };
  const auto both = [] {
    pair best{};
    std::uint64_t narrowest = ~std::uint64_t{0};
    for (int i = 0; i < 16; ++i) {
      const std::uint64_t before = __rdtsc();
      const std::uint64_t ns = internal::steady_ns();
      const std::uint64_t width = __rdtsc() - before;
      if (width < narrowest) {
        narrowest = width;
        best = {ns, before + width / 2};
      }
    }
    return best;
  };
  constexpr std::uint64_t apart_ns = 5'000'000;
  const pair first = both();
  while (internal::steady_ns() - first.ns < apart_ns) {
  }
  const pair last = both();
  return static_cast<double>(last.ns - first.ns) / static_cast<double>(last.ticks - first.ticks);
}

#endif

tick_source find_source() {
#if defined(__x86_64__)
  if (counter_usable()) return {.counter = true, .ns_per_tick = measured_ns_per_tick()};
#endif
  return {};
}

}  // namespace

const tick_source& ticking() {
  static const tick_source source = find_source();
  return source;
}

}  // namespace gobench::suites
