// Misuse of channels and wait_groups, found when it happens.
//
// An add from zero and a wait that blocks are judged as Go's detector judges them (src/sync/waitgroup.go): nothing but
// the order of happens-before counts, so it is found also where the wait came in time.
#include "detector/blocking/uses.hpp"

#include <new>
#include <utility>

#include "detector/blocking/blocking.hpp"
#include "detector/blocking/telling.hpp"
#include "detector/engine/internal.hpp"
#include "detector/engine/memory.hpp"
#include "detector/engine/tasks.hpp"
#include "runtime/instrument.hpp"

namespace gobench::detector::blocking {
namespace {

using instrument::channel_event;
using instrument::wait_group_event;

enum channel_slot : unsigned { sent = 0, received = 1, closed = 2 };
enum group_slot : unsigned { added = 0, waited = 1 };

// The clock value that stands for what the task does now: nobody knows it who has only what was published before.
clock_value moment_of(const task_state& task) noexcept {
  return task.published ? task.clock.now() + 1 : task.clock.now();
}

use_record::use use_by(task_state& task, address pc) noexcept {
  return {&task, task.number, task.clock.self(), moment_of(task), stack_of(task, pc)};
}

use_record& record_of(sync_object& object) noexcept {
  if (object.used == nullptr) object.used = new (take_block(sizeof(use_record))) use_record;
  return *object.used;
}

void note(task_state& task, const void* object, unsigned slot, address pc) noexcept {
  const internal_mark inside;
  const use_record::use use = use_by(task, pc);
  const sync_ref found = object_at(reinterpret_cast<address>(object));
  record_of(*found).uses[slot] = use;
}

use_record::use use_of(address object, unsigned slot) noexcept {
  const sync_ref found = find_object(object);
  return found && found->used != nullptr ? found->used->uses[slot] : use_record::use{};
}

void tell_misuse(task_state& task, finding_type type, operation what, const void* object,
                 address pc, operation earlier_what, const use_record::use& earlier) {
  const internal_mark inside;
  raw_finding finding;
  finding.type = type;
  add_call(finding, task, what, reinterpret_cast<address>(object), stack_of(task, pc));
  if (earlier.who != nullptr)
    add_earlier_call(finding, *earlier.who, earlier.number, earlier_what,
                     reinterpret_cast<address>(object), earlier.where);
  tell(std::move(finding));
}

}  // namespace

channel_use last_use(address channel, bool by_receivers) noexcept {
  if (by_receivers) return {operation::receive_channel, use_of(channel, received)};
  const use_record::use close = use_of(channel, closed);
  if (close.who != nullptr) return {operation::close_channel, close};
  return {operation::send_channel, use_of(channel, sent)};
}

// A send reads the channel and a close writes it, as in Go (src/runtime/chan.go, racereadpc and racewritepc of
// raceaddr): so a close beside an unordered send, or another close, is a finding, whoever came first.
void told::channel_used(const void* channel, unsigned what, address pc) noexcept {
  task_state& task = *current_task;
  if (task.dummy) return;
  switch (static_cast<channel_event>(what)) {
    case channel_event::sent:
      detector::told::read_range(channel, 1, pc);
      note(task, channel, sent, pc);
      break;
    case channel_event::received:
      note(task, channel, received, pc);
      break;
    case channel_event::closed:
      detector::told::write_range(channel, 1, pc);
      note(task, channel, closed, pc);
      break;
    case channel_event::sent_in_vain:
      detector::told::read_range(channel, 1, pc);
      tell_misuse(task, finding_type::send_on_closed, operation::send_channel, channel, pc,
                  operation::close_channel, use_of(reinterpret_cast<address>(channel), closed));
      break;
    case channel_event::closed_in_vain:
      if (channel == nullptr) {
        tell_misuse(task, finding_type::close_of_nil, operation::close_channel, nullptr, pc,
                    operation::close_channel, {});
        break;
      }
      detector::told::write_range(channel, 1, pc);
      tell_misuse(task, finding_type::close_of_closed, operation::close_channel, channel, pc,
                  operation::close_channel, use_of(reinterpret_cast<address>(channel), closed));
      break;
    case channel_event::made:
    case channel_event::closed_seen:
      break;
  }
}

void told::wait_group_used(const void* group, unsigned what, address pc) noexcept {
  task_state& task = *current_task;
  if (task.dummy) return;
  const auto event = static_cast<wait_group_event>(what);
  if (event == wait_group_event::below_zero) {
    tell_misuse(task, finding_type::negative_wait_group, operation::add_wait_group, group, pc,
                operation::add_wait_group, {});
    return;
  }
  const bool adds = event == wait_group_event::added_from_zero;
  const use_record::use other = use_of(reinterpret_cast<address>(group), adds ? waited : added);
  note(task, group, adds ? added : waited, pc);
  if (other.who == nullptr || other.id == task.clock.self() || knows(task, other.id, other.clock))
    return;
  tell_misuse(task, finding_type::add_beside_wait,
              adds ? operation::add_wait_group : operation::wait_wait_group, group, pc,
              adds ? operation::wait_wait_group : operation::add_wait_group, other);
}

}  // namespace gobench::detector::blocking
