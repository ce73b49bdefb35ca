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
template <bool Read, bool Atomic>
[[gnu::always_inline]] inline __m128i harmless(__m128i cells, cell me, cell block_mask,
                                               cell block_base) {
  const __m128i apart =
      _mm_cmpeq_epi32(_mm_and_si128(cells, splat(me & cell_mask)), _mm_setzero_si128());
  const __m128i own = _mm_cmpeq_epi32(_mm_and_si128(cells, splat(block_mask)), splat(block_base));
  __m128i result = _mm_or_si128(apart, own);
  // What both are: reads, atomic.
  if constexpr (Read)
    result = _mm_or_si128(
        result, _mm_cmpeq_epi32(_mm_and_si128(cells, splat(cell_read)), splat(cell_read)));
  if constexpr (Atomic)
    result = _mm_or_si128(
        result, _mm_cmpeq_epi32(_mm_and_si128(cells, splat(cell_atomic)), splat(cell_atomic)));
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
// The part of the trace that is being written is over; the next access begins another.
void close_part(task_state& task) noexcept;

// What is left of an access when a cell may conflict with it. Stores `me` as well.
void judge(task_state& task, cell* group, cell me, address where, address pc) noexcept;

// What tells whether a cell says already what an access would, for each offset in a granule, in all lanes: of the cell
// exclusive-or the task's tag, the bits in `looked_at` must be those in `wanted`.
struct lanes_by_offset {
  alignas(16) cell looked_at[granule][cells_per_granule];
  alignas(16) cell wanted[granule][cells_per_granule];
};
// Pointers that are not aligned as the compiler believes must not reach into the other bits.
constexpr cell bytes_at(unsigned size, unsigned offset) {
  return (((1u << size) - 1) << offset) & cell_mask;
}
template <unsigned Size, bool Read, bool Atomic>
constexpr lanes_by_offset make_lanes() {
  lanes_by_offset result{};
  for (unsigned offset = 0; offset != granule; ++offset)
    for (unsigned lane = 0; lane != cells_per_granule; ++lane) {
      const cell bytes = bytes_at(Size, offset);
      // A write tells more than a read, and more bytes more than fewer.
      result.looked_at[offset][lane] = bytes | ~(cell_mask | (Read ? cell_read : 0));
      result.wanted[offset][lane] = bytes | (Atomic ? cell_atomic : 0);
    }
  return result;
}
template <unsigned Size, bool Read, bool Atomic>
inline constexpr lanes_by_offset access_lanes = make_lanes<Size, Read, Atomic>();

inline __m128i load_lanes(const cell (&lanes)[cells_per_granule]) {
  return _mm_load_si128(reinterpret_cast<const __m128i*>(lanes));
}

// Does a cell say already what the access at `where` would, in the present epoch? While no epoch is open the tag is 0,
// and then no cell does: one without index is empty and has no bytes.
template <unsigned Size, bool Read, bool Atomic>
[[gnu::always_inline]] inline bool is_known(const task_state& task, const cell* group,
                                            [[maybe_unused]] address where) {
  [[maybe_unused]] constexpr const lanes_by_offset& lanes_of = access_lanes<Size, Read, Atomic>;
  if constexpr (Size == 8) {
    // All bytes: what is wanted is one value, which two granules of sixteen bytes share.
    constexpr cell flags = (Read ? cell_read : 0) | (Atomic ? cell_atomic : 0);
    const __m128i me = _mm_or_si128(load_lanes(task.tags), splat(cell_mask | flags));
    __m128i cells = load_cells(group);
    if constexpr (Read) cells = _mm_or_si128(cells, splat(cell_read));
    return _mm_movemask_epi8(_mm_cmpeq_epi32(cells, me)) != 0;
  } else {
    const unsigned offset = where & (granule - 1);
    const __m128i differs = _mm_and_si128(_mm_xor_si128(load_cells(group), load_lanes(task.tags)),
                                          load_lanes(lanes_of.looked_at[offset]));
    return _mm_movemask_epi8(_mm_cmpeq_epi32(differs, load_lanes(lanes_of.wanted[offset]))) != 0;
  }
}

// The same for the first bytes of the group, as many as `where` lies inside of a granule, which is not at its start.
template <bool Read>
[[gnu::always_inline]] inline bool is_known_up_to(const task_state& task, const cell* group,
                                                  address where) {
  const cell bytes = cell_mask >> (granule - (where & (granule - 1)));
  const __m128i differs = _mm_and_si128(_mm_xor_si128(load_cells(group), load_lanes(task.tags)),
                                        splat(bytes | ~(cell_mask | (Read ? cell_read : 0))));
  return _mm_movemask_epi8(_mm_cmpeq_epi32(differs, splat(bytes))) != 0;
}

// The rest of an access that is not known yet.
template <unsigned Size, bool Read, bool Atomic>
void record_access(const void* where, address pc) noexcept;
template <bool Read>
void record_sixteen(const void* where, address pc) noexcept;

// `Size` bytes at `where`, which do not cross a granule.
template <unsigned Size, bool Read, bool Atomic>
[[gnu::always_inline]] inline void access(const void* where, address pc) noexcept {
  static_assert(Size == 1 || Size == 2 || Size == 4 || Size == 8);
  const auto at = reinterpret_cast<address>(where);
  if (!is_known<Size, Read, Atomic>(*current_task, shadow_of(at), at))
    record_access<Size, Read, Atomic>(where, pc);
}

// Sixteen bytes at a multiple of eight.
template <bool Read>
[[gnu::always_inline]] inline void access_sixteen(const void* where, address pc) noexcept {
  const auto at = reinterpret_cast<address>(where);
  const cell* const group = shadow_of(at);
  const task_state& task = *current_task;
  if (!is_known<8, Read, false>(task, group, at) ||
      !is_known<8, Read, false>(task, group + cells_per_granule, at))
    record_sixteen<Read>(where, pc);
}

}  // namespace gobench::detector
