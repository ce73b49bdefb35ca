// Blocks of up to 64 bytes for the checked program: without headers, so that neighbours share lines of memory and of
// shadow.
//
// The C library gives the 16 bytes of a node in a hash map 32. Shadow and meta shadow make that 72 bytes instead of 36,
// and each look at a node reads a line of shadow of its own: on the hash map of tests/perf/detector_cost this is 30 %
// of the memory.
//
// Invariants
// - All lie in one reserved range, a quarter of it per size, so an address alone tells whose and how large.
// - A free slot is in one thread's list, in a batch of the global list of its size, or was never used. Its first
//   word is the next one of the list or batch; its second is a mark by which a second free is found, but in the
//   first slot of a batch, where it is the next batch.
// - The lists of a thread are touched by that thread only, inside the detector: signals are deferred.
#pragma once

#include <cstddef>
#include <cstdint>

namespace gobench::detector::small_blocks {

inline constexpr std::size_t largest = 64;

namespace internal {
inline constexpr std::size_t step = 16;
inline constexpr std::size_t sizes = largest / step;
inline constexpr unsigned bits_per_size = 34;
extern std::uintptr_t range_start;
extern std::size_t range_size;  // 0 until the first block
}  // namespace internal

inline bool owns(const void* block) noexcept {
  return reinterpret_cast<std::uintptr_t>(block) - internal::range_start < internal::range_size;
}
// Of a block that is one of these.
inline std::size_t usable_size(const void* block) noexcept {
  return (((reinterpret_cast<std::uintptr_t>(block) - internal::range_start) >>
           internal::bits_per_size) +
          1) *
         internal::step;
}

// `size` is `largest` at most. Null if there is no room; aligned to 16.
void* allocate(std::size_t size) noexcept;
// Ends the program with a sentence if the block is free already.
void deallocate(void* block) noexcept;

// Gives what the calling thread keeps to the others: to be called when it ends.
void thread_exit() noexcept;

// fork copies the locks as they are: they are held across it.
void before_fork() noexcept;
void after_fork() noexcept;

}  // namespace gobench::detector::small_blocks
