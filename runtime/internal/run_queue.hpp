// A processor's local run queue: a ring that its owner pushes to and pops from, and that others steal
// half of; after Go's runtime (runqput, runqget, runqgrab in proc.go).
//
// Invariants
//  - tail_ is written by the owner only. head_ is moved by compare-exchange, by the owner (pop) and by
//    thieves (steal), so every element leaves exactly once.
//  - tail_ - head_ <= capacity, computed in unsigned arithmetic that may wrap.
//  - A slot is rewritten only when head_ has passed it, so a thief that read a slot which was meanwhile
//    reused fails its compare-exchange and throws the copy away.
//
// FIFO for the owner: tasks that yield come back in turn.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "runtime/internal/control.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {

class run_queue {
 public:
  static constexpr std::uint32_t capacity = 256;

  // Owner only. False when full.
  bool push(control& task) noexcept {
    // Acquire pairs with the release of whoever moved head_: they have finished reading the slot.
    const std::uint32_t head = head_.load(std::memory_order_acquire);
    const std::uint32_t tail = tail_.load(std::memory_order_relaxed);  // ours
    if (tail - head == capacity) return false;
    ring_[tail % capacity].store(&task, std::memory_order_relaxed);
    tail_.store(tail + 1, std::memory_order_release);  // publishes the slot and the task to thieves
    return true;
  }

  // Owner only. Null when empty.
  control* pop() noexcept {
    std::uint32_t head = head_.load(std::memory_order_acquire);
    for (;;) {
      const std::uint32_t tail = tail_.load(std::memory_order_relaxed);  // ours
      if (tail == head) return nullptr;
      control* task = ring_[head % capacity].load(std::memory_order_relaxed);
      // Release: our read of the slot is done, pairs with push(); acquire on failure: start again.
      if (head_.compare_exchange_weak(head, head + 1, std::memory_order_acq_rel,
                                      std::memory_order_acquire))
        return task;
    }
  }

  // Owner only: takes half of a full ring out, linked through `next`, oldest first; returns how many.
  // Zero when a thief was faster.
  std::uint32_t take_half(control*& first, control*& last) noexcept {
    std::array<control*, capacity / 2> batch;
    std::uint32_t head = head_.load(std::memory_order_acquire);
    const std::uint32_t tail = tail_.load(std::memory_order_relaxed);
    const std::uint32_t count = (tail - head) / 2;
    if (count == 0) return 0;
    for (std::uint32_t i = 0; i < count; ++i)
      batch[i] = ring_[(head + i) % capacity].load(std::memory_order_relaxed);
    if (!head_.compare_exchange_strong(head, head + count, std::memory_order_acq_rel,
                                       std::memory_order_relaxed))
      return 0;
    for (std::uint32_t i = 0; i + 1 < count; ++i) batch[i]->next = batch[i + 1];
    batch[count - 1]->next = nullptr;
    first = batch[0];
    last = batch[count - 1];
    return count;
  }

  // Called by the owner of `into`, which is empty: moves half of this queue (rounded up) there and
  // returns one of the tasks to run now; null when there was nothing.
  control* steal_into(run_queue& into) noexcept {
    for (;;) {
      std::uint32_t head = head_.load(std::memory_order_acquire);
      const std::uint32_t tail = tail_.load(std::memory_order_acquire);  // pairs with push()
      std::uint32_t count = tail - head;
      count -= count / 2;
      if (count == 0) return nullptr;
      if (count > capacity / 2) continue;  // head and tail were read at different times
      const std::uint32_t end = into.tail_.load(std::memory_order_relaxed);
      for (std::uint32_t i = 0; i < count; ++i) {
        control* task = ring_[(head + i) % capacity].load(std::memory_order_relaxed);
        into.ring_[(end + i) % capacity].store(task, std::memory_order_relaxed);
      }
      if (!head_.compare_exchange_strong(head, head + count, std::memory_order_acq_rel,
                                         std::memory_order_relaxed))
        continue;
      control* mine = into.ring_[(end + count - 1) % capacity].load(std::memory_order_relaxed);
      into.tail_.store(end + count - 1, std::memory_order_release);
      return mine;
    }
  }

  // A guess for everybody but the owner.
  std::uint32_t size() const noexcept {
    const std::uint32_t head = head_.load(std::memory_order_relaxed);
    const std::uint32_t tail = tail_.load(std::memory_order_relaxed);
    const std::uint32_t size = tail - head;
    return size > capacity ? 0 : size;
  }
  bool empty() const noexcept { return size() == 0; }

 private:
  alignas(64) std::atomic<std::uint32_t> head_{0};
  alignas(64) std::atomic<std::uint32_t> tail_{0};
  std::array<std::atomic<control*>, capacity> ring_{};
};

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
