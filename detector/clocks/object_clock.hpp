// What a synchronisation object carries from those who release it to those who acquire it.
//
// An object clock is a tree plus one entry (id, value) beside it, that of its last releaser, so that releasing an
// object shares the releaser's tree and copies nothing.
//
// Invariants
// - It is used under the lock of its object.
// - Exact (`merged` not set): the tree is what task `id` knew when its own clock was `value`. Whoever knows
//   (id, value) knows all of it. If `took_id_` is not 0, the tree is what task `took_id_` published at
//   `took_value_`, with that entry, and nothing else.
// - Merged: the entry is one of many, and nothing follows from knowing it.
// - All values are of era `floor_` (era.hpp): above that floor, and not above the next.
// - Everything in a clock is closed: with (id, value) comes all that the task knew when it published that.
#pragma once

#include "detector/clocks/clock_tree.hpp"

namespace gobench::detector {

class task_clock;

class object_clock {
 public:
  constexpr object_clock() = default;

  // Nobody has released it since it was made or cleared.
  bool empty() const noexcept { return entry_ == 0 && floor_ == 0; }
  // Forgets everything and gives the nodes back; an object clock that ends has been cleared before.
  void clear() noexcept;
  // Carries what `other` carries, instead of or in addition to its own. Both objects are locked, or the other is
  // held still in another way; the caller gains no knowledge.
  void assign(const object_clock& other) noexcept;
  void merge(const object_clock& other) noexcept;
  // Gives its nodes back if precision was reduced since it was last released. It carries no less after that.
  void catch_up() noexcept;
  // What it carries about one task.
  clock_value known(task_id id) const noexcept {
    clock_value value = tree_.get(id);
    if (id == entry_id() && value_ > value) value = value_;
    return value > floor_ ? value : floor_;
  }

 private:
  friend class task_clock;

  static constexpr std::uint32_t merged_bit = 1U << 31;

  task_id entry_id() const noexcept { return entry_ & max_task_id; }
  bool exact() const noexcept {
    return entry_ != 0 && (entry_ & merged_bit) == 0 && value_ != max_clock_value;
  }
  bool covers(const object_clock& other) const noexcept {
    return other.exact() && known(other.entry_id()) >= other.value_;
  }
  // Nothing but the floor `floor`: everything up to it.
  void forget_below(clock_value floor) noexcept;

  clock_tree tree_;
  std::uint32_t entry_ = 0;  // bits 0-23 task, 0 if there is no entry; bit 31 merged
  clock_value value_ = 0;
  task_id took_id_ = 0;
  clock_value took_value_ = 0;
  clock_value floor_ = 0;
};

static_assert(sizeof(object_clock) == 28);

}  // namespace gobench::detector
