// Why a cycle that holds together is a deadlock. The engine notes an exclusive holder after the real lock and takes it
// back before the real unlock, so who is noted does hold the lock. A task whose record says that it waits for a lock may
// have it already; but then nobody else is noted as its holder until that task has gone on and unlocked it,
// and its record has another turn by then. holds_together() looks at each step a second time after all were seen
// once: same turn, same hold. So between the two looks each of them waited for a lock that the next one held, all at the
// same moment. None had a deadline, and nobody but the holder may unlock.
//
// A reader that a waiting writer holds back is such a step only where the library says so (lock_of_library): it
// parks after it has seen under the lock of the queue that it is held back, and the writer does not give up.
#include "detector/blocking/obstacles.hpp"

#include "detector/engine/engine.hpp"
#include "detector/engine/sync_object.hpp"

namespace gobench::detector::blocking {
namespace {

void add_holder(obstacle_list& list, const task_state& waiter, const lock_record& record) noexcept {
  if (record.holder == nullptr) return;
  task_state& holder = *record.holder;
  const bool same = holder.number == record.owner;
  // One who has another number has ended, and the state is another's.
  const bool ended = !same || holder.stage.load(std::memory_order_acquire) == life::finished;
  list.add({&holder, record.owner, record.stamp, ended, &holder == &waiter && same});
}

void add_readers(obstacle_list& list, const lock_record& record) noexcept {
  for (const lock_record::hold& reader : record.readers_known) {
    if (reader.who == nullptr) continue;
    const bool ended = reader.who->number != reader.number ||
                       reader.who->stage.load(std::memory_order_acquire) == life::finished;
    list.add({reader.who, reader.number, reader.stamp, ended, false});
  }
}

void add_writer_that_waits(obstacle_list& list, const wait_seen& wait,
                           const lock_record& record) noexcept {
  if (record.holder != nullptr || record.waiting_writer == nullptr ||
      (record.flags & lock_of_library) == 0)
    return;
  task_state& writer = *record.waiting_writer;
  const wait_seen of_writer = look_at(writer.wait);
  if (of_writer.turn != 0 && of_writer.kind == wait_kind::write_lock &&
      of_writer.object == wait.object && !of_writer.timed)
    list.add({&writer, writer.number, of_writer.turn, false, false});
}

void add_task(obstacle_list& list, task_state* task, std::uint32_t number) noexcept {
  if (task != nullptr && task->number == number &&
      task->stage.load(std::memory_order_acquire) != life::finished)
    list.add({task, number, number, false, false});
}

bool search(task_state& from, task_state& at, wait_path& path) noexcept {
  if (path.count == wait_path::most) return false;
  for (unsigned i = 0; i != path.count; ++i)
    if (path.all[i].who == &at) return false;
  wait_path::step& step = path.all[path.count];
  step.who = &at;
  step.wait = look_at(at.wait);
  if (step.wait.turn == 0) return false;
  const obstacle_list list = obstacles_of(at, step.wait);
  ++path.count;
  for (unsigned i = 0; i != list.count; ++i) {
    step.next = list.all[i];
    // What nobody will unlock is told by those who wait for it themselves.
    if (step.next.has_ended) {
      if (&at == &from) return true;
      continue;
    }
    if (step.next.who == &from || search(from, *step.next.who, path)) return true;
  }
  --path.count;
  return false;
}

constexpr int deepest = 64;

bool is_stuck(const task_state& task, int depth) noexcept {
  // Pairs with the store in cycles.cpp.
  if (task.deadlocked.load(std::memory_order_acquire)) return true;
  if (depth == deepest) return false;
  const wait_seen wait = look_at(task.wait);
  if (wait.turn == 0) return false;
  const obstacle_list list = obstacles_of(task, wait);
  for (unsigned i = 0; i != list.count; ++i)
    if (!list.all[i].has_ended && is_stuck(*list.all[i].who, depth + 1)) return true;
  return false;
}

}  // namespace

obstacle_list obstacles_of(const task_state& waiter, const wait_seen& wait) noexcept {
  obstacle_list list;
  if (wait.timed) return list;
  switch (wait.kind) {
    case wait_kind::mutex:
    case wait_kind::read_lock:
    case wait_kind::write_lock: {
      const sync_ref object = find_object(wait.object);
      if (!object || object->as_lock == nullptr) break;
      const lock_record& record = *object->as_lock;
      if ((record.flags & lock_no_owner) != 0) break;
      add_holder(list, waiter, record);
      if (wait.kind != wait_kind::read_lock)
        add_readers(list, record);
      else
        add_writer_that_waits(list, wait, record);
      break;
    }
    case wait_kind::thread: {
      // It cannot be another's before the join is over.
      auto* task = reinterpret_cast<task_state*>(wait.object);
      if (task != nullptr) add_task(list, task, task->number);
      break;
    }
    case wait_kind::task: {
      const sync_ref object = find_object(wait.object);
      if (object) add_task(list, object->task, object->task_number);
      break;
    }
    case wait_kind::none:
    case wait_kind::condition:
    case wait_kind::semaphore:
    case wait_kind::barrier:
    case wait_kind::once:
    case wait_kind::send:
    case wait_kind::receive:
    case wait_kind::nil_channel:
    case wait_kind::select:
    case wait_kind::wait_group:
    case wait_kind::latch:
    case wait_kind::event:
    case wait_kind::sleep:
    case wait_kind::descriptor:
      break;
  }
  return list;
}

bool find_cycle(task_state& from, wait_path& path) noexcept {
  path.count = 0;
  return search(from, from, path);
}

bool holds_together(const wait_path& path) noexcept {
  for (unsigned i = 0; i != path.count; ++i) {
    const wait_path::step& step = path.all[i];
    const wait_seen now = look_at(step.who->wait);
    if (now.turn != step.wait.turn || !obstacles_of(*step.who, now).has(step.next)) return false;
  }
  return true;
}

bool is_stuck(const task_state& task) noexcept { return is_stuck(task, 0); }

}  // namespace gobench::detector::blocking
