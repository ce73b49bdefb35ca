#include "primitives/event.hpp"

#include <mutex>

namespace gobench::inline GOBENCH_FLAVOUR {

__attribute__((noinline)) bool event::wait_slow(steady_time deadline) {
  primitives::wait_node node(runtime::this_waiter());
  std::unique_lock held(lock_);
  // Acquire pairs with the release in set(), for when it is set by now.
  std::uint32_t seen = state_.load(std::memory_order_acquire);
  do {
    if ((seen & set_bit) != 0) {
      GOBENCH_HOOK(acquire(this));
      return true;
    }
    // A set() that sees WAITERS takes lock_, which shows it the queue; acquire as above.
  } while (!state_.compare_exchange_weak(seen, waiters_bit, std::memory_order_acquire,
                                         std::memory_order_acquire));
  queue_.push_back(node);
  const primitives::wait_outcome outcome = primitives::wait_granted(
      queue_, node, held, {runtime::wait_reason::event, this}, deadline, [&] {
        // Relaxed: WAITERS changes under lock_ only.
        if (queue_.empty()) state_.fetch_and(~waiters_bit, std::memory_order_relaxed);
      });
  switch (outcome) {
    case primitives::wait_outcome::granted:
      break;
    case primitives::wait_outcome::timed_out:
      return false;
    case primitives::wait_outcome::ended:
      runtime::throw_ended();
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
