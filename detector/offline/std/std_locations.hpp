// Locations of a trace as numbers of 32 bits.
//
// Mostly they are numbers already and stay as they are; others are kept once each. A trace may
// have a location of its own in each line, so what is kept is bounded: beyond that they are all
// told as "?", and the report still has the lines.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "detector/offline/internal/names.hpp"

namespace gobench::detector::offline {

class std_locations {
 public:
  // `text` as in the line, followed by scan_padding readable bytes.
  std::uint32_t keep(std::string_view text);
  std::string text(std::uint32_t kept) const;
  std::string remark() const;

 private:
  static constexpr std::uint32_t not_a_number = 0x8000'0000;  // the other bits say which text
  static constexpr std::uint32_t unknown = 0xffff'ffff;
  static constexpr std::size_t most_bytes = 32 * 1024 * 1024;

  names texts_;
  std::size_t bytes_ = 0;
};

}  // namespace gobench::detector::offline
