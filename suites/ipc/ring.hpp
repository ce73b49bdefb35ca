// A ring of bytes without locks, for one writer and one reader that share memory.
//
// Invariants
//  - `written` and `read` only grow; written - read is what is in the ring, at most `capacity`. The byte with number n
//    is at n % capacity.
//  - Only the writer stores `written`, with release after the bytes: it pairs with the reader's acquire. Only the reader
//    stores `read`, with release after it has copied them: it pairs with the writer's acquire, so that a byte is not
//    overwritten while it is read.
//  - Each keeps the last it knew of the other's count on its own line and looks again only when that does not suffice: a
//    stream then moves the lines of the counts once for many messages.
//
// Source: L. Lamport, "Specifying Concurrent Program Modules" (1983); the counts that are kept are from J. Giacomoni, T.
// Moseley and M. Vachharajani, "FastForward for Efficient Pipeline Parallelism" (2008) and its successors.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace gobench::suites::ipc {

class byte_ring {
 public:
  static constexpr std::size_t capacity = std::size_t{1} << 18U;

  // Up to as many as there is room for; returns how many that were.
  std::size_t write(std::span<const std::byte> from) noexcept {
    const std::uint64_t mine = written_.load(std::memory_order_relaxed);  // nobody else stores it
    if (capacity - (mine - read_seen_) < from.size()) {
      read_seen_ = read_.load(std::memory_order_acquire);
    }
    const std::size_t n =
        std::min(from.size(), capacity - static_cast<std::size_t>(mine - read_seen_));
    const std::size_t at = mine % capacity;
    const std::size_t first = std::min(n, capacity - at);
    std::memcpy(bytes_ + at, from.data(), first);
    std::memcpy(bytes_, from.data() + first, n - first);
    written_.store(mine + n, std::memory_order_release);
    return n;
  }

  // The same with what is there.
  std::size_t read(std::span<std::byte> to) noexcept {
    const std::uint64_t mine = read_.load(std::memory_order_relaxed);  // nobody else stores it
    if (written_seen_ - mine < to.size()) written_seen_ = written_.load(std::memory_order_acquire);
    const std::size_t n = std::min(to.size(), static_cast<std::size_t>(written_seen_ - mine));
    const std::size_t at = mine % capacity;
    const std::size_t first = std::min(n, capacity - at);
    std::memcpy(to.data(), bytes_ + at, first);
    std::memcpy(to.data() + first, bytes_, n - first);
    read_.store(mine + n, std::memory_order_release);
    return n;
  }

 private:
  static_assert(std::atomic<std::uint64_t>::is_always_lock_free, "it works between processes");

  alignas(64) std::atomic<std::uint64_t> written_{0};
  std::uint64_t read_seen_ = 0;  // the writer's
  alignas(64) std::atomic<std::uint64_t> read_{0};
  std::uint64_t written_seen_ = 0;  // the reader's
  alignas(64) std::byte bytes_[capacity];
};

}  // namespace gobench::suites::ipc
