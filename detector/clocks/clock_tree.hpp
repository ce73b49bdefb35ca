// A map from task id to clock value as a 16-ary radix tree whose nodes are shared by all clocks that
// hold the same part of it, and copied when a clock changes its own (persistent, copy-on-write).
//
// Invariants
// - The tree covers only the ids it needs: a clock that knows tasks 0x120 to 0x12f is one leaf. `span_` is the
//   first id covered (its low bits are 0, as many as the tree is high) with the height in its low 4 bits.
//   Leaves have height 0 and hold 16 values; the tree of height 5 covers all ids.
// - The root says the span: two trees with the same root that is not 0 cover the same ids.
// - A node of more than one reference is not written (node_pool.hpp); all the way down from the root each node
//   must have one reference to be written in place.
// - Values only grow.
//
// It is a handle without constructor and destructor work, so that clocks can lie in zeroed memory and in
// constinit objects and be used before main and after exit handlers. Whoever holds it calls clear().
#pragma once

#include "detector/clocks/clock_types.hpp"
#include "detector/clocks/node_pool.hpp"

#include <cstdint>
#include <utility>

namespace gobench::detector {

class clock_tree {
 public:
  constexpr clock_tree() = default;
  clock_tree(const clock_tree&) = delete;
  clock_tree& operator=(const clock_tree&) = delete;

  bool empty() const noexcept { return root_ == 0; }
  bool shares_root(const clock_tree& other) const noexcept { return root_ == other.root_; }

  clock_value get(task_id id) const noexcept {
    if (root_ == 0 || !covers(id)) return 0;
    node_index n = root_;
    for (unsigned shift = 4 * height(); shift != 0; shift -= 4) {
      n = node_pool::at(n).word[id >> shift & 15U];
      if (n == 0) return 0;
    }
    return node_pool::at(n).word[id & 15U];
  }

  // Makes the value of `id` at least `value`; true if that changed it.
  bool raise(task_id id, clock_value value) noexcept;
  // Raises all values to those of `other`; true if that changed any.
  bool join(const clock_tree& other) noexcept;
  // Becomes the same tree as `other`, sharing it.
  void share(const clock_tree& other) noexcept {
    if (root_ == other.root_) return;
    if (other.root_ != 0) node_pool::refer(other.root_);
    clear();
    root_ = other.root_;
    span_ = other.span_;
  }
  // Becomes what `other` is with the value of `id` made at least `value`: as share() and raise() do, but using
  // its own nodes again where it can. True if that made it another tree, which may hold the same.
  bool take_over(const clock_tree& other, task_id id, clock_value value) noexcept;
  void clear() noexcept {
    if (root_ == 0) return;
    if (node_pool::drop(root_)) release_node(root_, height());
    root_ = 0;
    span_ = 0;
  }
  void swap(clock_tree& other) noexcept {
    std::swap(root_, other.root_);
    std::swap(span_, other.span_);
  }

 private:
  unsigned height() const noexcept { return span_ & 15U; }
  task_id first() const noexcept { return span_ & ~task_id{15}; }
  bool covers(task_id id) const noexcept { return (id ^ first()) >> (4 * height() + 4) == 0; }
  void grow() noexcept;
  static void release_node(node_index n, unsigned height) noexcept;

  node_index root_ = 0;
  std::uint32_t span_ = 0;
};

}  // namespace gobench::detector
