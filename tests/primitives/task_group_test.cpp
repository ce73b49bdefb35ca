#include "primitives/task_group.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/primitives/chan_support.hpp"
#include "tests/primitives/on_backends.hpp"

namespace {

using namespace std::chrono_literals;
using gobench::context_error;
using gobench::task_group;

class task_group_test : public on_backends {};
GOBENCH_ON_BACKENDS(task_group_test);

TEST_P(task_group_test, example) {
  run([] {
    std::vector<int> fetched(20);
    task_group group;
    for (std::size_t i = 0; i < fetched.size(); ++i)
      group.go([&, i] { fetched[i] = static_cast<int>(i) + 1; });
    group.wait();
    for (std::size_t i = 0; i < fetched.size(); ++i) EXPECT_EQ(fetched[i], static_cast<int>(i) + 1);
  });
}

TEST_P(task_group_test, the_first_exception_cancels_and_comes_out) {
  run([] {
    task_group group;
    std::atomic<int> stopped{0};
    gobench::event all_there;
    for (int i = 0; i < 4; ++i) {
      group.go([&] {
        all_there.wait();
        group.context().done().recv();
        ++stopped;
        throw std::logic_error("a later one");
      });
    }
    group.go([&] {
      all_there.wait();
      throw std::runtime_error("the first");
    });
    EXPECT_EQ(group.context().err(), context_error::none);
    all_there.set();
    for (int again = 0; again < 2; ++again) {
      try {
        group.wait();
        FAIL();
      } catch (const std::runtime_error& first) {
        EXPECT_STREQ(first.what(), "the first");
      }
    }
    EXPECT_EQ(stopped, 4);
    EXPECT_EQ(group.context().err(), context_error::cancelled);
  });
}

TEST_P(task_group_test, wait_cancels_the_context) {
  run([] {
    task_group group;
    const gobench::context ctx = group.context();
    group.wait();
    EXPECT_EQ(ctx.err(), context_error::cancelled);
    group.wait();
  });
}

TEST_P(task_group_test, goes_with_its_parent) {
  run([] {
    auto [parent, cancel] = gobench::with_cancel(gobench::background());
    task_group group(parent);
    for (int i = 0; i < 3; ++i) group.go([&] { group.context().done().recv(); });
    cancel();
    group.wait();
    task_group timed(gobench::with_timeout(gobench::background(), 1ms).ctx);
    timed.go([&] { timed.context().done().recv(); });
    timed.wait();
    EXPECT_EQ(timed.context().err(), context_error::deadline_exceeded);
  });
}

TEST_P(task_group_test, tasks_start_more_tasks) {
  run([] {
    std::atomic<int> ran{0};
    task_group group;
    struct tree {
      static void grow(task_group& group, std::atomic<int>& ran, int depth) {
        ++ran;
        if (depth == 0) return;
        for (int i = 0; i < 2; ++i)
          group.go([&group, &ran, depth] { grow(group, ran, depth - 1); });
      }
    };
    group.go([&] { tree::grow(group, ran, 5); });
    group.wait();
    EXPECT_EQ(ran, 63);
  });
}

TEST_P(task_group_test, keeps_to_its_limit) {
  run([] {
    task_group group;
    group.limit(3);
    std::atomic<int> active{0};
    std::atomic<int> ran{0};
    for (int i = 0; i < 60; ++i) {
      group.go([&] {
        EXPECT_LE(++active, 3);
        gobench::yield();
        --active;
        ++ran;
      });
    }
    group.wait();
    EXPECT_EQ(ran, 60);
  });
}

TEST_P(task_group_test, try_go_takes_what_is_free) {
  run([] {
    task_group group;
    group.limit(2);
    gobench::event leave;
    std::atomic<int> ran{0};
    const auto stays = [&] {
      leave.wait();
      ++ran;
    };
    EXPECT_TRUE(group.try_go(stays));
    EXPECT_TRUE(group.try_go(stays));
    auto owned = std::make_unique<int>(7);
    auto refused = [&ran, kept = std::move(owned)] { ran += *kept; };
    EXPECT_FALSE(group.try_go(std::move(refused)));
    EXPECT_THROW(group.limit(3), gobench::misuse);
    leave.set();
    group.wait();
    EXPECT_EQ(ran, 2);
    // NOLINTNEXTLINE(bugprone-use-after-move): it was not taken
    EXPECT_TRUE(group.try_go(std::move(refused)));
    group.wait();
    EXPECT_EQ(ran, 9);
    group.limit(0);
    EXPECT_FALSE(group.try_go([] {}));
    group.limit(-1);
    EXPECT_TRUE(group.try_go([] {}));
    group.wait();
  });
}

TEST_P(task_group_test, what_tasks_captured_is_gone_when_wait_returns) {
  run([] {
    for (int round = 0; round < 50; ++round) {
      const auto token = std::make_shared<int>(0);
      task_group group;
      for (int i = 0; i < 3; ++i) group.go([token] { gobench::yield(); });
      group.wait();
      EXPECT_EQ(token.use_count(), 1);
    }
  });
}

TEST_P(task_group_test, the_destructor_cancels_and_waits) {
  run([] {
    std::atomic<int> stopped{0};
    {
      task_group group;
      for (int i = 0; i < 3; ++i) {
        group.go([&, ctx = group.context()] {
          ctx.done().recv();
          ++stopped;
          throw std::runtime_error("dropped");
        });
      }
    }
    EXPECT_EQ(stopped, 3);
  });
}

TEST_P(task_group_test, from_threads_of_others) {
  run([] {
    task_group group;
    std::atomic<int> ran{0};
    together({.tasks = 2, .threads = 2}, [&](int) {
      for (int i = 0; i < 20; ++i) group.go([&] { ++ran; });
    });
    together({.tasks = 1, .threads = 1}, [&](int) { group.wait(); });
    EXPECT_EQ(ran, 80);
  });
}

// A group, and another one that a task of it has, are unwound with their run.
TEST_P(task_group_test, ends_with_its_run) {
  std::atomic<int> unwound{0};
  struct on_end {
    std::atomic<int>& count;
    ~on_end() { ++count; }
  };
  run([&] {
    gobench::event inside;
    gobench::go([&] {
      task_group group;
      group.go([&] {
        const on_end end{unwound};
        inside.set();
        gobench::sleep_for(1h);
      });
      const on_end end{unwound};
      group.wait();
    });
    inside.wait();
  });
  EXPECT_EQ(unwound, 2);
}

TEST_P(task_group_test, a_deadlock_inside_is_reported) {
  try {
    run([] {
      task_group group;
      group.go([] { gobench::make_chan<int>().recv(); });
      group.wait();
    });
    FAIL();
  } catch (const gobench::deadlock& report) {
    EXPECT_NE(std::string(report.what()).find("waiting for wait_group"), std::string::npos);
  }
}

TEST_P(task_group_test, outside_of_a_run) {
  task_group group;
  EXPECT_THROW(group.go([] {}), gobench::no_runtime);
  group.wait();
}

}  // namespace
