// Numbers for names: the first name is 0, the next new one 1, and so on.
//
// Nearly all names have at most 16 bytes. Those are two words in the table itself, so that a look-up is a hash of
// them and one or two cache lines; of longer ones the table has a hash, and the text decides.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "detector/offline/internal/scan.hpp"

namespace gobench::detector::offline {

class names {
 public:
  names() : slots_(256) {}

  // `name` must be followed by `scan_padding` readable bytes.
  std::uint32_t number_of(std::string_view name) {
    const key wanted = key_of(name);
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t at = place(wanted, mask);; at = (at + 1) & mask) {
      const slot& there = slots_[at];
      if (there.words.low == wanted.low && there.words.high == wanted.high &&
          there.length == name.size() &&
          (name.size() <= inline_bytes || texts_[there.number] == name)) {
        return there.number;
      }
      if (there.number == vacant) return add(wanted, name, at);
    }
  }

  const std::string& text(std::uint32_t number) const { return texts_[number]; }
  std::size_t size() const { return texts_.size(); }

 private:
  static constexpr std::uint32_t vacant = 0xffff'ffff;
  static constexpr std::size_t inline_bytes = 16;

  struct key {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
  };
  struct slot {
    key words;
    std::uint32_t length = 0xffff'ffff;  // of no name
    std::uint32_t number = vacant;
  };

  static key key_of(std::string_view name) {
    if (name.size() > inline_bytes) return {hash_of(name), 0};
    return {load_word(name.data()) & masks[name.size()],
            load_word(name.data() + 8) & masks[name.size() + 17]};
  }
  static std::uint64_t hash_of(std::string_view name);

  static std::size_t place(key words, std::size_t mask) {
    const std::uint64_t word = words.low ^ (words.high * 0xc2b2ae3d27d4eb4f);
    const std::uint64_t mixed = (word ^ (word >> 29)) * 0x9e3779b97f4a7c15;
    return static_cast<std::size_t>(mixed >> 32) & mask;
  }

  std::uint32_t add(key words, std::string_view name, std::size_t at);
  void grow();

  // What is kept of the first word (entries 0 to 16) and of the second (17 to 33) of a name, by its length.
  static constexpr std::array<std::uint64_t, 34> masks = [] {
    std::array<std::uint64_t, 34> made{};
    for (std::size_t length = 0; length <= inline_bytes; ++length) {
      for (std::size_t byte = 0; byte < length; ++byte) {
        made[byte < 8 ? length : length + 17] |= std::uint64_t{0xff} << (8 * (byte % 8));
      }
    }
    return made;
  }();

  std::vector<slot> slots_;  // four for each name, so that nearly all are found at the first look
  std::vector<std::string> texts_;
};

}  // namespace gobench::detector::offline
