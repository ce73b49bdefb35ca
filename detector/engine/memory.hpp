// Memory of the detector that does not come from the program's heap: tables, pools, blocks by powers of two.
// Usable before start-up and in any thread inside the detector.
#pragma once

#include <cstddef>
#include <cstdint>

namespace gobench::detector {

// Zeroed, page-granular, not reserved in swap. Ends the process with a sentence if there is none.
void* map_memory(std::size_t bytes) noexcept;
// The same at a fixed place; null if something is there already.
void* map_memory_at(std::uintptr_t where, std::size_t bytes) noexcept;

// 64 bytes to 64 MiB, rounded up to a power of two; not zeroed.
void* take_block(std::size_t bytes) noexcept;
void give_block(void* block, std::size_t bytes) noexcept;  // with the size that was taken
// Around fork.
void lock_blocks() noexcept;
void unlock_blocks() noexcept;

// A table of up to `Capacity` records that are never moved, reserved at first use; index 0 is none.
template <typename Record, std::size_t Capacity>
class table {
 public:
  void reserve() noexcept {
    if (records_ == nullptr) records_ = static_cast<Record*>(map_memory(sizeof(Record) * Capacity));
  }
  Record& operator[](std::uint32_t index) const noexcept { return records_[index]; }
  static constexpr std::size_t capacity() { return Capacity; }

 private:
  Record* records_ = nullptr;
};

// A sentence on stderr and the end of the process: for what the detector cannot do without.
[[noreturn]] void die(const char* sentence) noexcept;

}  // namespace gobench::detector
