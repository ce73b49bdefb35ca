#include "primitives/rate_limiter.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>
#include <random>

#include "runtime/internal/waiter.hpp"
#include "tests/primitives/chan_support.hpp"
#include "tests/primitives/on_backends.hpp"

namespace {

using namespace std::chrono_literals;
using gobench::background;
using gobench::rate_limiter;
using gobench::with_cancel;
using gobench::with_timeout;
using std::chrono::steady_clock;

class rate_limiter_test : public on_backends {};
GOBENCH_ON_BACKENDS(rate_limiter_test);

constexpr double one_an_hour = 1.0 / 3600;

double seconds_since(steady_clock::time_point begin) {
  return std::chrono::duration<double>(steady_clock::now() - begin).count();
}

TEST_P(rate_limiter_test, a_burst_and_then_nothing_for_long) {
  run([] {
    rate_limiter slow(one_an_hour, 5);
    EXPECT_EQ(slow.burst(), 5);
    EXPECT_DOUBLE_EQ(slow.rate(), one_an_hour);
    slow.acquire();
    EXPECT_TRUE(slow.try_acquire(2));
    EXPECT_FALSE(slow.try_acquire(3));
    slow.acquire(2);
    EXPECT_FALSE(slow.try_acquire());
    EXPECT_TRUE(slow.try_acquire(0));
    // Known before, so it does not take that long.
    EXPECT_FALSE(slow.acquire_for(30min));
    EXPECT_FALSE(slow.acquire_until(std::chrono::system_clock::now() + 30min));
    EXPECT_TRUE(slow.acquire_for(-1h, 0));
    slow.acquire(0);
  });
}

TEST_P(rate_limiter_test, hands_out_no_more_than_its_rate) {
  run([] {
    constexpr double rate = 5000;
    constexpr std::int64_t burst = 10;
    const auto begin = steady_clock::now();
    rate_limiter limiter(rate, burst);
    std::atomic<std::int64_t> out{0};
    together({.tasks = 6, .threads = 2}, [&](int i) {
      std::minstd_rand random(static_cast<unsigned>(i) + 1);
      for (int round = 0; round < 12; ++round) {
        const auto k = static_cast<std::int64_t>(random() % 3);
        if (random() % 2 == 0) {
          limiter.acquire(k);
        } else if (!limiter.acquire_for(1h, k)) {
          ADD_FAILURE() << "there is time enough";
        }
        const std::int64_t so_far = out += k;
        // One more for rounding: the clock is read twice.
        EXPECT_LE(static_cast<double>(so_far), burst + 1 + rate * seconds_since(begin));
      }
    });
  });
}

TEST_P(rate_limiter_test, waits_as_long_as_it_takes) {
  run([] {
    rate_limiter limiter(1000, 2);
    const auto begin = steady_clock::now();
    limiter.acquire(2);
    limiter.acquire(2);
    EXPECT_GE(seconds_since(begin), 0.0019);
    EXPECT_TRUE(limiter.acquire(background()));
    EXPECT_GE(seconds_since(begin), 0.0029);
    EXPECT_TRUE(limiter.acquire_for(1h));
    EXPECT_GE(seconds_since(begin), 0.0039);
  });
}

TEST_P(rate_limiter_test, a_pause_fills_no_more_than_the_bucket) {
  run([] {
    rate_limiter limiter(1e5, 3);
    limiter.acquire(3);
    gobench::sleep_for(1ms);  // enough for 100
    const auto begin = steady_clock::now();
    std::int64_t got = 0;
    for (int i = 0; i < 50; ++i) got += limiter.try_acquire() ? 1 : 0;
    EXPECT_GE(got, 3);
    EXPECT_LE(static_cast<double>(got), 3 + 1 + 1e5 * seconds_since(begin));
  });
}

// A task that acquires with a context, until it waits or has its answer.
struct acquiring {
  acquiring(rate_limiter& limiter, const gobench::context& ctx) {
    task = gobench::go([this, &limiter, ctx] {
      who = &gobench::runtime::this_waiter();
      got = limiter.acquire(ctx);
      answered = true;
    });
    until([&] { return answered || waits(); });
  }
  bool waits() const {
    const gobench::runtime::waiter* waiter = who;
    return waiter != nullptr && waiter->permit >= gobench::runtime::permit_parked;
  }

  std::atomic<gobench::runtime::waiter*> who{nullptr};
  std::atomic<bool> answered{false};
  std::atomic<bool> got{false};
  gobench::task task;
};

TEST_P(rate_limiter_test, gives_up_with_its_context_and_gives_back) {
  run([] {
    rate_limiter slow(one_an_hour);
    slow.acquire();
    auto [ctx, cancel] = with_cancel(background());
    {
      acquiring first(slow, ctx);  // would have to wait an hour
      EXPECT_FALSE(first.answered);
      // Two hours are too long, so it does not even begin.
      EXPECT_FALSE(slow.acquire(with_timeout(background(), 90min).ctx));
      cancel();
      first.task.join();
      EXPECT_FALSE(first.got);
    }
    EXPECT_FALSE(slow.acquire(ctx));
    // One hour is not.
    auto [timed, cancel_timed] = with_timeout(background(), 90min);
    acquiring second(slow, timed);
    EXPECT_FALSE(second.answered);
    cancel_timed();
    second.task.join();
    EXPECT_FALSE(second.got);
  });
}

TEST_P(rate_limiter_test, what_others_took_meanwhile_is_not_given_back) {
  run([] {
    rate_limiter slow(one_an_hour);
    slow.acquire();
    auto [first, cancel_first] = with_cancel(background());
    auto [second, cancel_second] = with_cancel(background());
    acquiring one(slow, first);   // in one hour
    acquiring two(slow, second);  // in two
    cancel_first();
    one.task.join();
    EXPECT_FALSE(slow.acquire_for(150min));  // in three, still
    cancel_second();
    two.task.join();
    EXPECT_FALSE(slow.acquire_for(90min));  // in two
    acquiring third(slow, with_timeout(background(), 150min).ctx);
    EXPECT_FALSE(third.answered);
  });
}

TEST_P(rate_limiter_test, misuse) {
  run([] {
    EXPECT_THROW(rate_limiter(0), gobench::misuse);
    EXPECT_THROW(rate_limiter(-1), gobench::misuse);
    EXPECT_THROW(rate_limiter{std::numeric_limits<double>::infinity()}, gobench::misuse);
    EXPECT_THROW(rate_limiter{std::numeric_limits<double>::quiet_NaN()}, gobench::misuse);
    EXPECT_THROW(rate_limiter(1, 0), gobench::misuse);
    EXPECT_THROW(rate_limiter(1, std::numeric_limits<std::int64_t>::max()), gobench::misuse);
    rate_limiter limiter(1, 3);
    EXPECT_THROW(limiter.acquire(4), gobench::misuse);
    EXPECT_THROW(limiter.try_acquire(-1), gobench::misuse);
    EXPECT_THROW(limiter.acquire_for(1ms, 4), gobench::misuse);
    EXPECT_TRUE(limiter.try_acquire(3));
  });
}

TEST_P(rate_limiter_test, works_outside_of_a_run) {
  const auto begin = steady_clock::now();
  rate_limiter limiter(1000);
  limiter.acquire();
  limiter.acquire();
  EXPECT_GE(seconds_since(begin), 0.0009);
}

}  // namespace
