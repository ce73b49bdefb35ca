// A lock that costs its owner two plain stores and a load, and everybody else a system call.
//
// A processor's queues change at every switch, by the worker that holds it; others come only to steal, when
// the work is worth it, or because the owner computes. A locked instruction is 5 ns here, a third of a
// switch; with one in each queue operation it was a third of a channel operation, too.
//
// Invariants
//  - The owner sets in_use_, then looks at claimed_. A thief sets claimed_, then makes every running thread
//    of the process pass a full barrier (membarrier), then looks at in_use_. So either the thief sees
//    that the owner is inside, and waits; or the owner sees the claim, and takes the real lock.
//  - Whoever gets here without being the owner holds lock_ from the claim to the release.
//  - Where the kernel has no such barrier, and under ThreadSanitizer, which does not know it, claimed_ is
//    set for good and everybody takes the real lock.
//  - Only a lock's one owner at a time may use an owner_section; owners follow each other with an
//    acquire and release between them (processor::status, or the scheduler's lock).
//
// The asymmetry is that of the biased locks of D. Dice, M. Moir and W. Scherer, "Quickly Reacquirable
// Locks" (2003), with membarrier(2) in place of a collocation trick.
#pragma once

#include <atomic>

#include "runtime/flavour.hpp"
#include "runtime/spin_lock.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {

// Whether all_threads_barrier() works in this process. Any thread; asks the kernel once.
bool has_all_threads_barrier() noexcept;
// Every running thread of this process passes a full memory barrier before it returns. False when the
// kernel would not.
bool all_threads_barrier() noexcept;

class owner_lock {
 public:
  owner_lock() noexcept : always_claimed_(!has_all_threads_barrier()), claimed_(always_claimed_) {}
  owner_lock(const owner_lock&) = delete;
  owner_lock& operator=(const owner_lock&) = delete;

 private:
  friend class owner_section;
  friend class stranger_section;

  const bool always_claimed_;
  std::atomic<bool> claimed_;
  std::atomic<bool> in_use_{false};
  spin_lock lock_;
};

// The owner's critical section: bounded, and nothing in it waits or switches.
class owner_section {
 public:
  explicit owner_section(owner_lock& held) noexcept : held_(held) {
    held.in_use_.store(true, std::memory_order_relaxed);
    // For the compiler; the CPU is kept in order by the stranger's barrier.
    std::atomic_signal_fence(std::memory_order_seq_cst);
    // Acquire pairs with the release at the end of a stranger's section: what it took out is seen.
    slow_ = held.claimed_.load(std::memory_order_acquire);
    if (slow_) [[unlikely]] {
      held.in_use_.store(false, std::memory_order_relaxed);
      held.lock_.lock();
    }
  }
  ~owner_section() {
    if (slow_) [[unlikely]] {
      held_.lock_.unlock();
    } else {
      // Release pairs with the stranger's acquire: it sees what we did.
      held_.in_use_.store(false, std::memory_order_release);
    }
  }
  owner_section(const owner_section&) = delete;
  owner_section& operator=(const owner_section&) = delete;

 private:
  owner_lock& held_;
  bool slow_;
};

// Anybody else's. Costs microseconds; may fail, and is then false.
class stranger_section {
 public:
  explicit stranger_section(owner_lock& held) noexcept : held_(held) {
    held.lock_.lock();
    if (held.always_claimed_) return;
    held.claimed_.store(true, std::memory_order_relaxed);
    entered_ = all_threads_barrier();
    if (!entered_) return;
    // Acquire pairs with the release at the end of the owner's section.
    for (int round = 0; held.in_use_.load(std::memory_order_acquire); ++round) {
      if (round < 64) {
        cpu_pause();
      } else {
        ::sched_yield();
      }
    }
  }
  ~stranger_section() {
    // Release pairs with the owner's acquire.
    if (!held_.always_claimed_) held_.claimed_.store(false, std::memory_order_release);
    held_.lock_.unlock();
  }
  explicit operator bool() const noexcept { return entered_; }
  stranger_section(const stranger_section&) = delete;
  stranger_section& operator=(const stranger_section&) = delete;

 private:
  owner_lock& held_;
  bool entered_ = true;
};

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
