// The graph of lock orders: edges with who took them, and the search for a cycle that can be. No engine in it, so that it
// can be tested by itself; used under one lock (lock_order.cpp).
//
// Invariants
//  - Nodes are numbers from 1 on, and none is used again. An edge is one for its two locks, both modes and the gates;
//    of who takes it the last two tasks are kept.
//  - An occurrence has the past of its task from before it took the outermost lock that matters (`before`), and the
//    moment at which it took the inner one (`id`, `clock`): so it is ordered before another one if that one's
//    `before` knows its moment.
#pragma once

#include <cstdint>

#include "detector/clocks/object_clock.hpp"
#include "detector/engine/depot.hpp"

namespace gobench::detector {
struct task_state;
}

namespace gobench::detector::blocking {

struct gate {
  std::uint32_t node = 0;
  bool shared = false;
};

struct lock_edge {
  static constexpr unsigned most_gates =
      6;  // with more held, no edge is made: nothing can be said of it
  struct taker {
    task_state* who = nullptr;  // null: there was none
    std::uint32_t number = 0;   // of the task
    task_id id = 0;
    clock_value clock = 0;
    stack_id outer_taken = 0;
    stack_id inner_taken = 0;
  };
  struct occurrence : taker {
    object_clock before;
  };

  std::uint32_t from = 0;  // 0: it is free
  std::uint32_t to = 0;
  bool from_shared = false;
  bool to_shared = false;
  bool told = false;
  std::uint8_t gate_count = 0;
  gate gates[most_gates];
  std::uint32_t times = 0;
  std::uint32_t next = 0;  // of the same `from`; of the free ones
  occurrence last[2];      // of two tasks, the later first
};

struct lock_cycle {
  static constexpr unsigned most = 6;
  struct step {
    const lock_edge* edge = nullptr;
    const lock_edge::occurrence* by = nullptr;
  };
  step all[most];
  unsigned count = 0;
};

// Whether two tasks may be at these edges at once; `from` of neither has to do with the other.
bool may_overlap(const lock_edge& a, const lock_edge::occurrence& by_a, const lock_edge& b,
                 const lock_edge::occurrence& by_b) noexcept;

class lock_graph {
 public:
  static constexpr std::uint32_t most_nodes = 1U << 20;
  static constexpr std::uint32_t most_edges = 1U << 18;

  void reserve() noexcept;
  // 0: there are too many.
  std::uint32_t add_node() noexcept;
  // Its edges go with it.
  void remove_node(std::uint32_t node) noexcept;

  // The edge that is like `wanted` in what names it; made if need be. Null: there is no room, or an end is gone.
  lock_edge* edge_like(const lock_edge& wanted) noexcept;
  // Keeps the occurrence as the last one of its task.
  static void note(lock_edge& edge, const lock_edge::taker& by,
                   const object_clock& before) noexcept;
  // A cycle through the edge, as its last task took it, that was not told yet.
  bool find_cycle(const lock_edge& edge, lock_cycle& cycle) const noexcept;
  // The edges of the cycle, wherever the copy of them lies.
  void mark_told(const lock_cycle& cycle) noexcept;

 private:
  bool search(std::uint32_t goal, lock_cycle& cycle) const noexcept;
  bool fits(const lock_cycle& cycle, const lock_edge& next, bool closes,
            const lock_edge::occurrence& by) const noexcept;
  void give(std::uint32_t number) noexcept;

  lock_edge* edges_ = nullptr;
  std::uint32_t* first_ = nullptr;  // by node; of a node that is gone `gone`
  std::uint32_t nodes_ = 0;
  std::uint32_t used_ = 0;
  std::uint32_t free_ = 0;
  static constexpr std::uint32_t gone = ~std::uint32_t{0};
};

}  // namespace gobench::detector::blocking
