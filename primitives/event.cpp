#include "primitives/event.hpp"

#include <mutex>

#include "runtime/instrument.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {

bool event::begin_wait(primitives::wait_node& node) noexcept {
  const std::scoped_lock held(lock_);
  // Acquire pairs with the release in set(), for when it is set by now.
  std::uint32_t seen = state_.load(std::memory_order_acquire);
  do {
    if ((seen & set_bit) != 0) return false;
    // A set() that sees WAITERS takes lock_, which shows it the queue; acquire as above.
  } while (!state_.compare_exchange_weak(seen, waiters_bit, std::memory_order_acquire,
                                         std::memory_order_acquire));
  queue_.push_back(node);
  return true;
}

void event::waiter_left() noexcept {
  // Relaxed: WAITERS changes under lock_ only.
  if (queue_.empty()) state_.fetch_and(~waiters_bit, std::memory_order_relaxed);
}

bool event::settle_wait(primitives::wait_node& node, runtime::park_result why,
                        primitives::wait_outcome& outcome) noexcept {
  return primitives::settle_wait(
      queue_, node, lock_, why, [&] { waiter_left(); }, outcome);
}

__attribute__((noinline)) bool event::wait_slow(steady_time deadline) {
  GOBENCH_OPERATION(wait, this);
  primitives::wait_node node(runtime::this_waiter());
  if (begin_wait(node)) {
    switch (primitives::wait_granted(queue_, node, lock_, {runtime::wait_reason::event, this},
                                     deadline, [&] { waiter_left(); })) {
      case primitives::wait_outcome::granted:
        break;
      case primitives::wait_outcome::timed_out:
        return false;
      case primitives::wait_outcome::ended:
        runtime::throw_ended();
    }
  }
  GOBENCH_HOOK(acquire(this));
  return true;
}

__attribute__((noinline)) void event::set_slow() noexcept {
  primitives::claimed_list woken;
  {
    const std::scoped_lock held(lock_);
    while (primitives::wait_node* node = queue_.pop_front()) woken.add(*node);
    // Whoever waited may have left meanwhile; nobody queues while we hold the lock. Acquire: we
    // grant on behalf of those who set it before; release as in set().
    state_.exchange(set_bit, std::memory_order_acq_rel);
  }
  woken.grant_all();
}

}  // namespace gobench::inline GOBENCH_FLAVOUR
