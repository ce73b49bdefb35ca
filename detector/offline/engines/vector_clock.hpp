// Vector clocks and epochs of the offline engines.
//
// A slot is a place in a vector clock. Tasks have one each; a task that was joined leaves its slot to one
// that is forked by somebody who knows of its end, so a program of many short tasks needs few (see hb.cpp).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace gobench::detector::offline {

using slot_index = std::uint32_t;
using clock_value = std::uint32_t;

// One moment of one slot. 0 is none: clocks begin at 1.
using epoch = std::uint64_t;
constexpr epoch make_epoch(slot_index slot, clock_value clock) {
  return (static_cast<epoch>(slot) << 32) | clock;
}
constexpr slot_index slot_of(epoch e) { return static_cast<slot_index>(e >> 32); }
constexpr clock_value clock_of(epoch e) { return static_cast<clock_value>(e); }

// Entries that were never set are 0. Storage is in whole blocks, so that loops over it have no rest and
// compile to vector instructions.
class vector_clock {
 public:
  static constexpr std::size_t block = 16;

  clock_value operator[](slot_index slot) const {
    return slot < values_.size() ? values_[slot] : 0;
  }
  void set(slot_index slot, clock_value value) {
    cover(slot + std::size_t{1});
    values_[slot] = value;
  }
  bool knows(epoch e) const { return clock_of(e) <= (*this)[slot_of(e)]; }

  void join(const vector_clock& other) {
    cover(other.values_.size());
    const std::size_t size = other.values_.size();
    for (std::size_t at = 0; at < size; at += block) {
      clock_value* const to = values_.data() + at;
      const clock_value* const from = other.values_.data() + at;
      for (std::size_t i = 0; i < block; ++i) to[i] = std::max(to[i], from[i]);
    }
  }

  // Whether every entry is known to `other` as well.
  bool within(const vector_clock& other) const {
    const std::size_t common = std::min(values_.size(), other.values_.size());
    for (std::size_t at = 0; at < common; at += block) {
      const clock_value* const mine = values_.data() + at;
      const clock_value* const theirs = other.values_.data() + at;
      clock_value newer = 0;
      for (std::size_t i = 0; i < block; ++i) {
        newer |= static_cast<clock_value>(-static_cast<clock_value>(mine[i] > theirs[i]));
      }
      if (newer != 0) return false;
    }
    for (std::size_t at = common; at < values_.size(); ++at) {
      if (values_[at] != 0) return false;
    }
    return true;
  }

  void clear() { values_.clear(); }
  void release_memory() { std::vector<clock_value>().swap(values_); }
  std::size_t size() const { return values_.size(); }

 private:
  void cover(std::size_t size) {
    if (size > values_.size()) values_.resize((size + block - 1) / block * block);
  }

  std::vector<clock_value> values_;
};

}  // namespace gobench::detector::offline
