// A cell of the shadow: one access to some of a granule's eight bytes.
//
//   bits 0-7    which bytes
//   bit  8      it was a read
//   bit  9      it was atomic
//   bits 10-31  epoch index: who and when (epochs.hpp); 0 only in an empty cell, which is all zero
//
// Cells are read and written without locks, several threads at once; a cell is 32 bits and so never
// torn, and a lost update is a lost access: a race may be missed, none is invented.
#pragma once

#include <cstdint>

#include "detector/engine/layout.hpp"

namespace gobench::detector {

inline constexpr cell cell_mask = 0xff;
inline constexpr cell cell_read = 1u << 8;
inline constexpr cell cell_atomic = 1u << 9;
inline constexpr unsigned cell_index_shift = 10;
inline constexpr cell cell_index = ~cell{0} << cell_index_shift;
inline constexpr unsigned index_bits = 32 - cell_index_shift;

using epoch_index = std::uint32_t;

// In the second cell of a granule that was freed; the first one is the free, as an atomic read of all bytes, which is what
// the fewest accesses are like.
inline constexpr epoch_index freed_index = 1;
inline constexpr cell freed_cell = (freed_index << cell_index_shift) | cell_mask;

inline constexpr epoch_index index_of(cell c) { return c >> cell_index_shift; }

}  // namespace gobench::detector
