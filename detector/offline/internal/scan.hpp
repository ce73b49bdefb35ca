// Finding a byte in text that is followed by at least `scan_padding` readable bytes.
//
// Fields of a trace have a few bytes each, so a call of memchr costs more than the search.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace gobench::detector::offline {

inline constexpr std::size_t scan_padding = 64;

// The first `wanted` in [from, end), or `end`.
inline const char* find_byte(const char* from, const char* end, char wanted) {
#if defined(__SSE2__)
  const __m128i pattern = _mm_set1_epi8(wanted);
  for (; from < end; from += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    const auto hits = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, pattern)));
    if (hits != 0) {
      const char* const found = from + std::countr_zero(hits);
      return found < end ? found : end;
    }
  }
  return end;
#else
  const void* const found = std::memchr(from, wanted, static_cast<std::size_t>(end - from));
  return found == nullptr ? end : static_cast<const char*>(found);
#endif
}

inline std::uint64_t load_word(const char* from) {
  std::uint64_t word = 0;
  std::memcpy(&word, from, sizeof word);
  return word;
}

}  // namespace gobench::detector::offline
