#include "primitives/internal/reader_slots.hpp"

#include <sched.h>

#include <algorithm>
#include <bit>
#include <new>

#include "primitives/internal/guess.hpp"
#include "runtime/cpus.hpp"
#if __has_include(<sys/rseq.h>)
#include <sys/rseq.h>
#endif

namespace gobench::inline GOBENCH_FLAVOUR::primitives {
namespace {

// Where the C library has registered restartable sequences (glibc 2.35), the kernel keeps the number of
// the CPU in the thread's own memory: 1 ns instead of 4. Inlined only below, where nothing switches.
std::uint32_t this_cpu() noexcept {
#if __has_include(<sys/rseq.h>) && defined(RSEQ_SIG)
  const auto* area = reinterpret_cast<const struct rseq*>(
      static_cast<const char*>(__builtin_thread_pointer()) + __rseq_offset);
  return *const_cast<const volatile std::uint32_t*>(&area->cpu_id_start);  // 0 without registration
#else
  const int cpu = ::sched_getcpu();
  return cpu < 0 ? 0 : static_cast<std::uint32_t>(cpu);
#endif
}

// Adds `change` to the word unless it is closed.
template <std::int32_t Change, std::int32_t UsualBefore>
bool add(std::atomic<std::int32_t>& word, std::int32_t closed, std::memory_order order) noexcept {
  // Relaxed: only a guess, which the exchange verifies.
  std::int32_t seen = word.load(std::memory_order_relaxed);
  if (seen == UsualBefore) {
    seen = guessed(UsualBefore);
    if (word.compare_exchange_strong(seen, UsualBefore + Change, order, std::memory_order_relaxed))
      return true;
  }
  while (seen != closed) {
    if (word.compare_exchange_weak(seen, seen + Change, order, std::memory_order_relaxed))
      return true;
  }
  return false;
}

}  // namespace

std::unique_ptr<reader_slots> reader_slots::make() noexcept {
  static const auto count =
      std::bit_ceil(std::min(static_cast<std::uint32_t>(runtime::affinity_cpus()), most));
  if (count < 2) return nullptr;
  std::unique_ptr<slot[]> slots(new (std::nothrow) slot[count]);
  if (!slots) return nullptr;
  return std::unique_ptr<reader_slots>(new (std::nothrow) reader_slots(std::move(slots), count));
}

bool reader_slots::enter() noexcept {
  // Acquire pairs with the release in open_all(), whose caller has seen what the last writer did.
  return add<one, 0>(slots_[this_cpu() & mask_].word, closed, std::memory_order_acquire);
}

bool reader_slots::leave() noexcept {
  // Release pairs with the acquire in close_all(), through all who come and leave after us.
  return add<-one, one>(slots_[this_cpu() & mask_].word, closed, std::memory_order_release);
}

void reader_slots::open_all() noexcept {
  // Release pairs with the acquire in enter().
  for (std::uint32_t i = 0; i <= mask_; ++i) slots_[i].word.store(0, std::memory_order_release);
}

std::int64_t reader_slots::close_all() noexcept {
  std::int64_t inside = 0;
  // Acquire pairs with the release in leave().
  for (std::uint32_t i = 0; i <= mask_; ++i)
    inside += slots_[i].word.exchange(closed, std::memory_order_acquire) / one;
  return inside;
}

slots_pointer::~slots_pointer() { delete made_.load(std::memory_order_relaxed); }

}  // namespace gobench::inline GOBENCH_FLAVOUR::primitives
