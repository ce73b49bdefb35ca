#include "runtime/internal/owner_lock.hpp"

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace gobench::inline GOBENCH_FLAVOUR::runtime {
namespace {

#if defined(__SANITIZE_THREAD__)
constexpr bool watched = true;
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
constexpr bool watched = true;
#else
constexpr bool watched = false;
#endif
#else
constexpr bool watched = false;
#endif

bool membarrier(int command) noexcept { return ::syscall(SYS_membarrier, command, 0, 0) == 0; }

}  // namespace

bool has_all_threads_barrier() noexcept {
  static const bool has = !watched && membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) &&
                          membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED);
  return has;
}

bool all_threads_barrier() noexcept {
  if (membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED)) return true;
  // A child after a fork may have to register again.
  return membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) &&
         membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED);
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
