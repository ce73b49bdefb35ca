// malloc and its kin.
//
// Invariants
// - Internal: memory comes from the arena. Everybody else's comes from the C library, small blocks from small_blocks.
// - Whose a block is, its address tells: either side may free the other's.
// - The detector knows a block from after the real allocation until before the real free, so no other thread
//   can have got the same memory in between.
#include <malloc.h>
#include <unistd.h>
#include <cerrno>
#include <cstddef>
#include <cstdlib>

#include "detector/engine/arena.hpp"
#include "detector/engine/small_blocks.hpp"
#include "detector/interpose/bytes.hpp"
#include "detector/interpose/heap.hpp"
#include "detector/interpose/modules.hpp"
#include "detector/interpose/real.hpp"

extern "C" {
// The C library's own, under names that nobody interposes; usable before anything is looked up.
void* __libc_malloc(std::size_t size) noexcept;
void* __libc_calloc(std::size_t count, std::size_t size) noexcept;
void* __libc_realloc(void* block, std::size_t size) noexcept;
void* __libc_memalign(std::size_t alignment, std::size_t size) noexcept;
void __libc_free(void* block) noexcept;
}

namespace gobench::detector::interpose {

GOBENCH_REAL(malloc_usable_size);

namespace {

bool power_of_two(std::size_t value) noexcept { return value != 0 && (value & (value - 1)) == 0; }

void* out_of_memory() noexcept {
  errno = ENOMEM;
  return nullptr;
}

// A free by code whose synchronisation nobody sees is not judged against earlier accesses (modules.hpp); an
// access after it is a finding all the same.
void tell_freed_by_library(void* block, address pc) noexcept {
  if (in_standard_library(pc)) {
    // The last user of a block with a count in its first words (a facet, the control block of a
    // shared_ptr) takes it down in the library, unseen; the others did in code that is seen.
    const char* at = static_cast<const char*>(block);
    acquire(at);
    acquire(at + 8);
    acquire(at + 12);
  } else if (!judged(pc)) {
    const std::size_t size = heap_block_size(block);
    if (size != 0) forget_range(block, size);
  }
  heap_freed(block, pc);
}

void tell_freed(void* block, address pc) noexcept {
  if (in_program(pc)) [[likely]] {
    heap_freed(block, pc);
  } else {
    tell_freed_by_library(block, pc);
  }
}

void free_to_arena(void* block) noexcept {
  const internal_scope inside;
  arena::deallocate(block);
}

void* move_out_of_arena(void* block, std::size_t size, address pc) noexcept {
  void* moved = heap_allocate(size, pc);
  if (moved == nullptr) return nullptr;
  const std::size_t had = arena::usable_size(block);
  bytes::copy(moved, block, had < size ? had : size);
  free_to_arena(block);
  return moved;
}

}  // namespace

void* heap_allocate(std::size_t size, address pc) noexcept {
  if (is_internal()) [[unlikely]] {
    void* block = arena::allocate(size);
    return block == nullptr ? out_of_memory() : block;
  }
  void* block = size <= small_blocks::largest ? small_blocks::allocate(size) : nullptr;
  if (block == nullptr) block = __libc_malloc(size);
  if (block != nullptr) [[likely]]
    heap_allocated(block, size, pc);
  return block;
}

void* heap_allocate_aligned(std::size_t alignment, std::size_t size, address pc) noexcept {
  if (is_internal()) [[unlikely]] {
    void* block = arena::allocate_aligned(size, alignment);
    return block == nullptr ? out_of_memory() : block;
  }
  void* block = __libc_memalign(alignment, size);
  if (block != nullptr) heap_allocated(block, size, pc);
  return block;
}

void heap_free(void* block, address pc) noexcept {
  if (block == nullptr) return;
  if (arena::owns(block)) [[unlikely]]
    return free_to_arena(block);
  if (!is_internal()) [[likely]]
    tell_freed(block, pc);
  if (small_blocks::owns(block))
    small_blocks::deallocate(block);
  else
    __libc_free(block);
}

// Judged as a free and an allocation.
static void* move_out_of_slot(void* block, std::size_t size, address pc) noexcept {
  void* moved = nullptr;
  if (size != 0) {
    moved = heap_allocate(size, pc);
    if (moved == nullptr) return nullptr;
    const std::size_t had = small_blocks::usable_size(block);
    bytes::copy(moved, block, had < size ? had : size);
  }
  heap_free(block, pc);
  return moved;
}

static void* heap_reallocate(void* block, std::size_t size, address pc) noexcept {
  if (block == nullptr) return heap_allocate(size, pc);
  if (arena::owns(block)) {
    if (size != 0) return move_out_of_arena(block, size, pc);
    free_to_arena(block);
    return nullptr;
  }
  if (small_blocks::owns(block)) return move_out_of_slot(block, size, pc);
  if (is_internal()) return __libc_realloc(block, size);
  // Judged as a free and an allocation, whether or not the block moves.
  const std::size_t had = heap_block_size(block);
  tell_freed(block, pc);
  void* moved = __libc_realloc(block, size);
  if (moved != nullptr) {
    heap_allocated(moved, size, pc);
  } else if (size != 0 && had != 0) {
    heap_allocated(block, had, pc);  // it failed and the old block is as it was
  }
  return moved;
}

GOBENCH_INTERPOSED(void*, malloc, std::size_t size) {
  return heap_allocate(size, GOBENCH_CALLER_PC());
}

GOBENCH_INTERPOSED(void, free, void* block) { heap_free(block, GOBENCH_CALLER_PC()); }

GOBENCH_INTERPOSED(void, cfree, void* block) { heap_free(block, GOBENCH_CALLER_PC()); }

GOBENCH_INTERPOSED(void*, calloc, std::size_t count, std::size_t size) {
  std::size_t total = 0;
  if (__builtin_mul_overflow(count, size, &total)) return out_of_memory();
  if (is_internal()) [[unlikely]] {
    void* block = arena::allocate(total);
    if (block == nullptr) return out_of_memory();
    bytes::fill(block, 0, total);
    return block;
  }
  void* block = total <= small_blocks::largest ? small_blocks::allocate(total) : nullptr;
  if (block != nullptr)
    bytes::fill(block, 0, total);
  else
    block = __libc_calloc(count, size);
  if (block != nullptr) heap_allocated(block, total, GOBENCH_CALLER_PC());
  return block;
}

GOBENCH_INTERPOSED(void*, realloc, void* block, std::size_t size) {
  return heap_reallocate(block, size, GOBENCH_CALLER_PC());
}

GOBENCH_INTERPOSED(void*, reallocarray, void* block, std::size_t count, std::size_t size) {
  std::size_t total = 0;
  if (__builtin_mul_overflow(count, size, &total)) return out_of_memory();
  return heap_reallocate(block, total, GOBENCH_CALLER_PC());
}

GOBENCH_INTERPOSED(int, posix_memalign, void** where, std::size_t alignment, std::size_t size) {
  if (!power_of_two(alignment) || alignment % sizeof(void*) != 0) return EINVAL;
  const int kept = errno;
  void* block = heap_allocate_aligned(alignment, size, GOBENCH_CALLER_PC());
  errno = kept;  // it is not set by this function
  if (block == nullptr) return ENOMEM;
  *where = block;
  return 0;
}

// The C library takes any alignment and rounds it up.
static void* allocate_rounded(std::size_t alignment, std::size_t size, address pc) noexcept {
  std::size_t rounded = 16;
  while (rounded < alignment && rounded != 0) rounded *= 2;
  if (rounded == 0) return out_of_memory();
  return heap_allocate_aligned(rounded, size, pc);
}

GOBENCH_INTERPOSED(void*, aligned_alloc, std::size_t alignment, std::size_t size) {
  return allocate_rounded(alignment, size, GOBENCH_CALLER_PC());
}

GOBENCH_INTERPOSED(void*, memalign, std::size_t alignment, std::size_t size) {
  return allocate_rounded(alignment, size, GOBENCH_CALLER_PC());
}

GOBENCH_INTERPOSED(void*, valloc, std::size_t size) {
  return heap_allocate_aligned(4096, size, GOBENCH_CALLER_PC());
}

GOBENCH_INTERPOSED(void*, pvalloc, std::size_t size) {
  const std::size_t rounded = (size + 4095) & ~std::size_t{4095};
  return heap_allocate_aligned(4096, rounded < size ? ~std::size_t{0} : rounded,
                               GOBENCH_CALLER_PC());
}

// What was asked for, not what there is: beyond it the shadow of earlier blocks is still there.
GOBENCH_INTERPOSED(std::size_t, malloc_usable_size, void* block) {
  if (block == nullptr) return 0;
  if (arena::owns(block)) return arena::usable_size(block);
  const std::size_t known = is_internal() ? 0 : heap_block_size(block);
  if (known != 0) return known;
  return small_blocks::owns(block) ? small_blocks::usable_size(block)
                                   : real_malloc_usable_size(block);
}

}  // namespace gobench::detector::interpose
