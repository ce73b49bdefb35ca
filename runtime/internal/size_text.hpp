// Sizes as the environment gives them.
#pragma once

#include <charconv>
#include <cstddef>
#include <string_view>

#include "runtime/flavour.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {

// "64k", "1m", "1g" or bytes; 0 when it is none of these, or more than `most`.
inline std::size_t parse_size(std::string_view text, std::size_t most) noexcept {
  std::size_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (error != std::errc{}) return 0;
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  int shift = 0;
  if (unit == "k" || unit == "K" || unit == "KiB") {
    shift = 10;
  } else if (unit == "m" || unit == "M" || unit == "MiB") {
    shift = 20;
  } else if (unit == "g" || unit == "G" || unit == "GiB") {
    shift = 30;
  } else if (!unit.empty()) {
    return 0;
  }
  return size <= (most >> shift) ? size << shift : 0;
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
