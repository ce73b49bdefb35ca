// Sync objects, heap blocks, ids of tasks, and what atomics and fences carry.
#include "detector/engine/sync_object.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "detector/engine/internal.hpp"
#include "detector/engine/tasks.hpp"
#include "tests/detector/engine/driver.hpp"

using namespace gobench::detector;
using namespace gobench::detector::driver;

namespace {

address at(const void* p) { return reinterpret_cast<address>(p); }

constexpr int relaxed = __ATOMIC_RELAXED, acquiring = __ATOMIC_ACQUIRE,
              releasing = __ATOMIC_RELEASE;

TEST(sync_objects, share_a_word_and_go_with_their_memory) {
  char* memory = fresh_memory(64);
  for (int i = 0; i != 4; ++i)
    object_at(at(memory + 4 * i))->last_releaser = static_cast<task_id>(i + 1);
  for (int i = 0; i != 4; ++i) {
    ASSERT_TRUE(has_object(at(memory + 4 * i)));
    EXPECT_EQ(find_object(at(memory + 4 * i))->last_releaser, static_cast<task_id>(i + 1));
  }
  EXPECT_FALSE(has_object(at(memory + 16)));
  forget_objects(at(memory), 64);
  for (int i = 0; i != 4; ++i) EXPECT_FALSE(has_object(at(memory + 4 * i)));
  EXPECT_FALSE(find_object(at(memory)));
}

TEST(sync_objects, stand_beside_a_heap_block_that_begins_there) {
  char* memory = fresh_memory(64);
  heap_allocated(memory, 40, 0x10);
  EXPECT_EQ(heap_block_size(memory), 40U);
  object_at(at(memory))->last_releaser = 9;
  EXPECT_EQ(heap_block_size(memory), 40U);
  heap_block block;
  address start = 0;
  ASSERT_TRUE(find_block_around(at(memory + 39), start, block));
  EXPECT_EQ(start, at(memory));
  EXPECT_FALSE(find_block_around(at(memory + 40), start, block));
  EXPECT_TRUE(heap_freed(memory, 0x20));
  EXPECT_FALSE(heap_freed(memory, 0x20)) << "twice";
  EXPECT_EQ(heap_block_size(memory), 0U);
}

// What threads make at the same place at once is one object.
TEST(sync_objects, are_made_once_by_many_threads) {
  constexpr int count = 256, threads = 4;
  char* memory = fresh_memory(count * 4);
  std::atomic<int> made{0}, ready{0};
  std::vector<std::thread> all;
  for (int t = 0; t != threads; ++t)
    all.emplace_back([&] {
      ++ready;
      while (ready != threads) {
      }
      for (int i = 0; i != count; ++i) {
        const sync_ref object = object_at(at(memory + 4 * i));
        if (object->last_releaser == 0) {
          object->last_releaser = 1;
          ++made;
        }
      }
    });
  for (std::thread& one : all) one.join();
  EXPECT_EQ(made, count);
}

TEST(heap, use_after_free_is_a_finding_also_by_the_task_that_freed) {
  char* memory = fresh_memory(64);
  actor one;
  heap_allocated(memory, 64, 0x10);
  one.does([&] { heap_freed(memory, 0x20); });
  one.does([&] { __tsan_write8(memory + 32); });
  const auto findings = take_findings();
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].type, finding_type::use_after_free);
  // Used again, nothing is left of it.
  heap_allocated(memory, 64, 0x10);
  __tsan_write8(memory + 32);
  EXPECT_TRUE(take_findings().empty());
}

// Writes at `data`, then hands over by `publish`; the other takes by `take` and writes too. Is that a race?
template <typename Publish, typename Take>
bool races(Publish publish, Take take) {
  char* data = fresh_memory(64);
  auto* flag = reinterpret_cast<std::uint32_t*>(fresh_memory(64));
  *flag = 0;
  actor one, two;
  const std::uint64_t before = conflicts();
  one.does([&] {
    __tsan_write8(data);
    publish(flag);
  });
  two.does([&] {
    take(flag);
    __tsan_write8(data);
  });
  take_findings();
  return conflicts() != before;
}

TEST(atomics, carry_what_the_language_says) {
  const auto store = [](int order) {
    return [order](std::uint32_t* flag) { __tsan_atomic32_store(flag, 1, order); };
  };
  const auto load = [](int order) {
    return [order](std::uint32_t* flag) { __tsan_atomic32_load(flag, order); };
  };
  EXPECT_FALSE(races(store(releasing), load(acquiring)));
  EXPECT_TRUE(races(store(releasing), load(relaxed)));
  EXPECT_TRUE(races(store(relaxed), load(acquiring)));
  // A sequence: others may count on, and do not break it.
  const auto then_add = [](std::uint32_t* flag) {
    __tsan_atomic32_store(flag, 1, releasing);
    actor between;
    between.does([&] { __tsan_atomic32_fetch_add(flag, 1, relaxed); });
  };
  EXPECT_FALSE(races(then_add, load(acquiring)));
  // A store by another begins a new one.
  const auto then_store = [](std::uint32_t* flag) {
    __tsan_atomic32_store(flag, 1, releasing);
    actor between;
    between.does([&] { __tsan_atomic32_store(flag, 2, relaxed); });
  };
  EXPECT_TRUE(races(then_store, load(acquiring)));
  // A compare-and-swap that fails only reads, with the order of the failure.
  const auto failing = [](int order, int failed) {
    return [order, failed](std::uint32_t* flag) {
      std::uint32_t expected = 7;
      EXPECT_EQ(__tsan_atomic32_compare_exchange_strong(flag, &expected, 8, order, failed), 0);
    };
  };
  EXPECT_FALSE(races(store(releasing), failing(acquiring, acquiring)));
  EXPECT_TRUE(races(store(releasing), failing(acquiring, relaxed)));
  EXPECT_TRUE(races(failing(releasing, relaxed), load(acquiring)));
}

TEST(atomics, fences_order_the_relaxed_ones_around_them) {
  const auto fenced_store = [](std::uint32_t* flag) {
    __tsan_atomic_thread_fence(releasing);
    __tsan_atomic32_store(flag, 1, relaxed);
  };
  const auto fenced_load = [](std::uint32_t* flag) {
    __tsan_atomic32_load(flag, relaxed);
    __tsan_atomic_thread_fence(acquiring);
  };
  const auto load = [](std::uint32_t* flag) { __tsan_atomic32_load(flag, acquiring); };
  const auto store = [](std::uint32_t* flag) { __tsan_atomic32_store(flag, 1, releasing); };
  EXPECT_FALSE(races(fenced_store, fenced_load));
  EXPECT_FALSE(races(fenced_store, load));
  EXPECT_FALSE(races(store, fenced_load));
  // On the wrong side of what they should order.
  EXPECT_TRUE(races(fenced_store, [](std::uint32_t* flag) {
    __tsan_atomic_thread_fence(acquiring);
    __tsan_atomic32_load(flag, relaxed);
  }));
  EXPECT_TRUE(races(
      [](std::uint32_t* flag) {
        __tsan_atomic32_store(flag, 1, relaxed);
        __tsan_atomic_thread_fence(releasing);
      },
      fenced_load));
}

TEST(tasks, that_are_known_to_have_ended_lend_their_ids) {
  const std::uint32_t before = tasks_used();
  for (int i = 0; i != 10000; ++i) {
    task_state* one = task_created(task_kind::fiber, 0, false);
    task_state* const self = current();
    switch_to(one);
    release(&one);
    switch_to(self);
    fiber_finished(one);
    task_joined(one);
  }
  EXPECT_LE(tasks_used() - before, 20U);
}

TEST(tasks, that_nobody_waited_for_are_told_apart) {
  char* memory = fresh_memory(64);
  const std::uint64_t before = conflicts();
  for (int i = 0; i != 100; ++i) {
    task_state* one = task_created(task_kind::fiber, 0, true);
    task_state* const self = current();
    switch_to(one);
    __tsan_write8(memory);
    switch_to(self);
    fiber_finished(one);
  }
  EXPECT_EQ(conflicts() - before, 99U);
  take_findings();
}

// More than anybody keeps: then their past is everybody's, which is said, and races are found as before.
TEST(tasks, that_nobody_waits_for_may_be_any_number) {
  char* memory = fresh_memory(64);
  for (int i = 0; i != 300000; ++i) fiber_finished(task_created(task_kind::fiber, 0, true));
  EXPECT_LT(tasks_used(), 280000U);
  const std::vector<std::string> notes = take_notes();
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_NE(notes[0].find("precision reduced: so many tasks have ended"), std::string::npos);
  actor one, two;
  one.does([&] { __tsan_write8(memory); });
  two.does([&] { __tsan_write8(memory); });
  EXPECT_EQ(take_findings().size(), 1U);
}

TEST(tasks, a_new_holder_of_an_id_is_not_taken_for_the_old_one) {
  char* memory = fresh_memory(64);
  actor bystander;
  task_id id = 0;
  {
    task_state* one = task_created(task_kind::fiber, 0, false);
    id = one->clock.self();
    task_state* const self = current();
    switch_to(one);
    __tsan_write8(memory);
    switch_to(self);
    fiber_finished(one);
    task_joined(one);
  }
  // Until somebody gets that id.
  task_state* again = nullptr;
  for (int i = 0; i != 500000 && again == nullptr; ++i) {
    task_state* other = task_created(task_kind::fiber, 0, false);
    if (other->clock.self() == id) again = other;
    fiber_finished(other);
    task_joined(other);
  }
  ASSERT_NE(again, nullptr);
  // The bystander knows nothing of the write, whoever has the id now.
  bystander.does([&] { __tsan_write8(memory); });
  const auto findings = take_findings();
  ASSERT_EQ(findings.size(), 1U);
  // And the present holder is not blamed for it.
  EXPECT_EQ(findings[0].tasks[1].id, 0U);
}

}  // namespace
