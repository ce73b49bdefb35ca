// The detector's own heap: what it allocates while it works inside a checked program.
//
// Invariants
// - All blocks lie in one reserved range of addresses, so whose block it is can be told from its address alone
//   (`owns`), also before start-up and for null.
// - The range is cut into chunks of 64 KB. A chunk belongs for ever to one size class; `class_of_chunk` tells
//   which, so a block needs no header. A class above the largest small one has blocks of whole chunks.
// - `lock` guards everything but the reading of a chunk's class, which never changes while a block of it lives.
// - No function calls malloc, mmap or anything else that is interposed: they may run inside malloc, in a
//   signal handler and before main. A caller that can be interrupted by a handler that allocates here has to
//   be internal (engine.hpp), which defers handlers.
#pragma once

#include <cstddef>
#include <cstdint>

namespace gobench::detector::arena {

// Null if the range is used up or `size` is beyond it. Blocks are aligned to 16.
void* allocate(std::size_t size) noexcept;
// `alignment` is a power of two.
void* allocate_aligned(std::size_t size, std::size_t alignment) noexcept;
// `block` is one of ours (`owns`); null is not.
void deallocate(void* block) noexcept;
// How many bytes of the block may be used.
std::size_t usable_size(const void* block) noexcept;

namespace internal {
extern std::uintptr_t range_start;
extern std::size_t range_size;  // 0 until the first allocation
}  // namespace internal

inline bool owns(const void* block) noexcept {
  return reinterpret_cast<std::uintptr_t>(block) - internal::range_start < internal::range_size;
}

// Bytes in blocks that are allocated now.
std::size_t bytes_in_use() noexcept;

// fork copies the lock as it is: it is held across it.
void before_fork() noexcept;
void after_fork() noexcept;

}  // namespace gobench::detector::arena
