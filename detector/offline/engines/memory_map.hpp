// A state for each byte of memory, kept once for bytes next to each other that have always been accessed together.
//
// Memory is in pieces: ranges that every access so far touched as a whole or not at all. An access to a part
// of a piece splits it, and the parts go on with the same state, so that the result is that of a state per byte,
// and an access costs what it splits and covers, however many bytes it has. A hash of granules was tried first: it is
// quicker for small accesses, but a block of gigabytes that is freed would be as many entries.
#pragma once

#include <cstdint>
#include <iterator>
#include <limits>
#include <map>
#include <utility>

namespace gobench::detector::offline {

// Ranges have at least one byte and end before the end of the address space.
template <class State>
class memory_map {
 public:
  // Calls visit(state, address of the piece's first byte) for the pieces of the range, in order.
  template <class Visit>
  void each(std::uint64_t address, std::uint64_t size, Visit visit) {
    const std::uint64_t last = address + (size - 1);
    auto at = split(address, last);
    std::uint64_t next = address;
    while (true) {
      if (at == pieces_.end() || at->first > next) {
        const std::uint64_t gap_end =
            at == pieces_.end() || at->first > last ? last : at->first - 1;
        at = pieces_.emplace_hint(at, next, piece{gap_end, State()});
        ++count_;
      }
      const std::uint64_t end = at->second.last;
      visit(at->second.state, at->first);
      if (end == last) return;
      next = end + 1;
      ++at;
    }
  }

  // Nothing is known of the range any more.
  void forget(std::uint64_t address, std::uint64_t size) {
    const std::uint64_t last = address + (size - 1);
    auto at = split(address, last);
    while (at != pieces_.end() && at->first <= last) at = pieces_.erase(at);
  }

  // Pieces there ever were.
  std::uint64_t count() const { return count_; }

 private:
  struct piece {
    std::uint64_t last;  // its last byte
    State state;
  };
  using pieces = std::map<std::uint64_t, piece>;

  // No piece lies across the ends of the range afterwards. Gives the first one that begins in or after it.
  typename pieces::iterator split(std::uint64_t address, std::uint64_t last) {
    cut_before(address);
    if (last != std::numeric_limits<std::uint64_t>::max()) cut_before(last + 1);
    return pieces_.lower_bound(address);
  }

  void cut_before(std::uint64_t address) {
    const auto after = pieces_.lower_bound(address);
    if (after == pieces_.begin()) return;
    const auto before = std::prev(after);
    if (before->second.last < address) return;
    piece rest = before->second;
    before->second.last = address - 1;
    pieces_.emplace_hint(after, address, std::move(rest));
    ++count_;
  }

  pieces pieces_;
  std::uint64_t count_ = 0;
};

}  // namespace gobench::detector::offline
