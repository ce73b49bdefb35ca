// Where in the user's source something was made.
//
// std::source_location in all but name: clang 14 has none with libstdc++, and one type for every
// compiler keeps objects of different compilers linkable with each other.
#pragma once

#include <cstdint>

#include "runtime/flavour.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {

class source_location {
 public:
  // As a default argument it names the place of the call that left the argument out.
  static constexpr source_location current(const char* file = __builtin_FILE(),
                                           const char* function = __builtin_FUNCTION(),
                                           std::uint_least32_t line = __builtin_LINE()) noexcept {
    source_location here;
    here.file_ = file;
    here.function_ = function;
    here.line_ = line;
    return here;
  }

  constexpr source_location() noexcept = default;

  [[nodiscard]] constexpr const char* file_name() const noexcept { return file_; }
  [[nodiscard]] constexpr const char* function_name() const noexcept { return function_; }
  [[nodiscard]] constexpr std::uint_least32_t line() const noexcept { return line_; }

 private:
  const char* file_ = "";
  const char* function_ = "";
  std::uint_least32_t line_ = 0;
};

}  // namespace gobench::inline GOBENCH_FLAVOUR
