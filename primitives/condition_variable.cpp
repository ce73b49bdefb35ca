#include "primitives/condition_variable.hpp"

#include <cstdint>
#include <iterator>

#include "runtime/instrument.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::primitives {

// Stripes: two condition variables in one only wait for each other's few instructions.
runtime::spin_lock& condition_queue::lock() const noexcept {
  struct alignas(64) stripe {
    runtime::spin_lock lock;
  };
  static constinit stripe stripes[64];
  const auto address = reinterpret_cast<std::uintptr_t>(this);
  return stripes[(address >> 4 ^ address >> 10) % std::size(stripes)].lock;
}

void condition_queue::enter(wait_node& node) noexcept {
  const std::scoped_lock held(lock());
  queue_.push_back(node);
  // Relaxed: see notify_one().
  waiting_.store(waiting_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

void condition_queue::waiter_left() noexcept {
  waiting_.store(waiting_.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
}

wait_outcome condition_queue::await(wait_node& node, steady_time deadline) {
  return wait_granted(queue_, node, lock(), {runtime::wait_reason::condition_variable, this},
                      deadline, [&] { waiter_left(); });
}

bool condition_queue::settle(wait_node& node, runtime::park_result why,
                             wait_outcome& outcome) noexcept {
  return settle_wait(
      queue_, node, lock(), why, [&] { waiter_left(); }, outcome);
}

bool condition_queue::leave(wait_node& node) noexcept {
  {
    const std::scoped_lock held(lock());
    if (node.state.load(std::memory_order_relaxed) == wait_state::waiting) {
      queue_.remove(node);
      waiter_left();
      return false;
    }
  }
  await_grant(node);
  return true;
}

void condition_queue::notify_one() noexcept {
  GOBENCH_OPERATION(signal, this);
  // Relaxed: a waiter that we have to see has queued before it unlocked the user's lock, and that
  // unlock happens before us; coherence then forbids an older value.
  if (waiting_.load(std::memory_order_relaxed) == 0) return;
  wait_node* first = nullptr;
  {
    const std::scoped_lock held(lock());
    first = queue_.pop_front();
    if (first == nullptr) return;
    waiter_left();
  }
  // The edge is on the waiter's node, so that a notify is ordered before the waits it wakes and no
  // other.
  GOBENCH_HOOK(release(first));
  grant(*first);
}

void condition_queue::notify_all() noexcept {
  GOBENCH_OPERATION(broadcast, this);
  if (waiting_.load(std::memory_order_relaxed) == 0) return;  // as in notify_one()
  claimed_list woken;
  {
    const std::scoped_lock held(lock());
    while (wait_node* node = queue_.pop_front()) {
      GOBENCH_HOOK(release(node));
      woken.add(*node);
    }
    waiting_.store(0, std::memory_order_relaxed);
  }
  woken.grant_all();
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::primitives
