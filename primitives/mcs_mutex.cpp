#include "primitives/mcs_mutex.hpp"

#include "runtime/park.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {
namespace {

// Waits until `link` is set by the waiter that has already put itself into the tail.
template <class Node>
Node* await_link(const std::atomic<Node*>& link) noexcept {
  for (unsigned round = 0;; ++round) {
    // Acquire pairs with the release that links the node in lock_slow(): the node is complete.
    if (Node* next = link.load(std::memory_order_acquire)) return next;
    runtime::relax(round);
  }
}

}  // namespace

__attribute__((noinline)) void mcs_mutex::lock_slow() noexcept {
  GOBENCH_HOOK(lock_waited_for(this, instrument::lock_mode::exclusive));
  GOBENCH_WAIT_SCOPE((runtime::wait_info{runtime::wait_reason::mutex, this}), false);
  node mine;
  for (;;) {
    node* before = tail_.load(std::memory_order_relaxed);  // a guess, verified by the exchanges
    if (before == nullptr) {
      if (take_if_free()) return;
      continue;
    }
    // Release publishes our node to whoever queues behind us. Acquire pairs with the exchange that
    // made `before` the tail: its link was cleared before that, so ours comes after. That the
    // node at this address may meanwhile be another one does no harm: what is in tail_ is queued.
    if (tail_.compare_exchange_weak(before, &mine, std::memory_order_acq_rel,
                                    std::memory_order_relaxed)) {
      before->next.store(&mine, std::memory_order_release);  // pairs with await_link()
      break;
    }
  }
  // Acquire pairs with the release in unlock_slow().
  for (unsigned round = 0; mine.waiting.load(std::memory_order_acquire); ++round)
    runtime::relax(round);

  // The lock is ours: take our node out of the queue, before it dies, by moving its link into
  // holder_. Nobody else writes holder_.next now: unlock_slow() has read it, and &holder_ is not in
  // tail_.
  node* behind = mine.next.load(std::memory_order_acquire);  // pairs with the store that links
  if (behind == nullptr) {
    // Relaxed: published by the release of the exchange, to whoever queues behind &holder_ then.
    holder_.next.store(nullptr, std::memory_order_relaxed);
    node* self = &mine;
    if (tail_.compare_exchange_strong(self, &holder_, std::memory_order_release,
                                      std::memory_order_relaxed))
      return;
    behind = await_link(mine.next);
  }
  // Relaxed: read by ourselves when we unlock, on whichever thread that is.
  holder_.next.store(behind, std::memory_order_relaxed);
}

__attribute__((noinline)) void mcs_mutex::unlock_slow() noexcept {
  node* next = await_link(holder_.next);
  next->waiting.store(false, std::memory_order_release);  // pairs with the loop in lock_slow()
}

__attribute__((cold, noinline)) void mcs_mutex::unlock_of_unlocked() {
  throw misuse(
      "unlock of an mcs_mutex that is not locked; call unlock only once for each lock, or use "
      "std::scoped_lock");
}

}  // namespace gobench::inline GOBENCH_FLAVOUR
