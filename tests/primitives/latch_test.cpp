#include <atomic>
#include <cstdint>
#include <memory>
#include <type_traits>

#include "tests/primitives/on_backends.hpp"

namespace {

static_assert(!std::is_copy_constructible_v<gobench::latch>);
static_assert(!std::is_move_constructible_v<gobench::latch>);
static_assert(!std::is_copy_assignable_v<gobench::latch>);

class latch_test : public on_backends {};
GOBENCH_ON_BACKENDS(latch_test);

TEST_P(latch_test, example) {
  run([] {
    gobench::latch ready(3);
    std::atomic<int> prepared{0};
    std::vector<gobench::task> tasks;
    for (int i = 0; i < 3; ++i) {
      tasks.push_back(gobench::go([&] {
        ++prepared;
        ready.count_down();
      }));
    }
    ready.wait();
    EXPECT_EQ(prepared, 3);
    for (auto& t : tasks) t.join();
  });
}

TEST_P(latch_test, opens_at_zero_for_everybody) {
  run([] {
    gobench::latch ready(6);
    std::vector<int> prepared(6, 0);  // plain: count_down() publishes it
    together({.tasks = 7, .threads = 3}, [&](int i) {
      if (i < 4) {
        prepared[static_cast<std::size_t>(i)] = 1;
        ready.arrive_and_wait();
      } else if (i == 4) {
        prepared[4] = prepared[5] = 1;
        ready.count_down(2);
        ready.wait();
      } else {
        ready.wait();
      }
      for (const int p : prepared) EXPECT_EQ(p, 1);
      EXPECT_TRUE(ready.try_wait());
    });
  });
}

TEST_P(latch_test, is_closed_until_then) {
  run([] {
    gobench::latch two(2);
    EXPECT_FALSE(two.try_wait());
    two.count_down();
    EXPECT_FALSE(two.try_wait());
    two.count_down(0);
    EXPECT_FALSE(two.try_wait());
    two.count_down();
    EXPECT_TRUE(two.try_wait());
    two.wait();
    gobench::latch open(0);
    EXPECT_TRUE(open.try_wait());
    open.wait();
  });
}

TEST_P(latch_test, misuse_changes_nothing) {
  run([] {
    EXPECT_THROW(gobench::latch(-1), gobench::misuse);
    gobench::latch one(1);
    EXPECT_THROW(one.count_down(2), gobench::misuse);
    EXPECT_THROW(one.count_down(-1), gobench::misuse);
    EXPECT_THROW(one.count_down(INT64_MIN), gobench::misuse);
    EXPECT_FALSE(one.try_wait());
    one.count_down();
    EXPECT_TRUE(one.try_wait());
    EXPECT_THROW(one.count_down(), gobench::misuse);
  });
}

// Whoever sees the gate open may be quicker than the count_down() that has opened it.
TEST_P(latch_test, may_be_destroyed_when_wait_has_returned) {
  run([] {
    for (int round = 0; round < 300; ++round) {
      auto gate = std::make_unique<gobench::latch>(1);
      gobench::task opener = gobench::go([g = gate.get()] { g->count_down(); });
      if (round % 2 == 0) {
        gate->wait();
      } else {
        while (!gate->try_wait()) gobench::yield();
      }
      gate.reset();
      opener.join();
    }
  });
}

}  // namespace
