#include "detector/engine/access.hpp"

#include "detector/engine/epochs.hpp"
#include "detector/engine/internal.hpp"
#include "detector/engine/race.hpp"
#include "detector/engine/tasks.hpp"

namespace gobench::detector {

bool open_gate(task_state& task) noexcept {
  if (task.dummy || skips_accesses(task) || internal_depth != 0) return false;
  // Inside, so that a signal handler does not find the gate half open.
  const internal_mark inside;
  end_epoch(task);
  if (task.clock.exhausted()) take_new_id(task);
  if (task.index_tag == 0 || task.index_clock != task.clock.now()) {
    if (!epochs.follow(task)) {
      task.unrecorded = true;
      note_once(precision_note::of_epochs);
      return false;
    }
    push_event(task, make_event(event_kind::epoch, task.clock.now()));
  }
  if (task.part == nullptr || task.trace_next + 2 >= task.trace_stop) traces.begin_part(task);
  task.tag = task.index_tag;
  task.trace_end = task.trace_stop;
  return true;
}

void judge(task_state& task, cell* group, cell me, address where, address pc) noexcept {
  const std::uint64_t resets = epochs.resets();
  const __m128i loaded = load_cells(group);
  alignas(16) cell cells[cells_per_granule];
  _mm_store_si128(reinterpret_cast<__m128i*>(cells), loaded);
  bool freed = false, raced = false;
  cell other = 0;
  epoch then{};
  if ((resets & 1) == 0) {
    for (const cell c : cells) {
      if ((c & me & cell_mask) == 0) continue;
      if ((c & me & (cell_read | cell_atomic)) != 0) continue;
      if (index_of(c) == freed_index) {
        freed = true;
        continue;
      }
      if ((c & task.block_mask) == task.block_base || raced) continue;
      const epoch e = epochs.at(index_of(c));
      if (knows(task, e.task, e.clock)) continue;
      raced = true;
      other = c;
      then = e;
    }
    if ((raced || freed) && epochs.resets() == resets) {
      if (freed) {
        const epoch e = epochs.at(index_of(cells[0]));
        accessed_freed(task, me, where, pc, cells[0], e, raced);
        return;  // the mark stays
      }
      raced_with(task, me, where, pc, other, then);
    }
  }
  store_cell(task, group, loaded, me, reinterpret_cast<std::uintptr_t>(task.trace_next) >> 3);
}

template <unsigned Size, bool Read, bool Atomic>
[[gnu::noinline]] void access_again(const void* where, address pc) noexcept {
  if (open_gate(*current_task)) access<Size, Read, Atomic>(where, pc);
}

template <unsigned Size, bool Read, bool Atomic>
[[gnu::noinline]] void access_from_afar(const void* where, address pc) noexcept {
  task_state& task = *current_task;
  if (task.trace_next + 1 >= task.trace_stop) {
    // No room for both events.
    push_event(task, make_event(event_kind::none, 0));
    shut(task);
    if (task.part != nullptr) task.part->written = task.trace_next;
    task.part = nullptr;
    return access_again<Size, Read, Atomic>(where, pc);
  }
  push_event(task, make_event(event_kind::pc, pc));
  task.trace_pc = pc;
  access<Size, Read, Atomic>(where, pc);
}

#define GOBENCH_INSTANCE(size, read, atomic)                                     \
  template void access_again<size, read, atomic>(const void*, address) noexcept; \
  template void access_from_afar<size, read, atomic>(const void*, address) noexcept;
#define GOBENCH_INSTANCES(size)        \
  GOBENCH_INSTANCE(size, true, false)  \
  GOBENCH_INSTANCE(size, false, false) \
  GOBENCH_INSTANCE(size, true, true)   \
  GOBENCH_INSTANCE(size, false, true)
GOBENCH_INSTANCES(1)
GOBENCH_INSTANCES(2)
GOBENCH_INSTANCES(4)
GOBENCH_INSTANCES(8)

}  // namespace gobench::detector
