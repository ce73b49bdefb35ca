// Readers that count themselves in slots, one for each CPU: the slots alone, and shared_mutex while they are open.
#include "primitives/internal/reader_slots.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <thread>
#include <vector>

#include "tests/primitives/on_backends.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {

// What a reader does after some collisions. The lock has to be held by a reader.
struct shared_mutex_probe {
  static void open(shared_mutex& m) { m.open_slots(); }
  static bool is_open(const shared_mutex& m) { return (m.state_.load() & m.slots_bit) != 0; }
};

}  // namespace gobench::inline GOBENCH_FLAVOUR

namespace {

using namespace std::chrono_literals;
using gobench::shared_mutex_probe;
using gobench::primitives::reader_slots;

TEST(reader_slots, count_only_while_they_are_open) {
  const std::unique_ptr<reader_slots> slots = reader_slots::make();
  if (!slots) GTEST_SKIP() << "one CPU";
  EXPECT_FALSE(slots->enter());
  EXPECT_FALSE(slots->leave());
  slots->open_all();
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(slots->enter());
  EXPECT_TRUE(slots->leave());
  EXPECT_EQ(slots->close_all(), 4);
  EXPECT_FALSE(slots->enter());
  EXPECT_FALSE(slots->leave());
  EXPECT_EQ(slots->close_all(), 0);
  slots->open_all();
  EXPECT_TRUE(slots->leave());  // one that came before they were opened
  EXPECT_EQ(slots->close_all(), -1);
}

TEST(reader_slots, add_up_over_threads_that_come_and_leave_while_they_open_and_close) {
  const std::unique_ptr<reader_slots> slots = reader_slots::make();
  if (!slots) GTEST_SKIP() << "one CPU";
  std::atomic<bool> over{false};
  std::atomic<long> came{0};
  std::atomic<long> left{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      while (!over) {
        if (slots->enter()) ++came;
        if (slots->leave()) ++left;
        std::this_thread::yield();
      }
    });
  }
  long counted = 0;
  for (int round = 0; round < 200; ++round) {
    slots->open_all();
    std::this_thread::yield();
    counted += static_cast<long>(slots->close_all());
  }
  over = true;
  for (std::thread& one : threads) one.join();
  EXPECT_EQ(counted, came - left);
}

class open_slots_test : public on_backends {
 protected:
  void SetUp() override {
    if (!reader_slots::make()) GTEST_SKIP() << "one CPU";
  }
};
GOBENCH_ON_BACKENDS(open_slots_test);

TEST_P(open_slots_test, readers_and_writers_exclude_each_other_as_ever) {
  run([] {
    gobench::shared_mutex m;
    m.lock_shared();
    shared_mutex_probe::open(m);
    ASSERT_TRUE(shared_mutex_probe::is_open(m));
    ASSERT_TRUE(m.try_lock_shared());  // through a slot
    ASSERT_TRUE(shared_mutex_probe::is_open(m));
    EXPECT_FALSE(m.try_lock());
    EXPECT_FALSE(shared_mutex_probe::is_open(m));
    m.unlock_shared();
    EXPECT_FALSE(m.try_lock());
    EXPECT_FALSE(m.try_lock_for(1ms));
    m.unlock_shared();
    ASSERT_TRUE(m.try_lock());
    EXPECT_FALSE(m.try_lock_shared());
    m.unlock();
    EXPECT_THROW(m.unlock_shared(), gobench::misuse);
  });
}

TEST_P(open_slots_test, the_first_reader_may_leave_through_a_slot) {
  run([] {
    gobench::shared_mutex m;
    m.lock_shared();
    shared_mutex_probe::open(m);
    m.unlock_shared();
    ASSERT_TRUE(shared_mutex_probe::is_open(m));
    m.lock();
    EXPECT_FALSE(shared_mutex_probe::is_open(m));
    m.unlock();
    // And again: the slots are there already.
    m.lock_shared();
    shared_mutex_probe::open(m);
    ASSERT_TRUE(shared_mutex_probe::is_open(m));
    m.lock_shared();
    m.unlock_shared();
    m.unlock_shared();
    EXPECT_TRUE(m.try_lock());
    m.unlock();
  });
}

TEST_P(open_slots_test, a_writer_waits_for_readers_in_slots) {
  run([] {
    gobench::shared_mutex m;
    std::atomic<bool> written{false};
    m.lock_shared();
    shared_mutex_probe::open(m);
    m.lock_shared();
    gobench::task writer = gobench::go([&] {
      const std::scoped_lock writing(m);
      written = true;
    });
    while (m.try_lock_shared()) {  // until the writer bars the way
      m.unlock_shared();
      gobench::yield();
    }
    EXPECT_FALSE(written);
    m.unlock_shared();
    EXPECT_FALSE(written);
    m.unlock_shared();
    writer.join();
    EXPECT_TRUE(written);
  });
}

TEST_P(open_slots_test, nothing_is_opened_beside_a_writer_that_waits) {
  run([] {
    gobench::shared_mutex m;
    m.lock_shared();
    gobench::task writer = gobench::go([&] { const std::scoped_lock writing(m); });
    while (m.try_lock_shared()) {
      m.unlock_shared();
      gobench::yield();
    }
    shared_mutex_probe::open(m);
    EXPECT_FALSE(shared_mutex_probe::is_open(m));
    m.unlock_shared();
    writer.join();
  });
}

TEST_P(open_slots_test, leaving_too_often_is_told_by_the_next_writer) {
  run([] {
    gobench::shared_mutex m;
    m.lock_shared();
    shared_mutex_probe::open(m);
    m.unlock_shared();
    m.unlock_shared();  // once too often
    EXPECT_THROW(m.lock(), gobench::misuse);
    m.lock();
    m.unlock();
  });
}

// Values that a writer keeps equal; slots are opened all the time, and readers come from everywhere.
TEST_P(open_slots_test, stress) {
  constexpr int rounds = 400;
  gobench::shared_mutex m;
  long first = 0;
  long second = 0;
  std::atomic<long> torn{0};
  const auto read = [&](int round) {
    const std::shared_lock reading(m);
    if (round % 4 == 0) {
      shared_mutex_probe::open(m);  // unless a writer is about
    }
    const long seen = first;
    if (round % 16 == 1) gobench::yield();
    if (second != seen) ++torn;
  };
  std::thread foreign([&] {
    for (int i = 0; i < rounds; ++i) {
      const std::shared_lock reading(m);
      if (first != second) ++torn;
    }
  });
  run([&] {
    std::vector<gobench::task> tasks;
    for (int reader = 0; reader < 6; ++reader)
      tasks.push_back(gobench::go([&] {
        for (int i = 0; i < rounds; ++i) read(i);
      }));
    for (int writer = 0; writer < 2; ++writer)
      tasks.push_back(gobench::go([&] {
        for (int i = 0; i < rounds / 4; ++i) {
          {
            const std::scoped_lock writing(m);
            ++first;
            if (i % 8 == 0) gobench::yield();
            ++second;
          }
          gobench::yield();
        }
      }));
    for (gobench::task& one : tasks) one.join();
  });
  foreign.join();
  EXPECT_EQ(torn, 0);
  EXPECT_EQ(first, 2 * (rounds / 4));
  EXPECT_EQ(second, first);
}

}  // namespace
