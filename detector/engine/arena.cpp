#include "detector/engine/arena.hpp"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <bit>

namespace gobench::detector::arena {
namespace internal {
constinit std::uintptr_t range_start = 0;
constinit std::size_t range_size = 0;
}  // namespace internal

namespace {

using internal::range_size;
using internal::range_start;

constexpr std::size_t reserved = std::size_t{32} << 30;
constexpr std::size_t chunk_size = std::size_t{64} << 10;
constexpr std::size_t chunk_count = reserved / chunk_size;

// Classes: 16, 32, ... 128, then four per doubling up to 32 KB, then one per doubling from a chunk upwards.
constexpr unsigned fine_classes = 8;
constexpr unsigned small_classes = fine_classes + 4 * 8;
constexpr unsigned largest_log = 34;
constexpr unsigned chunk_log = 16;
constexpr unsigned class_count = small_classes + (largest_log - chunk_log + 1);
constexpr std::size_t largest_small = std::size_t{32} << 10;
// A freed block of this size gives its pages back.
constexpr std::size_t give_back_from = std::size_t{256} << 10;
static_assert(std::size_t{1} << chunk_log == chunk_size);

constexpr unsigned class_of(std::size_t size) {
  if (size == 0) size = 1;
  if (size <= 16 * fine_classes) return static_cast<unsigned>((size - 1) / 16);
  const unsigned log = static_cast<unsigned>(std::bit_width(size - 1)) - 1;
  if (size > largest_small) return small_classes + (log + 1 < chunk_log ? 0 : log + 1 - chunk_log);
  return fine_classes + (log - 7) * 4 + static_cast<unsigned>(((size - 1) >> (log - 2)) & 3);
}

constexpr std::size_t size_of(unsigned index) {
  if (index < fine_classes) return 16 * (index + std::size_t{1});
  if (index >= small_classes) return chunk_size << (index - small_classes);
  const unsigned log = 7 + (index - fine_classes) / 4;
  return (std::size_t{1} << log) + ((index - fine_classes) % 4 + 1) * (std::size_t{1} << (log - 2));
}
static_assert(class_of(129) == fine_classes && size_of(fine_classes) == 160);
static_assert(size_of(class_of(largest_small)) == largest_small);
static_assert(size_of(class_of(largest_small + 1)) == chunk_size);

struct free_block {
  free_block* next;
};

struct size_class {
  free_block* free = nullptr;
  std::uintptr_t fresh = 0;  // the rest of the newest chunk
  std::uintptr_t fresh_end = 0;
};

constinit std::atomic_flag lock{};
constinit std::array<size_class, class_count> classes{};
constinit std::array<std::uint8_t, chunk_count> class_of_chunk{};
constinit std::uintptr_t next_chunk = 0;
constinit std::size_t in_use = 0;

class locked {
 public:
  locked() noexcept { take(); }
  ~locked() { give(); }
  locked(const locked&) = delete;
  locked& operator=(const locked&) = delete;

  // Pairs with the release in give().
  static void take() noexcept {
    while (lock.test_and_set(std::memory_order_acquire)) ::syscall(SYS_sched_yield);
  }
  static void give() noexcept { lock.clear(std::memory_order_release); }
};

// The wrapper of the C library is interposed; this is what it does.
void* map(std::size_t size) noexcept {
  const long got = ::syscall(SYS_mmap, nullptr, size, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return got == -1 ? nullptr : reinterpret_cast<void*>(got);
}

bool reserve() noexcept {
  if (range_size != 0) return true;
  void* start = map(reserved + chunk_size);
  if (start == nullptr) return false;
  ::syscall(SYS_madvise, start, reserved + chunk_size, MADV_DONTDUMP);
  range_start = (reinterpret_cast<std::uintptr_t>(start) + chunk_size - 1) & ~(chunk_size - 1);
  next_chunk = range_start;
  range_size = reserved;
  return true;
}

std::size_t chunk_of(std::uintptr_t where) noexcept { return (where - range_start) / chunk_size; }

std::uintptr_t take_chunks(std::size_t bytes, std::size_t alignment, unsigned index) noexcept {
  const std::uintptr_t start = (next_chunk + alignment - 1) & ~(alignment - 1);
  const std::uintptr_t end = range_start + range_size;
  if (start > end || bytes > end - start) return 0;
  next_chunk = start + bytes;
  class_of_chunk[chunk_of(start)] = static_cast<std::uint8_t>(index);
  return start;
}

void* take_small(unsigned index) noexcept {
  size_class& of = classes[index];
  const std::size_t size = size_of(index);
  if (of.fresh_end - of.fresh < size) {
    const std::uintptr_t chunk = take_chunks(chunk_size, chunk_size, index);
    if (chunk == 0) return nullptr;
    of.fresh = chunk;
    of.fresh_end = chunk + chunk_size;
  }
  void* block = reinterpret_cast<void*>(of.fresh);
  of.fresh += size;
  return block;
}

void* take(unsigned index, std::size_t alignment) noexcept {
  const locked hold;
  if (!reserve()) return nullptr;
  size_class& of = classes[index];
  void* block = nullptr;
  if (of.free != nullptr && alignment <= chunk_size) {
    block = of.free;
    of.free = of.free->next;
  } else if (index < small_classes) {
    block = take_small(index);
  } else {
    block = reinterpret_cast<void*>(
        take_chunks(size_of(index), alignment < chunk_size ? chunk_size : alignment, index));
  }
  if (block != nullptr) in_use += size_of(index);
  return block;
}

}  // namespace

void* allocate(std::size_t size) noexcept {
  if (size > reserved / 2) return nullptr;
  return take(class_of(size), 16);
}

// A block whose size is a power of two is aligned to it, as chunks are to theirs.
void* allocate_aligned(std::size_t size, std::size_t alignment) noexcept {
  if (alignment <= 16) return allocate(size);
  if (size > reserved / 2 || alignment > reserved / 2) return nullptr;
  return take(class_of(std::bit_ceil(size < alignment ? alignment : size)), alignment);
}

void deallocate(void* block) noexcept {
  const auto where = reinterpret_cast<std::uintptr_t>(block);
  const unsigned index = class_of_chunk[chunk_of(where)];
  const std::size_t size = size_of(index);
  // Before the block can be had by another thread; its first word comes back as a fresh page below.
  if (size >= give_back_from) ::syscall(SYS_madvise, block, size, MADV_DONTNEED);
  const locked hold;
  auto* freed = static_cast<free_block*>(block);
  freed->next = classes[index].free;
  classes[index].free = freed;
  in_use -= size;
}

std::size_t usable_size(const void* block) noexcept {
  return size_of(class_of_chunk[chunk_of(reinterpret_cast<std::uintptr_t>(block))]);
}

std::size_t bytes_in_use() noexcept {
  const locked hold;
  return in_use;
}

void before_fork() noexcept { locked::take(); }
void after_fork() noexcept { locked::give(); }

}  // namespace gobench::detector::arena
