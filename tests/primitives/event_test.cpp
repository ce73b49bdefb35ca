#include <atomic>
#include <chrono>
#include <memory>
#include <type_traits>

#include "tests/primitives/on_backends.hpp"

namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

static_assert(!std::is_copy_constructible_v<gobench::event>);
static_assert(!std::is_move_constructible_v<gobench::event>);
static_assert(!std::is_copy_assignable_v<gobench::event>);

class event_test : public on_backends {};
GOBENCH_ON_BACKENDS(event_test);

TEST_P(event_test, example) {
  run([] {
    gobench::event stop;
    int worked = 0;
    gobench::task worker = gobench::go([&] {
      do ++worked;
      while (!stop.wait_for(10ms));
    });
    stop.set();
    worker.join();
    EXPECT_GE(worked, 1);
  });
}

TEST_P(event_test, lets_everybody_go_and_stays_set) {
  run([] {
    for (int round = 0; round < 50; ++round) {
      gobench::event ready;
      int value = 0;  // plain: set() publishes it
      together({.tasks = 6, .threads = 2}, [&](int i) {
        if (i == 0) {
          value = 7;
          ready.set();
          ready.set();
        } else if (i % 2 == 0) {
          ready.wait();
          EXPECT_EQ(value, 7);
        } else {
          EXPECT_TRUE(ready.wait_for(1h));
          EXPECT_EQ(value, 7);
        }
      });
      EXPECT_TRUE(ready.is_set());
      ready.wait();
    }
  });
}

// Whoever waits when the flag is set goes, although the flag is clear again when it runs: on a
// single processor it always is, and a waiter that looked again would stay for ever.
TEST_P(event_test, a_reset_keeps_nobody_who_was_let_go) {
  run([] {
    gobench::event pulse;
    std::atomic<int> rounds{0};
    constexpr int waiters = 3;
    std::vector<gobench::task> tasks;
    for (int i = 0; i < waiters; ++i) {
      tasks.push_back(gobench::go([&] {
        for (int round = 0; round < 30; ++round) {
          pulse.wait();
          ++rounds;
        }
      }));
    }
    while (rounds < 30 * waiters) {
      pulse.set();
      pulse.reset();
      EXPECT_FALSE(pulse.is_set());
      gobench::yield();
    }
    for (auto& t : tasks) t.join();
  });
}

TEST_P(event_test, gives_up_when_the_time_is_over_and_not_before) {
  run([] {
    gobench::event never;
    const auto begin = steady_clock::now();
    EXPECT_FALSE(never.wait_for(3ms));
    EXPECT_GE(steady_clock::now() - begin, 3ms);
    EXPECT_FALSE(never.wait_until(begin + 5ms));
    EXPECT_GE(steady_clock::now() - begin, 5ms);
    const auto system_begin = std::chrono::system_clock::now();
    EXPECT_FALSE(never.wait_until(system_begin + 3ms));
    EXPECT_GE(std::chrono::system_clock::now() - system_begin, 3ms);
    EXPECT_FALSE(never.wait_for(-1h));
    never.set();
    EXPECT_TRUE(never.wait_for(-1h));
    never.reset();
    EXPECT_FALSE(never.is_set());
  });
}

// Whoever sees the flag may be quicker than the set() that has set it.
TEST_P(event_test, may_be_destroyed_when_wait_has_returned) {
  run([] {
    for (int round = 0; round < 300; ++round) {
      auto ready = std::make_unique<gobench::event>();
      gobench::task setter = gobench::go([r = ready.get()] { r->set(); });
      if (round % 2 == 0) {
        ready->wait();
      } else {
        while (!ready->is_set()) gobench::yield();
      }
      ready.reset();
      setter.join();
    }
  });
}

TEST_P(event_test, waiting_for_ever_is_a_deadlock) {
  gobench::event never;
  EXPECT_THROW(run([&] { never.wait(); }), gobench::deadlock);
  never.set();
  never.wait();
}

}  // namespace
