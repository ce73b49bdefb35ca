// The lock of the detector itself: never the program's pthread calls, which it interposes.
//
// Whoever holds one is inside the detector, where signals are deferred and nothing of the program's runs, so
// it is held for a short time unless its owner is preempted; then the others give their time up.
#pragma once

#include <sched.h>

#include <atomic>
#include <cstdint>

namespace gobench::detector {

class spin_lock {
 public:
  void lock() noexcept {
    if (word_.exchange(1, std::memory_order_acquire) != 0) [[unlikely]]
      wait();  // pairs with unlock
  }
  bool try_lock() noexcept { return word_.exchange(1, std::memory_order_acquire) == 0; }
  void unlock() noexcept { word_.store(0, std::memory_order_release); }
  // In the child of a fork, where whoever held it does not exist.
  void reset() noexcept { word_.store(0, std::memory_order_relaxed); }

 private:
  // A pause takes up to 50 ns, about as long as most hold one.
  [[gnu::noinline]] void wait() noexcept {
    int spins = 0;
    do {
      while (word_.load(std::memory_order_relaxed) != 0) {  // only to wait, the exchange decides
        if (++spins < 40)
          __builtin_ia32_pause();
        else
          sched_yield();
      }
    } while (word_.exchange(1, std::memory_order_acquire) != 0);
  }

  std::atomic<std::uint32_t> word_{0};
};

template <typename Lock>
class locked {
 public:
  explicit locked(Lock& lock) noexcept : lock_(lock) { lock_.lock(); }
  ~locked() { lock_.unlock(); }
  locked(const locked&) = delete;
  locked& operator=(const locked&) = delete;

 private:
  Lock& lock_;
};

}  // namespace gobench::detector
