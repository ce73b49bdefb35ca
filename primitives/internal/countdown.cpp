#include "primitives/internal/countdown.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::primitives {

__attribute__((noinline)) countdown::change countdown::add_slow(std::int64_t n) noexcept {
  claimed_list woken;
  {
    const std::scoped_lock held(lock_);
    std::int64_t seen = state_.load(std::memory_order_relaxed);
    for (;;) {
      const std::int64_t count = seen / 2;
      if (n < -count) return change::below_zero;
      if (n > most - count) return change::too_many;
      const std::int64_t wanted = count + n == 0 ? 0 : seen + n * 2;
      // As in add(); WAITERS cannot change while we hold the lock, the count may.
      if (state_.compare_exchange_weak(seen, wanted, std::memory_order_acq_rel,
                                       std::memory_order_relaxed)) {
        if (wanted != 0) return change::done;
        break;
      }
    }
    while (wait_node* node = queue_.pop_front()) woken.add(*node);
  }
  woken.grant_all();
  return change::done;
}

bool countdown::begin_wait(wait_node& node) noexcept {
  const std::scoped_lock held(lock_);
  // Acquire pairs with the release in add(), for when it is zero by now.
  std::int64_t seen = state_.load(std::memory_order_acquire);
  do {
    if (seen == 0) return false;
    // Who sees WAITERS takes lock_, which shows it the queue; acquire as above.
  } while (!state_.compare_exchange_weak(seen, seen | waiters_bit, std::memory_order_acquire,
                                         std::memory_order_acquire));
  queue_.push_back(node);
  return true;
}

void countdown::waiter_left() noexcept {
  // Relaxed: WAITERS changes under lock_ only.
  if (queue_.empty()) state_.fetch_and(~waiters_bit, std::memory_order_relaxed);
}

bool countdown::settle_wait(wait_node& node, runtime::park_result why,
                            wait_outcome& outcome) noexcept {
  return primitives::settle_wait(
      queue_, node, lock_, why, [&] { waiter_left(); }, outcome);
}

__attribute__((noinline)) void countdown::wait_slow(runtime::wait_info why) {
  wait_node node(runtime::this_waiter());
  if (!begin_wait(node)) return;
  const wait_outcome outcome =
      wait_granted(queue_, node, lock_, why, runtime::no_deadline, [&] { waiter_left(); });
  if (outcome == wait_outcome::ended) runtime::throw_ended();
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::primitives
