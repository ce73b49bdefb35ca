// The processor's lock: one inside at a time, its owner without a locked instruction.
#include "runtime/internal/owner_lock.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "runtime/internal/fresh_list.hpp"
#include "runtime/internal/run_queue.hpp"
#include "tests/runtime/support.hpp"

namespace {

using gobench::runtime::control;
using gobench::runtime::fresh_list;
using gobench::runtime::owner_lock;
using gobench::runtime::owner_section;
using gobench::runtime::run_queue;
using gobench::runtime::stranger_section;
using gobench::runtime::waiter_kind;

constexpr int strangers = 3;
constexpr int rounds = 2'000;

// Plain words that two at a time would leave different.
struct pair_of_words {
  std::uint64_t one = 0;
  std::uint64_t two = 0;
};

TEST(owner_lock, one_is_inside_at_a_time) {
  owner_lock lock;
  pair_of_words words;
  std::atomic<int> at_work{strangers};
  std::atomic<bool> differed{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < strangers; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < rounds; ++round) {
        const stranger_section held(lock);
        ASSERT_TRUE(static_cast<bool>(held));
        if (words.one != words.two) differed.store(true);
        ++words.one;
        ++words.two;
      }
      at_work.fetch_sub(1);
    });
  }
  std::uint64_t mine = 0;
  while (at_work.load() != 0) {
    const owner_section held(lock);
    if (words.one != words.two) differed.store(true);
    ++words.one;
    ++words.two;
    ++mine;
  }
  for (std::thread& one : threads) one.join();
  EXPECT_FALSE(differed.load());
  EXPECT_EQ(words.one, mine + std::uint64_t{strangers} * rounds);
  EXPECT_EQ(words.two, words.one);
}

TEST(owner_lock, owners_may_follow_each_other) {
  owner_lock lock;
  pair_of_words words;
  std::mutex turn;  // orders the owners, as the status of a processor does
  std::atomic<bool> stop{false};
  std::atomic<bool> differed{false};
  std::uint64_t owned = 0;
  const auto add = [&] {
    if (words.one != words.two) differed.store(true);
    ++words.one;
    ++words.two;
  };
  std::vector<std::thread> owners;
  for (int i = 0; i < 2; ++i) {
    owners.emplace_back([&] {
      while (!stop.load()) {
        const std::scoped_lock mine(turn);
        for (int k = 0; k < 10; ++k, ++owned) {
          const owner_section held(lock);
          add();
        }
      }
    });
  }
  for (int round = 0; round < rounds; ++round) {
    const stranger_section held(lock);
    add();
  }
  stop.store(true);
  for (std::thread& one : owners) one.join();
  EXPECT_FALSE(differed.load());
  EXPECT_EQ(words.one, owned + rounds);
}

// What a processor does with it: every element leaves once.
TEST(owner_lock, guards_the_queues_of_a_processor) {
  constexpr std::size_t count = 200;
  std::vector<std::unique_ptr<control>> tasks;
  for (std::size_t i = 0; i < count; ++i)
    tasks.push_back(std::make_unique<control>(waiter_kind::fiber));
  owner_lock lock;
  run_queue queue;
  fresh_list fresh;
  std::atomic<int> left{0};
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> seen{0};
  const auto take = [&](const control* one) {
    seen.fetch_add(reinterpret_cast<std::uintptr_t>(one));
    left.fetch_sub(1);
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < strangers; ++i) {
    threads.emplace_back([&] {
      while (!stop.load()) {
        control* first = nullptr;
        control* last = nullptr;
        {
          const stranger_section held(lock);
          if (fresh.take_half(first, last, 8) == 0) queue.take_half(first, last);
        }
        for (; first != nullptr; first = first->next) take(first);
        std::this_thread::yield();
      }
    });
  }
  std::uint64_t expected = 0;
  for (const auto& task : tasks) expected += reinterpret_cast<std::uintptr_t>(task.get());
  for (int round = 0; round < 200; ++round) {
    seen = 0;
    left = static_cast<int>(count);
    for (std::size_t i = 0; i < count; ++i) {
      const owner_section held(lock);
      if (i % 2 == 0) {
        ASSERT_TRUE(queue.push(*tasks[i]));
      } else {
        fresh.push(*tasks[i]);
      }
      if (i % 3 == 0)
        if (const control* one = queue.pop()) take(one);
    }
    while (left.load() > 0) {
      {
        const owner_section held(lock);
        if (const control* one = fresh.pop_newest()) take(one);
        if (const control* one = queue.pop()) take(one);
      }
      std::this_thread::yield();
    }
    ASSERT_EQ(seen.load(), expected) << round;
  }
  stop = true;
  for (std::thread& one : threads) one.join();
}

}  // namespace
