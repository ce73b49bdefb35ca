#include "detector/engine/epochs.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <bit>

#include "detector/engine/shadow.hpp"
#include "detector/engine/spin_lock.hpp"
#include "detector/engine/task_state.hpp"
#include "detector/engine/tasks.hpp"

namespace gobench::detector {

constinit epoch_table epochs;

namespace {

constexpr epoch_index smallest_block = epoch_index{1} << epoch_table::unit_bits;
constexpr epoch_index largest_block = 1024;

constinit spin_lock epochs_lock;

epoch_index block_size(const task_state& task) {
  return epoch_table::capacity - (task.block_mask >> cell_index_shift);
}

}  // namespace

void epoch_table::reserve() noexcept {
  units_ = static_cast<std::atomic<std::uint64_t>*>(
      map_memory((capacity >> unit_bits) * sizeof(std::uint64_t)));
  used_ = static_cast<std::uint64_t*>(map_memory((capacity >> unit_bits) / 8));
  next_ = smallest_block;  // the first unit has the reserved indices
}

bool epoch_table::free_at(epoch_index first, epoch_index size) const noexcept {
  for (epoch_index unit = first >> unit_bits; unit != (first + size) >> unit_bits; ++unit)
    if ((used_[unit / 64] >> (unit % 64) & 1) != 0) return false;
  return true;
}

void epoch_table::mark(epoch_index first, epoch_index size, bool used) noexcept {
  for (epoch_index unit = first >> unit_bits; unit != (first + size) >> unit_bits; ++unit) {
    const std::uint64_t bit = std::uint64_t{1} << (unit % 64);
    used_[unit / 64] = used ? used_[unit / 64] | bit : used_[unit / 64] & ~bit;
  }
}

bool epoch_table::renew(task_state& task) noexcept {
  locked guard(epochs_lock);
  if (used_up_) return false;
  // A task that uses blocks up gets larger ones, while there are few. A sixteenth of an equal share: those that came
  // early keep what they got, and then all of them hold less than ln(tasks) / 16 of the indices.
  epoch_index size = smallest_block;
  if (task.block_mask != 0) {
    const epoch_index share = std::bit_floor(capacity / 16 / (holders_ + 1));
    size = std::max(smallest_block, std::min({largest_block, block_size(task) * 4, share}));
  }
  epoch_index first = 0;
  for (int round = 0; round != 2 && first == 0; ++round) {
    for (;;) {
      next_ = (next_ + size - 1) & ~(size - 1);
      if (next_ + size > capacity) {
        if (size == smallest_block) break;
        size = smallest_block;
        continue;
      }
      if (free_at(next_, size)) {
        first = next_;
        next_ += size;
        break;
      }
      next_ += size;
    }
    if (first == 0 && round == 0) reset();
  }
  if (first == 0) {
    used_up_ = true;  // or each access of such a task would reset
    return false;
  }
  mark(first, size, true);
  if (task.block_mask == 0) ++holders_;
  task.block_mask = ~(size - 1) << cell_index_shift;
  task.block_base = first << cell_index_shift;
  task.index_tag = task.block_base;
  set_unit(first, task);
  return true;
}

void epoch_table::set_unit(epoch_index first, const task_state& task) noexcept {
  // Pairs with `at`: the entry is whole before an index of the unit is in a cell.
  units_[first >> unit_bits].store((std::uint64_t{task.clock.self()} << 32) | task.clock.now(),
                                   std::memory_order_release);
}

bool epoch_table::follow(task_state& task) noexcept {
  constexpr epoch_index in_unit = (1u << unit_bits) - 1;
  const clock_value now = task.clock.now();
  if (task.index_tag != 0 && now > task.index_clock) {
    const epoch_index index = index_of(task.index_tag);
    const clock_value further = now - task.index_clock;
    if (further <= in_unit - (index & in_unit)) {
      task.index_tag += further << cell_index_shift;
      task.index_clock = now;
      return true;
    }
    const epoch_index next = (index | in_unit) + 1;
    const cell tag = next << cell_index_shift;
    if ((tag & task.block_mask) == task.block_base) {
      set_unit(next, task);
      task.index_tag = tag;
      task.index_clock = now;
      return true;
    }
  }
  task.index_clock = now;
  return renew(task);
}

void epoch_table::abandon(task_state& task) noexcept {
  locked guard(epochs_lock);
  if (task.block_mask != 0) {
    --holders_;
    used_up_ = false;
  }
  task.block_mask = 0;
  task.block_base = cell_index;
  task.index_tag = 0;
}

void epoch_table::reset() noexcept {
  resets_.fetch_add(
      1, std::memory_order_acq_rel);  // odd: judgements from here on are dropped (rule 3)
  for (epoch_index word = 0; word != capacity >> unit_bits >> 6; ++word) used_[word] = 0;
  for_each_task([&](task_state& task) {
    if (task.block_mask != 0) mark(task.block_base >> cell_index_shift, block_size(task), true);
  });
  clear_shadow();
  next_ = smallest_block;
  resets_.fetch_add(1, std::memory_order_acq_rel);
}

void epoch_table::before_fork() noexcept { epochs_lock.lock(); }
void epoch_table::after_fork() noexcept { epochs_lock.unlock(); }

}  // namespace gobench::detector
