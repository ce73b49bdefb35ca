// The stack and the locks of an earlier access, rebuilt from the trace.
#include "detector/engine/trace.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "detector/engine/depot.hpp"
#include "detector/engine/internal.hpp"
#include "detector/engine/task_state.hpp"
#include "tests/detector/engine/driver.hpp"

using namespace gobench::detector;
using namespace gobench::detector::driver;

namespace {

void* as_pc(address pc) { return reinterpret_cast<void*>(pc); }

// The last write of eight bytes at `where` by the task in its present epoch.
traced_access replayed(const actor& of, const void* where) {
  const internal_scope inside;
  return traces.replay(of.state(), of.state().clock.now(), reinterpret_cast<address>(where), 8,
                       false, false);
}

// Writes without an entry of its own.
[[gnu::noinline]] void write_here(void* where, address pc) { write_range(where, 8, pc); }

TEST(trace, tells_the_stack_of_an_access) {
  char* memory = fresh_memory(64);
  actor one;
  one.does([&] {
    __tsan_func_entry(as_pc(0x100));
    __tsan_func_entry(as_pc(0x200));
    __tsan_func_exit();
    __tsan_func_entry(as_pc(0x300));
    write_here(memory, 0x400);
    __tsan_func_exit();
    write_here(memory + 8, 0x500);
    __tsan_func_exit();
  });
  EXPECT_EQ(replayed(one, memory).stack, (std::vector<address>{0x400, 0x300, 0x100}));
  EXPECT_EQ(replayed(one, memory + 8).stack, (std::vector<address>{0x500, 0x100}));
  EXPECT_FALSE(replayed(one, memory + 16).found);
}

TEST(trace, tells_the_locks_held_with_where_they_were_taken) {
  char* memory = fresh_memory(64);
  char* locks = fresh_memory(128);
  actor one;
  one.does([&] {
    __tsan_func_entry(as_pc(0x100));
    lock_acquired(locks, 0, 0x10);
    lock_acquired(locks + 64, lock_shared, 0x20);
    write_here(memory, 0x400);
    lock_released(locks, 0, 0x30);
  });
  one.does([&] { write_here(memory + 8, 0x500); });
  const traced_access was = replayed(one, memory + 8);
  ASSERT_EQ(was.locks.size(), 1U);
  EXPECT_EQ(was.locks[0].lock, reinterpret_cast<address>(locks + 64));
  EXPECT_TRUE(was.locks[0].shared);
  EXPECT_EQ(was.locks[0].taken, (std::vector<address>{0x20, 0x100}));
}

// Parts begin with what is needed to replay them alone.
TEST(trace, goes_on_over_parts) {
  char* memory = fresh_memory(64);
  char* many = fresh_memory(8 << 10);
  actor one;
  one.does([&] {
    __tsan_func_entry(as_pc(0x100));
    for (int i = 0; i != 5; ++i) __tsan_func_entry(as_pc(0x200 + static_cast<address>(i)));
    for (int i = 0; i != 1024; ++i) {
      // Far apart: an event for the place each.
      write_here(many + 8 * i, 0x100000 * static_cast<address>(1 + i % 7));
    }
    write_here(memory, 0x400);
  });
  EXPECT_GT(one.state().part_count, 2U);
  EXPECT_EQ(replayed(one, memory).stack,
            (std::vector<address>{0x400, 0x204, 0x203, 0x202, 0x201, 0x200, 0x100}));
}

TEST(trace, of_many_tasks_gives_the_oldest_parts_up) {
  traces.set_budget(1 << 20);
  char* memory = fresh_memory(64 << 10);
  std::vector<std::unique_ptr<actor>> many;
  for (int i = 0; i != 1000; ++i) {
    many.push_back(std::make_unique<actor>());
    many.back()->does([&] {
      for (int k = 0; k != 300; ++k)
        write_here(memory + 8 * k, 0x100000 * static_cast<address>(1 + k % 7));
      release(memory + 4096);
      acquire(memory + 4096);
    });
  }
  std::uint32_t parts = 0;
  for (const auto& one : many) {
    const internal_scope inside;
    parts += one->state().part_count;
  }
  traces.set_budget(std::size_t{256} << 20);
  // The part that is being written stays with its task.
  EXPECT_GE(parts, 1000U);
  EXPECT_LE(parts, 1100U);
}

TEST(depot, gives_a_stack_one_number_and_tells_it_again) {
  actor one;
  one.does([&] {
    __tsan_func_entry(as_pc(0x100));
    __tsan_func_entry(as_pc(0x200));
    const stack_id first = stack_of(*current(), 0x300);
    EXPECT_EQ(stack_of(*current(), 0x300), first);
    EXPECT_EQ(stack_at(first), (std::vector<address>{0x300, 0x200, 0x100}));
    const stack_id second = stack_of(*current(), 0x301);
    EXPECT_NE(second, first);
    __tsan_func_exit();
    EXPECT_EQ(stack_at(stack_of(*current(), 0x300)), (std::vector<address>{0x300, 0x100}));
    EXPECT_EQ(stack_at(stack_with(first, 0x9)), (std::vector<address>{0x9, 0x300, 0x200, 0x100}));
  });
  EXPECT_TRUE(stack_at(0).empty());
}

}  // namespace
