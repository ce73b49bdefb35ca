// Counts of a shared_mutex's readers, one for each CPU, so that readers do not meet at one cache line.
//
// Invariants
//  - A slot is a word: twice the readers that came minus those that left through it (it may be negative),
//    plus `closed`. A closed slot is exactly `closed`, and only open() changes it.
//  - Every other change is a read-modify-write, so what was released by those who left is acquired by
//    close_all(), and what open() releases by those who come.
//  - The CPU's number only spreads the readers; nothing depends on it. A fiber or thread may be moved to
//    another CPU at any time.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "runtime/flavour.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::primitives {

class reader_slots {
 public:
  // All closed. Null when there is no memory, or one CPU only, where slots bring nothing.
  static std::unique_ptr<reader_slots> make() noexcept;

  reader_slots(const reader_slots&) = delete;
  reader_slots& operator=(const reader_slots&) = delete;

  // Both return false when the slot is closed, and have done nothing then.
  bool enter() noexcept;
  // Nothing of the slots is touched once it has counted.
  bool leave() noexcept;

  // Precondition: all are closed.
  void open_all() noexcept;
  // Returns how many readers they counted; negative when more have left than came.
  std::int64_t close_all() noexcept;

  // For the policy of whoever opens and closes them, under that one's lock.
  std::int64_t opened_at_ns = 0;

 private:
  static constexpr std::int32_t closed = 1;
  static constexpr std::int32_t one = 2;
  static constexpr std::uint32_t most = 64;

  struct alignas(64) slot {
    std::atomic<std::int32_t> word{closed};
  };

  reader_slots(std::unique_ptr<slot[]> slots, std::uint32_t count) noexcept
      : slots_(std::move(slots)), mask_(count - 1) {}

  const std::unique_ptr<slot[]> slots_;
  const std::uint32_t mask_;  // their number, a power of two, less one
};

// What a lock holds: null until make() has made some; they go with the lock.
class slots_pointer {
 public:
  constexpr slots_pointer() noexcept = default;
  slots_pointer(const slots_pointer&) = delete;
  slots_pointer& operator=(const slots_pointer&) = delete;
  ~slots_pointer();
  // Relaxed, all three: the lock's own state orders them.
  reader_slots* operator->() const noexcept { return made_.load(std::memory_order_relaxed); }
  explicit operator bool() const noexcept {
    return made_.load(std::memory_order_relaxed) != nullptr;
  }
  void set(std::unique_ptr<reader_slots> made) noexcept {
    made_.store(made.release(), std::memory_order_relaxed);
  }

 private:
  std::atomic<reader_slots*> made_{nullptr};
};

}  // namespace gobench::inline GOBENCH_FLAVOUR::primitives
