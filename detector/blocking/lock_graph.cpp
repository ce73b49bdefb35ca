#include "detector/blocking/lock_graph.hpp"

#include <new>

#include "detector/engine/memory.hpp"

namespace gobench::detector::blocking {
namespace {

// A search looks at so many edges at most: graphs of programs are small or hardly connected.
constexpr int most_looked_at = 2000;

bool is_like(const lock_edge& one, const lock_edge& other) noexcept {
  if (one.from != other.from || one.to != other.to || one.from_shared != other.from_shared ||
      one.to_shared != other.to_shared || one.gate_count != other.gate_count)
    return false;
  for (unsigned i = 0; i != one.gate_count; ++i)
    if (one.gates[i].node != other.gates[i].node || one.gates[i].shared != other.gates[i].shared)
      return false;
  return true;
}

bool is_before(const lock_edge::occurrence& one, const lock_edge::occurrence& other) noexcept {
  return other.before.known(one.id) >= one.clock;
}

}  // namespace

bool may_overlap(const lock_edge& a, const lock_edge::occurrence& by_a, const lock_edge& b,
                 const lock_edge::occurrence& by_b) noexcept {
  if (by_a.number == by_b.number || is_before(by_a, by_b) || is_before(by_b, by_a)) return false;
  // What one holds beside the lock of the cycle the other may hold, too, only if both share it.
  for (unsigned i = 0; i != a.gate_count; ++i) {
    const gate& one = a.gates[i];
    for (unsigned k = 0; k != b.gate_count; ++k)
      if (b.gates[k].node == one.node && !(b.gates[k].shared && one.shared)) return false;
    if (b.from == one.node && !(b.from_shared && one.shared)) return false;
  }
  for (unsigned k = 0; k != b.gate_count; ++k)
    if (a.from == b.gates[k].node && !(a.from_shared && b.gates[k].shared)) return false;
  return true;
}

void lock_graph::reserve() noexcept {
  if (edges_ != nullptr) return;
  edges_ = static_cast<lock_edge*>(map_memory(sizeof(lock_edge) * most_edges));
  first_ = static_cast<std::uint32_t*>(map_memory(sizeof(std::uint32_t) * most_nodes));
}

std::uint32_t lock_graph::add_node() noexcept { return nodes_ + 1 < most_nodes ? ++nodes_ : 0; }

void lock_graph::give(std::uint32_t number) noexcept {
  lock_edge& edge = edges_[number];
  for (lock_edge::occurrence& one : edge.last) one.before.clear();
  new (&edge) lock_edge;
  edge.next = free_;
  free_ = number;
}

void lock_graph::remove_node(std::uint32_t node) noexcept {
  if (node == 0 || first_[node] == gone) return;
  for (std::uint32_t number = first_[node]; number != 0;) {
    const std::uint32_t next = edges_[number].next;
    give(number);
    number = next;
  }
  // Edges that end there lead nowhere from now on, and go with their own beginning.
  first_[node] = gone;
}

lock_edge* lock_graph::edge_like(const lock_edge& wanted) noexcept {
  if (first_[wanted.from] == gone || first_[wanted.to] == gone) return nullptr;
  for (std::uint32_t number = first_[wanted.from]; number != 0; number = edges_[number].next)
    if (is_like(edges_[number], wanted)) return &edges_[number];
  std::uint32_t number = free_;
  if (number != 0) {
    free_ = edges_[number].next;
  } else {
    if (used_ + 1 >= most_edges) return nullptr;
    number = ++used_;
  }
  lock_edge& edge = *new (&edges_[number]) lock_edge;
  edge.from = wanted.from;
  edge.to = wanted.to;
  edge.from_shared = wanted.from_shared;
  edge.to_shared = wanted.to_shared;
  edge.gate_count = wanted.gate_count;
  for (unsigned i = 0; i != wanted.gate_count; ++i) edge.gates[i] = wanted.gates[i];
  edge.next = first_[wanted.from];
  first_[wanted.from] = number;
  return &edge;
}

void lock_graph::note(lock_edge& edge, const lock_edge::taker& by,
                      const object_clock& before) noexcept {
  lock_edge::occurrence* last = edge.last;
  if (last[0].who != nullptr && last[0].number != by.number) {
    static_cast<lock_edge::taker&>(last[1]) = last[0];
    last[1].before.assign(last[0].before);
  }
  static_cast<lock_edge::taker&>(last[0]) = by;
  last[0].before.assign(before);
}

bool lock_graph::fits(const lock_cycle& cycle, const lock_edge& next, bool closes,
                      const lock_edge::occurrence& by) const noexcept {
  const lock_edge& before = *cycle.all[cycle.count - 1].edge;
  // Who holds the lock and who takes it.
  if (before.to_shared && next.from_shared) return false;
  if (closes && next.to_shared && cycle.all[0].edge->from_shared) return false;
  for (unsigned i = 0; i != cycle.count; ++i)
    if (!may_overlap(*cycle.all[i].edge, *cycle.all[i].by, next, by)) return false;
  return true;
}

bool lock_graph::search(std::uint32_t goal, lock_cycle& cycle) const noexcept {
  static constexpr unsigned most = lock_cycle::most;
  // By hand and not by recursion: a stack of the next edge to look at, and which of its two tasks.
  std::uint32_t next[most] = {};
  unsigned who[most] = {};
  int looked_at = 0;
  const auto begin = [&](unsigned level) {
    const std::uint32_t first = first_[cycle.all[level - 1].edge->to];
    next[level] = first == gone ? 0 : first;
    who[level] = 0;
  };
  begin(1);
  for (;;) {
    const unsigned level = cycle.count;
    if (next[level] == 0) {
      if (level == 1) return false;
      --cycle.count;
      continue;
    }
    if (++looked_at > most_looked_at) return false;
    const lock_edge& edge = edges_[next[level]];
    const lock_edge::occurrence& by = edge.last[who[level]];
    const bool closes = edge.to == goal;
    if (who[level] == 0) {
      who[level] = 1;
    } else {
      who[level] = 0;
      next[level] = edge.next;
    }
    if (by.who == nullptr || (!closes && level + 1 == most) || !fits(cycle, edge, closes, by))
      continue;
    bool known = edge.told && closes;
    for (unsigned i = 0; known && i != level; ++i) known = cycle.all[i].edge->told;
    if (known) continue;
    cycle.all[level] = {&edge, &by};
    ++cycle.count;
    if (closes) return true;
    begin(cycle.count);
  }
}

bool lock_graph::find_cycle(const lock_edge& edge, lock_cycle& cycle) const noexcept {
  cycle.all[0] = {&edge, &edge.last[0]};
  cycle.count = 1;
  return edge.last[0].who != nullptr && search(edge.from, cycle);
}

void lock_graph::mark_told(const lock_cycle& cycle) noexcept {
  for (unsigned i = 0; i != cycle.count; ++i)
    edges_[static_cast<std::uint32_t>(cycle.all[i].edge - edges_)].told = true;
}

}  // namespace gobench::detector::blocking
