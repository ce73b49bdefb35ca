#include "primitives/spin_mutex.hpp"

#include "runtime/park.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {

__attribute__((noinline)) void spin_mutex::lock_slow() noexcept {
  GOBENCH_HOOK(lock_waited_for(this, instrument::lock_mode::exclusive));
  GOBENCH_WAIT_SCOPE((runtime::wait_info{runtime::wait_reason::mutex, this}), false);
  for (unsigned round = 0;; ++round) {
    // Acquire pairs with the release in unlock(); the relaxed look keeps the line shared while we
    // wait.
    if (!held_.load(std::memory_order_relaxed) && !held_.exchange(true, std::memory_order_acquire))
      return;
    runtime::relax(round);
  }
}

__attribute__((cold, noinline)) void spin_mutex::unlock_of_unlocked() {
  throw misuse(
      "unlock of a spin_mutex that is not locked; call unlock only once for each lock, or use "
      "std::scoped_lock");
}

}  // namespace gobench::inline GOBENCH_FLAVOUR
