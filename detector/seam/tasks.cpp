// Scopes and tasks: what runtime/check_hooks.hpp declares of them.
#include <new>

#include "detector/seam/seam_task.hpp"
#include "runtime/check_hooks.hpp"

namespace seam = gobench::detector::seam;
using gobench::detector::address;

extern "C" {

unsigned gobench_check_set_internal(unsigned wanted) noexcept {
  seam::task& self = seam::here();
  const unsigned before = self.level;
  // An internal scope inside a silent one is silent.
  if (wanted == before || (wanted == seam::internal && before == seam::silent)) return before;
  if (before == seam::seen) {
    self.entered_at = reinterpret_cast<address>(__builtin_return_address(0));
    seam::ignore_begin();
  } else if (wanted == seam::seen) {
    seam::ignore_end();
  }
  self.level = static_cast<std::uint8_t>(wanted);
  return before;
}

void* gobench_check_task_created(unsigned) noexcept {
  const seam::listening edge_to_its_start;
  seam::task& made = seam::take_task();
  // Detached: its end is told on the control block, which whoever joins it looks at.
  made.state = gobench::detector::task_created(
      gobench::detector::task_kind::fiber,
      edge_to_its_start.place(reinterpret_cast<address>(__builtin_return_address(0))), true);
  made.level = seam::internal;
  made.fresh = true;
  return &made;
}

void* gobench_check_thread_record() noexcept { return &seam::here(); }

void gobench_check_task_switched(void* to) noexcept {
  auto& next = *static_cast<seam::task*>(to);
  seam::become(next);
  gobench::detector::switch_to(next.state);
  if (next.fresh) [[unlikely]] {
    next.fresh = false;
    seam::ignore_begin();
  }
}

void gobench_check_task_finished(void* task) noexcept {
  auto& ended = *static_cast<seam::task*>(task);
  gobench::detector::fiber_finished(ended.state);
  seam::give_task(ended);
}

void gobench_check_task_named(void* task, const char* name) noexcept {
  auto* state = task == nullptr ? seam::here().state : static_cast<seam::task*>(task)->state;
  gobench::detector::set_task_name(state, name);
}

void gobench_check_stack_lent(void* task, const void* low, std::size_t size) noexcept {
  gobench::detector::set_task_stack(static_cast<seam::task*>(task)->state, low, size);
}

}  // extern "C"
