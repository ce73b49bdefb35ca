#include "detector/engine/small_blocks.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <thread>

using namespace gobench::detector;

namespace {

TEST(small_blocks, of_threads_that_ended_are_used_again) {
  std::uintptr_t lowest = ~std::uintptr_t{0}, highest = 0;
  for (int i = 0; i != 500; ++i)
    std::thread([&] {
      void* const block = small_blocks::allocate(small_blocks::largest);
      const auto where = reinterpret_cast<std::uintptr_t>(block);
      lowest = std::min(lowest, where);
      highest = std::max(highest, where);
      small_blocks::deallocate(block);
      small_blocks::thread_exit();
    }).join();
  EXPECT_LT(highest - lowest, 256 * small_blocks::largest);
}

TEST(small_blocks, are_never_two_threads_at_once) {
  constexpr int count = 1000, threads = 3;
  std::set<void*> all;
  std::thread one[threads];
  void* got[threads][count];
  // Twice, so that the second time what others gave back is taken.
  for (int round = 0; round != 2; ++round) {
    for (int t = 0; t != threads; ++t)
      one[t] = std::thread([&, t] {
        for (void*& block : got[t]) block = small_blocks::allocate(24);
        if (round == 0)
          for (void* const block : got[t]) small_blocks::deallocate(block);
        small_blocks::thread_exit();
      });
    for (std::thread& each : one) each.join();
  }
  for (const auto& of_thread : got)
    for (void* const block : of_thread) {
      ASSERT_NE(block, nullptr);
      EXPECT_TRUE(small_blocks::owns(block));
      EXPECT_TRUE(all.insert(block).second);
    }
}

TEST(small_blocks_death, freed_twice_end_the_program_with_a_sentence) {
  EXPECT_EXIT(
      {
        void* const block = small_blocks::allocate(10);
        small_blocks::deallocate(block);
        small_blocks::deallocate(block);
      },
      testing::ExitedWithCode(4), "gobench: the program frees a block that is free already");
}

}  // namespace
