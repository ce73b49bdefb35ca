// co_task by itself: results, exceptions, spawning, joining, yielding, sleeping, calls that block.
#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/primitives/on_backends.hpp"

namespace {

using namespace std::chrono_literals;
namespace co = gobench::co;
using gobench::co_task;

class co_task_test : public on_backends {};
GOBENCH_ON_BACKENDS(co_task_test);

// Counts those that are alive.
struct counted {
  explicit counted(std::atomic<int>& counter) : alive(&counter) { ++*alive; }
  counted(const counted& other) : alive(other.alive) { ++*alive; }
  counted(counted&& other) noexcept : alive(other.alive) { ++*alive; }
  counted& operator=(const counted&) = delete;
  ~counted() { --*alive; }
  std::atomic<int>* alive;
};

co_task<int> twice(int n) {
  co_await co::yield();
  co_return 2 * n;
}

co_task<int> at_once(int n) { co_return n; }

co_task<std::unique_ptr<std::string>> moved(std::string text) {
  co_return std::make_unique<std::string>(std::move(text));
}

co_task<int&> refer(int& what) {
  co_await co::yield();
  co_return what;
}

co_task<int> fail(const char* why) {
  co_await co::yield();
  throw std::runtime_error(why);
}

TEST_P(co_task_test, a_result_comes_through_await_and_join) {
  run([] {
    auto t = gobench::spawn([]() -> co_task<std::string> {
      int sum = 0;
      for (int i = 0; i < 10; ++i) sum += co_await twice(i) + co_await at_once(1);
      const auto text = co_await moved("text");
      int variable = 0;
      (co_await refer(variable)) = 3;
      co_return *text + std::to_string(sum) + std::to_string(variable);
    }());
    EXPECT_TRUE(t.joinable());
    EXPECT_EQ(t.join(), "text1003");
    EXPECT_FALSE(t.joinable());
    int target = 0;
    gobench::spawn(refer(target)).join() = 8;
    EXPECT_EQ(target, 8);
  });
}

TEST_P(co_task_test, an_exception_comes_through_await_and_join) {
  run([] {
    EXPECT_THROW(gobench::spawn(fail("alone")).join(), std::runtime_error);
    auto t = gobench::spawn([]() -> co_task<std::string> {
      try {
        static_cast<void>(co_await fail("inner"));
      } catch (const std::runtime_error& e) {
        co_return e.what();
      }
      co_return "nothing";
    }());
    EXPECT_EQ(t.join(), "inner");
    auto through =
        gobench::spawn([]() -> co_task<> { static_cast<void>(co_await fail("deep")); }());
    EXPECT_THROW(through.join(), std::runtime_error);
  });
}

// As frames hand over by returning, neither a long row nor a deep nest of them uses up a stack.
TEST_P(co_task_test, a_hundred_thousand_frames_in_a_row_or_nested_need_no_stack) {
  struct nest {
    static co_task<int> down(int depth) {
      // Not in a conditional expression, in which gcc 12 awaits in any case.
      if (depth == 0) co_return 0;
      co_return 1 + co_await down(depth - 1);
    }
  };
  run([] {
    EXPECT_EQ(gobench::spawn(nest::down(100'000)).join(), 100'000);
    auto row = gobench::spawn([]() -> co_task<long> {
      long sum = 0;
      for (int i = 0; i < 100'000; ++i) sum += co_await at_once(1);
      co_return sum;
    }());
    EXPECT_EQ(row.join(), 100'000);
  });
}

// gcc has been known to destroy arguments and temporaries of co_await expressions twice, or never.
TEST_P(co_task_test, parameters_temporaries_and_results_are_destroyed_once) {
  std::atomic<int> alive{0};
  run([&] {
    const auto keep = [](counted one, const counted& other) -> co_task<counted> {
      const counted local = other;
      co_await co::yield();
      co_return one;
    };
    const auto body = [](auto inner, std::atomic<int>& counter) -> co_task<bool> {
      const counted argument(counter);
      const counted result = co_await inner(counted(counter), counted(counter));
      const bool right = result.alive == &counter && counter == 2;
      try {
        static_cast<void>((counted(counter), co_await fail("with a temporary")));
      } catch (const std::runtime_error&) {
        co_return right&& counter == 2;
      }
      co_return false;
    };
    EXPECT_TRUE(gobench::spawn(body(keep, alive)).join());
    EXPECT_EQ(alive, 0);
    {
      // Never run.
      auto unused = keep(counted(alive), counted(alive));
      EXPECT_EQ(alive, 1);
      auto other = std::move(unused);
      EXPECT_FALSE(unused);  // NOLINT(bugprone-use-after-move): what it looks like
      EXPECT_TRUE(other);
    }
    EXPECT_EQ(alive, 0);
  });
  EXPECT_EQ(alive, 0);
}

TEST_P(co_task_test, tasks_of_both_kinds_join_each_other) {
  run([] {
    int order = 0;
    auto fiber = gobench::go([&] {
      gobench::sleep_for(1ms);
      order = 1;
    });
    auto joins = gobench::spawn([](gobench::task first, int& seen) -> co_task<int> {
      co_await co::join(first);
      const int before = seen;
      auto second = gobench::spawn(twice(21));
      co_return before * 100 + co_await co::join(second);
    }(std::move(fiber), order));
    EXPECT_EQ(joins.join(), 142);
    auto fails = gobench::spawn([]() -> co_task<> {
      static_cast<void>(co_await co::join(gobench::spawn(fail("joined"))));
    }());
    EXPECT_THROW(fails.join(), std::runtime_error);
    auto nobody = gobench::spawn([]() -> co_task<> {
      gobench::task none;
      co_await co::join(none);
    }());
    EXPECT_THROW(nobody.join(), gobench::misuse);
  });
}

TEST_P(co_task_test, a_dropped_handle_detaches) {
  run([] {
    gobench::event ended;
    static_cast<void>(gobench::spawn([](gobench::event& e) -> co_task<int> {
      co_await co::yield();
      e.set();
      co_return 1;
    }(ended)));
    ended.wait();
  });
}

TEST_P(co_task_test, sleeps_never_less_and_not_at_all_when_the_time_is_over) {
  run([] {
    auto t = gobench::spawn([]() -> co_task<bool> {
      const auto before = std::chrono::steady_clock::now();
      co_await co::sleep_for(3ms);
      const bool enough = std::chrono::steady_clock::now() - before >= 3ms;
      co_await co::sleep_until(before);
      co_await co::sleep_for(-1h);
      co_return enough;
    }());
    EXPECT_TRUE(t.join());
  });
}

TEST_P(co_task_test, a_thousand_sleep_beside_each_other) {
  if (GetParam().kind == gobench::backend::thread) GTEST_SKIP() << "a thread each";
  run([] {
    std::atomic<int> woken{0};
    std::vector<gobench::task> sleepers;
    for (int i = 0; i < 1000; ++i)
      sleepers.push_back(gobench::spawn([](int n, std::atomic<int>& count) -> co_task<> {
        co_await co::sleep_for(std::chrono::microseconds(n * 7 % 5000));
        ++count;
      }(i, woken)));
    for (auto& s : sleepers) s.join();
    EXPECT_EQ(woken, 1000);
  });
}

// A body may call what blocks: it keeps its stack meanwhile, and may suspend and block by turns.
TEST_P(co_task_test, may_call_what_blocks) {
  run([] {
    auto c = gobench::make_chan<int>();
    gobench::mutex m;
    auto t = gobench::spawn([](gobench::chan<int> from, gobench::mutex& lock) -> co_task<int> {
      int sum = 0;
      for (int i = 0; i < 20; ++i) {
        sum += from.recv().value();
        sum += (co_await co::recv(from)).value();
        const std::scoped_lock held(lock);
        gobench::sleep_for(10us);
        gobench::yield();
        co_await co::yield();
        sum += gobench::blocking([] { return 1; });
      }
      co_return sum;
    }(c, m));
    for (int i = 0; i < 40; ++i) {
      c.send(1);
      const std::scoped_lock held(m);
    }
    EXPECT_EQ(t.join(), 60);
  });
}

TEST_P(co_task_test, block_on_runs_a_coroutine_anywhere) {
  run([] {
    EXPECT_EQ(gobench::block_on(twice(4)), 8);
    EXPECT_THROW(gobench::block_on(fail("here")), std::runtime_error);
    auto c = gobench::make_chan<int>();
    const auto wait = [](gobench::chan<int> from) -> co_task<int> {
      co_return (co_await co::recv(from)).value() + co_await twice(1);
    };
    std::thread outside([&] { EXPECT_EQ(gobench::block_on(wait(c)), 12); });
    c.send(10);
    gobench::blocking([&] { outside.join(); });
    // Inside a coroutine, whose stack it keeps.
    auto t = gobench::spawn([](auto inner, gobench::chan<int> from) -> co_task<int> {
      co_await co::yield();
      co_return gobench::block_on(inner(from));
    }(wait, c));
    c.send(20);
    EXPECT_EQ(t.join(), 22);
  });
}

TEST_P(co_task_test, what_is_gone_cannot_run) {
  run([] {
    co_task<int> none;
    EXPECT_FALSE(none);
    EXPECT_THROW(gobench::spawn(std::move(none)), gobench::misuse);
    EXPECT_THROW(gobench::spawn(co_task<>()), gobench::misuse);
    EXPECT_THROW(gobench::block_on(co_task<int>()), gobench::misuse);
    auto t = gobench::spawn([]() -> co_task<> { co_await co_task<>(); }());
    EXPECT_THROW(t.join(), gobench::misuse);
  });
}

TEST_P(co_task_test, yields_let_each_other_go_first) {
  run([] {
    std::atomic<int> turn{0};
    const auto take_turns = [](int me, std::atomic<int>& whose) -> co_task<> {
      for (int i = 0; i < 200; ++i) {
        while (whose % 3 != me) co_await co::yield();
        ++whose;
      }
    };
    std::vector<gobench::task> three;
    for (int i = 0; i < 2; ++i) three.push_back(gobench::spawn(take_turns(i, turn)));
    three.push_back(gobench::go([&] {
      for (int i = 0; i < 200; ++i) {
        while (turn % 3 != 2) gobench::yield();
        ++turn;
      }
    }));
    for (auto& t : three) t.join();
    EXPECT_EQ(turn, 600);
  });
}

TEST_P(co_task_test, spawns_from_everywhere) {
  run([] {
    EXPECT_EQ(gobench::spawn(
                  []() -> co_task<int> { co_return co_await co::join(gobench::spawn(twice(3))); }())
                  .join(),
              6);
    std::thread outside([] { EXPECT_EQ(gobench::spawn(twice(4)).join(), 8); });
    gobench::blocking([&] { outside.join(); });
  });
}

TEST(co_task_without_a_run, can_only_be_blocked_on) {
  EXPECT_EQ(gobench::block_on(twice(5)), 10);
  EXPECT_THROW(gobench::spawn(twice(5)), gobench::no_runtime);
}

}  // namespace
