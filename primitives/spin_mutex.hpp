// A lock that is waited for by spinning: test and test-and-set.
//
//   gobench::spin_mutex m;
//   {
//     const std::scoped_lock held(m);
//     ++counter;
//   }
//
// Invariant: held_ is true exactly while somebody holds the lock.
//
// For critical sections of a few instructions. Unfair: whoever looks at the right moment gets it. A
// waiter spins through runtime::relax, which soon yields to other fibers and threads, so that the
// holder makes progress on a single processor as well. A holder may park, but everybody else then
// burns time until it comes back. Waiters are not parked, so a deadlock on such a lock is an
// endless loop, and a task that waits for a lock whose holder is gone keeps the run from ending.
//
// Source: L. Rudolph and Z. Segall (1984), "Dynamic Decentralized Cache Schemes for MIMD Parallel
// Processors" (test and test-and-set).
#pragma once

#include <atomic>

#include "runtime/errors.hpp"
#include "runtime/flavour.hpp"
#include "runtime/instrument.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {

// Meets the standard's Lockable. Every method may be called from fibers, task threads and other OS
// threads, mixed. The unlock of one holder happens before the lock of the next returns. Not
// recursive.
class spin_mutex {
 public:
  constexpr spin_mutex() noexcept = default;
  GOBENCH_LOCK_DESTRUCTOR(spin_mutex)
  spin_mutex(const spin_mutex&) = delete;
  spin_mutex& operator=(const spin_mutex&) = delete;

  // Waits until the lock is ours.
  void lock() noexcept {
    GOBENCH_OPERATION(lock, this);
    // Acquire pairs with the release in unlock().
    if (held_.exchange(true, std::memory_order_acquire)) [[unlikely]]
      lock_slow();
    locked();
  }

  // Takes the lock if nobody holds it. A failure orders nothing.
  bool try_lock() noexcept {
    GOBENCH_OPERATION(try_lock, this);
    // The relaxed look avoids a useless write; acquire pairs with the release in unlock().
    if (held_.load(std::memory_order_relaxed) || held_.exchange(true, std::memory_order_acquire))
      return false;
    locked();
    return true;
  }

  // Gives the lock up. Throws misuse when it is not locked.
  void unlock() {
    GOBENCH_OPERATION(unlock, this);
    // Relaxed: the holder reads what it wrote itself.
    if (!held_.load(std::memory_order_relaxed)) [[unlikely]]
      unlock_of_unlocked();
    GOBENCH_HOOK(lock_released(this, instrument::lock_mode::exclusive));
    held_.store(false, std::memory_order_release);  // pairs with the acquire of the next holder
  }

 private:
  void locked() noexcept { GOBENCH_HOOK(lock_acquired(this, instrument::lock_mode::exclusive)); }
  void lock_slow() noexcept;
  [[noreturn]] static void unlock_of_unlocked();

  std::atomic<bool> held_{false};
};

}  // namespace gobench::inline GOBENCH_FLAVOUR
