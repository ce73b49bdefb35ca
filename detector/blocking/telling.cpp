#include "detector/blocking/telling.hpp"

#include <time.h>

#include <utility>

#include "detector/blocking/uses.hpp"
#include "detector/engine/locate.hpp"
#include "detector/engine/options.hpp"
#include "detector/engine/schedule.hpp"
#include "detector/engine/start.hpp"
#include "detector/engine/sync_object.hpp"
#include "detector/engine/tasks.hpp"
#include "detector/report/report.hpp"

namespace gobench::detector::blocking {
namespace {

operation operation_of(wait_kind kind) noexcept {
  switch (kind) {
    case wait_kind::mutex:
    case wait_kind::write_lock:
      return operation::lock;
    case wait_kind::read_lock:
      return operation::lock_shared;
    case wait_kind::condition:
      return operation::wait_condition;
    case wait_kind::semaphore:
      return operation::acquire_semaphore;
    case wait_kind::barrier:
      return operation::arrive_at_barrier;
    case wait_kind::once:
      return operation::call_once;
    case wait_kind::thread:
    case wait_kind::task:
      return operation::join_task;
    case wait_kind::send:
      return operation::send_channel;
    case wait_kind::receive:
      return operation::receive_channel;
    case wait_kind::nil_channel:
      return operation::use_nil_channel;
    case wait_kind::select:
      return operation::select_channels;
    case wait_kind::wait_group:
      return operation::wait_wait_group;
    case wait_kind::latch:
      return operation::wait_latch;
    case wait_kind::event:
      return operation::wait_event;
    case wait_kind::none:
    case wait_kind::sleep:
      return operation::sleep;
    case wait_kind::descriptor:
      return operation::use_descriptor;
  }
  return operation::sleep;
}

std::uint32_t index_of(raw_finding& finding, const task_state& task, std::uint32_t number) {
  for (std::uint32_t i = 0; i != finding.tasks.size(); ++i)
    if (finding.tasks[i].id == number) return i;
  raw_task told;
  if (task.number == number) {
    told = describe_task(task);
  } else {
    told.id = number;
    told.running = false;
  }
  finding.tasks.push_back(std::move(told));
  return static_cast<std::uint32_t>(finding.tasks.size() - 1);
}

void add_last_user(raw_finding& finding, raw_access& access, const wait_seen& wait) {
  if (wait.kind != wait_kind::send && wait.kind != wait_kind::receive) return;
  const channel_use use = last_use(wait.object, wait.kind == wait_kind::send);
  if (use.by.who == nullptr) return;
  access.last_use = use.what;
  access.last_user = index_of(finding, *use.by.who, use.by.number);
  access.last_used = stack_at(use.by.where);
}

}  // namespace

std::int64_t now_ns() noexcept {
  // A report is the same in each replay.
  if (explored_now != nullptr) {
    const std::int64_t virtual_ns = explored_now();
    if (virtual_ns >= 0) return virtual_ns;
  }
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

bool is_of_library(address lock) noexcept {
  const sync_ref object = find_object(lock);
  return object && object->as_lock != nullptr && (object->as_lock->flags & lock_of_library) != 0;
}

std::vector<raw_lock> locks_of(const task_state& task) {
  std::vector<raw_lock> locks;
  for (std::uint32_t i = 0; i != task.held_count; ++i) {
    const held_lock& held = task.held[i];
    raw_lock lock;
    lock.id = held.number;
    lock.where = held.lock;
    lock.shared = held.shared;
    lock.taken = stack_at(held.taken);
    locks.push_back(std::move(lock));
  }
  return locks;
}

void add_call(raw_finding& finding, const task_state& task, operation what, address object,
              stack_id where) {
  raw_access access;
  access.what = what;
  access.where = object;
  access.task = index_of(finding, task, task.number);
  access.stack = stack_at(where);
  access.locks = locks_of(task);
  finding.accesses.push_back(std::move(access));
}

void add_earlier_call(raw_finding& finding, const task_state& task, std::uint32_t number,
                      operation what, address object, stack_id where) {
  raw_access access;
  access.what = what;
  access.where = object;
  access.task = index_of(finding, task, number);
  access.stack = stack_at(where);
  finding.accesses.push_back(std::move(access));
}

void add_wait(raw_finding& finding, const task_state& task, const wait_seen& wait,
              const obstacle* who) {
  raw_access access;
  access.what = operation_of(wait.kind);
  access.task = index_of(finding, task, task.number);
  access.stack = stack_at(wait.where);
  access.waited_ns = now_ns() - wait.since_ns;
  const bool is_lock = wait.kind == wait_kind::mutex || wait.kind == wait_kind::read_lock ||
                       wait.kind == wait_kind::write_lock;
  const bool is_end = wait.kind == wait_kind::thread || wait.kind == wait_kind::task;
  if (!is_end) access.where = wait.object;
  if (is_lock) {
    access.object.id = lock_number_at(wait.object);
    access.object.where = wait.object;
  }
  access.locks = locks_of(task);
  if (who != nullptr && who->who != nullptr) {
    access.other = index_of(finding, *who->who, who->number);
    access.other_has_ended = who->has_ended;
  }
  add_last_user(finding, access, wait);
  finding.accesses.push_back(std::move(access));
}

bool tell(raw_finding&& finding) noexcept {
  if (!option_values.report_bugs) return false;
  const bool is_new = report(std::move(finding));
  if (is_new && option_values.halt_on_error) end_process(option_values.exitcode);
  return is_new;
}

}  // namespace gobench::detector::blocking
