#include "runtime/internal/timer_heap.hpp"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <vector>

#include "runtime/internal/waiter.hpp"

namespace {

using gobench::runtime::permit_present;
using gobench::runtime::timer_entry;
using gobench::runtime::timer_heap;
using gobench::runtime::waiter;
using gobench::runtime::waiter_kind;

struct timed {
  waiter who{waiter_kind::foreign};
  timer_entry entry;
  bool fired() const { return who.permit.load() == permit_present; }
};

TEST(timer_heap, fires_what_is_due_and_nothing_else) {
  timer_heap heap;
  EXPECT_EQ(heap.earliest(), timer_heap::never);
  std::vector<std::unique_ptr<timed>> all;
  for (const std::int64_t when : {50, 10, 40, 20, 30}) {
    all.push_back(std::make_unique<timed>());
    all.back()->entry.when_ns = when;
    all.back()->entry.wakes = &all.back()->who;
    heap.add(all.back()->entry);
  }
  EXPECT_EQ(heap.earliest(), 10);
  EXPECT_EQ(heap.fire(9), 0U);
  EXPECT_EQ(heap.fire(30), 3U);
  EXPECT_EQ(heap.earliest(), 40);
  for (const auto& one : all) EXPECT_EQ(one->fired(), one->entry.when_ns <= 30);
  // What has fired is out, what has not can be taken out, once.
  for (const auto& one : all) EXPECT_EQ(heap.remove(one->entry), one->entry.when_ns > 30);
  EXPECT_EQ(heap.earliest(), timer_heap::never);
}

TEST(timer_heap, hands_out_what_is_due_and_wakes_nobody) {
  timer_heap heap;
  std::vector<timed> all(3);
  heap.make_room(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i].entry.when_ns = 30 - 10 * static_cast<std::int64_t>(i);
    all[i].entry.wakes = &all[i].who;
    heap.add(all[i].entry);
  }
  EXPECT_EQ(heap.take_due(9), nullptr);
  EXPECT_EQ(heap.take_due(20), &all[2].entry);
  EXPECT_EQ(heap.earliest(), 20);
  EXPECT_FALSE(heap.holds(all[2].entry));
  EXPECT_TRUE(heap.holds(all[1].entry));
  EXPECT_EQ(heap.take_due(20), &all[1].entry);
  EXPECT_EQ(heap.take_due(20), nullptr);
  EXPECT_FALSE(heap.remove(all[1].entry));
  EXPECT_TRUE(heap.remove(all[0].entry));
  EXPECT_EQ(heap.take_due(timer_heap::never), nullptr);
  for (const timed& one : all) EXPECT_FALSE(one.fired());
}

TEST(timer_heap, agrees_with_a_multimap) {
  constexpr std::size_t count = 300;
  timer_heap heap;
  std::vector<std::unique_ptr<timed>> all;
  std::multimap<std::int64_t, std::size_t> model;
  std::vector<bool> in(count, false);
  for (std::size_t i = 0; i < count; ++i) all.push_back(std::make_unique<timed>());
  std::mt19937_64 random(7);
  std::int64_t now = 0;
  for (int step = 0; step < 100'000; ++step) {
    const std::size_t i = random() % count;
    timed& one = *all[i];
    switch (random() % 3) {
      case 0:
        if (in[i]) break;
        one.entry.when_ns = now + static_cast<std::int64_t>(random() % 1000);
        one.entry.wakes = &one.who;
        heap.add(one.entry);
        model.emplace(one.entry.when_ns, i);
        in[i] = true;
        break;
      case 1: {
        ASSERT_EQ(heap.remove(one.entry), in[i]);
        if (!in[i]) break;
        auto [from, to] = model.equal_range(one.entry.when_ns);
        while (from->second != i) ++from;
        model.erase(from);
        in[i] = false;
        break;
      }
      default: {
        now += static_cast<std::int64_t>(random() % 20);
        std::size_t due = 0;
        while (!model.empty() && model.begin()->first <= now) {
          in[model.begin()->second] = false;
          model.erase(model.begin());
          ++due;
        }
        ASSERT_EQ(heap.fire(now), due);
      }
    }
    ASSERT_EQ(heap.earliest(), model.empty() ? timer_heap::never : model.begin()->first);
  }
  // A waiter has a permit if its entry ever fired; those that are still in have not fired since.
  for (std::size_t i = 0; i < count; ++i) heap.remove(all[i]->entry);
}

}  // namespace
