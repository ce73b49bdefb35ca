#include "detector/engine/memory.hpp"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bit>
#include <cstring>

#include "detector/engine/spin_lock.hpp"

namespace gobench::detector {
namespace {

constexpr unsigned smallest = 6, largest = 26;  // 64 bytes, 64 MiB
constexpr std::size_t chunk_bytes = std::size_t{1} << 20;

struct free_block {
  free_block* next;
};

constinit spin_lock blocks_lock;
constinit free_block* free_blocks[largest + 1] = {};
constinit char* chunk = nullptr;
constinit std::size_t chunk_left = 0;

unsigned size_class(std::size_t bytes) {
  return bytes <= (std::size_t{1} << smallest) ? smallest
                                               : static_cast<unsigned>(std::bit_width(bytes - 1));
}

// The system calls themselves: mmap and its kin are interposed, and this runs before they are resolved.
void* system_map(std::uintptr_t where, std::size_t bytes, int flags) {
  const long result = syscall(SYS_mmap, where, bytes, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | flags, -1, 0);
  return result == -1 ? nullptr : reinterpret_cast<void*>(result);
}

}  // namespace

void* map_memory(std::size_t bytes) noexcept {
  void* memory = system_map(0, bytes, 0);
  if (memory == nullptr)
    die("the detector is out of memory: raise the limit of memory (ulimit -v unlimited), or check "
        "less at once");
  return memory;
}

void* map_memory_at(std::uintptr_t where, std::size_t bytes) noexcept {
  void* memory = system_map(where, bytes, MAP_FIXED_NOREPLACE);
  if (memory != nullptr && memory != reinterpret_cast<void*>(where)) {  // a kernel before 4.17
    syscall(SYS_munmap, memory, bytes);
    return nullptr;
  }
  return memory;
}

void* take_block(std::size_t bytes) noexcept {
  const unsigned kind = size_class(bytes);
  const std::size_t size = std::size_t{1} << kind;
  if (kind > largest) return map_memory(bytes);
  locked guard(blocks_lock);
  if (free_block* block = free_blocks[kind]; block != nullptr) {
    free_blocks[kind] = block->next;
    return block;
  }
  if (size > chunk_bytes / 4) return map_memory(size);
  if (chunk_left < size) {
    chunk = static_cast<char*>(map_memory(chunk_bytes));
    chunk_left = chunk_bytes;
  }
  char* block = chunk;
  chunk += size;
  chunk_left -= size;
  return block;
}

void give_block(void* block, std::size_t bytes) noexcept {
  if (block == nullptr) return;
  const unsigned kind = size_class(bytes);
  if (kind > largest) {
    syscall(SYS_munmap, block, bytes);
    return;
  }
  locked guard(blocks_lock);
  auto* freed = static_cast<free_block*>(block);
  freed->next = free_blocks[kind];
  free_blocks[kind] = freed;
}

void lock_blocks() noexcept { blocks_lock.lock(); }
void unlock_blocks() noexcept { blocks_lock.unlock(); }

void die(const char* sentence) noexcept {
  char text[512];
  std::size_t length = 0;
  const auto append = [&](const char* part) {
    for (; *part != 0 && length + 1 < sizeof text; ++part) text[length++] = *part;
  };
  append("gobench: ");
  append(sentence);
  append(".\n");
  if (syscall(SYS_write, 2, text, length) == -1) {
    // There is nobody left to tell.
  }
  syscall(SYS_exit_group, 4);
  __builtin_unreachable();
}

}  // namespace gobench::detector
