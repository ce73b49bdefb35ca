// A state for each byte of memory, kept once for bytes that have always been accessed together.
//
// Memory is in granules of 8 bytes. A granule has pieces: sets of its bytes that every access so far
// touched as a whole. An access to a part of a piece splits it, and both parts go on with the same state, so
// that the result is that of a state per byte.
#pragma once

#include <bit>
#include <cstdint>
#include <iterator>
#include <unordered_map>
#include <utility>
#include <vector>

namespace gobench::detector::offline {

template <class State>
class memory_map {
 public:
  // Calls visit(state, address of the piece's first byte) for the pieces of the range.
  template <class Visit>
  void each(std::uint64_t address, std::uint64_t size, Visit visit) {
    for_granules(address, size, [&](std::uint64_t granule, unsigned bytes) {
      std::vector<piece>& pieces = granules_[granule];
      unsigned missing = bytes;
      const std::size_t before = pieces.size();
      for (std::size_t i = 0; i < before; ++i) {
        const unsigned common = pieces[i].bytes & bytes;
        if (common == 0) continue;
        if (common != pieces[i].bytes) {
          piece rest = pieces[i];
          rest.bytes &= ~common;
          pieces[i].bytes = common;
          pieces.push_back(std::move(rest));
          ++count_;
        }
        missing &= ~common;
        visit(pieces[i].state, address_of(granule, common));
      }
      if (missing == 0) return;
      pieces.push_back({missing, State()});
      ++count_;
      visit(pieces.back().state, address_of(granule, missing));
    });
  }

  // Nothing is known of the range any more.
  void forget(std::uint64_t address, std::uint64_t size) {
    const auto forget_bytes = [](std::vector<piece>& pieces, unsigned bytes) {
      for (piece& one : pieces) one.bytes &= ~bytes;
      std::erase_if(pieces, [](const piece& one) { return one.bytes == 0; });
    };
    // A large range is mostly memory that was never accessed.
    if (size / granule_bytes > granules_.size()) {
      const std::uint64_t last = address + (size - 1);
      for (auto at = granules_.begin(); at != granules_.end();) {
        const std::uint64_t first_byte = at->first * granule_bytes;
        unsigned bytes = 0;
        for (unsigned i = 0; i < granule_bytes; ++i) {
          if (first_byte + i >= address && first_byte + i <= last) bytes |= 1U << i;
        }
        if (bytes != 0) forget_bytes(at->second, bytes);
        at = at->second.empty() ? granules_.erase(at) : std::next(at);
      }
      return;
    }
    for_granules(address, size, [&](std::uint64_t granule, unsigned bytes) {
      const auto found = granules_.find(granule);
      if (found == granules_.end()) return;
      forget_bytes(found->second, bytes);
      if (found->second.empty()) granules_.erase(found);
    });
  }

  // Pieces there ever were.
  std::uint64_t count() const { return count_; }

 private:
  static constexpr unsigned granule_bytes = 8;

  struct piece {
    unsigned bytes;  // bit i: byte i of the granule
    State state;
  };

  static std::uint64_t address_of(std::uint64_t granule, unsigned bytes) {
    return granule * granule_bytes + static_cast<unsigned>(std::countr_zero(bytes));
  }

  // The range ends before the end of the address space.
  template <class Visit>
  static void for_granules(std::uint64_t address, std::uint64_t size, Visit visit) {
    while (size > 0) {
      const unsigned from = static_cast<unsigned>(address % granule_bytes);
      const unsigned count = static_cast<unsigned>(
          size < granule_bytes - from ? size : std::uint64_t{granule_bytes - from});
      visit(address / granule_bytes, ((1U << count) - 1U) << from);
      address += count;
      size -= count;
    }
  }

  std::unordered_map<std::uint64_t, std::vector<piece>> granules_;
  std::uint64_t count_ = 0;
};

}  // namespace gobench::detector::offline
