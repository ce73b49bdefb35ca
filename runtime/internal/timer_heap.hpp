// The timers of one processor: a 4-ary heap of entries that lie in their owners.
//
// Invariants
//  - All under `lock_`. Entry i has entry.position == i + 1; an entry outside any heap has position 0.
//  - An entry is in at most one heap; `home` names it and does not change while the entry is in.
//  - `earliest_` mirrors the time of the first entry and may be read without the lock: as a guess by
//    others, exactly by whoever just changed it.
//  - What fire() does with an entry is wake a waiter, whose memory is never freed. So the wake-ups are done
//    after the lock is dropped, although the entry itself may be gone by then. Entries that do something else
//    when due (runtime/timer_action.hpp) stand in a heap of their own, from which take_due() takes them.
//
// A 4-ary heap: half the depth of a binary one, and the four children share a cache line of pointers
// (LaMarca, Ladner: The influence of caches on the performance of heaps, 1996).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "runtime/park.hpp"
#include "runtime/spin_lock.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {

class timer_heap;

struct timer_entry {
  std::int64_t when_ns = 0;  // steady clock
  waiter* wakes = nullptr;   // whom fire() wakes
  void* owner = nullptr;     // for whoever uses take_due()
  std::size_t position = 0;
  timer_heap* home = nullptr;
};

class timer_heap {
 public:
  static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

  // Any thread. Throws std::bad_alloc, and then the entry is not in.
  void add(timer_entry& entry);

  // Any thread. Whether the entry was still in; afterwards it is not, and nobody touches it any more.
  bool remove(timer_entry& entry) noexcept;

  // Wakes the waiters of all entries due at `now_ns`; returns how many.
  std::size_t fire(std::int64_t now_ns) noexcept;

  // Takes the first entry out if it is due at `now_ns`; null if it is not. Wakes nobody.
  timer_entry* take_due(std::int64_t now_ns) noexcept;

  // Whether the entry is in, at this moment.
  bool holds(const timer_entry& entry) noexcept;

  // Makes room, so that the next `entries` calls of add() do not throw. Throws std::bad_alloc.
  void make_room(std::size_t entries);

  // Forgets all entries without waking anybody: their owners are gone.
  void clear() noexcept;

  // How many entries fire() has taken out so far. Relaxed: only counted.
  std::uint64_t fired() const noexcept { return fired_.load(std::memory_order_relaxed); }

  // Acquire pairs with note_earliest(): who sees an entry gone sees that somebody is firing it.
  std::int64_t earliest() const noexcept { return earliest_.load(std::memory_order_acquire); }

 private:
  void place(std::size_t index, timer_entry* entry) noexcept;
  void sift_up(std::size_t index, timer_entry* entry) noexcept;
  void sift_down(std::size_t index, timer_entry* entry) noexcept;
  void remove_at(std::size_t index) noexcept;
  void note_earliest() noexcept;

  spin_lock lock_;
  std::vector<timer_entry*> heap_;
  std::atomic<std::uint64_t> fired_{0};
  std::atomic<std::int64_t> earliest_{never};
};

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
