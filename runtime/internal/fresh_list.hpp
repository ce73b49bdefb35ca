// Tasks of a processor that have not run yet: its owner takes the newest, others the oldest.
//
// The newest first, because then a program that spawns as a tree (each task spawns some and waits for
// them) goes down one branch after the other: the tasks alive at a time are those of one path, and a
// stack is warm from the one that has just ended. Oldest first, the whole tree would be alive at once.
// Others take the oldest because that is the largest part of the tree, and the coldest.
//
// Invariants
//  - Both ends and the links (`next` towards the older, `newer` back) change under lock_ only. The lock
//    costs the owner one uncontended exchange, what the compare-exchange of a lock-free deque would; and
//    unlike a ring the list has no bound, so that a hundred thousand spawned at once keep the order.
//  - size_ and oldest_seen() are guesses for everybody without the lock.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <mutex>

#include "runtime/internal/control.hpp"
#include "runtime/spin_lock.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {

class fresh_list {
 public:
  void push(control& task) noexcept {
    task.newer = nullptr;
    const std::scoped_lock held(lock_);
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
    if (empty()) return nullptr;
    const std::scoped_lock held(lock_);
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
    if (empty()) return nullptr;
    const std::scoped_lock held(lock_);
    return unlink_oldest();
  }

  // Moves half of the tasks (rounded up, at most `most`), the oldest, to `into`; returns the oldest of
  // them to run now. Called by the owner of `into`.
  control* steal_into(fresh_list& into, std::uint32_t most) noexcept {
    control* first = nullptr;
    control* last = nullptr;
    {
      const std::scoped_lock held(lock_);
      const std::uint32_t have = size();
      const std::uint32_t count = std::min(have - have / 2, most);
      for (std::uint32_t i = 0; i < count; ++i) {
        control* task = unlink_oldest();
        task->newer = nullptr;
        (last == nullptr ? first : last->newer) = task;
        last = task;
      }
    }
    if (first == nullptr) return nullptr;
    for (control* task = first->newer; task != nullptr;) {
      control* after = task->newer;
      into.push(*task);
      task = after;
    }
    return first;
  }

  std::uint32_t size() const noexcept { return size_.load(std::memory_order_relaxed); }
  bool empty() const noexcept { return size() == 0; }
  // To be compared, not to be looked into: it may be gone.
  const control* oldest_seen() const noexcept { return oldest_.load(std::memory_order_relaxed); }

 private:
  control* unlink_oldest() noexcept {
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

  // Under the lock: no other writer.
  void resize(int by) noexcept {
    size_.store(size_.load(std::memory_order_relaxed) + static_cast<std::uint32_t>(by),
                std::memory_order_relaxed);
  }

  spin_lock lock_;
  std::atomic<std::uint32_t> size_{0};
  control* newest_ = nullptr;
  std::atomic<control*> oldest_{nullptr};
};

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
