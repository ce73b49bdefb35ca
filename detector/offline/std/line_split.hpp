// The usual line, taken apart in one look at its first bytes.
//
// A line as the tools write it has no blanks, and its fields before the location fit into 32 bytes. Then the
// places of all delimiters come out of a few vector comparisons, without a loop or a branch per field.
// Everything else is left to the reader's careful parser, which also finds out what is wrong.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "detector/offline/internal/scan.hpp"

namespace gobench::detector::offline {

struct line_split {
  const char* thread_end;  // the first bar
  const char* close;       // the parenthesis after the target; a bar and the location follow
  const char* line_end;
};

#if defined(__SSE2__)

// `at` is the start of a line whose end lies before `limit`. Not for lines longer than `longest`.
inline bool split_usual_line(const char* at, const char* limit, std::ptrdiff_t longest,
                             line_split& made) {
  static_assert(scan_padding >= 32);
  const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  const __m128i high = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + 16));
  const auto places_of = [&](char wanted) {
    const __m128i pattern = _mm_set1_epi8(wanted);
    const auto in_low = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(low, pattern)));
    const auto in_high = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(high, pattern)));
    return in_low | (in_high << 16U);
  };
  const unsigned bars = places_of('|');
  const unsigned closes = places_of(')');
  const unsigned ends = places_of('\n');
  if (bars == 0 || closes == 0) return false;
  const int close = std::countr_zero(closes);
  made.thread_end = at + std::countr_zero(bars);
  made.close = at + close;
  if (ends != 0) {
    const int end = std::countr_zero(ends);
    if (close >= end) return false;
    made.line_end = at + end;
  } else {
    made.line_end = find_byte(at + 32, limit, '\n');
    if (made.line_end - at > longest) return false;
  }
  return at[close + 1] == '|' && made.thread_end < made.close;
}

#else

inline bool split_usual_line(const char*, const char*, std::ptrdiff_t, line_split&) {
  return false;
}

#endif

// "acq(" as a number, to compare four characters at once.
constexpr std::uint32_t four(const char (&text)[5]) {
  return static_cast<std::uint32_t>(static_cast<unsigned char>(text[0])) |
         static_cast<std::uint32_t>(static_cast<unsigned char>(text[1])) << 8U |
         static_cast<std::uint32_t>(static_cast<unsigned char>(text[2])) << 16U |
         static_cast<std::uint32_t>(static_cast<unsigned char>(text[3])) << 24U;
}

inline std::uint32_t load_four(const char* from) {
  std::uint32_t word = 0;
  std::memcpy(&word, from, sizeof word);
  return word;
}

}  // namespace gobench::detector::offline
