#include "detector/engine/shadow.hpp"

#include <emmintrin.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "detector/engine/memory.hpp"

namespace gobench::detector {
namespace {

constexpr std::size_t page = 4096;
// Above this, whole pages are given back rather than written.
constexpr std::size_t give_back_from = 16 * page;

void give_back(address low, std::size_t size) noexcept {
  syscall(SYS_madvise, low, size, MADV_DONTNEED);
}

void store(cell* at, cell* end, __m128i cells) noexcept {
  for (; at != end; at += cells_per_granule) _mm_store_si128(reinterpret_cast<__m128i*>(at), cells);
}

}  // namespace

bool reserve_shadow() noexcept {
  if (map_memory_at(shadow_base, shadow_size) == nullptr) return false;
  if (map_memory_at(meta_base, meta_size) == nullptr) return false;
  // Not in core files, and no huge pages: a fiber's stack would cost 2 MiB of shadow.
  syscall(SYS_madvise, shadow_base, shadow_size + meta_size, MADV_DONTDUMP);
  syscall(SYS_madvise, shadow_base, shadow_size + meta_size, MADV_NOHUGEPAGE);
  return true;
}

void clear_shadow() noexcept { give_back(shadow_base, shadow_size); }

void clear_shadow(address low, std::size_t size) noexcept {
  if (size == 0) return;
  cell* first = shadow_of(low);
  cell* const end = shadow_of(low + size - 1) + cells_per_granule;
  const auto bytes = static_cast<std::size_t>(end - first) * sizeof(cell);
  if (bytes >= give_back_from) {
    const address start = (reinterpret_cast<address>(first) + page - 1) & ~(page - 1);
    const address stop = reinterpret_cast<address>(end) & ~(page - 1);
    give_back(start, stop - start);
    store(first, reinterpret_cast<cell*>(start), _mm_setzero_si128());
    first = reinterpret_cast<cell*>(stop);
  }
  store(first, end, _mm_setzero_si128());
}

void fill_shadow(address low, std::size_t size, cell first, cell second) noexcept {
  if (size == 0) return;
  store(shadow_of(low), shadow_of(low + size - 1) + cells_per_granule,
        _mm_set_epi32(0, 0, static_cast<int>(second), static_cast<int>(first)));
}

}  // namespace gobench::detector
