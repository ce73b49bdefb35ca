// Setting ranges of the shadow.
#pragma once

#include <cstddef>

#include "detector/engine/cell.hpp"

namespace gobench::detector {

// Reserves shadow and meta shadow; false if something is mapped there.
bool reserve_shadow() noexcept;
// All of it is as if never used.
void clear_shadow() noexcept;
// The granules of the range are empty. The first and last may be shared with what lies beside the range: those bytes
// only are forgotten where that is cheap, and all of the granule's otherwise.
void clear_shadow(address low, std::size_t size) noexcept;
// Every granule of the range holds `first`, `second` and nothing else.
void fill_shadow(address low, std::size_t size, cell first, cell second) noexcept;

}  // namespace gobench::detector
