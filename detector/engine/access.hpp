// An access to memory: the path that everything else is made to keep short.
//
// The model. Four cells per eight bytes hold the latest accesses; a new one conflicts with a cell if they share a byte, at
// least one is a write, not both are atomic, and it is another task's whose clock value at that time the caller does
// not know. The new one is then put into a cell: that of an earlier access of its own that it covers, an empty one,
// or one by chance.
//
// The optimised form. (1) If a cell says already what the new one would, in this epoch, nothing is to be done: most
// accesses end here, after one load and compare of all four cells. (2) Otherwise the access is written to the trace;
// `trace_end` is null when anything rare is the matter, so one compare covers that. (3) Cells that cannot conflict
// are found by masks, own ones by their block of indices; only what is left is looked up. All rare paths are
// calls in tail position, so the common one needs no frame of its own. After ThreadSanitizer v3
// (compiler-rt/lib/tsan/rtl/tsan_rtl_access.cpp), whose cells hold 8 bits of identity where ours have an index.
//
// Only cells loaded once are judged. Loading a cell again to look closer at it once gave reports on accesses that
// never conflicted, since another thread had put its own there meanwhile.
#pragma once

#include <smmintrin.h>

#include <cstdint>

#include "detector/engine/cell.hpp"
#include "detector/engine/layout.hpp"
#include "detector/engine/task_state.hpp"
#include "detector/engine/trace.hpp"

namespace gobench::detector {

inline __m128i splat(cell c) { return _mm_set1_epi32(static_cast<int>(c)); }

inline __m128i load_cells(const cell* cells) {
  return _mm_load_si128(reinterpret_cast<const __m128i*>(cells));
}

inline unsigned lanes(__m128i m) {
  return static_cast<unsigned>(_mm_movemask_ps(_mm_castsi128_ps(m)));
}

// Lanes that `me` cannot conflict with.
inline __m128i harmless(__m128i cells, cell me, cell block_mask, cell block_base) {
  const __m128i apart =
      _mm_cmpeq_epi32(_mm_and_si128(cells, splat(me & cell_mask)), _mm_setzero_si128());
  const __m128i own = _mm_cmpeq_epi32(_mm_and_si128(cells, splat(block_mask)), splat(block_base));
  __m128i result = _mm_or_si128(apart, own);
  // What both are: reads, atomic.
  const __m128i both = splat(me & (cell_read | cell_atomic));
  const __m128i same = _mm_and_si128(cells, both);
  if ((me & cell_read) != 0) {
    const __m128i bit = splat(cell_read);
    result = _mm_or_si128(result, _mm_cmpeq_epi32(_mm_and_si128(same, bit), bit));
  }
  if ((me & cell_atomic) != 0) {
    const __m128i bit = splat(cell_atomic);
    result = _mm_or_si128(result, _mm_cmpeq_epi32(_mm_and_si128(same, bit), bit));
  }
  return result;
}

// Puts `me` into the group. `dice` decides which cell goes when all are others'.
inline void store_cell(task_state& task, cell* group, __m128i cells, cell me, std::uintptr_t dice) {
  if ((me & cell_mask) != cell_mask) {
    // The same kind of access to other bytes, in this epoch: one cell tells both.
    const __m128i same =
        _mm_cmpeq_epi32(_mm_and_si128(cells, splat(~cell_mask)), splat(me & ~cell_mask));
    if (const unsigned which = lanes(same); which != 0) {
      __m128i bytes = _mm_and_si128(cells, same);
      bytes = _mm_or_si128(bytes, _mm_shuffle_epi32(bytes, 0x4e));
      bytes = _mm_or_si128(bytes, _mm_shuffle_epi32(bytes, 0xb1));
      group[__builtin_ctz(which)] = me | static_cast<cell>(_mm_cvtsi128_si32(bytes));
      return;
    }
  }
  const cell flags = me & (cell_read | cell_atomic);
  const __m128i covered =
      _mm_cmpeq_epi32(_mm_and_si128(cells, splat(task.block_mask | (cell_mask & ~me) | flags)),
                      splat(task.block_base | flags));
  unsigned which = lanes(covered);
  if (which == 0) which = lanes(_mm_cmpeq_epi32(cells, _mm_setzero_si128()));
  if (which == 0) which = 1u << (dice & 3);
  group[__builtin_ctz(which)] = me;
}

// The gate was shut: opens it if the task's accesses are to be recorded, and says so. Begins an epoch and a part
// of the trace where that is due.
bool open_gate(task_state& task) noexcept;

// What is left of an access when a cell may conflict with it. Stores `me` as well.
void judge(task_state& task, cell* group, cell me, address where, address pc) noexcept;

// Out of line, for the rare paths; does the same as access().
template <unsigned Size, bool Read, bool Atomic>
void access_again(const void* where, address pc) noexcept;
template <unsigned Size, bool Read, bool Atomic>
void access_from_afar(const void* where, address pc) noexcept;

// `Size` bytes at `where`, which do not cross a granule.
template <unsigned Size, bool Read, bool Atomic>
[[gnu::always_inline]] inline void access(const void* address_of, address pc) noexcept {
  static_assert(Size == 1 || Size == 2 || Size == 4 || Size == 8);
  constexpr cell flags = (Read ? cell_read : 0) | (Atomic ? cell_atomic : 0);
  constexpr cell bytes = (1u << Size) - 1;
  task_state& task = *current_task;
  const auto where = reinterpret_cast<address>(address_of);
  cell* const group = shadow_of(where);
  // Pointers that are not aligned as the compiler believes must not reach into the other bits.
  const cell me = task.tag | flags | ((bytes << (where & 7)) & cell_mask);
  const __m128i cells = load_cells(group);
  // A write in this epoch tells more than a read.
  const __m128i said = Read ? _mm_or_si128(cells, splat(cell_read)) : cells;
  const __m128i known = _mm_cmpeq_epi32(
      _mm_and_si128(said, splat(me | cell_index | cell_read | cell_atomic)), splat(me));
  if (_mm_movemask_epi8(known) != 0) return;

  trace_event* const event = task.trace_next;
  if (__builtin_expect(event >= task.trace_end, 0))
    return access_again<Size, Read, Atomic>(address_of, pc);
  const address delta = pc - task.trace_pc;
  if (__builtin_expect(delta + (address{1} << (pc_bits - 1)) >= (address{1} << pc_bits), 0))
    return access_from_afar<Size, Read, Atomic>(address_of, pc);
  constexpr trace_event what = access_event | (trace_event{Read} << 62) |
                               (trace_event{Atomic} << 61) |
                               (trace_event{__builtin_ctz(Size)} << 59);
  *event = what | ((delta & ((address{1} << pc_bits) - 1)) << pc_shift) | (where & address_mask);
  task.trace_next = event + 1;
  task.trace_pc = pc;

  if (_mm_testz_si128(cells, cells) != 0) {
    group[0] = me;
    return;
  }
  if (__builtin_expect(
          _mm_movemask_epi8(harmless(cells, me, task.block_mask, task.block_base)) != 0xffff, 0))
    return judge(task, group, me, where, pc);
  store_cell(task, group, cells, me, reinterpret_cast<std::uintptr_t>(event) >> 3);
}

}  // namespace gobench::detector
