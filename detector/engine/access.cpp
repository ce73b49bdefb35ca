#include "detector/engine/access.hpp"

#include "detector/engine/epochs.hpp"
#include "detector/engine/internal.hpp"
#include "detector/engine/race.hpp"
#include "detector/engine/recording.hpp"
#include "detector/engine/tasks.hpp"

namespace gobench::detector {

void close_part(task_state& task) noexcept {
  if (task.part != nullptr) task.part->written = task.trace_next;
  task.part = nullptr;
  task.trace_next = task.trace_stop = nullptr;
  shut(task);
}

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
  open(task);
  if (__builtin_expect(recording::on, 0)) return true;
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

namespace {

// While a recording is made the gate stays shut, so that every access that is not known comes here.
template <unsigned Size, bool Read, bool Atomic>
void record_to_file(const void* address_of, address pc) noexcept {
  task_state& task = *current_task;
  if (!open_gate(task)) return;
  constexpr cell flags = (Read ? cell_read : 0) | (Atomic ? cell_atomic : 0);
  const auto where = reinterpret_cast<address>(address_of);
  recording::access(task, flags, where, Size, pc);
  push_event(task, make_event(event_kind::pc, pc));
  push_event(task, access_event | (trace_event{Read} << 62) | (trace_event{Atomic} << 61) |
                       (trace_event{__builtin_ctz(Size)} << 59) | (where & address_mask));
  task.trace_pc = pc;
  constexpr cell bytes = (1u << Size) - 1;
  judge(task, shadow_of(where), task.tags[0] | flags | ((bytes << (where & 7)) & cell_mask), where,
        pc);
}

// The gate is shut, or the pc is too far from the last one for an event.
template <unsigned Size, bool Read, bool Atomic>
[[gnu::noinline]] void record_rarely(const void* where, address pc) noexcept {
  task_state& task = *current_task;
  if (__builtin_expect(recording::on, 0)) return record_to_file<Size, Read, Atomic>(where, pc);
  if (task.trace_end == nullptr || task.trace_next + 1 >= task.trace_end) {
    if (task.trace_end != nullptr) close_part(task);
    if (!open_gate(task)) return;
  }
  if (task.trace_pc != pc) {
    push_event(task, make_event(event_kind::pc, pc));
    task.trace_pc = pc;
  }
  access<Size, Read, Atomic>(where, pc);
}

}  // namespace

template <unsigned Size, bool Read, bool Atomic>
[[gnu::noinline]] void record_access(const void* address_of, address pc) noexcept {
  constexpr cell flags = (Read ? cell_read : 0) | (Atomic ? cell_atomic : 0);
  task_state& task = *current_task;
  trace_event* const event = task.trace_next;
  const address delta = pc - task.trace_pc;
  if (__builtin_expect(event >= task.trace_end, 0) ||
      __builtin_expect(delta + (address{1} << (pc_bits - 1)) >= (address{1} << pc_bits), 0))
    return record_rarely<Size, Read, Atomic>(address_of, pc);
  const auto where = reinterpret_cast<address>(address_of);
  constexpr trace_event what = access_event | (trace_event{Read} << 62) |
                               (trace_event{Atomic} << 61) |
                               (trace_event{__builtin_ctz(Size)} << 59);
  *event = what | ((delta & ((address{1} << pc_bits) - 1)) << pc_shift) | (where & address_mask);
  task.trace_next = event + 1;
  task.trace_pc = pc;

  cell* const group = shadow_of(where);
  constexpr cell bytes = (1u << Size) - 1;
  const cell me = task.tags[0] | flags | ((bytes << (where & 7)) & cell_mask);
  const __m128i cells = load_cells(group);
  if (_mm_testz_si128(cells, cells) != 0) {
    group[0] = me;
    return;
  }
  if (__builtin_expect(_mm_movemask_epi8(harmless<Read, Atomic>(cells, me, task.block_mask,
                                                                task.block_base)) != 0xffff,
                       0))
    return judge(task, group, me, where, pc);
  store_cell(task, group, cells, me, reinterpret_cast<std::uintptr_t>(event) >> 3);
}

template <bool Read>
[[gnu::noinline]] void record_sixteen(const void* where, address pc) noexcept {
  access<8, Read, false>(where, pc);
  access<8, Read, false>(static_cast<const char*>(where) + 8, pc);
}
template void record_sixteen<true>(const void*, address) noexcept;
template void record_sixteen<false>(const void*, address) noexcept;

#define GOBENCH_INSTANCES(size)                                                   \
  template void record_access<size, true, false>(const void*, address) noexcept;  \
  template void record_access<size, false, false>(const void*, address) noexcept; \
  template void record_access<size, true, true>(const void*, address) noexcept;   \
  template void record_access<size, false, true>(const void*, address) noexcept;
GOBENCH_INSTANCES(1)
GOBENCH_INSTANCES(2)
GOBENCH_INSTANCES(4)
GOBENCH_INSTANCES(8)

}  // namespace gobench::detector
