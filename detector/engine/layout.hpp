// Where the program's memory, its shadow and its meta shadow lie (x86-64 Linux, 47 bits of addresses).
//
// The program may use three regions; the low 44 bits of their addresses do not overlap, so that one mask and one
// addition lead from an address to its shadow:
//   low   0x0000'0000'0000 - 0x0500'0000'0000   programs at fixed addresses and their heap
//   mid   0x5500'0000'0000 - 0x5700'0000'0000   position-independent programs and their heap
//   high  0x7800'0000'0000 - 0x8000'0000'0000   libraries, mappings, stacks
// Shadow: 16 bytes per 8 of the program, from 0x1000'0000'0000, 32 TiB of address space.
// Meta:   4 bytes per 16 of the program, from 0x3000'0000'0000, 4 TiB of address space.
// Both are reserved at start-up, and cost memory only where they are used. Where the kernel places the program
// elsewhere (vm.mmap_rnd_bits above 30, `ulimit -s unlimited`), start-up runs it again without randomisation.
#pragma once

#include <cstddef>
#include <cstdint>

namespace gobench::detector {

using address = std::uintptr_t;

inline constexpr address address_mask = (address{1} << 44) - 1;
inline constexpr address shadow_base = 0x1000'0000'0000;
inline constexpr address shadow_size = address{1} << 45;
inline constexpr address meta_base = 0x3000'0000'0000;
inline constexpr address meta_size = address{1} << 42;
static_assert(shadow_base + shadow_size == meta_base);

struct region {
  address low, high;
};
inline constexpr region program_regions[] = {{0, 0x0500'0000'0000},
                                             {0x5500'0000'0000, 0x5700'0000'0000},
                                             {0x7800'0000'0000, 0x8000'0000'0000}};

inline constexpr bool in_program(address a) {
  for (const region r : program_regions)
    if (a >= r.low && a < r.high) return true;
  return false;
}

// Bytes of the program per group of cells.
inline constexpr std::size_t granule = 8;
inline constexpr std::size_t cells_per_granule = 4;

using cell = std::uint32_t;

inline cell* shadow_of(address a) {
  return reinterpret_cast<cell*>(((a & (address_mask & ~address{granule - 1})) << 1) + shadow_base);
}

inline constexpr std::size_t meta_granule = 16;
inline std::uint32_t* meta_of(address a) {
  return reinterpret_cast<std::uint32_t*>(((a & (address_mask & ~address{meta_granule - 1})) >> 2) +
                                          meta_base);
}

// The address that 44 bits stand for: the region tells the upper ones.
inline constexpr address address_from(address low_bits) {
  if (low_bits < 0x0500'0000'0000) return low_bits;
  if (low_bits < 0x0800'0000'0000) return low_bits | 0x5000'0000'0000;
  return low_bits | 0x7000'0000'0000;
}

}  // namespace gobench::detector
