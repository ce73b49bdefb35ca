// Epoch indices: 22 bits that name a task and a value of its clock exactly.
//
// A cell has no room for a task and a clock. So each epoch in which a task touches memory gets an index, and a
// table says which task and clock it is. Indices come in aligned blocks of a power of two, 8 at first and more for a
// task that uses more. The table has an entry per unit of 8, which are consecutive values of the clock; a clock that
// went on further than that begins the next unit. "Is this cell my own?" is one mask and compare for all that
// the task did in its present block.
//
// Invariants
//  1. An index in a cell was some task's current one when the cell was written.
//  2. An index gets a new meaning only by a reset, which clears the shadow after it has decided which blocks stay:
//     those that are the present block of a living task. A task writes cells with its current index only, so
//     whatever is written during or after the reset is in a block that stays.
//  3. Whoever judges a cell reads `resets()` before it loads the cells and once more after it has looked them up.
//     If it is odd or has changed, the judgement is dropped: a race may be missed, none is invented.
//  4. `holders_` is the number of tasks with a present block. Blocks are small where many hold one: what all of them keep
//     over a reset has to leave most indices free.
// So no thread has to be stopped, and identities stay exact whatever the number of tasks. A reset forgets
// what happened before it, as ThreadSanitizer's does when its 255 x 16384 epochs are used up
// (compiler-rt/lib/tsan/rtl/tsan_rtl.cpp, DoReset), after as many epochs.
#pragma once

#include <atomic>
#include <cstdint>

#include "detector/clocks/clock_types.hpp"
#include "detector/engine/cell.hpp"
#include "detector/engine/memory.hpp"

namespace gobench::detector {

struct task_state;

struct epoch {
  task_id task;
  clock_value clock;
};

class epoch_table {
 public:
  static constexpr unsigned unit_bits = 3;
  static constexpr epoch_index capacity = epoch_index{1} << index_bits;

  void reserve() noexcept;

  // Sets the task's current index to one that stands for its clock's present value, from its block if that has one left
  // and from a new one otherwise. False if every index is some living task's: then its accesses cannot be recorded.
  bool follow(task_state& task) noexcept;
  // The task will not write cells any more.
  void abandon(task_state& task) noexcept;

  epoch at(epoch_index index) const noexcept {
    // Written before the index was first used in a cell, which the caller has read: that orders it well enough
    // on x86; a reset in between is what rule 3 is for.
    const std::uint64_t entry = units_[index >> unit_bits].load(std::memory_order_relaxed);
    return {static_cast<task_id>(entry >> 32),
            static_cast<clock_value>(entry) + (index & ((1u << unit_bits) - 1))};
  }

  std::uint64_t resets() const noexcept { return resets_.load(std::memory_order_acquire); }

  void before_fork() noexcept;
  void after_fork() noexcept;

 private:
  bool renew(task_state& task) noexcept;
  void set_unit(epoch_index first, const task_state& task) noexcept;
  void reset() noexcept;
  bool free_at(epoch_index first, epoch_index size) const noexcept;
  void mark(epoch_index first, epoch_index size, bool used) noexcept;

  std::atomic<std::uint64_t>* units_ = nullptr;
  std::uint64_t* used_ = nullptr;  // a bit per unit
  epoch_index next_ = 1u << unit_bits;
  std::uint32_t holders_ = 0;
  bool used_up_ = false;  // a reset found nothing, and nobody has given a block up since
  std::atomic<std::uint64_t> resets_{0};
};

extern epoch_table epochs;

}  // namespace gobench::detector
