// Options as text, "name=value:name=value": what GOBENCH_RACE and GOBENCH_EXPLORE have in common. A value that has a
// separator in it (colon, comma, space) stands in quotes, "..." or '...'; of two values the last counts.
//
// Runs before main: no heap, no exceptions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "detector/engine/memory.hpp"

namespace gobench::detector::option_text {

struct text {
  const char* start;
  std::size_t size;
  bool is(const char* other) const noexcept {
    return std::strlen(other) == size && std::memcmp(start, other, size) == 0;
  }
};

inline bool parse(text value, bool& out) noexcept {
  if (value.is("1") || value.is("true") || value.is("yes") || value.is("on"))
    return out = true, true;
  if (value.is("0") || value.is("false") || value.is("no") || value.is("off"))
    return out = false, true;
  return false;
}

inline bool parse(text value, std::uint64_t& out) noexcept {
  if (value.size == 0 || value.size > 19) return false;
  std::uint64_t result = 0;
  for (std::size_t i = 0; i != value.size; ++i) {
    if (value.start[i] < '0' || value.start[i] > '9') return false;
    result = result * 10 + static_cast<std::uint64_t>(value.start[i] - '0');
  }
  return out = result, true;
}

inline bool parse(text value, int& out) noexcept {
  std::uint64_t wide = 0;
  if (value.size > 9 || !parse(value, wide)) return false;
  return out = static_cast<int>(wide), true;
}

inline bool parse(text value, const char*& out) noexcept {
  auto* copy = static_cast<char*>(take_block(value.size + 1));
  std::memcpy(copy, value.start, value.size);
  copy[value.size] = 0;
  return out = copy, true;
}

inline const char* expected(bool) noexcept { return "true or false was expected"; }
inline const char* expected(int) noexcept { return "a number was expected"; }
inline const char* expected(std::uint64_t) noexcept { return "a number was expected"; }
inline const char* expected(const char*) noexcept { return "a text was expected"; }

// Ends the process: what is wrong with an option of `variable`, and `next`, what to do.
[[noreturn]] void refuse(const char* variable, text name, text value, const char* expected,
                         const char* next) noexcept;

inline bool separates(char c) noexcept {
  return c == ':' || c == ',' || c == ' ' || c == '\n' || c == '\t';
}

// Calls set(name, value) for each.
template <typename Set>
void read(const char* all, Set set) {
  if (all == nullptr) return;
  while (*all != 0) {
    if (separates(*all)) {
      ++all;
      continue;
    }
    text name{all, 0};
    while (*all != 0 && *all != '=' && !separates(*all)) ++all, ++name.size;
    text value{all, 0};
    if (*all == '=') {
      ++all;
      if (*all == '"' || *all == '\'') {
        const char quote = *all++;
        value = {all, 0};
        while (*all != 0 && *all != quote) ++all, ++value.size;
        if (*all != 0) ++all;
      } else {
        value = {all, 0};
        while (*all != 0 && !separates(*all)) ++all, ++value.size;
      }
    }
    set(name, value);
  }
}

// Null if there is none. Also before libc knows the environment.
const char* in_environment(const char* name) noexcept;

}  // namespace gobench::detector::option_text
