// Waiting for a time: never less, in order, and of any length.
#include <chrono>
#include <cstdint>
#include <limits>
#include <random>
#include <ratio>
#include <vector>

#include "runtime/internal/scheduler.hpp"
#include "tests/runtime/support.hpp"

namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using std::chrono::system_clock;

class sleep_test : public on_backends {};
GOBENCH_ON_BACKENDS(sleep_test);

TEST_P(sleep_test, never_wakes_early) {
  run([] {
    std::vector<gobench::task> tasks;
    for (int i = 0; i < 40; ++i) {
      tasks.push_back(gobench::go([i] {
        for (int round = 0; round < 5; ++round) {
          const auto d = std::chrono::microseconds(37 * i + round);
          const auto begin = steady_clock::now();
          gobench::sleep_for(d);
          EXPECT_GE(steady_clock::now() - begin, d);
        }
      }));
    }
    for (gobench::task& t : tasks) t.join();
  });
}

// A wake-up that means something else must not cut a sleep short.
TEST_P(sleep_test, is_not_cut_short_by_permits) {
  run([] {
    std::atomic<gobench::runtime::waiter*> sleeper{nullptr};
    std::atomic<bool> over{false};
    gobench::task t = gobench::go([&] {
      sleeper.store(&gobench::runtime::this_waiter());
      const auto begin = steady_clock::now();
      gobench::sleep_for(5ms);
      EXPECT_GE(steady_clock::now() - begin, 5ms);
      over.store(true);
    });
    while (!over.load()) {
      if (gobench::runtime::waiter* w = sleeper.load()) gobench::runtime::unpark(*w);
      gobench::yield();
    }
    t.join();
  });
}

TEST_P(sleep_test, durations_that_are_over_only_yield) {
  run([] {
    gobench::sleep_for(0s);
    gobench::sleep_for(-1s);
    gobench::sleep_for(std::chrono::hours::min());
    gobench::sleep_for(std::chrono::duration<double>(-1e300));
    gobench::sleep_until(steady_clock::now() - 1h);
    gobench::sleep_until(steady_clock::time_point::min());
    gobench::sleep_until(steady_clock::time_point());
    gobench::sleep_until(system_clock::now() - 1h);
    gobench::sleep_until(system_clock::time_point());
    gobench::sleep_until(system_clock::time_point::min());
  });
}

template <class Duration>
void sleeps_until_the_end_of_the_run(vehicle v, Duration d) {
  bool woke = false;
  std::atomic<bool> begun{false};
  gobench::run(options_for(v), [&] {
    gobench::go([&] {
      begun.store(true);
      gobench::sleep_for(d);
      woke = true;
    });
    while (!begun.load()) gobench::yield();
    for (int i = 0; i < 20; ++i) gobench::yield();
  });
  EXPECT_FALSE(woke);
}

TEST_P(sleep_test, durations_may_be_huge) {
  const vehicle v = GetParam();
  sleeps_until_the_end_of_the_run(v, std::chrono::hours::max());
  sleeps_until_the_end_of_the_run(v, std::chrono::nanoseconds::max());
  sleeps_until_the_end_of_the_run(v, std::chrono::duration<double>(1e300));
  sleeps_until_the_end_of_the_run(v, std::chrono::duration<float, std::nano>(9e18F));
  sleeps_until_the_end_of_the_run(v, std::chrono::duration<std::int64_t, std::ratio<31'556'952>>(
                                         std::numeric_limits<std::int64_t>::max()));
}

// Around the end of the clock, where a sum would overflow.
TEST(deadline_after, is_for_ever_where_the_clock_ends) {
  using gobench::runtime::deadline_after;
  for (int i = -2000; i <= 2000; i += 50) {
    const auto room = gobench::runtime::no_deadline - steady_clock::now();
    EXPECT_GT(deadline_after(room + std::chrono::microseconds(i)), steady_clock::now() + 1h);
  }
  EXPECT_EQ(deadline_after(std::chrono::nanoseconds::max()), gobench::runtime::no_deadline);
  EXPECT_EQ(deadline_after(std::chrono::hours::max()), gobench::runtime::no_deadline);
}

TEST(deadline_after, rounds_up) {
  using gobench::runtime::deadline_after;
  using thirds = std::chrono::duration<std::int64_t, std::ratio<1, 3'000'000'000>>;
  const auto before = steady_clock::now();
  EXPECT_GE(deadline_after(thirds(1)), before + 1ns);
  EXPECT_GE(deadline_after(std::chrono::duration<double, std::nano>(0.25)), before + 1ns);
}

class many_sleepers : public ::testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(procs, many_sleepers, ::testing::Values(1, 2, 4));

TEST_P(many_sleepers, all_wake) {
  const int sleepers = sanitized ? 2'000 : 10'000;
  std::atomic<int> woken{0};
  gobench::run(on_fibers(GetParam()), [&] {
    gobench::wait_group all;
    all.add(sleepers);
    std::minstd_rand random(1);
    for (int i = 0; i < sleepers; ++i) {
      const auto d = std::chrono::microseconds(random() % 20'000);
      gobench::go([&, d] {
        const auto begin = steady_clock::now();
        gobench::sleep_for(d);
        if (steady_clock::now() - begin >= d) woken.fetch_add(1);
        all.done();
      });
    }
    all.wait();
  });
  EXPECT_EQ(woken.load(), sleepers);
}

// Whoever is woken before its deadline leaves no timer behind: in the heap it would point into a frame
// that is gone.
TEST(sleeping_fibers, take_their_timers_with_them) {
  for (const int procs : {1, 2}) {
    gobench::run(on_fibers(procs), [] {
      std::vector<gobench::task> tasks;
      gobench::event go_on;
      for (int i = 0; i < 200; ++i)
        tasks.push_back(gobench::go([&] { EXPECT_TRUE(go_on.wait_for(1h)); }));
      for (int i = 0; i < 300; ++i) gobench::yield();
      go_on.set();
      for (gobench::task& t : tasks) t.join();
      // Were one left, this would be no deadlock but a wait of an hour.
    });
    EXPECT_THROW(gobench::run(on_fibers(procs),
                              [] {
                                gobench::event now;
                                gobench::task t = gobench::go([&] { now.wait_for(1h); });
                                gobench::yield();
                                now.set();
                                t.join();
                                gobench::event never;
                                never.wait();
                              }),
                 gobench::deadlock);
  }
}

// The timer lies in the heap of a processor whose task never looks at it.
TEST(sleeping_fibers, wake_although_their_processor_computes) {
  for (const int procs : {1, 2}) {
    gobench::run(on_fibers(procs), [procs] {
      std::atomic<bool> woke{false};
      gobench::task sleeper = gobench::go([&] {
        gobench::sleep_for(1ms);
        woke.store(true);
      });
      gobench::yield();
      // With a second processor the sleeper must run there; with one, it runs when we let it.
      while (!woke.load())
        if (procs == 1) gobench::yield();
      sleeper.join();
    });
  }
}

TEST(sleeping_threads, from_outside_sleep_as_well) {
  const auto begin = steady_clock::now();
  gobench::sleep_for(2ms);
  EXPECT_GE(steady_clock::now() - begin, 2ms);
  gobench::sleep_until(begin + 3ms);
  EXPECT_GE(steady_clock::now() - begin, 3ms);
}

}  // namespace
