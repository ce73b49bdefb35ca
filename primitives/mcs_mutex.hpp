// A lock that is waited for by spinning, in the order of arrival, each waiter on a word of its own.
//
//   gobench::mcs_mutex m;
//   {
//     const std::scoped_lock held(m);
//     ++counter;
//   }
//
// Invariants
//  - tail_ is null while the lock is free; &holder_ while it is held and nobody waits; else the
//    last waiter's node, which lives on the stack of its lock().
//  - While the lock is held, holder_.next is the first waiter, or null: then nobody waits, or the
//    first waiter has put itself into tail_ and is about to link itself.
//  - A node leaves the queue before its lock() returns: the new holder moves its link into holder_.
//    So unlock() needs no node, and the lock meets the standard's requirements.
//  - holder_.next is written by the holder, or by the one waiter whose predecessor in tail_ was
//    &holder_; never by both, see lock_slow().
//
// Fair, like ticket_mutex and with the same weakness when waiters outnumber processors, but a
// handover touches one waiter's cache line only. The notes of spin_mutex on parking, deadlock and
// the end of a run hold here as well.
// try_lock() succeeds only while nobody waits, so std::lock over two contended ones may try for a
// long time; lock them in a fixed order instead.
//
// Source: J. Mellor-Crummey and M. Scott (1991), section 2.4, in the variant of IBM's K42 that
// keeps the holder's node in the lock: M. Auslander, D. Edelsohn, O. Krieger, B. Rosenburg and R.
// Wisniewski, "Enhancement to the MCS lock for increased functionality and improved
// programmability" (2003); M. Scott, "Shared-Memory Synchronization" (2013), section 4.3.3. A node
// per holder from a pool was rejected: it costs a look-up on the fast path, and thread-local
// storage does not follow a fiber.
#pragma once

#include <atomic>

#include "runtime/errors.hpp"
#include "runtime/flavour.hpp"
#include "runtime/instrument.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {

// Meets the standard's Lockable. Every method may be called from fibers, task threads and other OS
// threads, mixed. The unlock of one holder happens before the lock of the next returns. Not
// recursive.
class mcs_mutex {
 public:
  constexpr mcs_mutex() noexcept = default;
  GOBENCH_LOCK_DESTRUCTOR(mcs_mutex)
  mcs_mutex(const mcs_mutex&) = delete;
  mcs_mutex& operator=(const mcs_mutex&) = delete;

  // Waits until all who came before have left.
  void lock() noexcept {
    GOBENCH_OPERATION(lock, this);
    if (!take_if_free()) [[unlikely]]
      lock_slow();
    locked();
  }

  // Takes the lock if nobody holds it. A failure orders nothing.
  bool try_lock() noexcept {
    GOBENCH_OPERATION(try_lock, this);
    if (!take_if_free()) return false;
    locked();
    return true;
  }

  // Gives the lock up. Throws misuse when it is not locked.
  void unlock() {
    GOBENCH_OPERATION(unlock, this);
    // Relaxed: while we hold the lock it is not null, which we know from our own write to it.
    if (tail_.load(std::memory_order_relaxed) == nullptr) [[unlikely]]
      unlock_of_unlocked();
    GOBENCH_HOOK(lock_released(this, instrument::lock_mode::exclusive));
    node* self = &holder_;
    // Relaxed: a null is verified by the exchange; otherwise unlock_slow() reads it again.
    // Release pairs with the acquire of whoever takes the lock next.
    if (holder_.next.load(std::memory_order_relaxed) != nullptr ||
        !tail_.compare_exchange_strong(self, nullptr, std::memory_order_release,
                                       std::memory_order_relaxed)) [[unlikely]]
      unlock_slow();
  }

 private:
  struct node {
    std::atomic<node*> next{nullptr};
    std::atomic<bool> waiting{true};
  };

  bool take_if_free() noexcept {
    node* free = nullptr;
    // Acquire pairs with the release in unlock().
    return tail_.compare_exchange_strong(free, &holder_, std::memory_order_acquire,
                                         std::memory_order_relaxed);
  }
  void locked() noexcept { GOBENCH_HOOK(lock_acquired(this, instrument::lock_mode::exclusive)); }
  void lock_slow() noexcept;
  void unlock_slow() noexcept;
  [[noreturn]] static void unlock_of_unlocked();

  std::atomic<node*> tail_{nullptr};
  node holder_;
};

}  // namespace gobench::inline GOBENCH_FLAVOUR
