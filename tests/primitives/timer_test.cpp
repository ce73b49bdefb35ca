#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include "runtime/internal/control.hpp"
#include "runtime/run.hpp"
#include "tests/primitives/chan_support.hpp"
#include "tests/primitives/on_backends.hpp"

namespace {

using namespace std::chrono_literals;
using gobench::after_func;
using gobench::timer;
using std::chrono::steady_clock;

static_assert(!std::is_copy_constructible_v<timer>);
static_assert(std::is_nothrow_move_constructible_v<timer>);
static_assert(std::is_nothrow_move_assignable_v<timer>);

class timer_test : public on_backends {
 protected:
  gobench::options chosen() const {
    gobench::options options;
    options.kind = GetParam().kind;
    options.procs = GetParam().procs;
    return options;
  }
};
GOBENCH_ON_BACKENDS(timer_test);

std::size_t live_tasks() {
  const auto held = gobench::runtime::hold_live_tasks(gobench::runtime::latest_run());
  for (auto* task : held) gobench::runtime::drop_reference(*task);
  return held.size();
}

TEST_P(timer_test, example) {
  run([] {
    const auto answers = gobench::make_chan<int>();
    int given_up = 0;
    timer limit(1ms);
    gobench::select(gobench::on_recv(answers, [] { FAIL(); }),
                    gobench::on_recv(limit.chan(), [&] { ++given_up; }));
    EXPECT_EQ(given_up, 1);
    timer cleaning = after_func(1h, [] { FAIL(); });
    EXPECT_TRUE(cleaning.stop());
  });
}

TEST_P(timer_test, comes_when_the_time_is_over_and_not_before) {
  run([] {
    const auto begin = steady_clock::now();
    timer t(3ms);
    const std::optional<steady_clock::time_point> came = t.chan().recv();
    const auto end = steady_clock::now();
    ASSERT_TRUE(came);
    EXPECT_GE(*came, begin + 3ms);
    EXPECT_LE(*came, end);
    EXPECT_EQ(t.chan().try_recv(), std::nullopt);
    EXPECT_FALSE(t.stop());
    timer at_once(-1h);
    EXPECT_TRUE(at_once.chan().recv());
  });
}

TEST_P(timer_test, stop_tells_whether_it_was_pending) {
  run([] {
    timer t(1h);
    EXPECT_TRUE(t.stop());
    EXPECT_FALSE(t.stop());
    EXPECT_EQ(t.chan().try_recv(), std::nullopt);
    timer none;
    EXPECT_FALSE(none.stop());
    EXPECT_FALSE(none.chan());
    EXPECT_THROW(none.reset(1h), gobench::misuse);
  });
}

TEST_P(timer_test, reset_tells_whether_it_was_pending) {
  run([] {
    timer t(1h);
    EXPECT_TRUE(t.reset(2h));
    EXPECT_TRUE(t.reset(1ms));
    EXPECT_TRUE(t.chan().recv());
    EXPECT_FALSE(t.reset(1ms));
    EXPECT_TRUE(t.chan().recv());
    EXPECT_FALSE(t.reset(1h));
    EXPECT_TRUE(t.stop());
    EXPECT_FALSE(t.reset(0ms));
    EXPECT_TRUE(t.chan().recv());
  });
}

TEST_P(timer_test, a_value_that_was_not_received_is_taken_back) {
  run([] {
    timer t(0ms);
    until([&] { return t.chan().len() == 1; });
    EXPECT_TRUE(t.stop());
    EXPECT_EQ(t.chan().len(), 0U);
    EXPECT_FALSE(t.stop());
    t.reset(0ms);
    until([&] { return t.chan().len() == 1; });
    EXPECT_TRUE(t.reset(1h));
    EXPECT_EQ(t.chan().try_recv(), std::nullopt);
  });
}

TEST_P(timer_test, a_duration_too_long_for_the_clock_is_for_ever) {
  run([] {
    timer t(std::chrono::hours::max());
    EXPECT_TRUE(t.reset(steady_clock::duration::max()));
    EXPECT_TRUE(t.stop());
    EXPECT_FALSE(t.stop());
  });
}

TEST_P(timer_test, moves) {
  run([] {
    timer first(1h);
    timer second(std::move(first));
    EXPECT_TRUE(second.chan());
    first = timer(1ms);
    first = std::move(second);  // stops the other
    EXPECT_TRUE(first.stop());
    EXPECT_FALSE(second.stop());  // NOLINT(bugprone-use-after-move): tells that it is empty
  });
}

TEST_P(timer_test, after_func_runs_in_a_task_of_its_own) {
  run([] {
    int written = 0;
    gobench::event done;
    const auto begin = steady_clock::now();
    timer t = after_func(2ms, [&, before = 41] {
      EXPECT_GE(steady_clock::now(), begin + 2ms);
      gobench::sleep_for(1ms);  // may wait
      written = before + 1;
      done.set();
    });
    EXPECT_FALSE(t.chan());
    done.wait();
    EXPECT_EQ(written, 42);
    EXPECT_FALSE(t.stop());
    done.reset();
    EXPECT_FALSE(t.reset(1ms));  // once more
    done.wait();
  });
}

TEST_P(timer_test, after_func_goes_on_without_its_handle_and_ends_with_it) {
  run([] {
    gobench::event done;
    const auto token = std::make_shared<int>(0);
    after_func(1ms, [&done, token] { done.set(); });
    done.wait();
    until([&] { return token.use_count() == 1; });
    {
      timer stopped = after_func(1h, [token] { FAIL(); });
      EXPECT_EQ(token.use_count(), 2);
      stopped.stop();
      EXPECT_EQ(token.use_count(), 2);
    }
    EXPECT_EQ(token.use_count(), 1);
  });
}

// Move-only functions, and such that say something.
TEST_P(timer_test, after_func_takes_any_function) {
  run([] {
    auto done = std::make_unique<gobench::event>();
    gobench::event& event = *done;
    timer t = after_func(0ms, [owned = std::move(done)] {
      owned->set();
      return 7;
    });
    event.wait();
  });
}

// Each is either stopped in time or runs, never both and never neither.
TEST_P(timer_test, stops_or_runs) {
  run([] {
    constexpr int each = 150;
    std::atomic<int> stopped{0};
    std::atomic<int> ran{0};
    together({.tasks = 4, .threads = 1}, [&](int i) {
      std::minstd_rand random(static_cast<unsigned>(i) + 1);
      std::vector<timer> timers;
      for (int n = 0; n < each; ++n)
        timers.push_back(after_func(std::chrono::microseconds(random() % 300), [&] { ++ran; }));
      for (timer& t : timers) {
        if (random() % 8 == 0) gobench::yield();
        if (t.stop()) ++stopped;
      }
    });
    until([&] { return ran + stopped == 5 * each; });
    EXPECT_LE(ran, 5 * each);
  });
}

// After stop() and reset() nothing old comes; every value that was announced does.
TEST_P(timer_test, no_stale_value) {
  run([] {
    together({.tasks = 3, .threads = 1}, [&](int i) {
      std::minstd_rand random(static_cast<unsigned>(i) + 1);
      timer t;
      t = timer(1h);
      for (int round = 0; round < 200; ++round) {
        const auto begin = steady_clock::now();
        const auto d = std::chrono::microseconds(random() % 50);
        t.reset(d);
        switch (random() % 3) {
          case 0: {
            const auto came = t.chan().recv();
            EXPECT_GE(*came, begin + d);
            EXPECT_FALSE(t.stop());
            break;
          }
          case 1:
            if (random() % 2 == 0) gobench::yield();
            EXPECT_TRUE(t.stop());  // nobody else receives
            EXPECT_EQ(t.chan().try_recv(), std::nullopt);
            break;
          default:
            EXPECT_TRUE(t.reset(1h));
            EXPECT_EQ(t.chan().len(), 0U);
        }
      }
    });
  });
}

TEST_P(timer_test, what_is_pending_costs_no_task) {
  run([] {
    const std::size_t before = live_tasks();
    std::vector<timer> many;
    for (int i = 0; i < 1000; ++i) many.emplace_back(1h + i * 1s);
    EXPECT_LE(live_tasks(), before + 1);
    many.clear();
    until([&] { return live_tasks() == before; });
  });
}

TEST_P(timer_test, pending_is_no_deadlock) {
  run([] {
    const auto ch = gobench::make_chan<int>();
    after_func(20ms, [ch] { ch.send(7); });
    EXPECT_EQ(ch.recv(), 7);
  });
}

// Runs a body that waits for ever and returns what the report says.
template <class F>
std::string deadlock_of(const gobench::options& chosen, F body) {
  try {
    gobench::run(chosen, body);
  } catch (const gobench::deadlock& report) {
    return report.what();
  }
  return "";
}

TEST_P(timer_test, stopped_and_unheard_timers_hide_no_deadlock) {
  const std::string stopped = deadlock_of(chosen(), [] {
    const timer kept(std::chrono::hours::max());
    timer t(1h);
    timer u = after_func(2h, [] {});
    u.stop();
    t.stop();
    gobench::make_chan<int>().recv();
  });
  EXPECT_NE(stopped.find("the only task waits for ever"), std::string::npos) << stopped;
  const std::string unheard = deadlock_of(chosen(), [] {
    const timer t(2ms);
    gobench::make_chan<int>().recv();
  });
  EXPECT_NE(unheard.find("the only task waits for ever"), std::string::npos) << unheard;
}

TEST_P(timer_test, what_is_pending_at_the_end_of_the_run_is_forgotten) {
  std::atomic<int> ran{0};
  std::weak_ptr<int> watched;
  timer outlives;
  gobench::run(chosen(), [&] {
    const auto token = std::make_shared<int>(0);
    watched = token;
    after_func(1h, [token, &ran] { ++ran; });
    outlives = after_func(1ms, [&] { ++ran; });
    until([&] { return ran == 1; });
    outlives.reset(1h);
  });
  EXPECT_TRUE(watched.expired());
  EXPECT_FALSE(outlives.stop());
  EXPECT_THROW(outlives.reset(1ms), gobench::no_runtime);
  EXPECT_THROW(timer(1ms), gobench::no_runtime);
  EXPECT_THROW(after_func(1ms, [] {}), gobench::no_runtime);
  // Still good, in another run.
  gobench::run(chosen(), [&] {
    EXPECT_FALSE(outlives.reset(1ms));
    until([&] { return ran == 2; });
  });
  EXPECT_EQ(ran, 2);
}

TEST_P(timer_test, abandoned_runs_do_not_reach_into_later_ones) {
  std::atomic<int> ran{0};
  gobench::options abandoning = chosen();
  abandoning.end = gobench::at_end::abandon;
  std::weak_ptr<int> watched;
  gobench::run(abandoning, [&] {
    const auto token = std::make_shared<int>(0);
    watched = token;
    after_func(1ms, [token, &ran] {
      ++ran;
      gobench::yield();
    });
    after_func(1h, [token] { FAIL(); });
    until([&] { return ran == 1; });
  });
  gobench::run(chosen(), [&] {
    timer t(1ms);
    EXPECT_TRUE(t.chan().recv());
  });
  EXPECT_EQ(ran, 1);
}

// Timers made and stopped by tasks that are being unwound.
TEST_P(timer_test, may_be_used_while_the_run_ends) {
  std::atomic<int> unwound{0};
  run([&] {
    struct uses_timers {
      std::atomic<int>& count;
      timer old{1h};
      ~uses_timers() {
        old.stop();
        const timer fresh(1ms);
        after_func(0ms, [this] { count = 1000; });
        ++count;
      }
    };
    std::atomic<int> waiting{0};
    for (int i = 0; i < 3; ++i) {
      gobench::go([&] {
        const uses_timers used{unwound};
        ++waiting;
        gobench::sleep_for(1h);
      });
    }
    until([&] { return waiting == 3; });
  });
  EXPECT_EQ(unwound, 3);
}

TEST_P(timer_test, what_its_function_throws_ends_the_program) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(run([] {
                 after_func(1ms, [] { throw std::runtime_error("nobody to tell"); });
                 gobench::sleep_for(1h);
               }),
               "timer_test.cpp.*no handle is left to join it: nobody to tell");
}

class ticker_test : public on_backends {};
GOBENCH_ON_BACKENDS(ticker_test);

TEST_P(ticker_test, ticks_on_its_grid) {
  run([] {
    const auto begin = steady_clock::now();
    gobench::ticker beat(1ms);
    auto last = begin;
    int ticks = 0;
    for (const auto when : beat.chan()) {
      EXPECT_GE(when, begin + (ticks + 1) * 1ms);
      EXPECT_GT(when, last);
      last = when;
      if (++ticks == 5) break;
    }
  });
}

TEST_P(ticker_test, drops_ticks_for_a_slow_receiver) {
  run([] {
    const auto begin = steady_clock::now();
    gobench::ticker beat(1ms);
    until([&] { return beat.chan().len() == 1; });
    gobench::sleep_for(5ms);
    EXPECT_EQ(beat.chan().len(), 1U);
    const auto first = *beat.chan().recv();
    EXPECT_GE(first, begin + 1ms);
    EXPECT_GE(*beat.chan().recv(), begin + 5ms);  // not what was missed
  });
}

TEST_P(ticker_test, stops_and_starts_again) {
  run([] {
    gobench::ticker beat(1ms);
    until([&] { return beat.chan().len() == 1; });
    beat.stop();
    EXPECT_EQ(beat.chan().try_recv(), std::nullopt);
    beat.stop();
    EXPECT_EQ(beat.chan().recv_for(3ms), std::nullopt);
    const auto begin = steady_clock::now();
    beat.reset(2ms);
    EXPECT_GE(*beat.chan().recv(), begin + 2ms);
    beat.reset(1h);
    EXPECT_EQ(beat.chan().len(), 0U);
    gobench::ticker other = std::move(beat);
    other.reset(1ms);
    EXPECT_TRUE(other.chan().recv());
  });
}

TEST_P(ticker_test, a_ticker_without_end_leaves_time_for_others) {
  run([] {
    gobench::ticker fastest(1ns);
    const auto ch = gobench::make_chan<int>();
    gobench::task other = gobench::go([ch] {
      for (int i = 0; i < 50; ++i) ch.send(i);
    });
    for (int i = 0; i < 50; ++i) {
      EXPECT_TRUE(fastest.chan().recv());
      EXPECT_EQ(ch.recv(), i);
    }
    other.join();
  });
}

TEST_P(ticker_test, misuse) {
  run([] {
    EXPECT_THROW(gobench::ticker(0ms), gobench::misuse);
    EXPECT_THROW(gobench::ticker(-1ms), gobench::misuse);
    gobench::ticker none;
    EXPECT_FALSE(none.chan());
    none.stop();
    EXPECT_THROW(none.reset(1ms), gobench::misuse);
  });
}

}  // namespace
