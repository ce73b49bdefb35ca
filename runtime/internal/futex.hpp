// Waiting in the kernel on a 32-bit word.
#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <ctime>

#include "runtime/park.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {

static_assert(sizeof(std::atomic<std::uint32_t>) == 4 &&
                  std::atomic<std::uint32_t>::is_always_lock_free,
              "the kernel compares the word itself");

// Sleeps while `word` holds `expected`, until woken, the deadline or a signal; the caller looks again.
// False only when the deadline has passed. steady_clock is CLOCK_MONOTONIC, which FUTEX_WAIT_BITSET
// takes as an absolute time.
inline bool futex_wait(const std::atomic<std::uint32_t>& word, std::uint32_t expected,
                       steady_time deadline = no_deadline) noexcept {
  timespec until{};
  const timespec* timeout = nullptr;
  if (deadline != no_deadline) {
    using namespace std::chrono;
    const auto since = duration_cast<nanoseconds>(deadline.time_since_epoch()).count();
    if (since <= 0) return false;
    until.tv_sec = static_cast<time_t>(since / 1'000'000'000);
    until.tv_nsec = static_cast<long>(since % 1'000'000'000);
    timeout = &until;
  }
  const long result = ::syscall(SYS_futex, &word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, expected,
                                timeout, nullptr, FUTEX_BITSET_MATCH_ANY);
  return !(result == -1 && errno == ETIMEDOUT);
}

inline void futex_wake(const std::atomic<std::uint32_t>& word, int count = 1) noexcept {
  ::syscall(SYS_futex, &word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, count, nullptr, nullptr, 0);
}

inline void futex_wake_all(const std::atomic<std::uint32_t>& word) noexcept {
  futex_wake(word, INT_MAX);
}

// For a thread that was left behind: it may touch nothing any more, not even to end.
[[noreturn]] inline void sleep_for_ever() noexcept {
  const std::atomic<std::uint32_t> nobody{0};
  for (;;) futex_wait(nobody, 0);
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
