#include "detector/engine/locate.hpp"

#include <cstring>

#include "detector/engine/engine.hpp"
#include "detector/engine/sync_object.hpp"
#include "detector/engine/tasks.hpp"
#include "detector/engine/thread_bounds.hpp"

namespace gobench::detector {
namespace {

std::uint32_t index_in(raw_finding& finding, std::uint32_t number) {
  for (std::uint32_t i = 0; i != finding.tasks.size(); ++i)
    if (finding.tasks[i].id == number) return i;
  const task_state* found = nullptr;
  for_each_task([&](const task_state& task) {
    if (task.number == number && task.stage.load(std::memory_order_relaxed) != life::unused)
      found = &task;
  });
  if (found == nullptr) return raw_finding::no_task;
  finding.tasks.push_back(describe_task(*found));
  return static_cast<std::uint32_t>(finding.tasks.size() - 1);
}

bounds stack_of(const task_state& task) noexcept {
  return task.kind == task_kind::main_thread ? main_stack()
                                             : bounds{task.stack_low, task.stack_high};
}

}  // namespace

raw_task describe_task(const task_state& task) {
  raw_task told;
  told.id = task.number;
  told.kind = task.kind;
  std::memcpy(told.name, task.name, sizeof told.name);
  told.parent = task.parent;
  told.born = stack_at(task.born);
  told.running = task.stage.load(std::memory_order_relaxed) != life::finished;
  return told;
}

raw_task describe_task(const task_state& task, clock_value then) {
  raw_task told = describe_task(task);
  if (then < task.first_clock) {  // an earlier task that had this id
    told = raw_task{};
    told.kind = task.kind;
    told.running = false;
  }
  return told;
}

void locate(address where, raw_finding& finding) {
  raw_location& location = finding.location;
  heap_block block;
  address start = 0;
  if (find_block_around(where, start, block)) {
    location.kind = location_kind::heap;
    location.start = start;
    location.size = block.size;
    location.task = index_in(finding, block.task);
    location.allocated = stack_at(block.stack);
    return;
  }
  const task_state* owner = nullptr;
  bool in_tls = false;
  for_each_task([&](const task_state& task) {
    if (owner != nullptr) return;
    if (where >= task.tls_low && where < task.tls_high) {
      owner = &task;
      in_tls = true;
    } else if (const bounds stack = stack_of(task); where >= stack.low && where < stack.high) {
      owner = &task;
    }
  });
  if (owner != nullptr) {
    const bounds stack = stack_of(*owner);
    location.kind = in_tls ? location_kind::thread_local_storage : location_kind::stack;
    location.start = in_tls ? owner->tls_low : stack.low;
    location.size = (in_tls ? owner->tls_high : stack.high) - location.start;
    location.task = index_in(finding, owner->number);
    return;
  }
  // The symboliser knows globals by name; whether it is one is its to say.
  location.kind = location_kind::unknown;
  location.start = where;
}

}  // namespace gobench::detector
