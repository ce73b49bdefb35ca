#include <atomic>
#include <cstdint>
#include <memory>
#include <type_traits>

#include "tests/primitives/on_backends.hpp"

namespace {

static_assert(!std::is_copy_constructible_v<gobench::wait_group>);
static_assert(!std::is_move_constructible_v<gobench::wait_group>);
static_assert(!std::is_copy_assignable_v<gobench::wait_group>);

class wait_group_test : public on_backends {};
GOBENCH_ON_BACKENDS(wait_group_test);

TEST_P(wait_group_test, example) {
  run([] {
    gobench::wait_group working;
    std::atomic<int> worked{0};
    for (int i = 0; i < 10; ++i) {
      working.add();
      gobench::go([&] {
        ++worked;
        working.done();
      });
    }
    working.wait();
    EXPECT_EQ(worked, 10);
  });
}

TEST_P(wait_group_test, wait_of_nothing_returns) {
  run([] {
    gobench::wait_group none;
    none.wait();
    none.add(3);
    none.add(-3);
    none.wait();
    none.add(0);
    none.wait();
  });
}

// Results are plain memory: done() publishes them to every waiter.
TEST_P(wait_group_test, all_waiters_see_all_work_and_the_group_is_used_again) {
  run([] {
    gobench::wait_group working;
    for (int round = 1; round <= 50; ++round) {
      std::vector<int> results(6, 0);
      working.add(6);
      together({.tasks = 7, .threads = 3}, [&](int i) {
        if (i < 4 || i >= 8) {
          results[static_cast<std::size_t>(i < 4 ? i : i - 4)] = round;
          working.done();
        } else {
          working.wait();
          for (const int r : results) EXPECT_EQ(r, round);
        }
      });
    }
  });
}

// The last done() may still be on its way out when the waiter destroys the group.
TEST_P(wait_group_test, may_be_destroyed_when_wait_has_returned) {
  run([] {
    for (int round = 0; round < 300; ++round) {
      auto group = std::make_unique<gobench::wait_group>();
      group->add(2);
      gobench::task one = gobench::go([g = group.get()] { g->done(); });
      gobench::task two = gobench::go([g = group.get()] { g->done(); });
      if (round % 2 == 0) gobench::yield();
      group->wait();
      group.reset();
      one.join();
      two.join();
    }
  });
}

TEST_P(wait_group_test, a_negative_count_is_misuse_and_changes_nothing) {
  run([] {
    gobench::wait_group group;
    EXPECT_THROW(group.done(), gobench::misuse);
    group.add(2);
    EXPECT_THROW(group.add(-3), gobench::misuse);
    EXPECT_THROW(group.add(INT64_MIN), gobench::misuse);
    EXPECT_THROW(group.add(INT64_MAX), gobench::misuse);
    group.add(-2);
    group.wait();
  });
}

TEST_P(wait_group_test, waiting_for_nobody_is_a_deadlock) {
  gobench::wait_group group;
  group.add();
  EXPECT_THROW(run([&] { group.wait(); }), gobench::deadlock);
  group.done();  // and nobody is left in it
  group.wait();
}

// On a single processor the woken waiter cannot run before the add() that follows, so it must see
// it.
TEST(wait_group, use_beside_a_wait_is_misuse_where_seen) {
  gobench::run({.procs = 1, .kind = gobench::backend::fiber}, [] {
    gobench::set_max_procs(1);  // whatever the environment says
    gobench::wait_group group;
    std::atomic<bool> about_to_wait{false};
    group.add();
    gobench::task waiter = gobench::go([&] {
      about_to_wait = true;
      EXPECT_THROW(group.wait(), gobench::misuse);
    });
    while (!about_to_wait) gobench::yield();
    group.done();
    group.add();
    waiter.join();
    group.done();
  });
}

}  // namespace
