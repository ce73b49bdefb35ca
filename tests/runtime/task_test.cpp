// Spawning and joining.
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "runtime/spin_lock.hpp"
#include "tests/runtime/support.hpp"

namespace {

using namespace std::chrono_literals;

static_assert(!std::is_copy_constructible_v<gobench::task>);
static_assert(!std::is_copy_assignable_v<gobench::task>);
static_assert(std::is_nothrow_move_constructible_v<gobench::task>);
static_assert(std::is_nothrow_move_assignable_v<gobench::task>);
static_assert(std::is_nothrow_default_constructible_v<gobench::task>);

class task_test : public on_backends {};
GOBENCH_ON_BACKENDS(task_test);

TEST_P(task_test, join_waits_and_sees_what_the_task_did) {
  run([] {
    for (int i = 0; i < 100; ++i) {
      int value = 0;  // plain: join() publishes it
      gobench::task t = gobench::go([&value, i] {
        if (i % 3 == 0) gobench::yield();
        value = i;
      });
      if (i % 2 == 0) gobench::yield();
      t.join();
      EXPECT_EQ(value, i);
      EXPECT_FALSE(t.joinable());
    }
  });
}

TEST_P(task_test, the_task_sees_what_was_done_before_go) {
  run([] {
    for (int i = 0; i < 100; ++i) {
      int value = i;
      int seen = -1;
      gobench::go([&] { seen = value; }).join();
      EXPECT_EQ(seen, i);
    }
  });
}

TEST_P(task_test, join_rethrows) {
  run([] {
    gobench::task early = gobench::go([] { throw std::out_of_range("early"); });
    for (int i = 0; i < 20; ++i) gobench::yield();
    try {
      early.join();
      ADD_FAILURE() << "nothing was thrown";
    } catch (const std::out_of_range& caught) {
      EXPECT_STREQ(caught.what(), "early");
    }
    gobench::event begin;
    gobench::task late = gobench::go([&] {
      begin.wait();
      throw 17;
    });
    gobench::task opens = gobench::go([&] { begin.set(); });
    EXPECT_THROW(late.join(), int);
    EXPECT_FALSE(late.joinable());
    opens.join();
  });
}

TEST_P(task_test, joining_twice_is_misuse) {
  run([] {
    gobench::task t = gobench::go([] {});
    t.join();
    EXPECT_THROW(t.join(), gobench::misuse);
    gobench::task throws = gobench::go([] { throw std::runtime_error("once"); });
    EXPECT_THROW(throws.join(), std::runtime_error);
    EXPECT_THROW(throws.join(), gobench::misuse);
    gobench::task none;
    EXPECT_FALSE(none.joinable());
    EXPECT_THROW(none.join(), gobench::misuse);
    none.detach();
    gobench::task detached = gobench::go([] {});
    detached.detach();
    EXPECT_THROW(detached.join(), gobench::misuse);
  });
}

TEST_P(task_test, handles_move) {
  run([] {
    std::atomic<int> ended{0};
    gobench::task a = gobench::go([&] { ended.fetch_add(1); });
    gobench::task b = std::move(a);
    EXPECT_FALSE(a.joinable());  // NOLINT(bugprone-use-after-move): that is the test
    EXPECT_TRUE(b.joinable());
    // What was there is let go, and its task goes on alone.
    gobench::task c = gobench::go([&] { ended.fetch_add(1); });
    c = std::move(b);
    c.join();
    while (ended.load() < 2) gobench::yield();
    auto& same = c;
    c = std::move(same);
    EXPECT_FALSE(c.joinable());
  });
}

TEST_P(task_test, anybody_may_join) {
  run([] {
    for (int i = 0; i < 30; ++i) {
      gobench::event begin;
      gobench::task worker = gobench::go([&] { begin.wait(); });
      std::atomic<bool> joined{false};
      gobench::task joiner = gobench::go([&joined, t = std::move(worker)]() mutable {
        t.join();
        joined.store(true);
      });
      begin.set();
      joiner.join();
      EXPECT_TRUE(joined.load());
    }
  });
}

TEST_P(task_test, foreign_threads_may_join) {
  run([] {
    for (int i = 0; i < 30; ++i) {
      int value = 0;
      gobench::event begin;
      gobench::task worker = gobench::go([&, i] {
        begin.wait();
        value = i;
        if (i % 2 == 0) throw std::runtime_error("for the thread");
      });
      std::thread outside([&, t = std::move(worker)]() mutable {
        try {
          t.join();
          EXPECT_EQ(i % 2, 1);
        } catch (const std::runtime_error&) {
          EXPECT_EQ(i % 2, 0);
        }
        EXPECT_EQ(value, i);
      });
      if (i % 3 == 0) gobench::yield();
      begin.set();
      gobench::blocking([&] { outside.join(); });
    }
  });
}

TEST_P(task_test, foreign_threads_may_spawn) {
  run([] {
    std::atomic<int> ran{0};
    std::thread outside([&] {
      std::vector<gobench::task> tasks;
      for (int i = 0; i < 150; ++i) tasks.push_back(gobench::go([&] { ran.fetch_add(1); }));
      for (gobench::task& t : tasks) t.join();
    });
    gobench::blocking([&] { outside.join(); });
    EXPECT_EQ(ran.load(), 150);
  });
}

// The main task waits while everything else is done by tasks that a thread from outside spawns one by
// one, and joins so late that all of them have long ended.
TEST_P(task_test, foreign_threads_may_spawn_while_all_tasks_wait) {
  run([] {
    gobench::event over;
    std::thread outside([&] {
      std::atomic<int> ran{0};
      for (int i = 0; i < 200; ++i) {
        gobench::go([&] { ran.fetch_add(1); }).detach();
        while (ran.load() != i + 1) std::this_thread::yield();
      }
      over.set();
    });
    over.wait();
    gobench::blocking([&] { outside.join(); });
  });
}

template <std::size_t Bytes>
void destroys_once() {
  std::atomic<int> ended{0};
  std::atomic<int> ran{0};
  std::array<char, Bytes> payload{};
  payload.back() = 'x';
  gobench::go([guard = counts_its_end(ended), payload, &ran] {
    static_cast<void>(guard);
    if (payload.back() == 'x') ran.fetch_add(1);
  }).join();
  EXPECT_EQ(ran.load(), 1);
  EXPECT_EQ(ended.load(), 1);
}

TEST_P(task_test, functions_of_any_size_end_once_and_before_the_join) {
  run([] {
    destroys_once<1>();
    destroys_once<48>();
    destroys_once<56>();
    destroys_once<100>();
    destroys_once<100'000>();
  });
}

TEST_P(task_test, functions_keep_their_alignment) {
  struct alignas(128) wide {
    char bytes[128] = {};
  };
  run([] {
    std::uintptr_t at = 1;
    gobench::go([w = wide(), &at] { at = reinterpret_cast<std::uintptr_t>(&w); }).join();
    EXPECT_EQ(at % 128, 0U);
  });
}

TEST_P(task_test, functions_that_cannot_be_copied_are_moved) {
  run([] {
    int seen = 0;
    gobench::go([p = std::make_unique<int>(11), &seen] { seen = *p; }).join();
    EXPECT_EQ(seen, 11);
  });
}

TEST_P(task_test, a_function_that_throws_is_destroyed) {
  run([] {
    std::atomic<int> ended{0};
    gobench::task t = gobench::go([guard = counts_its_end(ended)] {
      static_cast<void>(guard);
      throw std::runtime_error("all the same");
    });
    EXPECT_THROW(t.join(), std::runtime_error);
    EXPECT_EQ(ended.load(), 1);
  });
}

struct cannot_be_copied_now {
  cannot_be_copied_now() = default;
  cannot_be_copied_now(const cannot_be_copied_now& other) {
    static_cast<void>(other);
    throw std::domain_error("from the copy");
  }
  cannot_be_copied_now& operator=(const cannot_be_copied_now&) = delete;
  ~cannot_be_copied_now() = default;
  void operator()() const { ADD_FAILURE() << "ran without having been made"; }
};

TEST_P(task_test, a_function_that_cannot_be_made_makes_no_task) {
  run([] {
    const cannot_be_copied_now function;
    for (int i = 0; i < 100; ++i) EXPECT_THROW(gobench::go(function), std::domain_error);
    // The blocks that were taken for them serve others, one each.
    std::atomic<int> ran{0};
    gobench::event begin;
    std::vector<gobench::task> tasks;
    for (int i = 0; i < 20; ++i) {
      tasks.push_back(gobench::go([&] {
        begin.wait();
        ran.fetch_add(1);
      }));
    }
    begin.set();
    for (gobench::task& t : tasks) t.join();
    EXPECT_EQ(ran.load(), 20);
  });
}

TEST_P(task_test, tasks_spawn_tasks) {
  run([] {
    std::atomic<int> leaves{0};
    struct tree {
      static void grow(std::atomic<int>& count, int depth) {
        if (depth == 0) {
          count.fetch_add(1);
          return;
        }
        gobench::task left = gobench::go([&, depth] { grow(count, depth - 1); });
        gobench::task right = gobench::go([&, depth] { grow(count, depth - 1); });
        left.join();
        right.join();
      }
    };
    const int depth = 6;
    tree::grow(leaves, depth);
    EXPECT_EQ(leaves.load(), 1 << depth);
  });
}

TEST_P(task_test, joining_races_with_ending) {
  run([] {
    const int rounds = 300;
    std::atomic<int> ran{0};
    for (int i = 0; i < rounds; ++i) {
      gobench::task t = gobench::go([&] { ran.fetch_add(1); });
      for (int spin = 0; spin < i % 50; ++spin) gobench::runtime::cpu_pause();
      t.join();
    }
    EXPECT_EQ(ran.load(), rounds);
  });
}

TEST_P(task_test, dropping_races_with_ending) {
  run([] {
    const int rounds = 300;
    std::atomic<int> ran{0};
    for (int i = 0; i < rounds; ++i) {
      gobench::task t = gobench::go([&] { ran.fetch_add(1); });
      for (int spin = 0; spin < i % 50; ++spin) gobench::runtime::cpu_pause();
      if (i % 2 == 0) t.detach();
    }
    while (ran.load() < rounds) gobench::yield();
  });
}

class many_tasks : public ::testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(procs, many_tasks, ::testing::Values(1, 2, 4));

TEST_P(many_tasks, run_each_once) {
  const int tasks = sanitized ? 20'000 : 100'000;
  std::atomic<int> ran{0};
  std::atomic<int> ended{0};
  gobench::run(on_fibers(GetParam()), [&] {
    gobench::wait_group all;
    all.add(tasks);
    for (int i = 0; i < tasks; ++i) {
      gobench::go([&, guard = counts_its_end(ended)] {
        static_cast<void>(guard);
        ran.fetch_add(1);
        all.done();
      });
    }
    all.wait();
  });
  EXPECT_EQ(ran.load(), tasks);
  EXPECT_EQ(ended.load(), tasks);
}

TEST_P(many_tasks, join_one_after_the_other) {
  const int tasks = sanitized ? 20'000 : 100'000;
  std::atomic<int> ran{0};
  gobench::run(on_fibers(GetParam()), [&] {
    for (int i = 0; i < tasks; ++i) gobench::go([&] { ran.fetch_add(1); }).join();
  });
  EXPECT_EQ(ran.load(), tasks);
}

// An exception with nobody left to join it ends the program; threadsafe, since threads are running.
class task_death : public on_backends {
 protected:
  void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};
GOBENCH_ON_BACKENDS(task_death);

constexpr const char* sentence =
    "gobench: an exception left task [0-9]+, spawned at .*task_test.cpp:[0-9]+, and no handle is "
    "left to join it: nobody will see this; catch it in the task, or keep the handle and join";

TEST_P(task_death, dropped_before_it_throws) {
  EXPECT_DEATH(run([] {
                 gobench::event begin;
                 gobench::go([&] {
                   begin.wait();
                   throw std::runtime_error("nobody will see this");
                 });
                 begin.set();
                 gobench::sleep_for(1h);
               }),
               sentence);
}

TEST_P(task_death, dropped_after_it_has_thrown) {
  EXPECT_DEATH(run([] {
                 std::atomic<bool> over{false};
                 struct tells {
                   std::atomic<bool>& flag;
                   ~tells() { flag.store(true); }
                 };
                 gobench::task t = gobench::go([&] {
                   const tells at_exit{over};
                   throw std::runtime_error("nobody will see this");
                 });
                 while (!over.load()) gobench::yield();
                 for (int i = 0; i < 10; ++i) gobench::yield();
                 t.detach();
                 gobench::sleep_for(1h);
               }),
               sentence);
}

TEST_P(task_death, thrown_without_a_message) {
  EXPECT_DEATH(run([] {
                 gobench::go([] { throw 3; }).detach();
                 gobench::sleep_for(1h);
               }),
               "left to join it: an exception of unknown type; catch it");
}

TEST_P(task_death, a_terminate_handler_can_look_at_it) {
  EXPECT_EXIT(run([] {
                std::set_terminate([] {
                  try {
                    throw;
                  } catch (const std::runtime_error&) {
                    std::_Exit(7);
                  } catch (...) {
                    std::_Exit(8);
                  }
                });
                gobench::go([] { throw std::runtime_error("for the handler"); }).detach();
                gobench::sleep_for(1h);
              }),
              ::testing::ExitedWithCode(7), "for the handler");
}

}  // namespace
