// Clocks, which are virtual while the program is explored.
#include <sys/time.h>
#include <time.h>

#include "detector/explore/explore.hpp"
#include "detector/interpose/real.hpp"

namespace gobench::detector::interpose {

GOBENCH_REAL(clock_gettime);
GOBENCH_REAL_TYPE(gettimeofday, int(timeval*, void*));
GOBENCH_REAL(time);
GOBENCH_REAL(timespec_get);
GOBENCH_REAL(clock);

namespace {

constexpr std::int64_t second = 1'000'000'000;

bool is_real_time(clockid_t clock) noexcept {
  return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI;
}

// How much of a processor was used: as much as has passed.
bool is_processor_time(clockid_t clock) noexcept {
  return clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID || clock < 0;
}

timespec time_of(std::int64_t ns) noexcept {
  return {static_cast<time_t>(ns / second), static_cast<long>(ns % second)};
}

timespec real_now() noexcept {
  return time_of(explore::read_clock() + explore::real_time_offset_ns());
}

}  // namespace

GOBENCH_INTERPOSED(int, clock_gettime, clockid_t clock, timespec* into) {
  if (!explore::controls() || into == nullptr) return real_clock_gettime(clock, into);
  if (is_real_time(clock))
    *into = real_now();
  else if (is_processor_time(clock))
    *into = time_of(explore::read_clock() - explore::monotonic_begin_ns());
  else
    *into = time_of(explore::read_clock());
  return 0;
}

GOBENCH_INTERPOSED(int, gettimeofday, timeval* into, void* zone) {
  if (!explore::controls() || into == nullptr) return real_gettimeofday(into, zone);
  const timespec now = real_now();
  *into = {now.tv_sec, now.tv_nsec / 1'000};
  return 0;
}

GOBENCH_INTERPOSED(time_t, time, time_t* into) {
  if (!explore::controls()) return real_time(into);
  const time_t now = real_now().tv_sec;
  if (into != nullptr) *into = now;
  return now;
}

GOBENCH_INTERPOSED(int, timespec_get, timespec* into, int base) {
  if (!explore::controls() || base != TIME_UTC) return real_timespec_get(into, base);
  *into = real_now();
  return base;
}

GOBENCH_INTERPOSED(clock_t, clock, ) {
  if (!explore::controls()) return real_clock();
  return static_cast<clock_t>((explore::read_clock() - explore::monotonic_begin_ns()) /
                              (second / CLOCKS_PER_SEC));
}

}  // namespace gobench::detector::interpose
