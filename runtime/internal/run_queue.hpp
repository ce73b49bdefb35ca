// The local run queue of a processor: a bounded ring, first in first out.
//
// Invariants
//  - Everything but size() is called under the processor's owner_lock.
//  - head_ and tail_ only grow (modulo 2^32); slots [head_, tail_) hold queued tasks. They are atomic only
//    so that others may guess the size.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>

#include "runtime/internal/control.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {

class run_queue {
 public:
  // Tasks beyond it go through the global queue, a list of blocks that are no longer in the caches: with 256
  // places, a yield between 1000 tasks took 34 ns instead of 24.
  static constexpr std::uint32_t capacity = 2048;
  // How many are moved elsewhere at a time, under somebody's lock.
  static constexpr std::uint32_t most_taken = 128;

  // False when full.
  bool push(control& task) noexcept {
    const std::uint32_t tail = tail_.load(std::memory_order_relaxed);
    if (tail - head_.load(std::memory_order_relaxed) == capacity) return false;
    ring_[tail % capacity] = &task;
    tail_.store(tail + 1, std::memory_order_relaxed);
    return true;
  }

  // Null when empty.
  control* pop() noexcept {
    const std::uint32_t head = head_.load(std::memory_order_relaxed);
    if (tail_.load(std::memory_order_relaxed) == head) return nullptr;
    head_.store(head + 1, std::memory_order_relaxed);
    return ring_[head % capacity];
  }

  // Takes half of the tasks (rounded up, at most most_taken) out, the oldest, linked through `next`, oldest first; returns how
  // many.
  std::uint32_t take_half(control*& first, control*& last) noexcept {
    const std::uint32_t head = head_.load(std::memory_order_relaxed);
    std::uint32_t count = tail_.load(std::memory_order_relaxed) - head;
    count = std::min(count - count / 2, most_taken);
    if (count == 0) return 0;
    for (std::uint32_t i = 0; i + 1 < count; ++i)
      ring_[(head + i) % capacity]->next = ring_[(head + i + 1) % capacity];
    first = ring_[head % capacity];
    last = ring_[(head + count - 1) % capacity];
    last->next = nullptr;
    head_.store(head + count, std::memory_order_relaxed);
    return count;
  }

  // A guess for those without the lock.
  std::uint32_t size() const noexcept {
    const std::uint32_t head = head_.load(std::memory_order_relaxed);
    const std::uint32_t size = tail_.load(std::memory_order_relaxed) - head;
    return size > capacity ? 0 : size;  // read at different times
  }
  bool empty() const noexcept { return size() == 0; }

 private:
  std::atomic<std::uint32_t> head_{0};
  std::atomic<std::uint32_t> tail_{0};
  std::array<control*, capacity> ring_{};
};

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
