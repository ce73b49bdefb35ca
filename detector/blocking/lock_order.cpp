#include "detector/blocking/lock_order.hpp"

#include <bit>
#include <utility>

#include "detector/blocking/lock_graph.hpp"
#include "detector/blocking/telling.hpp"
#include "detector/engine/internal.hpp"
#include "detector/engine/memory.hpp"
#include "detector/engine/options.hpp"
#include "detector/engine/spin_lock.hpp"
#include "detector/engine/tasks.hpp"

namespace gobench::detector::blocking::lock_order {
namespace {

// Never taken before the lock of an object, always after it.
constinit spin_lock graph_lock;
constinit lock_graph graph;

// What a report says of a lock, by node. Written once, before the node is used.
struct told_lock {
  address where;
  std::uint32_t number;
};
constinit table<told_lock, lock_graph::most_nodes> locks;

// What an edge is noted for is done with less and less often: most programs take the same ones for ever.
bool is_due(std::uint32_t times) noexcept { return times <= 16 || std::has_single_bit(times); }

struct finding_steps {
  struct step {
    task_state* who;
    std::uint32_t number;
    told_lock outer, inner;
    bool outer_shared, inner_shared;
    stack_id outer_taken, inner_taken;
  };
  step all[lock_cycle::most];
  unsigned count = 0;
};

void copy(const lock_cycle& cycle, finding_steps& steps) noexcept {
  steps.count = cycle.count;
  for (unsigned i = 0; i != cycle.count; ++i) {
    const lock_edge& edge = *cycle.all[i].edge;
    const lock_edge::occurrence& by = *cycle.all[i].by;
    steps.all[i] = {by.who,           by.number,      locks[edge.from], locks[edge.to],
                    edge.from_shared, edge.to_shared, by.outer_taken,   by.inner_taken};
  }
}

void tell_steps(const finding_steps& steps) {
  raw_finding finding;
  finding.type = finding_type::lock_order;
  for (unsigned i = 0; i != steps.count; ++i) {
    const finding_steps::step& step = steps.all[i];
    add_earlier_call(finding, *step.who, step.number,
                     step.inner_shared ? operation::lock_shared : operation::lock, step.inner.where,
                     step.inner_taken);
    raw_access& access = finding.accesses.back();
    access.object.id = step.inner.number;
    access.object.where = step.inner.where;
    raw_lock outer;
    outer.id = step.outer.number;
    outer.where = step.outer.where;
    outer.shared = step.outer_shared;
    outer.taken = stack_at(step.outer_taken);
    access.locks.push_back(std::move(outer));
  }
  tell(std::move(finding));
}

// Notes one edge; true with `steps` if it closes a cycle.
bool note_edge(task_state& task, const lock_edge& wanted, stack_id outer, stack_id inner,
               finding_steps& steps) noexcept {
  const locked guard(graph_lock);
  lock_edge* edge = graph.edge_like(wanted);
  if (edge == nullptr) return false;
  ++edge->times;
  const bool same_task = edge->last[0].number == task.number;
  if (same_task && !is_due(edge->times)) return false;
  lock_edge::taker by;
  by.who = &task;
  by.number = task.number;
  by.id = task.clock.self();
  // What is done now is not known to those who have only what was published before.
  by.clock = task.published ? task.clock.now() + 1 : task.clock.now();
  by.outer_taken = outer;
  by.inner_taken = inner;
  lock_graph::note(*edge, by, task.before_locks);
  lock_cycle cycle;
  if (!graph.find_cycle(*edge, cycle)) return false;
  graph.mark_told(cycle);
  copy(cycle, steps);
  return true;
}

// The node of a lock that the task holds; it may have had none when it was taken.
std::uint32_t node_of(held_lock& held) noexcept {
  if (held.node == 0) {
    const sync_ref object = find_object(held.lock);
    if (object && object->as_lock != nullptr && object->as_lock->number == held.number) {
      lock_record& record = *object->as_lock;
      if (record.node == 0) {
        const locked guard(graph_lock);
        record.node = graph.add_node();
        if (record.node != 0) locks[record.node] = {held.lock, record.number};
      }
      held.node = record.node;
    }
  }
  return held.node;
}

}  // namespace

void reserve() noexcept {
  if (!option_values.lock_order) return;
  graph.reserve();
  locks.reserve();
}

void before_taking(task_state& task, lock_record& record, address lock) noexcept {
  if (!option_values.lock_order) return;
  if (task.held_count == 0) task.has_before_locks = false;
  if (!task.has_before_locks) {
    // Only ever asked what it knows, never acquired from: no release.
    task.clock.release(task.before_locks);
    task.has_before_locks = true;
  }
  if (task.held_count != 0 && record.node == 0) {
    const locked guard(graph_lock);
    record.node = graph.add_node();
    if (record.node != 0) locks[record.node] = {lock, record.number};
  }
}

void taken(task_state& task, std::uint32_t node, bool shared, bool tried, stack_id where) noexcept {
  if (!option_values.lock_order || tried || node == 0 || task.ignoring_sync != 0 ||
      task.held_count == 0 || task.held_count > lock_edge::most_gates + 1)
    return;
  for (std::uint32_t i = 0; i != task.held_count; ++i)
    if (node_of(task.held[i]) == node) return;  // again
  for (std::uint32_t i = 0; i != task.held_count; ++i) {
    const held_lock& outer = task.held[i];
    if (outer.node == 0) continue;
    lock_edge wanted;
    wanted.from = outer.node;
    wanted.to = node;
    wanted.from_shared = outer.shared;
    wanted.to_shared = shared;
    for (std::uint32_t k = 0; k != task.held_count; ++k)
      if (k != i) wanted.gates[wanted.gate_count++] = {task.held[k].node, task.held[k].shared};
    finding_steps steps;
    if (note_edge(task, wanted, outer.taken, where, steps)) tell_steps(steps);
  }
}

void forget(lock_record& record) noexcept {
  if (record.node == 0) return;
  const locked guard(graph_lock);
  graph.remove_node(record.node);
  record.node = 0;
}

void lock() noexcept { graph_lock.lock(); }
void unlock() noexcept { graph_lock.unlock(); }

}  // namespace gobench::detector::blocking::lock_order
