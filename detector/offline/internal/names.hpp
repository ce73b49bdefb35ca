// Numbers for names: the first name is 0, the next new one 1, and so on.
//
// Most names have at most 8 bytes. Those are a word in the table itself, so that a look-up is a hash of that
// word and one cache line; of longer ones the table has a hash, and the text decides.
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
  names() : slots_(64) {}

  // `name` must be followed by `scan_padding` readable bytes.
  std::uint32_t number_of(std::string_view name) {
    const std::uint64_t word = word_of(name);
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t at = place(word, mask);; at = (at + 1) & mask) {
      const slot& there = slots_[at];
      if (there.word == word && there.length == name.size() &&
          (name.size() <= inline_bytes || texts_[there.number] == name)) {
        return there.number;
      }
      if (there.number == vacant) return add(word, name, at);
    }
  }

  const std::string& text(std::uint32_t number) const { return texts_[number]; }
  std::size_t size() const { return texts_.size(); }

 private:
  static constexpr std::uint32_t vacant = 0xffff'ffff;
  static constexpr std::size_t inline_bytes = 8;

  struct slot {
    std::uint64_t word = 0;
    std::uint32_t length = 0xffff'ffff;  // of no name
    std::uint32_t number = vacant;
  };

  static std::uint64_t word_of(std::string_view name) {
    if (name.size() > inline_bytes) return hash_of(name);
    return load_word(name.data()) & masks[name.size()];
  }
  static std::uint64_t hash_of(std::string_view name);

  static std::size_t place(std::uint64_t word, std::size_t mask) {
    const std::uint64_t mixed = (word ^ (word >> 29)) * 0x9e3779b97f4a7c15;
    return static_cast<std::size_t>(mixed >> 32) & mask;
  }

  std::uint32_t add(std::uint64_t word, std::string_view name, std::size_t at);
  void grow();

  // What is kept of the word at a name's start, by the name's length.
  static constexpr std::array<std::uint64_t, inline_bytes + 1> masks = {0,
                                                                        0xff,
                                                                        0xffff,
                                                                        0xff'ffff,
                                                                        0xffff'ffff,
                                                                        0xff'ffff'ffff,
                                                                        0xffff'ffff'ffff,
                                                                        0xff'ffff'ffff'ffff,
                                                                        0xffff'ffff'ffff'ffff};

  std::vector<slot> slots_;
  std::vector<std::string> texts_;
};

}  // namespace gobench::detector::offline
