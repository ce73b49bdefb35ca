// Tasks of a processor that have not run yet: its owner takes the newest, others the oldest.
//
// The newest first, because then a program that spawns as a tree (each task spawns some and waits for
// them) goes down one branch after the other: the tasks alive at a time are those of one path, and a
// stack is warm from the one that has just ended. Oldest first, the whole tree would be alive at once.
// Others take the oldest because that is the largest part of the tree, and the coldest.
//
// Invariants
//  - Everything but size(), empty() and oldest_seen(), which are guesses for those without it, is called under
//    the processor's owner_lock. `next` leads to the older task, `newer` back.
//  - Unlike a ring it has no bound, so that a hundred thousand spawned at once keep the order.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "runtime/internal/control.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {

class fresh_list {
 public:
  void push(control& task) noexcept {
    task.newer = nullptr;
    task.next = newest_;
    if (newest_ != nullptr) {
      newest_->newer = &task;
    } else {
      oldest_.store(&task, std::memory_order_relaxed);
    }
    newest_ = &task;
    resize(1);
  }

  // Null when there is none.
  control* pop_newest() noexcept {
    control* task = newest_;
    if (task == nullptr) return nullptr;
    newest_ = task->next;
    if (newest_ != nullptr) {
      newest_->newer = nullptr;
    } else {
      oldest_.store(nullptr, std::memory_order_relaxed);
    }
    resize(-1);
    return task;
  }

  control* pop_oldest() noexcept {
    control* task = oldest_.load(std::memory_order_relaxed);
    if (task == nullptr) return nullptr;
    control* second = task->newer;
    oldest_.store(second, std::memory_order_relaxed);
    if (second != nullptr) {
      second->next = nullptr;
    } else {
      newest_ = nullptr;
    }
    resize(-1);
    return task;
  }

  // Takes half of the tasks (rounded up, at most `most`) out, the oldest, linked through `next`, oldest first;
  // returns how many.
  std::uint32_t take_half(control*& first, control*& last, std::uint32_t most) noexcept {
    const std::uint32_t have = size();
    const std::uint32_t count = std::min(have - have / 2, most);
    for (std::uint32_t i = 0; i < count; ++i) {
      control* task = pop_oldest();
      task->next = nullptr;
      (i == 0 ? first : last->next) = task;
      last = task;
    }
    return count;
  }

  std::uint32_t size() const noexcept { return size_.load(std::memory_order_relaxed); }
  bool empty() const noexcept { return size() == 0; }
  // To be compared, not to be looked into: it may be gone.
  const control* oldest_seen() const noexcept { return oldest_.load(std::memory_order_relaxed); }

 private:
  void resize(int by) noexcept {
    size_.store(size_.load(std::memory_order_relaxed) + static_cast<std::uint32_t>(by),
                std::memory_order_relaxed);
  }

  std::atomic<std::uint32_t> size_{0};
  control* newest_ = nullptr;
  std::atomic<control*> oldest_{nullptr};
};

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
