#include "primitives/ticket_mutex.hpp"

#include "runtime/park.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {

__attribute__((noinline)) void ticket_mutex::lock_slow(std::uint32_t ticket) noexcept {
  GOBENCH_HOOK(lock_waited_for(this, instrument::lock_mode::exclusive));
  GOBENCH_WAIT_SCOPE((runtime::wait_info{runtime::wait_reason::mutex, this}), false);
  // Acquire pairs with the release in unlock().
  for (unsigned round = 0; serving_.load(std::memory_order_acquire) != ticket; ++round)
    runtime::relax(round);
}

__attribute__((cold, noinline)) void ticket_mutex::unlock_of_unlocked() {
  throw misuse(
      "unlock of a ticket_mutex that is not locked; call unlock only once for each lock, or use "
      "std::scoped_lock");
}

}  // namespace gobench::inline GOBENCH_FLAVOUR
