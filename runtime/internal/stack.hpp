// Stacks of fibers: large slabs of address space, carved into stacks that are reused.
//
// Invariants
//  - A stack is [guard page][usable, grows down] and never moves. `low` is the lowest usable byte, `top`
//    one past the highest.
//  - Slabs are never unmapped: a stack that is not in use lies in a processor's cache or in the arena's
//    free list (strategy `fixed` excepted: mapped for one task and unmapped after it).
//  - Guards are placed once, when a stack is carved, never per spawn.
//
// Measured on a 2-core virtual machine, kernel 6.18: page fault 1.4 us, mmap with guard 4 us, jump
// 3.5 ns; so a spawn must not map, guard or fault. The 65530 mappings that Linux allows by default
// would end at 32 thousand stacks with a mapping each; slabs with MADV_GUARD_INSTALL need one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/options.hpp"
#include "runtime/spin_lock.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {

// How the end of a stack is protected.
//   marker     MADV_GUARD_INSTALL: a trap in the page table, no mapping of its own (Linux 6.13)
//   protected  mprotect: two mappings a stack, while the mapping limit allows
//   canary     a known word at the low end, looked at when the task is switched from
enum class guard_kind : std::uint8_t { marker, protected_page, canary };

inline constexpr std::size_t page_bytes = 4096;

struct stack {
  std::byte* low = nullptr;
  std::byte* top = nullptr;
  guard_kind guard = guard_kind::marker;
  bool own_mapping = false;  // strategy fixed
  stack* next_free = nullptr;

  std::size_t size() const noexcept { return static_cast<std::size_t>(top - low); }
  // What was asked for: the top is a little lower (see carve()), but never by a page.
  std::size_t reserved() const noexcept {
    return (size() + page_bytes - 1) / page_bytes * page_bytes;
  }
  // False when the canary was overwritten.
  bool intact() const noexcept;
};

inline constexpr std::size_t default_fiber_stack = 256 * 1024;
inline constexpr std::size_t smallest_stack = 4 * 1024;
inline constexpr std::size_t largest_stack = std::size_t{1} << 30;

// All stacks of one size and strategy. Thread-safe; processors take and give in batches.
class stack_arena {
 public:
  explicit stack_arena(const stack_options& chosen);  // reserve is a multiple of the page size
  stack_arena(const stack_arena&) = delete;
  stack_arena& operator=(const stack_arena&) = delete;

  const stack_options& made_for() const noexcept { return chosen_; }

  // Links `count` stacks through next_free and returns the first; fewer when they are large or memory
  // ends; at least one, else throws std::bad_alloc.
  stack* take(int count);
  // Takes back a list linked through next_free.
  void give(stack* list) noexcept;
  // Gives the pages of all stacks that were used since the last time back to the kernel (Linux keeps the
  // guards). Not while tasks run.
  void trim() noexcept;

 private:
  stack* carve();
  stack* map_one();
  void add_slab();
  guard_kind place_guard(std::byte* page) noexcept;

  const stack_options chosen_;
  spin_lock lock_;
  stack* used_ = nullptr;       // given back since the last trim(): warm, and taken first
  stack* free_ = nullptr;       // the others
  std::byte* fresh_ = nullptr;  // the part of the newest slab that was not carved yet
  std::byte* fresh_end_ = nullptr;
  std::uint32_t carved_ = 0;
  // All that were carved: also one that was left behind with its task stays known to somebody.
  std::vector<stack*> made_;
};

// The arena for these options; made on first use, never destroyed, so that stacks stay warm between runs.
stack_arena& arena_for(const stack_options& chosen);

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
