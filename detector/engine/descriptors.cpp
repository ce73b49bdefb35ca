// Who opened which file descriptor, and where: for findings that name one.
#include <atomic>

#include "detector/engine/descriptors.hpp"
#include "detector/engine/engine.hpp"
#include "detector/engine/internal.hpp"
#include "detector/engine/task_state.hpp"

namespace gobench::detector {
namespace {

constexpr int most_descriptors = 1 << 16;
// Task number above, stack below; 0: not known to be open.
constinit std::atomic<std::uint64_t> opened[most_descriptors] = {};

}  // namespace

void descriptor_opened(int fd, address pc) noexcept {
  task_state& task = *current_task;
  if (fd < 0 || fd >= most_descriptors || task.dummy) return;
  const internal_mark inside;
  opened[fd].store((std::uint64_t{task.number} << 32) | stack_of(task, pc),
                   std::memory_order_relaxed);
}

void descriptor_closed(int fd, address) noexcept {
  if (fd >= 0 && fd < most_descriptors) opened[fd].store(0, std::memory_order_relaxed);
}

opened_descriptor who_opened(int fd) noexcept {
  if (fd < 0 || fd >= most_descriptors) return {};
  const std::uint64_t entry = opened[fd].load(std::memory_order_relaxed);
  return {static_cast<std::uint32_t>(entry >> 32), static_cast<stack_id>(entry)};
}

}  // namespace gobench::detector
