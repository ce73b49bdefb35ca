// Virtual time: begins at a fixed moment, advances a little with every step, and to the earliest deadline when nobody can
// run or the strategy lets it pass.
#include <algorithm>

#include "detector/engine/schedule.hpp"
#include "detector/explore/controller.hpp"

namespace gobench::detector::explore {
namespace {

constexpr std::int64_t second = 1'000'000'000;
// When the process begins: so long after the start of the machine, and on 1 January 2025.
constexpr std::int64_t monotonic_begin = 1'000'000 * second;
constexpr std::int64_t real_begin = 1'735'689'600 * second;

// Whoever only looks at the clock waits for it: it goes the faster the longer nothing else happens.
constexpr std::uint64_t patient_reads = 100;
constexpr std::uint64_t reads_to_double = 16;
constexpr std::int64_t read_ns = 100;
constexpr std::int64_t most_per_read = 10'000'000;

std::int64_t in_ns(const timespec& time) noexcept {
  std::int64_t result = 0;
  if (__builtin_mul_overflow(static_cast<std::int64_t>(time.tv_sec), second, &result) ||
      __builtin_add_overflow(result, static_cast<std::int64_t>(time.tv_nsec), &result))
    return time.tv_sec < 0 ? 0 : never;
  return result;
}

}  // namespace

// Inside, deadlines are since the beginning.
std::int64_t now_ns() noexcept { return monotonic_begin + state->now; }

std::int64_t read_clock() noexcept {
  if (controls()) {
    const internal_mark inside;
    const locked guard(state->lock);
    const std::uint64_t reads = ++state->clock_reads;
    std::int64_t length = read_ns;
    if (reads > patient_reads)
      length = std::min(most_per_read, read_ns << std::min<std::uint64_t>(
                                           (reads - patient_reads) / reads_to_double, 20));
    state->now += length;
  }
  return now_ns();
}

std::int64_t monotonic_begin_ns() noexcept { return monotonic_begin; }

std::int64_t real_time_offset_ns() noexcept { return real_begin - monotonic_begin; }

std::int64_t deadline_of(clockid_t clock, const timespec* until) noexcept {
  if (until == nullptr) return never;
  const std::int64_t begin = clock == CLOCK_REALTIME ? real_begin : monotonic_begin;
  const std::int64_t at = in_ns(*until);
  if (at == never) return never;
  return std::max<std::int64_t>(at - begin, 0);
}

std::int64_t deadline_after(const timespec* length) noexcept {
  if (length == nullptr) return never;
  std::int64_t at = in_ns(*length);
  if (at == never || __builtin_add_overflow(at, state->now, &at)) return never;
  return at;
}

std::int64_t time_until(std::int64_t deadline) noexcept {
  return std::max<std::int64_t>(deadline - state->now, 0);
}

}  // namespace gobench::detector::explore

namespace gobench::detector {

std::int64_t explored_now() noexcept { return explore::on ? explore::now_ns() : -1; }

}  // namespace gobench::detector
