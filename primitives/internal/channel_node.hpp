// Those who wait on a channel: operations, the nodes that stand in queues for them, and the queues.
//
// Invariants
//  - A node is touched only under the lock of the channel in whose queue it stands or stood, until it
//    is claimed; from then on by the claimer alone, until deliver().
//  - An operation goes waiting -> claimed -> done, or waiting -> cancelled. Whoever claims it owes it a
//    deliver(), which may come after the lock was dropped.
//      one queue   a plain send or receive. Taking its node out of the queue is the claim, so the word
//                  goes from waiting to done directly; it gives up by taking its node out itself.
//      many queues a select. The nodes stand in several queues under several locks, so claiming and
//                  cancelling are a compare-exchange, and the first one decides. Its other nodes are
//                  stale then: whoever meets one drops it, and the select takes the rest out.
//  - deliver() reads everything it needs before it stores `done`: from then on the operation and its
//    nodes may be gone. The waiter is never freed (runtime/park.hpp), so the wake-up after it is safe.
//
// Model: Go's sudog and waitq (src/runtime/chan.go), with selectDone as the operation's state. It is not
// primitives/internal/wait_queue.hpp because there a waiter stands in one queue only.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "runtime/flavour.hpp"
#include "runtime/park.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::primitives {

enum class operation_state : std::uint8_t { waiting, claimed, cancelled, done };

struct channel_node;

// Lives on the stack of the task that waits, or in the frame of a coroutine.
struct parked_operation {
  parked_operation(runtime::waiter& waiting, bool in_many_queues) noexcept
      : who(&waiting), many_queues(in_many_queues) {}
  // For a coroutine, which says who waits before the first node is queued.
  explicit parked_operation(bool in_many_queues) noexcept
      : who(nullptr), many_queues(in_many_queues) {}
  parked_operation(const parked_operation&) = delete;
  parked_operation& operator=(const parked_operation&) = delete;

  bool is(operation_state expected) const noexcept {
    // Acquire pairs with the release in deliver().
    return state.load(std::memory_order_acquire) == expected;
  }

  // Under the lock of a channel in whose queue a node of ours stands.
  bool claim() noexcept { return leave_waiting(operation_state::claimed); }
  // By the waiter. If it returns false, deliver() is a few instructions away.
  bool cancel() noexcept { return leave_waiting(operation_state::cancelled); }

  runtime::waiter* who;
  std::atomic<operation_state> state{operation_state::waiting};
  const bool many_queues;
  bool moved = false;  // by deliver(): a value was handed over; false: the channel was closed
  channel_node* fired = nullptr;  // by deliver(): whose turn it was

 private:
  bool leave_waiting(operation_state to) noexcept {
    operation_state expected = operation_state::waiting;
    // Relaxed: it only decides who goes on. What the claimer reads was written before the node was queued,
    // under the lock that the claimer holds; what the waiter reads is published by deliver().
    return state.compare_exchange_strong(expected, to, std::memory_order_relaxed,
                                         std::memory_order_relaxed);
  }
};

// Left without initial values on purpose: a select that does not wait never writes its nodes.
struct channel_node {
  void prepare(parked_operation& waiting, void* where) noexcept {
    operation = &waiting;
    element = where;
    queued = false;
    orphaned.store(false, std::memory_order_relaxed);
  }

  parked_operation* operation;
  void* element;  // sender: the value to send; receiver: where it is to be constructed
  channel_node* next;
  channel_node* previous;
  bool queued;
  // The channel was destroyed under the node, which may touch it no more. Relaxed: whoever ends the
  // waiter's task does so after the channel's last handle is gone, and is ordered before what follows.
  std::atomic<bool> orphaned;
};

// Ends the wait of a claimed operation. With or without locks; the node may not be touched afterwards.
inline void deliver(channel_node& node, bool moved) noexcept {
  parked_operation& operation = *node.operation;
  runtime::waiter& who = *operation.who;
  operation.fired = &node;
  operation.moved = moved;
  operation.state.store(operation_state::done, std::memory_order_release);  // pairs with is()
  runtime::unpark(who);
}

// Waits out the few instructions (and the move of a value) between claim and deliver().
void await_delivery(const parked_operation& operation) noexcept;

// First in, first out; under the lock of its channel.
class channel_queue {
 public:
  channel_queue() = default;
  channel_queue(const channel_queue&) = delete;
  channel_queue& operator=(const channel_queue&) = delete;
  // Somebody waits although no handle is left: through a reference to a handle in the main task's frame,
  // which goes before the tasks that are left are unwound.
  ~channel_queue() {
    for (channel_node* node = head_; node != nullptr;) {
      channel_node* next = node->next;
      node->orphaned.store(true, std::memory_order_relaxed);
      node = next;
    }
  }

  // May be false although nobody waits any more, as long as stale nodes were not met.
  bool empty() const noexcept { return head_ == nullptr; }

  void push_back(channel_node& node) noexcept {
    node.next = nullptr;
    node.previous = tail_;
    (tail_ == nullptr ? head_ : tail_->next) = &node;
    tail_ = &node;
    node.queued = true;
  }

  void remove(channel_node& node) noexcept {
    (node.previous == nullptr ? head_ : node.previous->next) = node.next;
    (node.next == nullptr ? tail_ : node.next->previous) = node.previous;
    node.queued = false;
  }

  // Takes out and claims the first who still waits. Null when there is none.
  channel_node* claim_first() noexcept {
    while (channel_node* node = head_) {
      remove(*node);
      if (!node->operation->many_queues || node->operation->claim()) [[likely]]
        return node;
    }
    return nullptr;
  }

  // Whether somebody waits; drops the stale nodes before the first who does. One who waits in many
  // queues may be claimed elsewhere at any time.
  bool anybody() noexcept {
    while (channel_node* node = head_) {
      // Relaxed: claim_first() decides.
      if (!node->operation->many_queues ||
          node->operation->state.load(std::memory_order_relaxed) == operation_state::waiting)
        return true;
      remove(*node);
    }
    return false;
  }

  // Stale ones included; for tests and dumps.
  std::size_t length() const noexcept {
    std::size_t n = 0;
    for (const channel_node* node = head_; node != nullptr; node = node->next) ++n;
    return n;
  }

 private:
  channel_node* head_ = nullptr;
  channel_node* tail_ = nullptr;
};

}  // namespace gobench::inline GOBENCH_FLAVOUR::primitives
