// A lock that is waited for by spinning and served strictly in the order of arrival.
//
//   gobench::ticket_mutex m;
//   {
//     const std::scoped_lock held(m);
//     ++counter;
//   }
//
// Invariants
//  - next_ is the ticket that the next one to arrive draws, serving_ the one that may enter; the
//    lock is held exactly while they differ, by the caller whose ticket is serving_.
//  - next_ - serving_ (modulo 2^32) is the number of callers inside, so fewer than 2^32 are.
//  - serving_ is written by the holder only.
//
// Fair, and for that slow when there are more waiters than processors: the one whose turn it is
// must be running, or everybody waits until the scheduler comes round to it. The notes of
// spin_mutex on parking, deadlock and the end of a run hold here as well.
// try_lock() succeeds only while nobody waits, so std::lock over two contended ones may try for a
// long time; lock them in a fixed order instead.
//
// Source: J. Mellor-Crummey and M. Scott (1991), "Algorithms for Scalable Synchronization on
// Shared-Memory Multiprocessors", section 2.2. Instead of their backoff in proportion to the
// distance, a waiter goes through runtime::relax, because on a crowded machine it is not the cache
// line that is short but the processor.
#pragma once

#include <atomic>
#include <cstdint>

#include "runtime/errors.hpp"
#include "runtime/flavour.hpp"
#include "runtime/instrument.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {

// Meets the standard's Lockable. Every method may be called from fibers, task threads and other OS
// threads, mixed. The unlock of one holder happens before the lock of the next returns. Not
// recursive.
class ticket_mutex {
 public:
  constexpr ticket_mutex() noexcept = default;
  GOBENCH_LOCK_DESTRUCTOR(ticket_mutex)
  ticket_mutex(const ticket_mutex&) = delete;
  ticket_mutex& operator=(const ticket_mutex&) = delete;

  // Waits until all who came before have left.
  void lock() noexcept {
    GOBENCH_OPERATION(lock, this);
    // Relaxed: the ticket orders nothing; the acquire of serving_ does.
    const std::uint32_t ticket = next_.fetch_add(1, std::memory_order_relaxed);
    // Acquire pairs with the release in unlock().
    if (serving_.load(std::memory_order_acquire) != ticket) [[unlikely]]
      lock_slow(ticket);
    locked();
  }

  // Takes the lock if nobody holds it or waits for it. A failure orders nothing.
  bool try_lock() noexcept {
    GOBENCH_OPERATION(try_lock, this);
    // Acquire pairs with the release in unlock().
    std::uint32_t ticket = serving_.load(std::memory_order_acquire);
    // Succeeds only while our ticket is both the next to be drawn and the one that may enter:
    // serving_ never passes next_. Relaxed: see lock().
    if (!next_.compare_exchange_strong(ticket, ticket + 1, std::memory_order_relaxed,
                                       std::memory_order_relaxed))
      return false;
    locked();
    return true;
  }

  // Gives the lock up. Throws misuse when it is not locked.
  void unlock() {
    GOBENCH_OPERATION(unlock, this);
    // Relaxed: the holder reads what it wrote itself, and its own ticket at least.
    const std::uint32_t ticket = serving_.load(std::memory_order_relaxed);
    if (next_.load(std::memory_order_relaxed) == ticket) [[unlikely]]
      unlock_of_unlocked();
    GOBENCH_HOOK(lock_released(this, instrument::lock_mode::exclusive));
    serving_.store(ticket + 1, std::memory_order_release);  // pairs with the acquire in lock()
  }

 private:
  void locked() noexcept { GOBENCH_HOOK(lock_acquired(this, instrument::lock_mode::exclusive)); }
  void lock_slow(std::uint32_t ticket) noexcept;
  [[noreturn]] static void unlock_of_unlocked();

  std::atomic<std::uint32_t> next_{0};
  std::atomic<std::uint32_t> serving_{0};
};

}  // namespace gobench::inline GOBENCH_FLAVOUR
