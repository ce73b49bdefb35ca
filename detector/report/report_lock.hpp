// The lock of the report: a plain futex, so that it does not depend on pthread functions that are interposed.
#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>

namespace gobench::detector::reporting {

// 0 free, 1 held, 2 held and somebody may sleep. "Futexes Are Tricky" (Drepper), mutex 2.
class report_lock {
 public:
  void lock() noexcept {
    std::uint32_t seen = 0;
    if (word_.compare_exchange_strong(seen, 1, std::memory_order_acquire,
                                      std::memory_order_relaxed))
      return;
    // Acquire: pairs with the release in unlock().
    while (word_.exchange(2, std::memory_order_acquire) != 0) futex(FUTEX_WAIT_PRIVATE, 2);
  }
  void unlock() noexcept {
    // Release: what was done under the lock is seen by who takes it next.
    if (word_.exchange(0, std::memory_order_release) == 2) futex(FUTEX_WAKE_PRIVATE, 1);
  }

 private:
  void futex(int operation, std::uint32_t value) noexcept {
    ::syscall(SYS_futex, &word_, operation, value, nullptr, nullptr, 0);
  }
  std::atomic<std::uint32_t> word_{0};
};

}  // namespace gobench::detector::reporting
