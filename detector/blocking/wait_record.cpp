#include "detector/blocking/wait_record.hpp"

#include <time.h>

#include "detector/blocking/blocking.hpp"
#include "detector/engine/internal.hpp"
#include "detector/engine/sync_object.hpp"
#include "detector/engine/tasks.hpp"
#include "runtime/park.hpp"

namespace gobench::detector::blocking {
namespace {

std::int64_t now_ns() noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

void begin(task_state& task, wait_kind kind, const void* object, address pc, bool timed) noexcept {
  const internal_mark inside;
  wait_record& record = task.wait;
  // Relaxed: whoever reads them looks at `turn` again. The release below makes them visible with it.
  record.kind.store(kind, std::memory_order_relaxed);
  record.timed.store(timed, std::memory_order_relaxed);
  record.where.store(stack_of(task, pc), std::memory_order_relaxed);
  record.object.store(reinterpret_cast<address>(object), std::memory_order_relaxed);
  record.since_ns.store(now_ns(), std::memory_order_relaxed);
  const std::uint32_t turn = record.turn.load(std::memory_order_relaxed);
  record.turn.store(turn | 1, std::memory_order_seq_cst);
}

void end(task_state& task) noexcept {
  wait_record& record = task.wait;
  // Only the task itself writes it.
  const std::uint32_t turn = record.turn.load(std::memory_order_relaxed);
  if ((turn & 1) != 0) record.turn.store(turn + 1, std::memory_order_seq_cst);
}

bool skips(const task_state& task) noexcept {
  return task.dummy || task.in_our_code != 0 || internal_depth != 0;
}

wait_kind kind_of(runtime::wait_reason reason) noexcept {
  switch (reason) {
    case runtime::wait_reason::none:
      return wait_kind::none;
    case runtime::wait_reason::chan_send:
      return wait_kind::send;
    case runtime::wait_reason::chan_recv:
      return wait_kind::receive;
    case runtime::wait_reason::nil_chan_send:
    case runtime::wait_reason::nil_chan_recv:
      return wait_kind::nil_channel;
    case runtime::wait_reason::select:
    case runtime::wait_reason::select_nothing:
      return wait_kind::select;
    case runtime::wait_reason::mutex:
      return wait_kind::mutex;
    case runtime::wait_reason::shared_mutex_read:
      return wait_kind::read_lock;
    case runtime::wait_reason::shared_mutex_write:
      return wait_kind::write_lock;
    case runtime::wait_reason::condition_variable:
      return wait_kind::condition;
    case runtime::wait_reason::wait_group:
      return wait_kind::wait_group;
    case runtime::wait_reason::once:
      return wait_kind::once;
    case runtime::wait_reason::semaphore:
      return wait_kind::semaphore;
    case runtime::wait_reason::barrier:
      return wait_kind::barrier;
    case runtime::wait_reason::latch:
      return wait_kind::latch;
    case runtime::wait_reason::event:
      return wait_kind::event;
    case runtime::wait_reason::sleep:
      return wait_kind::sleep;
    case runtime::wait_reason::join:
      return wait_kind::join;
    case runtime::wait_reason::io_read:
    case runtime::wait_reason::io_write:
    case runtime::wait_reason::io_accept:
    case runtime::wait_reason::io_connect:
      return wait_kind::descriptor;
  }
  return wait_kind::none;
}

}  // namespace

void wait_begins(wait_kind kind, const void* object, address pc, bool timed) noexcept {
  task_state& task = *current_task;
  if (!skips(task)) begin(task, kind, object, pc, timed);
}

void wait_ends() noexcept { end(*current_task); }

void told::wait_begins(unsigned reason, const void* object, address pc, bool timed) noexcept {
  task_state& task = *current_task;
  if (task.dummy) return;
  begin(task, kind_of(static_cast<runtime::wait_reason>(reason)), object, pc, timed);
}

void told::wait_ends() noexcept { end(*current_task); }

void told::task_is(const void* control, task_state* task) noexcept {
  if (task == nullptr || task->dummy) return;
  const internal_mark inside;
  object_at(reinterpret_cast<address>(control))->task = task;
}

}  // namespace gobench::detector::blocking
