// The slow paths of mutex. The bits of the state word are in mutex.hpp.
//
// Why no wake-up is lost. Call the mutex stuck when it is unlocked, has waiters and nobody is awake
// to take it. The rule "unlocked with WAITERS implies WOKEN" excludes that, and every step keeps
// it:
//  - WAITERS is only set by an exchange that sees LOCKED (enter_queue), so the unlock that follows
//    sees WAITERS; its fast path fails.
//  - LOCKED is only cleared by exchanges that see no WAITERS, or see WOKEN, or set WOKEN in the
//    same step after taking the first waiter out of the queue (unlock_slow).
//  - WOKEN is only cleared by its owner: as it takes the mutex, or as it queues, while it sees
//    LOCKED. So the mutex is locked at that moment, and the unlock to come finds WAITERS without
//    WOKEN.
//  - A waiter gives up (deadline, end of the run) only from within the queue, where it owns no
//    WOKEN: one that was claimed is granted and goes through the loop again.
// A waiter that is handed the mutex finds LOCKED already set on its behalf.
//
// Why the mutex may be destroyed after the last holder's unlock has let go: the step that clears
// LOCKED is the last access when nobody is woken. Otherwise queue_lock_ is released after it, but then
// the claimed waiter is still inside lock() and is granted only after that.
//
// Considered and rejected: futex-style waiting on the word itself (cannot park a fiber); direct
// hand-off at every unlock (each lock operation would cost a switch under contention); reading the
// clock in unlock_slow to find starved waiters, as parking_lot does (waiters have time, holders do
// not).
#include "primitives/mutex.hpp"

#include <chrono>
#include <mutex>

namespace gobench::inline GOBENCH_FLAVOUR {
namespace {

using primitives::wait_node;
using primitives::wait_outcome;

// Values of wait_node::kind.
constexpr std::uint8_t woken_to_compete = 0;
constexpr std::uint8_t handed_over = 1;

}  // namespace

bool mutex::take_or_queue(attempt& ours) noexcept {
  // Relaxed: what we base a decision on is verified by an exchange.
  std::uint32_t seen = state_.load(std::memory_order_relaxed);
  for (;;) {
    const std::uint32_t not_woken = ours.own_woken ? ~woken_bit : ~0U;
    if ((seen & locked_bit) == 0) {
      // Acquire pairs with the release in unlock() and unlock_slow().
      if (state_.compare_exchange_weak(seen, (seen | locked_bit) & not_woken,
                                       std::memory_order_acquire, std::memory_order_relaxed))
        return true;
      continue;
    }
    if ((seen & starved_bit) == 0 && ours.spins.left()) {
      // Tell the holder that nobody has to be woken. Relaxed: LOCKED and the queue stay as they
      // are.
      if (!ours.own_woken && (seen & woken_bit) == 0 && (seen & waiters_bit) != 0)
        ours.own_woken = state_.compare_exchange_weak(
            seen, seen | woken_bit, std::memory_order_relaxed, std::memory_order_relaxed);
      ours.spins.spend();
      seen = state_.load(std::memory_order_relaxed);
      continue;
    }

    const std::scoped_lock held(queue_lock_);
    // Queue, unless the mutex has been unlocked meanwhile. Relaxed: an unlock that sees the new
    // bits takes queue_lock_, which shows it the queue.
    seen = state_.load(std::memory_order_relaxed);
    const std::uint32_t bits = waiters_bit | (ours.starved ? starved_bit : 0U);
    while ((seen & locked_bit) != 0 &&
           !state_.compare_exchange_weak(seen, (seen | bits) & not_woken, std::memory_order_relaxed,
                                         std::memory_order_relaxed)) {
    }
    if ((seen & locked_bit) == 0) continue;
    ours.own_woken = false;
    others_wait_.store(true, std::memory_order_relaxed);
    // Nobody has touched it since it was granted. Relaxed: queue_lock_ orders it.
    ours.node.state.store(primitives::wait_state::waiting, std::memory_order_relaxed);
    if (ours.waiting_since == steady_time{}) {
      ours.waiting_since = std::chrono::steady_clock::now();
      queue_.push_back(ours.node);
    } else {
      queue_.push_front(ours.node);
    }
    return false;
  }
}

void mutex::waiter_left(const attempt& ours) noexcept {
  if (queue_.empty()) others_wait_.store(false, std::memory_order_relaxed);
  // Relaxed: WAITERS and STARVED change under queue_lock_ only.
  state_.fetch_and(~((queue_.empty() ? waiters_bit : 0U) | (ours.starved ? starved_bit : 0U)),
                   std::memory_order_relaxed);
}

bool mutex::granted(attempt& ours) noexcept {
  if (ours.node.kind == handed_over) return true;
  ours.own_woken = true;
  ours.starved = ours.starved ||
                 std::chrono::steady_clock::now() - ours.waiting_since > primitives::starved_after;
  ours.spins.refill();
  return false;
}

__attribute__((noinline)) bool mutex::lock_slow(steady_time deadline) {
  if (deadline == runtime::no_deadline)
    GOBENCH_HOOK(lock_waited_for(this, instrument::lock_mode::exclusive));
  attempt ours(runtime::this_waiter());  // first: it may throw
  while (!take_or_queue(ours)) {
    switch (primitives::wait_granted(queue_, ours.node, queue_lock_,
                                     {runtime::wait_reason::mutex, this}, deadline,
                                     [&] { waiter_left(ours); })) {
      case wait_outcome::granted:
        break;
      case wait_outcome::timed_out:
        return false;
      case wait_outcome::ended:
        runtime::throw_ended();
    }
    if (granted(ours)) return true;
  }
  return true;
}

bool mutex::settle_lock(attempt& ours, runtime::park_result why, bool& taken) noexcept {
  for (;;) {
    wait_outcome outcome{};
    if (!primitives::settle_wait(
            queue_, ours.node, queue_lock_, why, [&] { waiter_left(ours); }, outcome))
      return false;
    taken = outcome == wait_outcome::granted && (granted(ours) || take_or_queue(ours));
    if (taken || outcome != wait_outcome::granted) return true;
    // Queued again, but there is no time left to wait.
    if (why == runtime::park_result::woken) return false;
  }
}

__attribute__((noinline)) void mutex::unlock_slow(std::uint32_t seen) {
  for (;;) {
    while (leaves_quietly(seen)) {
      // Release pairs with the acquire of the next holder.
      if (state_.compare_exchange_weak(seen, seen & ~locked_bit, std::memory_order_release,
                                       std::memory_order_relaxed))
        return;
    }
    if ((seen & locked_bit) == 0) {
      throw misuse(
          "unlock of a mutex that is not locked; call unlock only once for each lock, or use "
          "std::scoped_lock");
    }
    wait_node* next = nullptr;
    {
      const std::scoped_lock held(queue_lock_);
      // LOCKED is ours, WAITERS and STARVED cannot change now; only WOKEN may still be set or cleared.
      seen = state_.load(std::memory_order_relaxed);
      std::uint32_t wanted = 0;
      do {
        // Nobody to be woken any more: unlock without queue_lock_, see the top of this file.
        next = leaves_quietly(seen) ? nullptr : queue_.front();
        if (next == nullptr) break;
        wanted = (seen & starved_bit) != 0 ? seen & ~starved_bit : (seen & ~locked_bit) | woken_bit;
        if (next->next == nullptr) wanted &= ~waiters_bit;
        // Release as above; a waiter that is handed the mutex gets it through grant() instead.
      } while (!state_.compare_exchange_weak(seen, wanted, std::memory_order_release,
                                             std::memory_order_relaxed));
      if (next != nullptr) {
        queue_.claim(*next);
        if (queue_.empty()) others_wait_.store(false, std::memory_order_relaxed);
        next->kind = (wanted & locked_bit) != 0 ? handed_over : woken_to_compete;
      }
    }
    if (next == nullptr) continue;
    primitives::grant(*next);
    return;
  }
}

}  // namespace gobench::inline GOBENCH_FLAVOUR
