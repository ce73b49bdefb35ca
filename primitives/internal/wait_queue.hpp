// The queue of those who wait on a primitive, and the one way to wait in it.
//
// Invariants
//  - A queue and the links of its nodes are touched only under the spin lock of the primitive that
//    owns the queue.
//  - A node lives on its waiter's stack, or in the frame of a coroutine, and goes waiting -> claimed -> granted, never back. It is
//    in the queue exactly while it is waiting. pop_front() claims it under the lock: from then on
//    the claimer owes it a grant(), which may come after the lock was dropped, and a deadline
//    cannot take it back.
//  - grant() reads everything it needs from the node before it stores `granted`: from then on the
//    node may be gone. The waiter object itself is never freed (runtime/park.hpp), so the wake-up
//    that follows is safe.
//  - wait_granted() leaves the queue before it returns anything but `granted`.
//  - A queue that is destroyed under its waiters orphans them: they wait on, for nothing, and never
//    touch it again. That is what remains of a task that waits on an object of the main task when
//    the run ends: the object goes with the main task's frame, and the waiter is unwound after it.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

#include "runtime/flavour.hpp"
#include "runtime/park.hpp"
#include "runtime/spin_lock.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::primitives {

enum class wait_state : std::uint8_t { waiting, claimed, granted, orphaned };

struct wait_node {
  explicit wait_node(runtime::waiter& waiting) noexcept : who(&waiting) {}
  // For a coroutine, which says who waits before the node is queued.
  wait_node() noexcept : who(nullptr) {}
  wait_node(const wait_node&) = delete;
  wait_node& operator=(const wait_node&) = delete;

  runtime::waiter* who;
  wait_node* next = nullptr;
  wait_node* previous = nullptr;
  // Written with release by grant(), read with acquire by the waiter.
  std::atomic<wait_state> state{wait_state::waiting};
  std::uint8_t kind = 0;   // for the owner of the queue: reader or writer, ...
  std::int64_t value = 0;  // for the owner of the queue: units wanted, time enqueued, ...
};

class wait_queue {
 public:
  constexpr wait_queue() noexcept = default;
  wait_queue(const wait_queue&) = delete;
  wait_queue& operator=(const wait_queue&) = delete;
  ~wait_queue() {
    for (wait_node* node = head_; node != nullptr;) {
      wait_node* next = node->next;  // before the store: the node may be gone after it
      node->state.store(wait_state::orphaned, std::memory_order_release);  // as in grant()
      node = next;
    }
  }

  bool empty() const noexcept { return head_ == nullptr; }
  wait_node* front() const noexcept { return head_; }

  void push_back(wait_node& node) noexcept {
    node.next = nullptr;
    node.previous = tail_;
    (tail_ == nullptr ? head_ : tail_->next) = &node;
    tail_ = &node;
  }

  void push_front(wait_node& node) noexcept {
    node.previous = nullptr;
    node.next = head_;
    (head_ == nullptr ? tail_ : head_->previous) = &node;
    head_ = &node;
  }

  // Takes the first waiter out in order to grant it. Null when empty.
  wait_node* pop_front() noexcept {
    wait_node* node = head_;
    if (node != nullptr) claim(*node);
    return node;
  }

  // Takes any waiter out in order to grant it.
  void claim(wait_node& node) noexcept {
    remove(node);
    // Relaxed: the lock of the queue orders it.
    node.state.store(wait_state::claimed, std::memory_order_relaxed);
  }

  // Takes a waiter out because it gives up.
  void remove(wait_node& node) noexcept {
    (node.previous == nullptr ? head_ : node.previous->next) = node.next;
    (node.next == nullptr ? tail_ : node.next->previous) = node.previous;
    node.next = node.previous = nullptr;
  }

 private:
  wait_node* head_ = nullptr;
  wait_node* tail_ = nullptr;
};

// Wakes the waiter of a claimed node. May be called with or without the primitive's lock; the node
// may not be touched afterwards.
inline void grant(wait_node& node) noexcept {
  runtime::waiter& who = *node.who;
  node.state.store(wait_state::granted, std::memory_order_release);  // pairs with wait_granted()
  runtime::unpark(who);
}

// Claimed nodes on their way to be granted, linked through `next`, first in first out. Whatever
// happens they are granted: at the latest by the destructor.
class claimed_list {
 public:
  claimed_list() = default;
  claimed_list(const claimed_list&) = delete;
  claimed_list& operator=(const claimed_list&) = delete;
  ~claimed_list() { grant_all(); }

  void add(wait_node& node) noexcept {
    (tail_ == nullptr ? head_ : tail_->next) = &node;
    tail_ = &node;
  }
  // Wakes them all, in order. The list is empty afterwards.
  void grant_all() noexcept {
    while (head_ != nullptr) {
      wait_node& node = *head_;
      head_ = node.next;
      grant(node);
    }
    tail_ = nullptr;
  }

 private:
  wait_node* head_ = nullptr;
  wait_node* tail_ = nullptr;
};

enum class wait_outcome : std::uint8_t {
  granted,
  timed_out,
  ended,  // clean up, then runtime::throw_ended()
};

// Waits until a claimed node is granted, which is a few instructions away.
inline void await_grant(const wait_node& node) noexcept {
  // Acquire pairs with the release in grant().
  for (unsigned round = 0; node.state.load(std::memory_order_acquire) != wait_state::granted;
       ++round)
    runtime::relax(round);
}

// What a wait in `queue` has come to after the waiter was woken, or because it gives up (any other `why`). False
// to wait on. `lock` is the lock of the queue, not held. `on_removed` runs under it when the node leaves the
// queue without having been granted, so that the owner can mend its state word.
template <class OnRemoved>
bool settle_wait(wait_queue& queue, wait_node& node, runtime::spin_lock& lock,
                 runtime::park_result why, OnRemoved on_removed, wait_outcome& outcome) {
  // Acquire pairs with the release in grant().
  const auto state = [&] { return node.state.load(std::memory_order_acquire); };
  outcome = wait_outcome::granted;
  if (state() == wait_state::granted) return true;
  if (why == runtime::park_result::woken) return false;
  const wait_outcome given_up =
      why == runtime::park_result::timed_out ? wait_outcome::timed_out : wait_outcome::ended;
  if (state() == wait_state::orphaned) {
    outcome = given_up;
    return true;
  }
  {
    const std::scoped_lock relocked(lock);
    if (state() == wait_state::waiting) {
      queue.remove(node);
      on_removed();
      outcome = given_up;
      return true;
    }
  }
  await_grant(node);  // too late to give up: somebody has claimed us
  return true;
}

// Waits until `node`, which stands in `queue`, is granted or the deadline passes. `lock` and `on_removed` as
// above.
template <class OnRemoved>
wait_outcome wait_granted(wait_queue& queue, wait_node& node, runtime::spin_lock& lock,
                          runtime::wait_info why, steady_time deadline, OnRemoved on_removed) {
  for (;;) {
    runtime::park_result result{};
    try {
      result = runtime::park(*node.who, why, deadline);
    } catch (...) {
      // No memory for the timer, say. If we are granted all the same, nothing is lost.
      // Acquire pairs with the release in grant().
      if (node.state.load(std::memory_order_acquire) == wait_state::orphaned) throw;
      const std::scoped_lock relocked(lock);
      if (node.state.load(std::memory_order_acquire) == wait_state::waiting) {
        queue.remove(node);
        on_removed();
        throw;
      }
    }
    wait_outcome outcome{};
    if (settle_wait(queue, node, lock, result, on_removed, outcome)) return outcome;
  }
}

// The same with the lock held on entry; it is released on return.
template <class OnRemoved>
wait_outcome wait_granted(wait_queue& queue, wait_node& node,
                          std::unique_lock<runtime::spin_lock>& held, runtime::wait_info why,
                          steady_time deadline, OnRemoved on_removed) {
  runtime::spin_lock& lock = *held.mutex();
  held.unlock();
  return wait_granted(queue, node, lock, why, deadline, on_removed);
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::primitives
