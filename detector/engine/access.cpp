#include "detector/engine/access.hpp"

#include "detector/engine/epochs.hpp"
#include "detector/engine/internal.hpp"
#include "detector/engine/race.hpp"
#include "detector/engine/recording.hpp"
#include "detector/engine/schedule.hpp"
#include "detector/engine/tasks.hpp"

namespace gobench::detector {

void close_part(task_state& task) noexcept {
  if (task.part != nullptr) task.part->written = task.trace_next;
  __atomic_store_n(&task.part, nullptr, __ATOMIC_RELEASE);  // pairs with begin_part
  task.trace_next = task.trace_stop = nullptr;
  shut(task);
}

namespace {

// Most epochs end by a release and begin with the next access, in the same unit of indices and part of the trace.
[[gnu::always_inline]] inline bool begin_epoch_fast(task_state& task) noexcept {
  constexpr epoch_index in_unit = (1u << epoch_table::unit_bits) - 1;
  if (internal_depth != 0) return false;
  // Inside from here on: a handler of a signal would leave no part of the trace behind.
  const internal_mark inside;
  if (!task.published || task.trace_next + 4 >= task.trace_stop || task.index_tag == 0 ||
      task.clock.now() != task.index_clock || (index_of(task.index_tag) & in_unit) == in_unit ||
      skips_accesses(task) || task.dummy)
    return false;
  end_epoch(task);
  if (task.clock.now() != task.index_clock + 1) return false;  // it jumped
  task.index_clock += 1;
  task.index_tag += 1u << cell_index_shift;
  *task.trace_next = make_event(event_kind::epoch, task.clock.now());
  ++task.trace_next;
  open(task);
  task.trace_end = task.trace_stop;
  return true;
}

}  // namespace

bool open_gate(task_state& task) noexcept {
  if (!recording::on && !schedule::accesses_explored && begin_epoch_fast(task)) return true;
  if (task.dummy || skips_accesses(task) || internal_depth != 0) return false;
  if (__builtin_expect(clocks_were_reduced.load(std::memory_order_relaxed), 0)) look_after_clocks();
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
  if (__builtin_expect(recording::on || schedule::accesses_explored, 0)) return true;
  task.trace_end = task.trace_stop;
  return true;
}

namespace {

// Lanes that may conflict with `me`, whatever kind of access it is.
unsigned suspects(const task_state& task, __m128i cells, cell me) {
  const __m128i apart =
      _mm_cmpeq_epi32(_mm_and_si128(cells, splat(me & cell_mask)), _mm_setzero_si128());
  const __m128i own =
      _mm_cmpeq_epi32(_mm_and_si128(cells, splat(task.block_mask)), splat(task.block_base));
  // Both reads, or both atomic.
  const __m128i mild = _mm_cmpgt_epi32(_mm_and_si128(cells, splat(me & (cell_read | cell_atomic))),
                                       _mm_setzero_si128());
  return lanes(_mm_or_si128(_mm_or_si128(apart, own), mild)) ^ 0xf;
}

// Is what the cell tells ordered before what the task does now? What one critical section left behind is looked up once.
[[gnu::always_inline]] inline bool is_ordered(task_state& task, cell c, std::uint64_t resets) {
  if ((c & cell_index) == task.ordered_tag && task.ordered_resets == resets) return true;
  const epoch e = epochs.at(index_of(c));
  if (!knows(task, e.task, e.clock)) return false;
  task.ordered_tag = c & cell_index;
  task.ordered_resets = resets;
  return true;
}

// Some suspect is no earlier access that is ordered before: a race, memory that was freed, or a reset meanwhile.
[[gnu::noinline, gnu::cold]] void convict(task_state& task, cell* group, __m128i loaded, cell me,
                                          address where, address pc,
                                          std::uint64_t resets) noexcept {
  alignas(16) cell cells[cells_per_granule];
  _mm_store_si128(reinterpret_cast<__m128i*>(cells), loaded);
  if ((resets & 1) == 0) {
    bool freed = false;
    cell other = 0;
    epoch then{};
    for (unsigned left = suspects(task, loaded, me); left != 0; left &= left - 1) {
      const cell c = cells[__builtin_ctz(left)];
      if (index_of(c) == freed_index) {
        freed = true;
      } else if (other == 0 && !is_ordered(task, c, resets)) {
        other = c;
        then = epochs.at(index_of(c));
      }
    }
    if ((freed || other != 0) && epochs.resets() == resets) {
      if (freed) {
        const epoch e = epochs.at(index_of(cells[0]));
        const bool raced = other != 0 || !is_ordered(task, cells[0], resets);
        accessed_freed(task, me, where, pc, cells[0], e, raced);
        return;  // the mark stays
      }
      raced_with(task, me, where, pc, other, then);
    }
  }
  store_cell(task, group, loaded, me, reinterpret_cast<std::uintptr_t>(task.trace_next) >> 3);
}

}  // namespace

void judge(task_state& task, cell* group, cell me, address where, address pc) noexcept {
  const std::uint64_t resets = epochs.resets();
  const __m128i cells = load_cells(group);
  unsigned left = suspects(task, cells, me);
  const unsigned all = left;
  for (; left != 0; left &= left - 1) {
    alignas(16) cell copy[cells_per_granule];
    _mm_store_si128(reinterpret_cast<__m128i*>(copy), cells);
    const cell c = copy[__builtin_ctz(left)];
    if ((resets & 1) != 0 || index_of(c) == freed_index || !is_ordered(task, c, resets))
        [[unlikely]]
      return convict(task, group, cells, me, where, pc, resets);
  }
  // All are ordered before `me`. One that is no stronger makes room for it, as in FastTrack: whoever is to race with
  // that one races with `me` as well if `me` touches as many bytes, and is a write if that one was, and plain if that
  // one was. So the groups of what passes from task to task stay short.
  const cell flags = me & (cell_read | cell_atomic);
  const __m128i beyond =
      _mm_and_si128(_mm_xor_si128(cells, splat(flags)), splat((cell_mask & ~me) | flags));
  const unsigned weaker = all & lanes(_mm_cmpeq_epi32(beyond, _mm_setzero_si128()));
  if (weaker != 0) {
    group[__builtin_ctz(weaker)] = me;
    return;
  }
  store_cell(task, group, cells, me, reinterpret_cast<std::uintptr_t>(task.trace_next) >> 3);
}

namespace {

// While a recording is made the gate stays shut, so that every access that is not known comes here; while accesses
// are explored, every access does: none is known, since the tags are taken away again.
template <unsigned Size, bool Read, bool Atomic>
void record_to_file(const void* address_of, address pc) noexcept {
  if constexpr (!Atomic) {
    if (schedule::accesses_explored && internal_depth == 0 && !skips_accesses(*current_task))
      schedule::access_step(Read ? explore::operation::read : explore::operation::write, address_of,
                            pc);
  }
  task_state& task = *current_task;
  if (!open_gate(task)) return;
  constexpr cell flags = (Read ? cell_read : 0) | (Atomic ? cell_atomic : 0);
  const auto where = reinterpret_cast<address>(address_of);
  if (recording::on) recording::access(task, flags, where, Size, pc);
  push_event(task, make_event(event_kind::pc, pc));
  push_event(task, access_event | (trace_event{Read} << 62) | (trace_event{Atomic} << 61) |
                       (trace_event{__builtin_ctz(Size)} << 59) | (where & address_mask));
  task.trace_pc = pc;
  constexpr cell bytes = (1u << Size) - 1;
  judge(task, shadow_of(where), task.tags[0] | flags | ((bytes << (where & 7)) & cell_mask), where,
        pc);
  if (schedule::accesses_explored) set_tags(task, 0);
}

// The gate is shut, or the pc is too far from the last one for an event.
template <unsigned Size, bool Read, bool Atomic>
[[gnu::noinline]] void record_rarely(const void* where, address pc) noexcept {
  task_state& task = *current_task;
  if (__builtin_expect(recording::on || schedule::accesses_explored, 0))
    return record_to_file<Size, Read, Atomic>(where, pc);
  if (task.trace_next + 1 >= task.trace_end) {
    if (task.trace_end != nullptr) close_part(task);
    if (!open_gate(task)) return;
  } else {
    push_event(task, make_event(event_kind::pc, pc));
    task.trace_pc = pc;
  }
  access<Size, Read, Atomic>(where, pc);
}

}  // namespace

namespace {

// The event is written, the cell is not.
template <bool Read, bool Atomic>
[[gnu::always_inline]] inline void put_cell(task_state& task, address where, cell bytes, address pc,
                                            const trace_event* event) noexcept {
  constexpr cell flags = (Read ? cell_read : 0) | (Atomic ? cell_atomic : 0);
  cell* const group = shadow_of(where);
  const cell me = task.tags[0] | flags | bytes;
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

// Is there room for `events` in the trace, and is the pc near enough to the last one?
[[gnu::always_inline]] inline bool can_trace(const task_state& task, address delta,
                                             unsigned events) noexcept {
  return task.trace_next + (events - 1) < task.trace_end &&
         delta + (address{1} << (pc_bits - 1)) < (address{1} << pc_bits);
}

constexpr trace_event traced(bool read, bool atomic, unsigned size, address delta, address where) {
  return access_event | (trace_event{read} << 62) | (trace_event{atomic} << 61) |
         (static_cast<trace_event>(__builtin_ctz(size)) << 59) |
         ((delta & ((address{1} << pc_bits) - 1)) << pc_shift) | (where & address_mask);
}

}  // namespace

template <unsigned Size, bool Read, bool Atomic>
[[gnu::noinline]] void record_access(const void* address_of, address pc) noexcept {
  task_state& task = *current_task;
  trace_event* const event = task.trace_next;
  const address delta = pc - task.trace_pc;
  if (!can_trace(task, delta, 1)) [[unlikely]]
    return record_rarely<Size, Read, Atomic>(address_of, pc);
  const auto where = reinterpret_cast<address>(address_of);
  *event = traced(Read, Atomic, Size, delta, where);
  task.trace_next = event + 1;
  task.trace_pc = pc;
  put_cell<Read, Atomic>(task, where, (((1u << Size) - 1) << (where & 7)) & cell_mask, pc, event);
}

// Two events of eight bytes.
template <bool Read>
[[gnu::noinline]] void record_sixteen(const void* address_of, address pc) noexcept {
  task_state& task = *current_task;
  trace_event* const event = task.trace_next;
  const address delta = pc - task.trace_pc;
  if (!can_trace(task, delta, 2)) [[unlikely]] {
    access<8, Read, false>(address_of, pc);
    access<8, Read, false>(static_cast<const char*>(address_of) + 8, pc);
    return;
  }
  const auto where = reinterpret_cast<address>(address_of);
  event[0] = traced(Read, false, 8, delta, where);
  event[1] = traced(Read, false, 8, 0, where + 8);
  task.trace_next = event + 2;
  task.trace_pc = pc;
  put_cell<Read, false>(task, where, cell_mask, pc, event);
  // A finding may have shut the gate.
  if (task.trace_end == nullptr) [[unlikely]]
    return access<8, Read, false>(static_cast<const char*>(address_of) + 8, pc);
  put_cell<Read, false>(task, where + 8, cell_mask, pc, event + 1);
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
