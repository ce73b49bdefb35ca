// Memory of the clocks' trees: nodes of 64 bytes, named by number, with reference counts beside them.
//
// Invariants
// - Node 0 does not exist. A number is below reserved_nodes, and its memory is never unmapped: a late look
//   at a count is at worst a look at the count of a node in another life.
// - A node that has more than one reference is not written. With one reference it belongs to the clock that
//   holds it, whose owner (the task, or who holds the lock of the object) may write it in place.
// - A free node is in the cache of one thread or in the global list of batches, never in both. In a batch
//   word 0 of each node is the next one, word 1 of the first is how many they are, and the count of the first
//   is the number of the next batch: a count is atomic in every life of a node, so that whoever reads it while
//   another takes the batch away reads something, and the tag in the head of the list makes it fail.
// - No lock anywhere, so a fork at any moment leaves the child with a list that works (what other threads had in
//   their caches is lost to it).
//
// Considered and rejected: pointers instead of numbers (an inner node would have 128 bytes); the count inside
// the node (68 bytes lie across two cache lines, and sharing a root would take the line away from its readers).
#pragma once

#include "detector/clocks/clock_types.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace gobench::detector {

using node_index = std::uint32_t;  // 0: no node

struct alignas(64) clock_node {
  std::uint32_t word[16];  // a leaf: clock values; an inner node: numbers of nodes
};

namespace node_pool {

inline constexpr std::size_t reserved_nodes = std::size_t{1} << 27;
inline constexpr std::size_t bytes_per_node = sizeof(clock_node) + sizeof(std::uint32_t);

// Where the nodes and their counts are; null until the first node is made. In a cache line that is read only.
struct alignas(64) places {
  std::atomic<clock_node*> nodes;
  std::atomic<std::atomic<std::uint32_t>*> counts;
};
extern constinit places pool_at;

// Precondition of all that take a number: the caller holds a reference to it, so it came to this thread by
// something that orders it after the pool was mapped, and relaxed loads of the two addresses do.
inline clock_node& at(node_index n) noexcept {
  return pool_at.nodes.load(std::memory_order_relaxed)[n];
}
inline std::atomic<std::uint32_t>& count_of(node_index n) noexcept {
  return pool_at.counts.load(std::memory_order_relaxed)[n];
}

// A node with one reference and whatever in it. Aborts with a sentence when the system has no memory.
node_index take() noexcept;
// Gives a node back that nobody refers to. Its children are the caller's affair.
void give(node_index n) noexcept;

inline void refer(node_index n) noexcept {
  // Relaxed: the caller has a reference already, so the count cannot come to 0 meanwhile.
  count_of(n).fetch_add(1, std::memory_order_relaxed);
}
// True if the caller's reference is the only one. Acquire pairs with the release in drop(): what others read
// in the node happened before it is written.
inline bool is_sole(node_index n) noexcept {
  return count_of(n).load(std::memory_order_acquire) == 1;
}
// Takes a reference back; true if it was the last.
inline bool drop(node_index n) noexcept {
  auto& count = count_of(n);
  // The sole owner needs no read-modify-write: nobody can make a second reference out of none.
  if (count.load(std::memory_order_acquire) == 1) return true;
  return count.fetch_sub(1, std::memory_order_acq_rel) == 1;
}

// Gives the calling thread's cache to the others: to be called when an OS thread ends.
void thread_exit() noexcept;

// Bytes that clocks may use, 0 for no limit, and what to call when precision is reduced because of it, each time.
// It is called in the middle of an operation on a clock: it may set a flag, and must touch no clock.
// The limit is looked at before an operation, so one operation (and a batch per thread) may go beyond it. What clocks
// hold that nobody touches comes back when somebody calls their catch_up().
void set_limit(std::size_t bytes, void (*reduced)() noexcept = nullptr) noexcept;
// True when an operation that makes nodes should rather reduce precision.
bool is_pressed() noexcept;
// Says that precision is being reduced: see era.hpp. Counted.
void note_reduction() noexcept;
std::size_t reductions() noexcept;

std::size_t bytes_in_use() noexcept;     // of nodes that are in clocks or in the caches of threads
std::size_t bytes_committed() noexcept;  // taken from the system; never given back

}  // namespace node_pool
}  // namespace gobench::detector
