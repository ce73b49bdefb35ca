// Stacks of fibers: large slabs of address space, carved into stacks that are reused.
//
// Invariants
//  - A stack is [guard page][usable, grows down] and never moves. `low` is the lowest usable byte, `top`
//    one past the highest.
//  - Slabs are never unmapped: a stack that is not in use lies in a processor's cache or in the arena's
//    free lists. Excepted are strategy `fixed`, mapped for one task and unmapped after it, and `segmented`,
//    whose segments are libgcc's and are freed when they are idle.
//  - Guards are placed once, when a stack is carved, never per spawn.
//  - What is warm (was used and still has its pages) is taken before what is cold.
//
// Measured on a 2-core virtual machine, kernel 6.18: page fault 1.4 us, mmap with guard 4 us, jump
// 3.5 ns; so a spawn must not map, guard or fault. The 65530 mappings that Linux allows by default
// would end at 32 thousand stacks with a mapping each; slabs with MADV_GUARD_INSTALL need one.
//
// Idle stacks. Once in a while the watchdog asks how many warm stacks there were at the least since it last
// asked: so many were not needed in that time, and all but a few give their pages back. What goes up and
// down faster than that, such as a program that spawns all the time, is left alone.
// Rejected: MADV_FREE, cheaper to undo, but the memory is counted as used until the machine runs short.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "runtime/internal/split_stack.hpp"
#include "runtime/internal/stack_memory.hpp"
#include "runtime/options.hpp"
#include "runtime/spin_lock.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {

// How the end of a stack is protected.
//   marker     MADV_GUARD_INSTALL: a trap in the page table, no mapping of its own (Linux 6.13)
//   protected  mprotect: two mappings a stack, while the mapping limit allows
//   canary     a known word at the low end, looked at when the task is switched from
//   growth     not at all: a segmented stack is continued elsewhere
enum class guard_kind : std::uint8_t { marker, protected_page, canary, growth };

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
  // Of one with guard_kind::growth.
  inline split_context& segments() noexcept;
};

struct segmented_stack : stack {
  split_context context;
};

split_context& stack::segments() noexcept { return static_cast<segmented_stack&>(*this).context; }

inline constexpr std::size_t default_fiber_stack = 256 * 1024;
// Of which two pages are committed. Where a function calls code that cannot grow, and gold has linked them, it
// asks for 1 MiB: a shallow task is to have that at once, or a second segment would be made for it.
inline constexpr std::size_t default_first_segment = (1024 + 128) * 1024;
inline constexpr std::size_t smallest_stack = 4 * 1024;
inline constexpr std::size_t largest_stack = std::size_t{1} << 30;

// All stacks of one size and strategy. Thread-safe; processors take and give in batches.
class stack_arena {
 public:
  explicit stack_arena(const stack_options& chosen);  // reserve is a multiple of the page size
  stack_arena(const stack_arena&) = delete;
  stack_arena& operator=(const stack_arena&) = delete;

  const stack_options& made_for() const noexcept { return chosen_; }
  bool segmented() const noexcept { return chosen_.strategy == stack_strategy::segmented; }
  // How many a processor may keep for itself.
  int most_cached() const noexcept { return most_cached_; }

  // Links `count` stacks through next_free and returns the first; fewer when they are large or memory
  // ends; at least one, else throws std::bad_alloc.
  stack* take(int count);
  // Takes back a list linked through next_free.
  void give(stack* list) noexcept;
  // Gives the pages of all stacks that were used since the last time back to the kernel (Linux keeps the
  // guards). Not while tasks run.
  void trim() noexcept;
  // The same for those that were not needed since the last call. True while a later call may find more. To be
  // called by one thread at a time, also while tasks run.
  bool trim_idle() noexcept;

 private:
  stack* carve();
  stack* map_one();
  stack* make_segmented();
  void add_slab();
  void guard_all(stack* list) noexcept;
  guard_kind place_guard(std::byte* page) const noexcept;
  void commit_all(stack* list) noexcept;
  std::size_t trim_some(std::size_t most) noexcept;

  const stack_options chosen_;
  const int most_cached_;
  const std::uint32_t kept_warm_;
  spin_lock lock_;
  stack* used_ = nullptr;         // still warm, and taken first
  std::uint32_t used_count_ = 0;  // of them
  std::uint32_t least_used_ = 0;  // the smallest number since the last trim_idle()
  stack* free_ = nullptr;         // the others
  std::byte* fresh_ = nullptr;    // the part of the newest slab that was not carved yet
  std::byte* fresh_end_ = nullptr;
  stack* next_made_ = nullptr;  // its description
  std::uint32_t carved_ = 0;
  std::vector<std::unique_ptr<stack[]>> made_;  // by slab
};

// The arena for these options; made on first use, never destroyed, so that stacks stay warm between runs.
stack_arena& arena_for(const stack_options& chosen);

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
