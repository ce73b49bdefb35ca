#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <random>
#include <type_traits>

#include "tests/primitives/on_backends.hpp"

namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

static_assert(!std::is_copy_constructible_v<gobench::semaphore>);
static_assert(!std::is_move_constructible_v<gobench::semaphore>);
static_assert(!std::is_copy_assignable_v<gobench::semaphore>);

class semaphore_test : public on_backends {};
GOBENCH_ON_BACKENDS(semaphore_test);

// Nothing is taken, but the form fails exactly while somebody waits.
bool somebody_waits(gobench::semaphore& s) { return !s.try_acquire(0); }

TEST_P(semaphore_test, example) {
  run([] {
    gobench::semaphore seats(3);
    seats.acquire();  // waits for one unit
    seats.release();
    seats.acquire(2);  // waits for two at once
    seats.release(2);
    EXPECT_TRUE(seats.try_acquire(3));
    EXPECT_FALSE(seats.try_acquire());
    seats.release(3);
  });
}

TEST_P(semaphore_test, never_gives_out_more_than_it_has) {
  run([] {
    constexpr std::int64_t units = 5;
    gobench::semaphore s(units);
    std::atomic<std::int64_t> out{0};
    together({.tasks = 8, .threads = 2}, [&](int i) {
      std::minstd_rand random(static_cast<unsigned>(i) + 1);
      for (int round = 0; round < 300; ++round) {
        const std::int64_t k = static_cast<std::int64_t>(random() % units) + 1;
        switch (random() % 3) {
          case 0:
            s.acquire(k);
            break;
          case 1:
            if (!s.try_acquire(k)) continue;
            break;
          default:
            if (!s.try_acquire_for(std::chrono::microseconds(random() % 100), k)) continue;
        }
        EXPECT_LE(out += k, units);
        if (random() % 4 == 0) gobench::yield();
        out -= k;
        s.release(k);
      }
    });
    EXPECT_TRUE(s.try_acquire(units));
    EXPECT_FALSE(s.try_acquire());
  });
}

TEST_P(semaphore_test, is_a_lock_with_one_unit) {
  run([] {
    gobench::semaphore s(1);
    long count = 0;
    together({.tasks = 8, .threads = 2}, [&](int) {
      for (int round = 0; round < 200; ++round) {
        s.acquire();
        const long before = count;
        if (round % 16 == 0) gobench::yield();
        count = before + 1;
        s.release();
      }
    });
    EXPECT_EQ(count, 10 * 200);
  });
}

TEST_P(semaphore_test, signals_between_tasks) {
  run([] {
    gobench::semaphore ping(0);
    gobench::semaphore pong(0);
    int ball = 0;
    together({.tasks = 1, .threads = 1}, [&](int i) {
      for (int round = 0; round < 200; ++round) {
        if (i == 0) {
          ball = round;
          ping.release();
          pong.acquire();
        } else {
          ping.acquire();
          EXPECT_EQ(ball, round);
          pong.release();
        }
      }
    });
  });
}

TEST_P(semaphore_test, a_big_request_is_not_overtaken_by_small_ones) {
  run([] {
    gobench::semaphore s(3);
    s.acquire(1);
    std::atomic<int> served{0};
    gobench::task big = gobench::go([&] {
      s.acquire(3);
      EXPECT_EQ(served++, 0);
      s.release(3);
    });
    while (!somebody_waits(s)) gobench::yield();
    EXPECT_FALSE(s.try_acquire(1));  // although two units are there
    EXPECT_FALSE(s.try_acquire_for(1ms, 1));
    gobench::task small = gobench::go([&] {
      s.acquire(1);
      EXPECT_EQ(served++, 1);
      s.release(1);
    });
    for (int i = 0; i < 20; ++i) gobench::yield();
    EXPECT_EQ(served, 0);
    s.release(1);
    big.join();
    small.join();
    EXPECT_TRUE(s.try_acquire(3));
  });
}

// With a single processor a task that has announced itself goes on until it is queued, so the order
// of arrival is known; otherwise two neighbours may change places between the announcement and the
// queue.
TEST_P(semaphore_test, serves_in_the_order_of_arrival) {
  run([] {
    gobench::semaphore s(0);
    constexpr int waiters = 5;
    std::atomic<int> arrived{0};
    std::atomic<int> served{0};
    std::vector<int> order(waiters, -1);
    std::vector<gobench::task> tasks;
    for (int i = 0; i < waiters; ++i) {
      tasks.push_back(gobench::go([&, i] {
        ++arrived;
        s.acquire();
        order[static_cast<std::size_t>(served)] = i;
        ++served;
      }));
      while (arrived <= i) gobench::yield();
    }
    for (int i = 0; i < waiters; ++i) {
      s.release();
      while (served <= i) gobench::yield();
    }
    for (auto& t : tasks) t.join();
    if (GetParam().kind == gobench::backend::fiber && gobench::max_procs() == 1) {
      EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4}));
    }
  });
}

TEST_P(semaphore_test, who_gives_up_lets_those_behind_go) {
  run([] {
    gobench::semaphore s(1);
    std::atomic<bool> done{false};
    // Wants more than there will ever be, and is at the head of the queue most of the time.
    gobench::task greedy = gobench::go([&] {
      while (!done) EXPECT_FALSE(s.try_acquire_for(200us, 2));
    });
    gobench::go([&] {
      for (int i = 0; i < 100; ++i) {
        s.acquire();
        gobench::yield();
        s.release();
      }
    }).join();
    done = true;
    greedy.join();
    EXPECT_TRUE(s.try_acquire());
  });
}

TEST_P(semaphore_test, gives_up_when_the_time_is_over_and_not_before) {
  run([] {
    gobench::semaphore s(0);
    const auto begin = steady_clock::now();
    EXPECT_FALSE(s.try_acquire_for(3ms));
    EXPECT_GE(steady_clock::now() - begin, 3ms);
    EXPECT_FALSE(s.try_acquire_until(begin + 5ms));
    EXPECT_GE(steady_clock::now() - begin, 5ms);
    EXPECT_FALSE(s.try_acquire_for(-1h));
    gobench::task waiter = gobench::go([&] { EXPECT_TRUE(s.try_acquire_for(1h, 2)); });
    s.release();
    s.release();
    waiter.join();
    EXPECT_FALSE(s.try_acquire());
  });
}

TEST_P(semaphore_test, misuse) {
  run([] {
    EXPECT_THROW(gobench::semaphore(-1), gobench::misuse);
    gobench::semaphore s(1);
    EXPECT_THROW(s.acquire(-1), gobench::misuse);
    EXPECT_THROW(static_cast<void>(s.try_acquire(-1)), gobench::misuse);
    EXPECT_THROW(static_cast<void>(s.try_acquire_for(1ms, -1)), gobench::misuse);
    EXPECT_THROW(s.release(-1), gobench::misuse);
    EXPECT_THROW(s.release(INT64_MAX), gobench::misuse);
    s.release(0);
    EXPECT_TRUE(s.try_acquire(1));
    EXPECT_FALSE(s.try_acquire(1));
  });
}

TEST_P(semaphore_test, may_be_destroyed_when_acquire_has_returned) {
  run([] {
    for (int round = 0; round < 300; ++round) {
      auto s = std::make_unique<gobench::semaphore>(0);
      gobench::task releasing = gobench::go([p = s.get()] { p->release(); });
      if (round % 2 == 0) gobench::yield();
      s->acquire();
      s.reset();
      releasing.join();
    }
  });
}

}  // namespace
