#include "detector/blocking/wait_record.hpp"

#include "detector/blocking/blocking.hpp"
#include "detector/blocking/cycles.hpp"
#include "detector/blocking/telling.hpp"
#include "detector/blocking/thresholds.hpp"
#include "detector/engine/internal.hpp"
#include "detector/engine/options.hpp"
#include "detector/engine/sync_object.hpp"
#include "detector/engine/tasks.hpp"
#include "runtime/park.hpp"

namespace gobench::detector::blocking {
namespace {

// Also before the record says so: who finds the task as a writer that waits looks at its record.
void count_waiter(task_state& task, wait_kind kind, address lock, bool comes) noexcept {
  const sync_ref object = comes ? object_at(lock) : find_object(lock);
  if (!object) return;
  if (!comes && object->as_lock == nullptr) return;
  lock_record& record = lock_of(*object);
  if (comes) {
    ++record.waiters;
    if (kind == wait_kind::write_lock) record.waiting_writer = &task;
  } else {
    if (record.waiters != 0) --record.waiters;
    if (record.waiting_writer == &task) record.waiting_writer = nullptr;
  }
}

bool is_lock(wait_kind kind) noexcept {
  return kind == wait_kind::mutex || kind == wait_kind::read_lock || kind == wait_kind::write_lock;
}

void begin(task_state& task, wait_kind kind, const void* object, address pc, bool timed) noexcept {
  const internal_mark inside;
  const auto where = reinterpret_cast<address>(object);
  wait_record& record = task.wait;
  if (is_lock(kind) && !timed) count_waiter(task, kind, where, true);
  // Relaxed: whoever reads them looks at `turn` again. The store below makes them visible with it.
  record.kind.store(kind, std::memory_order_relaxed);
  record.timed.store(timed, std::memory_order_relaxed);
  record.where.store(stack_of(task, pc), std::memory_order_relaxed);
  record.object.store(where, std::memory_order_relaxed);
  record.since_ns.store(now_ns(), std::memory_order_relaxed);
  const std::uint32_t turn = record.turn.load(std::memory_order_relaxed);
  // Sequentially consistent: of two that close a cycle at the same moment, one sees the other's.
  record.turn.store(turn | 1, std::memory_order_seq_cst);
  if (!timed && (is_lock(kind) || kind == wait_kind::thread || kind == wait_kind::task))
    look_for_cycle(task);
}

void end(task_state& task) noexcept {
  wait_record& record = task.wait;
  // Only the task itself writes it.
  const std::uint32_t turn = record.turn.load(std::memory_order_relaxed);
  if ((turn & 1) == 0) return;
  const internal_mark inside;
  const wait_seen wait = look_at(record);
  record.turn.store(turn + 1, std::memory_order_seq_cst);
  if (is_lock(wait.kind) && !wait.timed) count_waiter(task, wait.kind, wait.object, false);
  if (option_values.waited_too_long_ms != 0) look_at_length(task, wait);
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
      return wait_kind::task;
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

void forget_wait(task_state& task) noexcept {
  const wait_seen wait = look_at(task.wait);
  if (wait.turn == 0) return;
  task.wait.turn.store(wait.turn + 1, std::memory_order_seq_cst);
  if (is_lock(wait.kind) && !wait.timed) count_waiter(task, wait.kind, wait.object, false);
}

void after_fork_in_child() noexcept {
  for_each_task([](task_state& task) {
    if (&task == current_task) return;
    const wait_seen wait = look_at(task.wait);
    if (wait.turn != 0) {
      task.wait.turn.store(wait.turn + 1, std::memory_order_relaxed);
      if (is_lock(wait.kind) && !wait.timed) count_waiter(task, wait.kind, wait.object, false);
    }
    task.of_library = false;
    task.of_runtime = true;
  });
}

void told::task_is(const void* control, task_state* task) noexcept {
  if (task == nullptr || task->dummy) return;
  task->of_library = true;
  const internal_mark inside;
  const sync_ref object = object_at(reinterpret_cast<address>(control));
  object->task = task;
  object->task_number = task->number;
}

}  // namespace gobench::detector::blocking
