// The lock that guards the few words of state inside a primitive or the scheduler.
//
// Invariants
//  - Held for a bounded number of instructions and never across a park, a switch or user code that
//    may wait, so a fiber never loses its processor while it holds one.
//  - A waiter pauses first and then gives its CPU to other OS threads (never to other fibers: they
//    could come back for this very lock), so that a preempted owner runs again on a crowded machine.
//
// It is not for users: gobench::spin_mutex is.
#pragma once

#include <sched.h>

#include <atomic>

#include "runtime/flavour.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {

inline void cpu_pause() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield" ::: "memory");
#endif
}

class spin_lock {
 public:
  spin_lock() = default;
  spin_lock(const spin_lock&) = delete;
  spin_lock& operator=(const spin_lock&) = delete;

  void lock() noexcept {
    // Acquire pairs with the release in unlock().
    if (!held_.exchange(true, std::memory_order_acquire)) [[likely]]
      return;
    lock_contended();
  }

  bool try_lock() noexcept {
    // The relaxed look only avoids a useless write; acquire pairs with the release in unlock().
    return !held_.load(std::memory_order_relaxed) &&
           !held_.exchange(true, std::memory_order_acquire);
  }

  void unlock() noexcept { held_.store(false, std::memory_order_release); }

 private:
  __attribute__((noinline)) void lock_contended() noexcept {
    constexpr int pauses_before_yield = 64;
    for (;;) {
      for (int i = 0; i < pauses_before_yield; ++i) {
        if (try_lock()) return;
        cpu_pause();
      }
      ::sched_yield();
    }
  }

  std::atomic<bool> held_{false};
};

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
