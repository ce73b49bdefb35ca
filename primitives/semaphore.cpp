#include "primitives/semaphore.hpp"

#include <mutex>

namespace gobench::inline GOBENCH_FLAVOUR {

semaphore::semaphore(std::int64_t n) : state_(n * 2) {
  if (n < 0 || n > most) throw misuse("a semaphore needs a number of units from 0 to 2^62");
}

__attribute__((cold, noinline)) void semaphore::negative() {
  throw misuse("a semaphore was asked for a negative number of units; pass 0 or more");
}

// While WAITERS is set and lock_ is held, nobody else changes the word: plain loads and stores do.
void semaphore::serve(std::int64_t k, primitives::claimed_list& served) noexcept {
  // Acquire: we grant on behalf of those who released before.
  std::int64_t units = state_.load(std::memory_order_acquire) / 2 + k;
  while (!queue_.empty() && queue_.front()->value <= units) {
    primitives::wait_node* next = queue_.pop_front();
    units -= next->value;
    served.add(*next);
  }
  // Release pairs with the acquire in take(). A store would cut off the releases before ours, which
  // a later take() has to see as well; an exchange goes on with them.
  state_.exchange(units * 2 + (queue_.empty() ? 0 : waiters_bit), std::memory_order_acq_rel);
}

bool semaphore::begin_acquire(std::int64_t k, primitives::wait_node& node) noexcept {
  node.value = k;
  const std::scoped_lock held(lock_);
  std::int64_t seen = state_.load(std::memory_order_relaxed);
  for (;;) {
    if ((seen & waiters_bit) != 0) break;
    if (seen / 2 >= k) {
      // Acquire pairs with the release in release().
      if (state_.compare_exchange_weak(seen, seen - k * 2, std::memory_order_acquire,
                                       std::memory_order_relaxed))
        return false;
      // Relaxed: a release() that sees WAITERS takes lock_, which shows it the queue.
    } else if (state_.compare_exchange_weak(seen, seen | waiters_bit, std::memory_order_relaxed,
                                            std::memory_order_relaxed)) {
      break;
    }
  }
  queue_.push_back(node);
  return true;
}

bool semaphore::settle_acquire(primitives::wait_node& node, runtime::park_result why,
                               primitives::wait_outcome& outcome) noexcept {
  primitives::claimed_list served;
  // Those behind us may want fewer units than we did.
  return primitives::settle_wait(
      queue_, node, lock_, why, [&] { serve(0, served); }, outcome);
}

__attribute__((noinline)) bool semaphore::acquire_slow(std::int64_t k, steady_time deadline) {
  primitives::wait_node node(runtime::this_waiter());
  if (!begin_acquire(k, node)) return true;
  primitives::claimed_list served;
  const primitives::wait_outcome outcome = primitives::wait_granted(
      queue_, node, lock_, {runtime::wait_reason::semaphore, this}, deadline,
      // As in settle_acquire().
      [&] { serve(0, served); });
  served.grant_all();
  if (outcome == primitives::wait_outcome::ended) runtime::throw_ended();
  return outcome == primitives::wait_outcome::granted;
}

__attribute__((noinline)) void semaphore::release_slow(std::int64_t k) {
  primitives::claimed_list served;
  {
    const std::scoped_lock held(lock_);
    std::int64_t seen = state_.load(std::memory_order_relaxed);
    for (;;) {
      if (k > most - seen / 2) {
        throw misuse("a semaphore would hold more than 2^62 units; release only what was acquired");
      }
      if ((seen & waiters_bit) != 0) {
        serve(k, served);
        break;
      }
      // They have given up meanwhile. Release as in release().
      if (state_.compare_exchange_weak(seen, seen + k * 2, std::memory_order_release,
                                       std::memory_order_relaxed))
        break;
    }
  }
  served.grant_all();
}

}  // namespace gobench::inline GOBENCH_FLAVOUR
