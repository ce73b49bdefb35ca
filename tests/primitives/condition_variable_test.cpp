// What the condition variables promise: no notify is lost, none wakes two, and a late waiter keeps
// its notify.
#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <random>
#include <shared_mutex>
#include <type_traits>

#include "tests/primitives/on_backends.hpp"

namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

static_assert(!std::is_copy_constructible_v<gobench::condition_variable>);
static_assert(!std::is_move_constructible_v<gobench::condition_variable>);
static_assert(!std::is_copy_assignable_v<gobench::condition_variable>);
static_assert(!std::is_copy_constructible_v<gobench::condition_variable_any>);
static_assert(!std::is_move_constructible_v<gobench::condition_variable_any>);
static_assert(!std::is_copy_assignable_v<gobench::condition_variable_any>);

class condition_variable_test : public on_backends {};
GOBENCH_ON_BACKENDS(condition_variable_test);

TEST_P(condition_variable_test, example) {
  run([] {
    gobench::mutex m;
    gobench::condition_variable changed;
    std::deque<int> jobs;
    gobench::task producer = gobench::go([&] {
      {
        const std::scoped_lock adding(m);
        jobs.push_back(1);
      }
      changed.notify_one();
    });
    {
      std::unique_lock held(m);
      changed.wait(held, [&] { return !jobs.empty(); });
      EXPECT_TRUE(held.owns_lock());
      EXPECT_EQ(jobs.front(), 1);
    }
    producer.join();
  });
}

// A bounded buffer: any lost notify stops it for ever.
TEST_P(condition_variable_test, a_bounded_buffer_loses_and_doubles_nothing) {
  run([] {
    gobench::mutex m;
    gobench::condition_variable not_full;
    gobench::condition_variable not_empty;
    std::deque<int> buffer;
    constexpr int each = 500;
    constexpr int pairs = 3;  // two of tasks, one of foreign threads
    std::vector<int> received(pairs * each, 0);
    together({.tasks = 4, .threads = 2}, [&](int i) {
      const int pair = i / 2;
      for (int k = 0; k < each; ++k) {
        std::unique_lock held(m);
        if (i % 2 == 0) {
          not_full.wait(held, [&] { return buffer.size() < 2; });
          buffer.push_back(pair * each + k);
          held.unlock();
          not_empty.notify_one();
        } else {
          not_empty.wait(held, [&] { return !buffer.empty(); });
          ++received[static_cast<std::size_t>(buffer.front())];
          buffer.pop_front();
          held.unlock();
          not_full.notify_one();
        }
      }
    });
    for (const int times : received) EXPECT_EQ(times, 1);
  });
}

TEST_P(condition_variable_test, notify_all_wakes_everybody) {
  run([] {
    gobench::mutex m;
    gobench::condition_variable next;
    gobench::condition_variable arrived;
    constexpr int waiters = 8;
    int round = 0;
    int there = 0;
    together({.tasks = 7, .threads = 2}, [&](int i) {
      for (int r = 1; r <= 50; ++r) {
        std::unique_lock held(m);
        if (i == 0) {
          arrived.wait(held, [&] { return there == waiters; });
          there = 0;
          round = r;
          next.notify_all();
        } else {
          if (++there == waiters) arrived.notify_one();
          next.wait(held, [&] { return round >= r; });
        }
      }
    });
    EXPECT_EQ(round, 50);
  });
}

// Tokens are made one by one, each with one notify. Visitors wait for a moment only and leave
// without a look when they are told `timeout`; so if one of them had swallowed a notify, the token
// would lie there while the patient consumer sleeps, and the test would hang.
TEST_P(condition_variable_test, a_waiter_that_times_out_swallows_no_notify) {
  run([] {
    gobench::mutex m;
    gobench::condition_variable added;
    gobench::condition_variable taken;
    int tokens = 0;
    bool over = false;
    constexpr int total = 500;
    int consumed = 0;
    std::atomic<int> by_visitors{0};
    const auto take = [&] {
      --tokens;
      ++consumed;
      taken.notify_all();
    };
    together({.tasks = 5, .threads = 2}, [&](int i) {
      std::minstd_rand random(static_cast<unsigned>(i) + 1);
      if (i == 0) {
        for (int k = 0; k < total; ++k) {
          std::unique_lock held(m);
          taken.wait(held, [&] { return tokens == 0; });
          ++tokens;
          added.notify_one();
        }
        std::unique_lock held(m);
        taken.wait(held, [&] { return tokens == 0; });
        over = true;
        added.notify_all();
      } else if (i == 1) {
        std::unique_lock held(m);
        for (;;) {
          added.wait(held, [&] { return tokens > 0 || over; });
          if (over) return;
          take();
        }
      } else {
        std::unique_lock held(m);
        while (!over) {
          if (tokens == 0) {
            const auto patience = std::chrono::microseconds(random() % 60);
            if (added.wait_for(held, patience) == std::cv_status::no_timeout && tokens > 0) {
              take();
              ++by_visitors;
            }
          }
          held.unlock();
          gobench::yield();
          held.lock();
        }
      }
    });
    EXPECT_EQ(consumed, total);
  });
}

TEST_P(condition_variable_test, waits_no_less_than_told) {
  run([] {
    gobench::mutex m;
    gobench::condition_variable never;
    std::unique_lock held(m);
    const auto begin = steady_clock::now();
    // Spurious returns are allowed, so only the form with a predicate tells the time.
    EXPECT_FALSE(never.wait_for(held, 3ms, [] { return false; }));
    EXPECT_GE(steady_clock::now() - begin, 3ms);
    EXPECT_FALSE(never.wait_until(held, begin + 5ms, [] { return false; }));
    EXPECT_GE(steady_clock::now() - begin, 5ms);
    const auto system_begin = std::chrono::system_clock::now();
    EXPECT_FALSE(never.wait_until(held, system_begin + 3ms, [] { return false; }));
    EXPECT_GE(std::chrono::system_clock::now() - system_begin, 3ms);
    EXPECT_TRUE(never.wait_for(held, -1h, [] { return true; }));
    EXPECT_FALSE(never.wait_for(held, -1h, [] { return false; }));
    EXPECT_EQ(never.wait_until(held, begin), std::cv_status::timeout);
    EXPECT_TRUE(held.owns_lock());
  });
}

TEST_P(condition_variable_test, a_notify_ends_a_timed_wait) {
  run([] {
    gobench::mutex m;
    gobench::condition_variable changed;
    bool ready = false;
    std::unique_lock held(m);
    gobench::task other = gobench::go([&] {
      const std::scoped_lock setting(m);
      ready = true;
      changed.notify_one();
    });
    EXPECT_TRUE(changed.wait_for(held, std::chrono::hours::max(), [&] { return ready; }));
    held.unlock();
    other.join();
  });
}

TEST_P(condition_variable_test, waiting_without_the_lock_is_misuse) {
  run([] {
    gobench::mutex m;
    gobench::condition_variable c;
    std::unique_lock<gobench::mutex> held(m, std::defer_lock);
    EXPECT_THROW(c.wait(held), gobench::misuse);
    EXPECT_THROW(c.wait_for(held, 1ms), gobench::misuse);
    std::unique_lock<gobench::mutex> none;
    EXPECT_THROW(c.wait(none), gobench::misuse);
    gobench::condition_variable_any any;
    EXPECT_THROW(any.wait(m), gobench::misuse);  // from the unlock of an unlocked mutex
    any.notify_one();                            // nobody was left behind
    EXPECT_TRUE(m.try_lock());
    m.unlock();
  });
}

template <class Mutex, class Lock>
void any_works_with() {
  Mutex m;
  gobench::condition_variable_any changed;
  int turn = 0;
  together({.tasks = 2, .threads = 1}, [&](int i) {
    for (int k = 0; k < 50; ++k) {
      Lock held(m);
      changed.wait(held, [&] { return turn % 3 == i; });
      ++turn;
      changed.notify_all();
    }
  });
  EXPECT_EQ(turn, 150);
}

TEST_P(condition_variable_test, any_works_with_any_lock) {
  run([] {
    any_works_with<gobench::mutex, std::unique_lock<gobench::mutex>>();
    any_works_with<gobench::shared_mutex, std::unique_lock<gobench::shared_mutex>>();
    any_works_with<gobench::spin_mutex, std::unique_lock<gobench::spin_mutex>>();
    any_works_with<gobench::ticket_mutex, std::unique_lock<gobench::ticket_mutex>>();
    any_works_with<gobench::mcs_mutex, std::unique_lock<gobench::mcs_mutex>>();
  });
}

TEST_P(condition_variable_test, any_works_with_shared_and_with_plain_locks) {
  run([] {
    gobench::shared_mutex m;
    gobench::condition_variable_any changed;
    bool ready = false;
    together({.tasks = 3, .threads = 1}, [&](int i) {
      if (i == 0) {
        m.lock();
        ready = true;
        changed.notify_all();
        m.unlock();
      } else {
        std::shared_lock reading(m);
        changed.wait(reading, [&] { return ready; });
      }
    });
    m.lock();
    EXPECT_EQ(changed.wait_until(m, steady_clock::now() + 1ms), std::cv_status::timeout);
    m.unlock();
  });
}

// Everybody has been notified, so the condition variable may go, although nobody has returned yet.
TEST_P(condition_variable_test, may_be_destroyed_once_all_are_notified) {
  run([] {
    for (int round = 0; round < 100; ++round) {
      gobench::mutex m;
      auto changed = std::make_unique<gobench::condition_variable>();
      int waiting = 0;
      bool ready = false;
      together({.tasks = 3, .threads = 1}, [&](int i) {
        std::unique_lock held(m);
        if (i == 0) {
          while (waiting < 3) {
            held.unlock();
            gobench::yield();
            held.lock();
          }
          ready = true;
          changed->notify_all();
          changed.reset();
        } else {
          ++waiting;
          // Those with a deadline that is just over are the dangerous ones.
          if (i == 1) {
            changed->wait(held);
          } else if (!ready) {
            changed->wait_for(held, std::chrono::microseconds(round));
          }
        }
      });
    }
  });
}

TEST_P(condition_variable_test, waiters_leave_without_the_lock_when_the_run_ends) {
  gobench::mutex m;
  gobench::condition_variable c;
  std::atomic<int> waited{0};
  std::atomic<int> unwound{0};
  run([&] {
    for (int i = 0; i < 3; ++i) {
      gobench::go([&] {
        struct witness {
          std::unique_lock<gobench::mutex> held;
          std::atomic<int>& count;
          ~witness() { count += held.owns_lock() ? 0 : 1; }
        } mine{std::unique_lock(m), unwound};
        ++waited;
        for (;;) c.wait(mine.held);
      });
    }
    while (waited < 3) gobench::yield();
  });
  EXPECT_EQ(unwound, 3);
  EXPECT_TRUE(m.try_lock());
  m.unlock();
  c.notify_all();
}

TEST_P(condition_variable_test, plain_locks_are_held_again_when_the_run_ends) {
  gobench::mutex m;
  gobench::condition_variable_any c;
  std::atomic<int> waited{0};
  run([&] {
    for (int i = 0; i < 3; ++i) {
      gobench::go([&] {
        // Unlocks whatever happens; were the mutex not locked, its exception would end the program.
        const std::scoped_lock held(m);
        ++waited;
        for (;;) c.wait(m);
      });
    }
    while (waited < 3) gobench::yield();
  });
  EXPECT_TRUE(m.try_lock());
  m.unlock();
}

}  // namespace
