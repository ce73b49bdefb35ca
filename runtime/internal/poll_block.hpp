// What is known about one descriptor; runtime/descriptor.hpp has the invariants.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <limits>

#include "runtime/descriptor.hpp"
#include "runtime/spin_lock.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {

struct ready_list;

// One who waits. Never freed: a task that the end of the run has abandoned stays in the list of its descriptor,
// where an edge wakes whoever its waiter serves then, in vain. Under the block's lock.
struct poll_node {
  waiter* who = nullptr;  // null: not in use
  bool told = false;      // woken since it last looked
  poll_node* next = nullptr;
  poll_node** at = nullptr;  // what points to it
};

// The word of users
//   bits 0-30   those who use the number, and one more until close()
//   bit 31      close() was called
// Nobody enters once the bit is set; whoever takes the count to 0, which needs the bit, closes the file.
struct alignas(64) poll_block {
  static constexpr std::uint32_t closed_bit = 1U << 31;
  static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

  struct side {
    std::atomic<std::uint32_t> edges{0};
    std::atomic<std::int64_t> deadline_ns{never};
    poll_node* first = nullptr;  // under lock
    poll_node own;  // for the first who waits; more are rare, and take theirs from a pool
  };

  std::atomic<std::uint32_t> users{0};
  // The handle's and the open file's; without either the block is free.
  std::atomic<std::uint32_t> references{0};
  int fd = -1;
  spin_lock lock;
  // In which epoll instances it is, by the number that the instance had then. Under lock.
  std::array<std::uint32_t, 2> watched{};
  std::array<side, 2> sides;
  poll_block* next_free = nullptr;

  side& at(io_side which) noexcept { return sides[static_cast<std::size_t>(which)]; }

  bool enter() noexcept;
  void leave() noexcept;
  void drop_reference() noexcept;

  // An edge: counts it, and adds who waits for it to the list.
  void notify(bool readable, bool writable, ready_list& woken) noexcept;
};

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
