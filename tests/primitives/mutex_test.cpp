// What mutex promises beyond every lock: timed forms, and that no waiter starves.
#include <atomic>
#include <chrono>
#include <mutex>
#include <random>

#include "tests/primitives/on_backends.hpp"

namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

class mutex_test : public on_backends {};
GOBENCH_ON_BACKENDS(mutex_test);

TEST_P(mutex_test, example) {
  run([] {
    gobench::mutex m;
    long counter = 0;
    {
      const std::scoped_lock held(m);  // or m.lock() ... m.unlock()
      ++counter;
    }
    if (m.try_lock_for(1ms)) m.unlock();
    EXPECT_EQ(counter, 1);
  });
}

TEST_P(mutex_test, gives_up_when_the_time_is_over_and_not_before) {
  run([] {
    gobench::mutex m;
    m.lock();
    gobench::go([&] {
      const auto begin = steady_clock::now();
      EXPECT_FALSE(m.try_lock_for(3ms));
      EXPECT_GE(steady_clock::now() - begin, 3ms);
      EXPECT_FALSE(m.try_lock_until(begin + 6ms));
      EXPECT_GE(steady_clock::now() - begin, 6ms);
      const auto system_begin = std::chrono::system_clock::now();
      EXPECT_FALSE(m.try_lock_until(system_begin + 3ms));
      EXPECT_GE(std::chrono::system_clock::now() - system_begin, 3ms);
    }).join();
    m.unlock();
    // Nothing of the waiter is left behind: a later one is woken as ever.
    ASSERT_TRUE(m.try_lock());
    gobench::task later = gobench::go([&] {
      m.lock();
      m.unlock();
    });
    gobench::yield();
    m.unlock();
    later.join();
    EXPECT_TRUE(m.try_lock());
    m.unlock();
  });
}

TEST_P(mutex_test, gives_up_at_once_when_the_time_is_past) {
  run([] {
    gobench::mutex m;
    m.lock();
    EXPECT_FALSE(m.try_lock_for(0ms));
    EXPECT_FALSE(m.try_lock_for(-1h));
    EXPECT_FALSE(m.try_lock_until(steady_clock::time_point::min()));
    EXPECT_FALSE(m.try_lock_until(std::chrono::system_clock::time_point{}));
    m.unlock();
    EXPECT_TRUE(m.try_lock_for(-1h));  // free: taken whatever the time
    m.unlock();
  });
}

TEST_P(mutex_test, waits_for_long_times_without_overflow) {
  run([] {
    gobench::mutex m;
    std::atomic<int> got{0};
    m.lock();
    std::vector<gobench::task> waiting;
    waiting.push_back(gobench::go([&] {
      got += m.try_lock_for(1h);
      m.unlock();
    }));
    waiting.push_back(gobench::go([&] {
      got += m.try_lock_for(std::chrono::hours::max());
      m.unlock();
    }));
    waiting.push_back(gobench::go([&] {
      got += m.try_lock_until(steady_clock::time_point::max());
      m.unlock();
    }));
    waiting.push_back(gobench::go([&] {
      got += m.try_lock_until(std::chrono::system_clock::time_point::max());
      m.unlock();
    }));
    gobench::yield();
    EXPECT_EQ(got, 0);
    m.unlock();
    for (auto& t : waiting) t.join();
    EXPECT_EQ(got, 4);
  });
}

// Deadlines and unlocks meet at every moment: whoever is told true holds the lock, and nobody is
// lost.
TEST_P(mutex_test, timed_and_untimed_waiters_exclude_each_other) {
  run([] {
    gobench::mutex m;
    long count = 0;
    std::atomic<long> expected{0};
    together({.tasks = 8, .threads = 2}, [&](int i) {
      std::minstd_rand random(static_cast<unsigned>(i) + 1);
      for (int round = 0; round < 300; ++round) {
        if (i % 2 == 0) {
          m.lock();
        } else if (!m.try_lock_for(std::chrono::microseconds(random() % 20))) {
          continue;
        }
        const long before = count;
        for (unsigned k = random() % 8; k < 3; ++k) gobench::yield();
        count = before + 1;
        m.unlock();
        ++expected;
      }
    });
    EXPECT_EQ(count, expected);
    EXPECT_GE(count, 5 * 300);
    EXPECT_TRUE(m.try_lock());
    m.unlock();
  });
}

// The hog gives the mutex up and takes it again before anybody it wakes can run, and is away from
// its processor only while it holds it. Without the hand-off the waiter never gets in.
TEST_P(mutex_test, a_starving_waiter_is_handed_the_mutex) {
  run([] {
    gobench::mutex m;
    std::atomic<int> served{0};
    constexpr int waiters = 3;
    m.lock();
    std::vector<gobench::task> starving;
    for (int i = 0; i < waiters; ++i) {
      starving.push_back(gobench::go([&] {
        m.lock();
        ++served;
        m.unlock();
      }));
    }
    const auto give_up = steady_clock::now() + 60s;
    while (served < waiters && steady_clock::now() < give_up) {
      gobench::yield();
      m.unlock();
      m.lock();
    }
    EXPECT_EQ(served, waiters);
    m.unlock();
    for (auto& t : starving) t.join();
  });
}

TEST_P(mutex_test, a_starving_foreign_thread_is_handed_the_mutex) {
  run([] {
    gobench::mutex m;
    std::atomic<bool> served{false};
    m.lock();
    std::thread starving([&] {
      m.lock();
      served = true;
      m.unlock();
    });
    const auto give_up = steady_clock::now() + 60s;
    while (!served && steady_clock::now() < give_up) {
      gobench::yield();
      m.unlock();
      m.lock();
    }
    EXPECT_TRUE(served);
    m.unlock();
    gobench::blocking([&] { starving.join(); });
  });
}

TEST_P(mutex_test, locking_again_by_the_holder_is_a_deadlock) {
  gobench::mutex m;
  EXPECT_THROW(run([&] {
                 const std::scoped_lock once(m);
                 m.lock();
               }),
               gobench::deadlock);
  // The main task was unwound: its scoped_lock has unlocked.
  EXPECT_TRUE(m.try_lock());
  m.unlock();
}

TEST_P(mutex_test, waiters_leave_when_the_run_ends) {
  gobench::mutex m;
  std::atomic<int> unwound{0};
  m.lock();
  run([&] {
    struct witness {
      std::atomic<int>& count;
      ~witness() { ++count; }
    };
    for (int i = 0; i < 3; ++i) {
      gobench::go([&] {
        const witness mine{unwound};
        const std::scoped_lock held(m);
        ADD_FAILURE() << "locked although it is held";
      });
      gobench::go([&] {
        const witness mine{unwound};
        EXPECT_FALSE(m.try_lock_for(1h));
        ADD_FAILURE() << "returned although the run has ended";
      });
    }
    for (int i = 0; i < 100; ++i) gobench::yield();
  });
  m.unlock();
  EXPECT_TRUE(m.try_lock());
  m.unlock();
}

}  // namespace
