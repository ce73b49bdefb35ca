// Scopes and tasks: what runtime/check_hooks.hpp declares of them.
#include <iterator>
#include <new>

#include "detector/blocking/blocking.hpp"
#include "detector/explore/explore.hpp"
#include "detector/seam/seam_task.hpp"
#include "runtime/check_hooks.hpp"
#include "runtime/instrument.hpp"

namespace seam = gobench::detector::seam;
using gobench::detector::address;

namespace gobench::detector::seam {
namespace {

using explore::operation;
// By instrument::step_kind.
constexpr operation operations[] = {
    operation::other,       operation::lock,          operation::try_lock, operation::unlock,
    operation::lock_shared, operation::unlock_shared, operation::wait,     operation::signal,
    operation::broadcast,   operation::barrier,       operation::once,     operation::send,
    operation::receive,     operation::close,         operation::select,   operation::sleep,
    operation::join};
static_assert(std::size(operations) == static_cast<std::size_t>(instrument::step_kind::join) + 1);

operation operation_of(unsigned kind) noexcept {
  return kind < std::size(operations) ? operations[kind] : operation::other;
}

}  // namespace
}  // namespace gobench::detector::seam

extern "C" {

std::uintptr_t gobench_check_set_internal(std::uintptr_t asked) noexcept {
  seam::task& self = seam::here();
  const std::uint8_t level = self.level;
  const std::uintptr_t before = (self.entered_at << 2U) | level;
  const auto wanted = static_cast<std::uint8_t>(asked & 3U);
  // An internal scope inside a silent one is silent.
  if (wanted == level || (asked == seam::internal && level == seam::silent)) return before;
  if (level == seam::seen) {
    const std::uintptr_t entered_at = asked >> 2U;
    self.entered_at =
        entered_at != 0 ? entered_at : reinterpret_cast<address>(__builtin_return_address(0));
    gobench::detector::our_code_begin();
  } else if (wanted == seam::seen) {
    gobench::detector::our_code_end();
  }
  self.level = wanted;
  return before;
}

void* gobench_check_task_created(unsigned) noexcept {
  seam::task& made = seam::take_task();
  // Detached: its end is told on the control block, which whoever joins it looks at.
  made.state = gobench::detector::task_created(
      gobench::detector::task_kind::fiber,
      seam::place(seam::here(), reinterpret_cast<address>(__builtin_return_address(0))), true);
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
    gobench::detector::our_code_begin();
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

void gobench_check_task_is(void* task, const void* control) noexcept {
  gobench::detector::blocking::told::task_is(
      control, task == nullptr ? seam::here().state : static_cast<seam::task*>(task)->state);
}

void gobench_check_blocked(const void* object, unsigned reason, unsigned timed) noexcept {
  const seam::task& self = seam::here();
  gobench::detector::blocking::told::wait_begins(
      reason, object, seam::place(self, reinterpret_cast<address>(__builtin_return_address(0))),
      timed != 0);
}

void gobench_check_unblocked() noexcept { gobench::detector::blocking::told::wait_ends(); }

void gobench_check_step(unsigned kind, const void* object) noexcept {
  if (!gobench::detector::explore::on) return;
  const seam::task& self = seam::here();
  gobench::detector::explore::told_step(
      seam::operation_of(kind), object,
      seam::place(self, reinterpret_cast<address>(__builtin_return_address(0))));
}

unsigned gobench_check_explored() noexcept { return gobench::detector::explore::on ? 1 : 0; }

// From runtime/explore.cpp, which is where it is declared.
void gobench_check_explore_from_here(const char* settings) noexcept;
void gobench_check_explore_from_here(const char* settings) noexcept {
  gobench::detector::explore::from_here(settings);
}

std::size_t gobench_check_choose(std::size_t count) noexcept {
  const seam::task& self = seam::here();
  return gobench::detector::explore::choose(
      count, gobench::detector::explore::operation::value, nullptr,
      seam::place(self, reinterpret_cast<address>(__builtin_return_address(0))));
}

void gobench_check_serves(unsigned begins) noexcept {
  gobench::detector::explore::creates_service_threads = begins != 0;
}
void gobench_check_standstill() noexcept { gobench::detector::blocking::told::standstill(); }
void gobench_check_main_ended(unsigned others_wait) noexcept {
  gobench::detector::blocking::end_of_main(others_wait != 0);
}

void gobench_check_stack_lent(void* task, const void* low, std::size_t size) noexcept {
  gobench::detector::set_task_stack(static_cast<seam::task*>(task)->state, low, size);
  gobench::detector::forget_range(low, size);
}

}  // extern "C"
