#include "detector/engine/internal.hpp"

#include <atomic>

#include "detector/blocking/blocking.hpp"
#include "detector/blocking/lock_order.hpp"
#include "detector/engine/access.hpp"
#include "detector/engine/engine.hpp"
#include "detector/engine/epochs.hpp"
#include "detector/engine/memory.hpp"
#include "detector/engine/recording.hpp"
#include "detector/engine/shadow.hpp"
#include "detector/engine/small_blocks.hpp"
#include "detector/engine/sync_object.hpp"
#include "detector/engine/tasks.hpp"
#include "detector/report/report.hpp"

namespace gobench::detector {

// Interposed signals keep what came while a thread was inside.
void deliver_deferred_signals() noexcept __attribute__((weak));

void deliver_waiting_signals() noexcept {
  if (internal_depth != 0 || signals_held != 0) return;
  signal_waits = false;
  if (deliver_deferred_signals != nullptr) deliver_deferred_signals();
}

constinit std::atomic<bool> clocks_were_reduced{false};

void clocks_reduced() noexcept { clocks_were_reduced.store(true, std::memory_order_relaxed); }

void look_after_clocks() noexcept {
  if (!clocks_were_reduced.exchange(false, std::memory_order_relaxed)) return;
  const internal_mark inside;
  catch_up_objects();
  note_once(precision_note::of_clocks);
}

void note_once(precision_note what) noexcept {
  static constinit std::atomic<bool> said[3] = {};
  if (said[static_cast<std::size_t>(what)].exchange(true, std::memory_order_relaxed)) return;
  const internal_scope inside;
  switch (what) {
    case precision_note::of_epochs:
      report_note(
          "precision reduced: more tasks that touch memory are alive than the detector can tell "
          "apart; "
          "accesses of the latest are not judged");
      break;
    case precision_note::of_clocks:
      report_note(
          "precision reduced: the clocks have reached the limit of memory; races may be missed "
          "(option memory_limit_mb)");
      break;
    case precision_note::of_tasks:
      report_note(
          "precision reduced: so many tasks have ended without anybody waiting for them that what "
          "they did counts as "
          "ordered; join them to have it judged");
      break;
  }
}

void signal_handler_begins() noexcept {
  task_state& task = *current_task;
  if (task.dummy) return;
  const internal_mark inside;  // another handler would wait for the lock
  locked guard(traces.lock);
  close_part(task);
}

void signal_handler_ended() noexcept { signal_handler_begins(); }

void before_fork() noexcept {
  ++internal_depth;
  report_before_fork();
  small_blocks::before_fork();
  epochs.before_fork();
  lock_tasks();
  traces.lock.lock();
  lock_objects();
  blocking::lock_order::lock();
  lock_blocks();
}

namespace {

void after_fork(bool in_child) noexcept {
  unlock_blocks();
  blocking::lock_order::unlock();
  unlock_objects();
  traces.lock.unlock();
  unlock_tasks();
  epochs.after_fork();
  small_blocks::after_fork();
  report_after_fork(in_child);
  if (in_child) {
    recording::after_fork_in_child();
    // What the other threads did is nobody's any more, and what they were doing will not be ended.
    if (has_other_threads()) {
      clear_shadow();
      repair_objects();
    }
    blocking::after_fork_in_child();
  }
  --internal_depth;
}

}  // namespace

void after_fork_in_parent() noexcept { after_fork(false); }
void after_fork_in_child() noexcept { after_fork(true); }

}  // namespace gobench::detector
