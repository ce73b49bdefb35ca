#include "detector/engine/arena.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <random>
#include <set>
#include <thread>
#include <vector>

namespace gobench::detector::arena {
namespace {

std::uintptr_t at(const void* block) { return reinterpret_cast<std::uintptr_t>(block); }

TEST(arena, knows_its_own_blocks) {
  int local = 0;
  EXPECT_FALSE(owns(nullptr));
  EXPECT_FALSE(owns(&local));
  void* block = allocate(10);
  ASSERT_NE(block, nullptr);
  EXPECT_TRUE(owns(block));
  EXPECT_FALSE(owns(&local));
  deallocate(block);
}

TEST(arena, blocks_are_aligned_and_as_large_as_asked_for) {
  for (std::size_t size = 0; size < 200'000; size = size * 5 / 4 + 1) {
    void* block = allocate(size);
    ASSERT_NE(block, nullptr) << size;
    EXPECT_EQ(at(block) % 16, 0u) << size;
    EXPECT_GE(usable_size(block), size);
    EXPECT_LE(usable_size(block), size * 2 + 65'536) << size;
    std::memset(block, 1, usable_size(block));
    deallocate(block);
  }
}

TEST(arena, alignment_is_kept) {
  for (std::size_t alignment = 16; alignment <= std::size_t{1} << 22; alignment *= 2)
    for (const std::size_t size : {std::size_t{1}, alignment, alignment * 3 + 1}) {
      std::vector<void*> blocks;
      for (int i = 0; i < 3; ++i) {
        blocks.push_back(allocate_aligned(size, alignment));
        ASSERT_NE(blocks.back(), nullptr);
        EXPECT_EQ(at(blocks.back()) % alignment, 0u) << size << " to " << alignment;
        EXPECT_GE(usable_size(blocks.back()), size);
      }
      for (void* block : blocks) deallocate(block);
    }
}

TEST(arena, a_freed_block_is_used_again) {
  for (const std::size_t size : {std::size_t{24}, std::size_t{5'000}, std::size_t{1} << 20}) {
    void* first = allocate(size);
    deallocate(first);
    void* second = allocate(size);
    EXPECT_EQ(first, second) << size;
    deallocate(second);
  }
}

TEST(arena, a_large_block_comes_back_empty_of_what_was_in_it) {
  constexpr std::size_t size = std::size_t{1} << 20;
  auto* block = static_cast<char*>(allocate(size));
  std::memset(block, 7, size);
  deallocate(block);
  auto* again = static_cast<char*>(allocate(size));
  ASSERT_EQ(block, again);
  EXPECT_EQ(again[size - 1], 0);
  deallocate(again);
}

TEST(arena, what_is_too_large_is_refused) {
  EXPECT_EQ(allocate(std::size_t{1} << 40), nullptr);
  EXPECT_EQ(allocate(~std::size_t{0}), nullptr);
  EXPECT_EQ(allocate_aligned(10, std::size_t{1} << 40), nullptr);
}

TEST(arena, bytes_in_use_are_counted) {
  const std::size_t before = bytes_in_use();
  void* block = allocate(1'000);
  EXPECT_EQ(bytes_in_use(), before + usable_size(block));
  deallocate(block);
  EXPECT_EQ(bytes_in_use(), before);
}

// Random allocations, each filled with a pattern of its own that has to be whole when it is freed: no two
// blocks overlap, also across threads.
void churn(unsigned seed) {
  struct live {
    unsigned char* block;
    std::size_t size;
    unsigned char pattern;
  };
  std::mt19937 random(seed);
  std::vector<live> blocks;
  for (int i = 0; i < 20'000; ++i) {
    if (blocks.size() < 100 && random() % 3 != 0) {
      const std::size_t size = random() % 50 == 0 ? random() % 300'000 : random() % 700;
      auto* block = static_cast<unsigned char*>(
          random() % 4 == 0 ? allocate_aligned(size, std::size_t{16} << random() % 6)
                            : allocate(size));
      ASSERT_NE(block, nullptr);
      const auto pattern = static_cast<unsigned char>(random());
      std::memset(block, pattern, size);
      blocks.push_back({block, size, pattern});
    } else if (!blocks.empty()) {
      const std::size_t which = random() % blocks.size();
      const live gone = blocks[which];
      for (std::size_t at_byte = 0; at_byte < gone.size; at_byte += 1 + gone.size / 64)
        ASSERT_EQ(gone.block[at_byte], gone.pattern);
      deallocate(gone.block);
      blocks[which] = blocks.back();
      blocks.pop_back();
    }
  }
  for (const live& left : blocks) deallocate(left.block);
}

TEST(arena, blocks_never_overlap) {
  const std::size_t before = bytes_in_use();
  std::vector<std::thread> threads;
  for (unsigned seed = 1; seed <= 4; ++seed) threads.emplace_back(churn, seed);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(bytes_in_use(), before);
}

TEST(arena, is_usable_after_a_fork_that_held_it) {
  before_fork();
  after_fork();
  void* block = allocate(10);
  EXPECT_NE(block, nullptr);
  deallocate(block);
}

}  // namespace
}  // namespace gobench::detector::arena
