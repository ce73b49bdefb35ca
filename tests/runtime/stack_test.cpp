// Where stacks come from and where they go.
#include "runtime/internal/stack.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <memory>
#include <new>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/runtime/support.hpp"

namespace {

using gobench::stack_options;
using gobench::stack_strategy;
using gobench::runtime::arena_for;
using gobench::runtime::guard_kind;
using gobench::runtime::page_bytes;
using gobench::runtime::stack;
using gobench::runtime::stack_arena;

constexpr std::size_t kib = 1024;
constexpr std::size_t mib = 1024 * kib;

stack_options of(stack_strategy strategy, std::size_t reserve, bool guard = true) {
  stack_options chosen;
  chosen.strategy = strategy;
  chosen.reserve = reserve;
  chosen.guard = guard;
  return chosen;
}

// Arenas are never destroyed, as in the runtime: stacks may be in use anywhere.
stack_arena& new_arena(const stack_options& chosen) {
  static auto& kept = *new std::vector<std::unique_ptr<stack_arena>>;
  kept.push_back(std::make_unique<stack_arena>(chosen));
  return *kept.back();
}

std::vector<stack*> listed(stack* first) {
  std::vector<stack*> all;
  for (; first != nullptr; first = first->next_free) all.push_back(first);
  return all;
}

void give_back(stack_arena& arena, const std::vector<stack*>& all) {
  for (stack* one : all) {
    one->next_free = nullptr;
    arena.give(one);
  }
}

// Resident bytes of this process.
std::size_t resident() {
  std::ifstream file("/proc/self/statm");
  std::size_t pages = 0;
  file >> pages >> pages;
  return pages * page_bytes;
}

// Pages of the range that are in memory.
std::size_t committed(const stack& one) {
  const auto from = reinterpret_cast<std::uintptr_t>(one.low) / page_bytes * page_bytes;
  const auto pages =
      (reinterpret_cast<std::uintptr_t>(one.top) - from + page_bytes - 1) / page_bytes;
  std::vector<unsigned char> in(pages);
  if (::mincore(reinterpret_cast<void*>(from), pages * page_bytes, in.data()) != 0) return 0;
  return static_cast<std::size_t>(
      std::ranges::count_if(in, [](unsigned char c) { return (c & 1) != 0; }));
}

class stack_sizes : public ::testing::TestWithParam<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(bytes, stack_sizes,
                         ::testing::Values(4 * kib, 8 * kib, 16 * kib, 20 * kib, 64 * kib,
                                           256 * kib, 1 * mib, 64 * mib, 100 * mib, 1024 * mib),
                         ::testing::PrintToStringParamName());

TEST_P(stack_sizes, are_what_was_asked_for) {
  for (const stack_strategy strategy : {stack_strategy::lazy, stack_strategy::fixed}) {
    // Three of these would be committed.
    if (strategy == stack_strategy::fixed && GetParam() > 100 * mib) continue;
    stack_arena& arena = new_arena(of(strategy, GetParam()));
    std::vector<stack*> all;
    for (int i = 0; i < 3; ++i)
      for (stack* one : listed(arena.take(4))) all.push_back(one);
    EXPECT_GE(all.size(), 3U);
    std::set<std::byte*> lows;
    for (const stack* one : all) {
      EXPECT_EQ(one->reserved(), GetParam());
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(one->low) % page_bytes, 0U);
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(one->top) % 16, 0U);
      EXPECT_NE(one->guard, guard_kind::canary);
      EXPECT_TRUE(lows.insert(one->low).second) << "given twice";
      // Both ends are ours.
      *(one->top - 1) = std::byte{1};
      *one->low = std::byte{1};
    }
    for (const stack* one : all)
      for (const stack* other : all)
        EXPECT_TRUE(one == other || one->top <= other->low || other->top <= one->low);
    give_back(arena, all);
  }
}

TEST(stack_arena, gives_back_what_it_was_given) {
  stack_arena& arena = new_arena(of(stack_strategy::lazy, 64 * kib));
  const std::vector<stack*> first = listed(arena.take(16));
  ASSERT_EQ(first.size(), 16U);
  give_back(arena, first);
  const std::vector<stack*> again = listed(arena.take(16));
  EXPECT_EQ(std::set<stack*>(first.begin(), first.end()),
            std::set<stack*>(again.begin(), again.end()));
  give_back(arena, again);
  arena.trim();
  const std::vector<stack*> trimmed = listed(arena.take(16));
  EXPECT_EQ(std::set<stack*>(first.begin(), first.end()),
            std::set<stack*>(trimmed.begin(), trimmed.end()));
  give_back(arena, trimmed);
}

TEST(stack_arena, a_lazy_stack_commits_what_is_touched) {
  stack_arena& arena = new_arena(of(stack_strategy::lazy, 256 * kib));
  const std::vector<stack*> all = listed(arena.take(16));
  for (const stack* one : all) {
    // At most the page that every task touches, ahead of it.
    EXPECT_LE(committed(*one), 1U);
    // As deep as a shallow task goes: with its top spread over the cache it is still one page.
    std::memset(one->top - kib, 1, kib);
    EXPECT_EQ(committed(*one), 1U);
  }
  // Some use of the rest.
  std::memset(all[0]->low, 1, 100 * kib);
  EXPECT_EQ(committed(*all[0]), 26U);
  give_back(arena, all);
  arena.trim();
  for (const stack* one : all) EXPECT_EQ(committed(*one), 0U);
}

TEST(stack_arena, tops_are_spread_over_the_cache) {
  stack_arena& arena = new_arena(of(stack_strategy::lazy, 256 * kib));
  std::set<std::uintptr_t> offsets;
  const std::vector<stack*> all = listed(arena.take(16));
  for (const stack* one : all)
    offsets.insert(reinterpret_cast<std::uintptr_t>(one->top) % page_bytes);
  give_back(arena, all);
  EXPECT_GE(offsets.size(), 8U);
}

TEST(stack_arena, a_pooled_stack_is_committed_when_made) {
  stack_arena& arena = new_arena(of(stack_strategy::pooled, 64 * kib));
  const std::vector<stack*> all = listed(arena.take(4));
  for (const stack* one : all) EXPECT_EQ(committed(*one), 16U);
  give_back(arena, all);
  arena.trim();
  for (const stack* one : all) EXPECT_EQ(committed(*one), 16U);
}

// Stacks are made in batches. One task with a large one must not cost the memory of a batch.
TEST(stack_arena, a_large_pooled_stack_commits_itself_and_not_a_batch) {
  stack_arena& arena = new_arena(of(stack_strategy::pooled, 128 * mib));
  const std::size_t before = resident();
  const std::vector<stack*> all = listed(arena.take(16));
  EXPECT_GE(resident() - before, 100 * mib);
  EXPECT_LE(resident() - before, 300 * mib);
  for (const stack* one : all) ::madvise(one->low, one->reserved(), MADV_DONTNEED);
  give_back(arena, all);
}

TEST(stack_arena, a_fixed_stack_is_committed_when_taken) {
  stack_arena& arena = new_arena(of(stack_strategy::fixed, 64 * kib));
  const std::vector<stack*> one = listed(arena.take(16));
  ASSERT_EQ(one.size(), 1U);
  EXPECT_EQ(committed(*one[0]), 16U);
  give_back(arena, one);
}

// --- what lies idle ---

std::size_t committed(const std::vector<stack*>& all) {
  std::size_t pages = 0;
  for (const stack* one : all) pages += committed(*one);
  return pages;
}

TEST(idle_stacks, give_their_memory_back_but_for_a_few) {
  stack_arena& arena = new_arena(of(stack_strategy::lazy, 64 * kib));
  std::vector<stack*> all;
  while (all.size() < 1000)
    for (stack* one : listed(arena.take(16))) all.push_back(one);
  for (const stack* one : all) std::memset(one->low, 1, one->size());
  const std::size_t full = all.size() * 16;
  EXPECT_EQ(committed(all), full);
  EXPECT_FALSE(arena.trim_idle()) << "none is idle";
  give_back(arena, all);
  EXPECT_TRUE(arena.trim_idle()) << "they were needed a moment ago";
  EXPECT_EQ(committed(all), full);
  EXPECT_FALSE(arena.trim_idle());
  EXPECT_GT(committed(all), 0U) << "some stay warm";
  EXPECT_LE(committed(all), 100U * 16);
  arena.trim();
  EXPECT_EQ(committed(all), 0U);
  // Nothing is lost, and none is there twice.
  std::set<stack*> again;
  while (again.size() < all.size())
    for (stack* one : listed(arena.take(16))) ASSERT_TRUE(again.insert(one).second);
  EXPECT_EQ(again, std::set<stack*>(all.begin(), all.end()));
}

// What is taken and given back all the time is not idle, however often somebody looks.
TEST(idle_stacks, are_not_those_of_a_program_that_spawns_all_the_time) {
  stack_arena& arena = new_arena(of(stack_strategy::lazy, 64 * kib));
  std::vector<stack*> all;
  for (int round = 0; round < 5; ++round) {
    all.clear();
    while (all.size() < 500)
      for (stack* one : listed(arena.take(16))) all.push_back(one);
    if (round > 0) {
      EXPECT_EQ(committed(all), all.size() * 16) << round;
    }
    for (const stack* one : all) std::memset(one->low, 1, one->size());
    give_back(arena, all);
    arena.trim_idle();
  }
}

TEST(idle_stacks, of_a_size_that_memory_has_not_for_a_few_go_altogether) {
  stack_arena& arena = new_arena(of(stack_strategy::lazy, 32 * mib));
  const std::vector<stack*> one = listed(arena.take(1));
  ASSERT_EQ(one.size(), 1U);
  std::memset(one[0]->low, 1, one[0]->size());
  give_back(arena, one);
  arena.trim_idle();
  EXPECT_FALSE(arena.trim_idle());
  EXPECT_EQ(committed(one), 0U);
}

TEST(idle_stacks, stay_when_they_are_pooled) {
  stack_arena& arena = new_arena(of(stack_strategy::pooled, 64 * kib));
  std::vector<stack*> all;
  while (all.size() < 200)
    for (stack* one : listed(arena.take(16))) all.push_back(one);
  give_back(arena, all);
  EXPECT_FALSE(arena.trim_idle());
  EXPECT_FALSE(arena.trim_idle());
  EXPECT_EQ(committed(all), all.size() * 16);
}

TEST(idle_stacks, may_be_trimmed_while_others_take_them) {
  stack_arena& arena = new_arena(of(stack_strategy::lazy, 16 * kib));
  std::atomic<bool> stop{false};
  std::thread trims([&] {
    while (!stop.load()) arena.trim_idle();
  });
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&arena, t] {
      for (int round = 0; round < 40; ++round) {
        std::vector<stack*> mine;
        for (int i = 0; i < 8; ++i)
          for (stack* one : listed(arena.take(16))) mine.push_back(one);
        for (const stack* one : mine) *(one->top - 1) = static_cast<std::byte>(t);
        std::this_thread::yield();
        for (const stack* one : mine) ASSERT_EQ(*(one->top - 1), static_cast<std::byte>(t));
        give_back(arena, mine);
      }
    });
  }
  for (std::thread& one : threads) one.join();
  stop.store(true);
  trims.join();
}

TEST(stack_arena, a_fixed_stack_is_unmapped) {
  stack_arena& arena = new_arena(of(stack_strategy::fixed, 64 * kib));
  const std::size_t before = lines_of("/proc/self/maps");
  for (int round = 0; round < 20; ++round) {
    std::vector<stack*> all;
    for (int i = 0; i < 50; ++i)
      for (stack* one : listed(arena.take(16))) all.push_back(one);
    give_back(arena, all);
  }
  EXPECT_LE(lines_of("/proc/self/maps"), before + 10);
}

TEST(stack_arena, canaries_are_intact_until_they_are_not) {
  stack_arena& arena = new_arena(of(stack_strategy::lazy, 64 * kib, false));
  const std::vector<stack*> all = listed(arena.take(8));
  for (const stack* one : all) {
    EXPECT_EQ(one->guard, guard_kind::canary);
    EXPECT_TRUE(one->intact());
  }
  give_back(arena, all);
  arena.trim();
  for (const stack* one : all) EXPECT_TRUE(one->intact()) << "trimmed away";
  const std::vector<stack*> again = listed(arena.take(8));
  *again[3]->low = std::byte{0};
  EXPECT_FALSE(again[3]->intact());
  give_back(arena, again);
}

TEST(stack_arena, the_smallest_stacks_have_room_for_a_canary) {
  for (const stack_strategy strategy : {stack_strategy::lazy, stack_strategy::pooled}) {
    stack_arena& arena = new_arena(of(strategy, 4 * kib, false));
    const std::vector<stack*> all = listed(arena.take(16));
    give_back(arena, all);
    arena.trim();
    for (const stack* one : all) EXPECT_TRUE(one->intact());
  }
}

TEST(stack_arena, may_be_used_by_many_threads) {
  stack_arena& arena = new_arena(of(stack_strategy::lazy, 16 * kib));
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&arena, t] {
      for (int round = 0; round < 300; ++round) {
        const std::vector<stack*> mine = listed(arena.take(1 + (round + t) % 16));
        for (const stack* one : mine) *(one->top - 1) = static_cast<std::byte>(t);
        std::this_thread::yield();
        for (const stack* one : mine) ASSERT_EQ(*(one->top - 1), static_cast<std::byte>(t));
        give_back(arena, mine);
      }
    });
  }
  for (std::thread& one : threads) one.join();
}

TEST(arena_for, is_the_same_for_the_same_options) {
  const stack_options chosen = of(stack_strategy::lazy, 48 * kib);
  stack_arena& one = arena_for(chosen);
  EXPECT_EQ(&arena_for(chosen), &one);
  EXPECT_NE(&arena_for(of(stack_strategy::lazy, 52 * kib)), &one);
  EXPECT_NE(&arena_for(of(stack_strategy::pooled, 48 * kib)), &one);
  EXPECT_NE(&arena_for(of(stack_strategy::lazy, 48 * kib, false)), &one);
}

// --- with tasks ---

class stacks_of_runs : public ::testing::TestWithParam<stack_strategy> {
 protected:
  gobench::options chosen(int procs, std::size_t reserve) const {
    gobench::options all = on_fibers(procs);
    all.stack.strategy = GetParam();
    all.stack.reserve = reserve;
    return all;
  }
};
INSTANTIATE_TEST_SUITE_P(strategy, stacks_of_runs,
                         ::testing::Values(stack_strategy::lazy, stack_strategy::pooled,
                                           stack_strategy::fixed),
                         [](const ::testing::TestParamInfo<stack_strategy>& information) {
                           switch (information.param) {
                             case stack_strategy::lazy:
                               return "lazy";
                             case stack_strategy::pooled:
                               return "pooled";
                             case stack_strategy::fixed:
                               return "fixed";
                             case stack_strategy::segmented:
                               break;  // needs a program of its own: tests/segmented
                           }
                           return "";
                         });

__attribute__((noinline)) std::size_t use(std::size_t bytes) {
  volatile auto* room = static_cast<volatile unsigned char*>(__builtin_alloca(bytes));
  std::size_t sum = 0;
  for (std::size_t i = 0; i < bytes; i += 1024) {
    room[i] = static_cast<unsigned char>(i / 1024 % 251);
    sum += room[i];
  }
  return sum;
}

TEST_P(stacks_of_runs, of_every_size_carry_tasks) {
  for (const std::size_t reserve : {16 * kib, 64 * kib, 256 * kib, 4 * mib}) {
    gobench::run(chosen(2, reserve), [reserve] {
      std::vector<gobench::task> tasks;
      for (int i = 0; i < 20; ++i) {
        tasks.push_back(gobench::go([reserve] {
          if (!sanitized) use(reserve / 2);
          gobench::yield();
        }));
      }
      for (gobench::task& t : tasks) t.join();
    });
  }
}

TEST_P(stacks_of_runs, do_not_pile_up_from_run_to_run) {
  const auto once = [&] {
    gobench::run(chosen(2, 32 * kib), [] {
      gobench::event begin;
      std::vector<gobench::task> tasks;
      for (int i = 0; i < 200; ++i) tasks.push_back(gobench::go([&] { begin.wait(); }));
      for (int i = 0; i < 300; ++i) gobench::yield();
      begin.set();
      for (gobench::task& t : tasks) t.join();
    });
  };
  for (int i = 0; i < 10; ++i) once();
  const std::size_t before = lines_of("/proc/self/maps");
  for (int i = 0; i < 30; ++i) once();
  EXPECT_LE(lines_of("/proc/self/maps"), before + 20);
}

// Their stacks go back although they were never left by a return.
TEST_P(stacks_of_runs, of_tasks_that_the_end_unwinds_are_not_lost) {
  gobench::event never;
  for (const gobench::at_end end : {gobench::at_end::unwind, gobench::at_end::abandon}) {
    const auto once = [&] {
      gobench::options all = chosen(2, 32 * kib);
      all.end = end;
      gobench::run(all, [] {
        for (int i = 0; i < 100; ++i)
          gobench::go([] { gobench::sleep_for(std::chrono::hours(1)); });
        for (int i = 0; i < 300; ++i) gobench::yield();
      });
    };
    for (int i = 0; i < 10; ++i) once();
    const std::size_t before = lines_of("/proc/self/maps");
    const std::size_t size = resident();
    for (int i = 0; i < 50; ++i) once();
    EXPECT_LE(lines_of("/proc/self/maps"), before + 20);
    // 50 x 100 stacks of which a page at least was touched would be 20 MiB.
    if (!sanitized) {
      EXPECT_LE(resident(), size + 10 * mib);
    }
  }
}

TEST(stacks_of_tasks, twenty_thousand_at_once) {
  const int tasks = sanitized ? 4'000 : 20'000;
  gobench::run(on_fibers(2), [tasks] {
    gobench::event begin;
    std::atomic<int> here{0};
    std::atomic<int> through{0};
    gobench::wait_group all;
    all.add(tasks);
    for (int i = 0; i < tasks; ++i) {
      gobench::go([&] {
        here.fetch_add(1);
        begin.wait();
        through.fetch_add(1);
        all.done();
      });
      if (i % 128 == 0) gobench::yield();
    }
    while (here.load() < tasks) gobench::yield();
    begin.set();
    all.wait();
    EXPECT_EQ(through.load(), tasks);
  });
}

// The run goes on, with nothing to do: what 10 thousand deep tasks have used goes back to the system.
TEST(stacks_of_tasks, give_memory_back_while_nothing_runs) {
  if (sanitized) GTEST_SKIP() << "a sanitizer's memory is not ours to count";
  for (const int procs : {1, 2}) {
    gobench::run(on_fibers(procs), [] {
      constexpr int tasks = 10'000;
      gobench::event begin;
      gobench::wait_group all;
      std::atomic<int> here{0};
      all.add(tasks);
      const std::size_t before = resident();
      for (int i = 0; i < tasks; ++i) {
        gobench::go([&] {
          use(16 * kib);
          here.fetch_add(1);
          begin.wait();
          all.done();
        });
      }
      while (here.load() < tasks) gobench::yield();
      const std::size_t at = resident();
      EXPECT_GE(at - before, tasks * 16 * kib);
      begin.set();
      all.wait();
      // A second or so; the time limit is for a machine with other things to do.
      std::size_t after = resident();
      for (int i = 0; i < 300 && after > before + (at - before) / 4; ++i) {
        gobench::sleep_for(std::chrono::milliseconds(100));
        after = resident();
      }
      EXPECT_LE(after, before + (at - before) / 4);
    });
  }
}

TEST(stacks_of_tasks, of_four_kib_carry_a_small_task) {
  if (sanitized) GTEST_SKIP() << "a sanitizer's frames are larger";
  gobench::options chosen = on_fibers(2);
  chosen.stack.reserve = 4 * kib;
  std::atomic<int> ran{0};
  gobench::run(chosen, [&] {
    std::vector<gobench::task>& tasks = *new std::vector<gobench::task>;
    for (int i = 0; i < 100; ++i) {
      tasks.push_back(gobench::go([&] {
        gobench::yield();
        ran.fetch_add(1);
      }));
    }
    for (gobench::task& t : tasks) t.join();
    delete &tasks;
  });
  EXPECT_EQ(ran.load(), 100);
}

TEST(stacks_of_tasks, of_one_gib_carry_deep_tasks) {
  gobench::options chosen = on_fibers(1);
  chosen.stack.reserve = 1024 * mib;
  gobench::run(chosen, [] {
    std::size_t used = 0;
    gobench::go([&] { used = use(48 * mib); }).join();
    EXPECT_GT(used, 0U);
  });
}

}  // namespace
