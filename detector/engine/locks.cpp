// Locks: who holds which, the edges between holders, and what nobody should do with a lock.
//
// A lock is a sync object with a lock_record. Its clock carries what exclusive holders published (replacing: each
// has acquired all of it), `shared_releases` what shared holders did since; an exclusive holder acquires both.
#include <cstring>

#include "detector/blocking/lock_order.hpp"
#include "detector/blocking/telling.hpp"
#include "detector/blocking/thresholds.hpp"
#include "detector/engine/access.hpp"
#include "detector/engine/engine.hpp"
#include "detector/engine/internal.hpp"
#include "detector/engine/memory.hpp"
#include "detector/engine/options.hpp"
#include "detector/engine/race.hpp"
#include "detector/engine/recording.hpp"
#include "detector/engine/sync.hpp"
#include "detector/engine/sync_object.hpp"
#include "detector/engine/task_state.hpp"

namespace gobench::detector {
namespace {

address at(const void* lock) noexcept { return reinterpret_cast<address>(lock); }

bool skips_locks(const task_state& task) noexcept {
  return task.dummy || task.in_our_code != 0 || internal_depth != 0;
}

void hold(task_state& task, const void* lock, std::uint32_t number, std::uint32_t node, bool shared,
          stack_id taken, address pc) {
  for (std::uint32_t i = task.held_count; i-- != 0;)
    if (task.held[i].lock == at(lock) && task.held[i].shared == shared) {
      ++task.held[i].levels;
      push_event(task,
                 make_event(event_kind::lock, (at(lock) & address_mask) | (shared ? flag_bit : 0)));
      return;
    }
  if (task.held_count == task.held_capacity) {
    const std::uint32_t wanted = task.held_capacity == 0 ? 4 : task.held_capacity * 2;
    auto* grown = static_cast<held_lock*>(take_block(wanted * sizeof(held_lock)));
    if (task.held_count != 0) std::memcpy(grown, task.held, task.held_count * sizeof(held_lock));
    if (task.held != nullptr) give_block(task.held, task.held_capacity * sizeof(held_lock));
    task.held = grown;
    task.held_capacity = wanted;
  }
  task.held[task.held_count++] = {at(lock),
                                  number,
                                  1,
                                  shared,
                                  taken,
                                  node,
                                  option_values.held_too_long_ms != 0 ? blocking::now_ns() : 0};
  if (task.trace_pc != pc) {
    push_event(task, make_event(event_kind::pc, pc));
    task.trace_pc = pc;
  }
  push_event(task,
             make_event(event_kind::lock, (at(lock) & address_mask) | (shared ? flag_bit : 0)));
}

// Levels that are left; nothing happens if it is not among them.
void let_go(task_state& task, const void* lock, bool all) {
  for (std::uint32_t i = task.held_count; i-- != 0;)
    if (task.held[i].lock == at(lock)) {
      if (all || --task.held[i].levels == 0) {
        // Most often it is the last.
        for (std::uint32_t k = i + 1; k != task.held_count; ++k) task.held[k - 1] = task.held[k];
        --task.held_count;
      }
      push_event(task,
                 make_event(event_kind::unlock, (at(lock) & address_mask) | (all ? flag_bit : 0)));
      return;
    }
}

const held_lock* held_by(const task_state& task, const void* lock) {
  for (std::uint32_t i = task.held_count; i-- != 0;)
    if (task.held[i].lock == at(lock)) return &task.held[i];
  return nullptr;
}

// Using a lock reads its memory and destroying it writes there: a lock that goes away beside its last use is a race.
// Reads of it are atomic, as those of the lock's own code are.
void touch(const void* lock, address pc) {
  const std::uint32_t depth = our_code_leave();
  access<1, true, true>(lock, pc);
  our_code_enter_again(depth);
}

void misuse(task_state& task, finding_type what, const lock_record& record, const void* lock,
            address pc) {
  misused_lock(task, what, at(lock), record.number, record.taken != 0 ? record.taken : record.made,
               pc);
}

}  // namespace

namespace told {

namespace {

void acquired(task_state& task, const void* lock, unsigned flags, address pc) {
  const internal_mark inside;
  const bool shared = (flags & lock_shared) != 0;
  const stack_id taken = stack_of(task, pc);
  std::uint32_t number = 0;
  std::uint32_t node = 0;
  {
    const sync_ref object = object_at(at(lock));
    lock_record& record = lock_of(*object);
    number = record.number;
    if (blocking::lock_order::looks_at(task, record)) [[unlikely]]
      blocking::lock_order::before_taking(task, record, at(lock));
    node = record.node;
    record.flags |= flags & ~unsigned{lock_shared | lock_tried};
    if (task.ignoring_sync == 0) {
      acquire_from(task, object->clock);
      recording::sync(task, recording::step::acquire, at(lock));
      if (!shared && !record.shared_releases.empty()) {
        acquire_from(task, record.shared_releases);
        recording::sync(task, recording::step::acquire, recording::shared_holders(at(lock)));
      }
    }
    if (shared) {
      ++record.readers;
      record.reader_comes(task, task.number);
    } else {
      record.owner = task.number;
      record.holder = &task;
      record.taken = taken;
      ++record.stamp;
      ++record.levels;
    }
  }
  if (task.held_count != 0) [[unlikely]]
    blocking::lock_order::taken(task, node, shared, (flags & lock_tried) != 0, taken);
  hold(task, lock, number, node, shared, taken, pc);
}

}  // namespace

void lock_acquired(const void* lock, unsigned flags, address pc) noexcept {
  task_state& task = *current_task;
  if (task.dummy) return;
  acquired(task, lock, flags, pc);
  touch(lock, pc);
}

void lock_waited_for(const void* lock, unsigned flags, address pc) noexcept {
  task_state& task = *current_task;
  if (task.dummy || (flags & (lock_recursive | lock_shared | lock_no_owner)) != 0) return;
  const held_lock* held = held_by(task, lock);
  if (held == nullptr || held->shared) return;
  const internal_mark inside;
  lock_record copy;
  {
    const sync_ref object = object_at(at(lock));
    const lock_record& record = lock_of(*object);
    if ((record.flags & lock_recursive) != 0 || record.owner != task.number) return;
    copy.number = record.number;
    copy.taken = record.taken;
  }
  misuse(task, finding_type::double_lock, copy, lock, pc);
}

namespace {

// What a report tells of a lock, once it is unlocked.
struct told_lock {
  std::uint32_t number = 0;
  stack_id taken = 0;
};

void released(task_state& task, const void* lock, bool shared, bool whichever, bool all,
              address pc) {
  touch(lock, pc);
  if (option_values.held_too_long_ms != 0) [[unlikely]] {
    const held_lock* held = held_by(task, lock);
    if (held != nullptr && (all || held->levels == 1)) blocking::look_at_hold(task, *held, pc);
  }
  const internal_mark inside;
  finding_type wrong = finding_type::data_race;
  bool is_wrong = false;
  told_lock about;
  {
    const sync_ref object = object_at(at(lock));
    lock_record& record = lock_of(*object);
    if (whichever) shared = record.readers != 0;
    if (shared) {
      if (record.readers != 0) --record.readers;
      record.reader_goes(task.number);
      if (task.ignoring_sync == 0) {
        release_merge_to(task, record.shared_releases);
        recording::sync(task, recording::step::release_merge, recording::shared_holders(at(lock)));
      }
    } else {
      if (record.levels == 0) {
        wrong = finding_type::unlock_of_unlocked;
        is_wrong = (record.flags & lock_no_owner) == 0;
      } else if (record.owner != task.number && (record.flags & lock_no_owner) == 0) {
        wrong = finding_type::unlock_by_another;
        is_wrong = true;
      }
      if (is_wrong) {
        about = {record.number, record.taken != 0 ? record.taken : record.made};
      }
      if (record.levels != 0 && (all || --record.levels == 0)) {
        record.levels = 0;
        record.owner = 0;
        record.holder = nullptr;
        if (!record.shared_releases.empty())
          record.shared_releases.clear();  // acquired by this holder, so in what it publishes now
      }
      if (task.ignoring_sync == 0 && record.levels == 0) {
        if (is_wrong)
          release_merge_to(task, object->clock);
        else
          release_to(task, object->clock);
        recording::sync(task, is_wrong ? recording::step::release_merge : recording::step::release,
                        at(lock));
      }
    }
  }
  let_go(task, lock, all);
  if (is_wrong) misused_lock(task, wrong, at(lock), about.number, about.taken, pc);
}

}  // namespace

void lock_released(const void* lock, unsigned flags, address pc) noexcept {
  task_state& task = *current_task;
  if (!task.dummy) released(task, lock, (flags & lock_shared) != 0, false, false, pc);
}

namespace {

// Whether it was held or waited for, and what is told of it then.
bool destroyed(task_state& task, const void* lock, lock_record& copy) {
  const internal_mark inside;
  bool held = false;
  {
    const sync_ref object = find_object(at(lock));
    if (!object) return false;
    if (object->as_lock != nullptr) {
      lock_record& record = *object->as_lock;
      held = record.levels != 0 || record.readers != 0;
      copy.number = record.number;
      copy.taken = record.taken;
      copy.made = record.made;
      copy.waiters = record.waiters;
      blocking::lock_order::forget(record);
      record.renew();
    }
    object->clock.clear();
  }
  let_go(task, lock, true);
  return held || copy.waiters != 0;
}

}  // namespace

void lock_destroyed(const void* lock, address pc) noexcept {
  task_state& task = *current_task;
  if (task.dummy) return;
  const std::uint32_t depth = our_code_leave();
  detector::write_range(lock, 1, pc);
  our_code_enter_again(depth);
  lock_record copy;
  if (destroyed(task, lock, copy) && option_values.report_destroy_locked)
    misuse(task,
           copy.waiters != 0 ? finding_type::destroyed_while_waited_for
                             : finding_type::destroyed_while_locked,
           copy, lock, pc);
}

}  // namespace told

void lock_created(const void* lock, unsigned flags, address pc) noexcept {
  task_state& task = *current_task;
  if (skips_locks(task)) return;
  const internal_mark inside;
  const sync_ref object = object_at(at(lock));
  lock_record& record = lock_of(*object);
  blocking::lock_order::forget(record);
  record.renew();
  record.flags = flags;
  record.made = stack_of(task, pc);
  object->clock.clear();
}

void lock_acquired(const void* lock, unsigned flags, address pc) noexcept {
  if (!skips_locks(*current_task)) told::lock_acquired(lock, flags, pc);
}
void lock_waited_for(const void* lock, unsigned flags, address pc) noexcept {
  if (!skips_locks(*current_task)) told::lock_waited_for(lock, flags, pc);
}
void lock_released(const void* lock, unsigned flags, address pc) noexcept {
  if (!skips_locks(*current_task)) told::lock_released(lock, flags, pc);
}
void lock_released_any(const void* lock, address pc) noexcept {
  task_state& task = *current_task;
  if (!skips_locks(task)) told::released(task, lock, false, true, false, pc);
}

unsigned lock_released_all(const void* lock, address pc) noexcept {
  task_state& task = *current_task;
  if (skips_locks(task)) return 0;
  const held_lock* held = held_by(task, lock);
  const unsigned levels = held == nullptr ? 1 : held->levels;
  told::released(task, lock, false, false, true, pc);
  return levels;
}

void lock_acquired_levels(const void* lock, unsigned levels, address pc) noexcept {
  for (unsigned i = 0; i < levels; ++i)
    lock_acquired(lock, levels > 1 ? unsigned{lock_recursive} : 0u, pc);
}

void lock_destroyed(const void* lock, address pc) noexcept {
  if (!skips_locks(*current_task)) told::lock_destroyed(lock, pc);
}

bool lock_is_held(const void* lock) noexcept {
  const task_state& task = *current_task;
  return skips_locks(task) || held_by(task, lock) != nullptr;
}

void lock_misused(const void* lock, finding_type what, address pc) noexcept {
  task_state& task = *current_task;
  if (skips_locks(task)) return;
  const internal_mark inside;
  lock_record copy;
  {
    const sync_ref object = object_at(at(lock));
    const lock_record& record = lock_of(*object);
    copy.number = record.number;
    copy.taken = record.taken;
    copy.made = record.made;
  }
  misuse(task, what, copy, lock, pc);
}

}  // namespace gobench::detector
