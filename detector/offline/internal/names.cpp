#include "detector/offline/internal/names.hpp"

#include <bit>
#include <utility>

namespace gobench::detector::offline {

static_assert(std::endian::native == std::endian::little, "the masks keep a word's low bytes");

std::uint64_t names::hash_of(std::string_view name) {
  std::uint64_t mixed = name.size();
  std::size_t left = name.size();
  for (const char* at = name.data(); left > 0; at += 8) {
    const std::size_t taken = left < 8 ? left : 8;
    mixed = (mixed ^ (load_word(at) & masks[taken])) * 0xd6e8feb86659fd93;
    mixed ^= mixed >> 32;
    left -= taken;
  }
  return mixed;
}

std::uint32_t names::add(key words, std::string_view name, std::size_t at) {
  const auto number = static_cast<std::uint32_t>(texts_.size());
  texts_.emplace_back(name);
  slots_[at] = {words, static_cast<std::uint32_t>(name.size()), number};
  if (texts_.size() * 4 > slots_.size()) grow();
  return number;
}

void names::grow() {
  std::vector<slot> old(slots_.size() * 2);
  std::swap(old, slots_);
  const std::size_t mask = slots_.size() - 1;
  for (const slot& one : old) {
    if (one.number == vacant) continue;
    std::size_t at = place(one.words, mask);
    while (slots_[at].number != vacant) at = (at + 1) & mask;
    slots_[at] = one;
  }
}

}  // namespace gobench::detector::offline
