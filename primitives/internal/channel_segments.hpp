// The store of an unbounded channel: a list of segments, filled at the tail and drained at the head.
//
// Invariants, all under the lock of the channel
//  - The segments from first_ to last_ hold the elements in order: those of first_ begin at begin_, those
//    of last_ end before end_, and every other one is full.
//  - There is no segment exactly when the store has never held anything; afterwards there is at least
//    one, also when it is empty.
//  - At most one more is kept as a spare, so that a queue that breathes does not allocate; the rest goes
//    back as it drains. Memory is taken and given back outside of the lock.
//
// Considered and rejected: a ring that doubles (moves every element under the lock, and never shrinks);
// a node per element (an allocation per send).
#pragma once

#include <cstddef>
#include <new>

#include "runtime/flavour.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::primitives {

class channel_segments {
 public:
  struct segment {
    segment* next;
    // The cells follow, at offset_.
  };

  channel_segments(std::size_t stride, std::size_t alignment) noexcept
      : stride_(stride),
        alignment_(alignment > alignof(segment) ? alignment : alignof(segment)),
        offset_((sizeof(segment) + alignment_ - 1) / alignment_ * alignment_),
        cells_(cells_for(stride)) {}
  channel_segments(const channel_segments&) = delete;
  channel_segments& operator=(const channel_segments&) = delete;

  // Precondition: the elements were destroyed.
  ~channel_segments() {
    while (first_ != nullptr) {
      segment* next = first_->next;
      give_back(first_);
      first_ = next;
    }
    give_back(spare_);
  }

  bool has_room() const noexcept { return last_ != nullptr && end_ != cells_; }

  // Adds a cell at the tail. Precondition: has_room().
  void* push() noexcept { return cell(*last_, end_++); }

  // Appends a segment of the caller, or the spare one. False if there is no spare one.
  void grow(segment& fresh) noexcept {
    fresh.next = nullptr;
    (last_ == nullptr ? first_ : last_->next) = &fresh;
    last_ = &fresh;
    end_ = 0;
  }
  bool grow_from_spare() noexcept {
    if (spare_ == nullptr) return false;
    segment* spare = spare_;
    spare_ = nullptr;
    grow(*spare);
    return true;
  }

  // The cell at the head. Precondition: not empty.
  void* front() noexcept { return cell(*first_, begin_); }

  // Removes the cell at the head; its element was moved away. Returns a segment that the caller has to
  // give back after it has dropped the lock, or null.
  segment* pop() noexcept {
    ++begin_;
    if (first_ == last_) {
      if (begin_ == end_) begin_ = end_ = 0;  // empty: use it from the start again
      return nullptr;
    }
    if (begin_ != cells_) return nullptr;
    segment* drained = first_;
    first_ = drained->next;
    begin_ = 0;
    if (spare_ != nullptr) return drained;
    spare_ = drained;
    return nullptr;
  }

  // Throws std::bad_alloc.
  segment* allocate() const {
    void* memory =
        ::operator new(offset_ + cells_ * stride_, static_cast<std::align_val_t>(alignment_));
    return ::new (memory) segment{nullptr};
  }
  void give_back(segment* s) const noexcept {
    if (s != nullptr) ::operator delete(s, static_cast<std::align_val_t>(alignment_));
  }

 private:
  // About 2 KiB, but never so few cells that every send allocates.
  static constexpr std::size_t cells_for(std::size_t stride) noexcept {
    constexpr std::size_t bytes = 2048;
    constexpr std::size_t fewest = 16;
    return bytes / stride > fewest ? bytes / stride : fewest;
  }

  void* cell(segment& s, std::size_t i) const noexcept {
    return reinterpret_cast<std::byte*>(&s) + offset_ + i * stride_;
  }

  std::size_t stride_;
  std::size_t alignment_;
  std::size_t offset_;
  std::size_t cells_;
  segment* first_ = nullptr;
  segment* last_ = nullptr;
  segment* spare_ = nullptr;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace gobench::inline GOBENCH_FLAVOUR::primitives
