// Memory functions that call nothing: for what runs before the real ones are known, and in place of loops that a
// compiler would turn into calls of the interposed ones.
#pragma once

#include <cstddef>

namespace gobench::detector::interpose::bytes {

inline void copy(void* to, const void* from, std::size_t size) noexcept {
  asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
}

inline void fill(void* start, int value, std::size_t size) noexcept {
  asm volatile("rep stosb" : "+D"(start), "+c"(size) : "a"(value) : "memory");
}

inline std::size_t length(const char* text) noexcept {
  std::size_t size = 0;
  while (text[size] != '\0') {
    ++size;
    asm volatile("" : "+r"(size));  // no loop that is known as strlen
  }
  return size;
}

}  // namespace gobench::detector::interpose::bytes
