#include "primitives/barrier.hpp"

#include <mutex>

#include "runtime/errors.hpp"
#include "runtime/instrument.hpp"
#include "runtime/park.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {

barrier::barrier(std::int64_t n) : expected_(n) {
  if (n < 1) throw misuse("a barrier needs at least one caller to wait for");
}

bool barrier::arrive_and_wait() {
  GOBENCH_OPERATION(barrier, this);
  primitives::wait_node node(runtime::this_waiter());
  primitives::claimed_list woken;
  std::unique_lock held(lock_);
  [[maybe_unused]] const void* edge = &edges_[odd_ ? 1 : 0];
  GOBENCH_HOOK(release_merge(edge));
  if (arrived_ + 1 < expected_) {
    queue_.push_back(node);
    ++arrived_;
    const primitives::wait_outcome outcome =
        primitives::wait_granted(queue_, node, held, {runtime::wait_reason::barrier, this},
                                 runtime::no_deadline, [&] { --arrived_; });
    if (outcome == primitives::wait_outcome::ended) runtime::throw_ended();
    GOBENCH_HOOK(acquire(edge));
    return false;
  }
  while (primitives::wait_node* other = queue_.pop_front()) woken.add(*other);
  arrived_ = 0;
  odd_ = !odd_;
  held.unlock();
  GOBENCH_HOOK(acquire(edge));
  woken.grant_all();
  return true;
}

}  // namespace gobench::inline GOBENCH_FLAVOUR
