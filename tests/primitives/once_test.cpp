#include <atomic>
#include <stdexcept>
#include <type_traits>

#include "tests/primitives/on_backends.hpp"

namespace {

static_assert(!std::is_copy_constructible_v<gobench::once>);
static_assert(!std::is_move_constructible_v<gobench::once>);
static_assert(!std::is_copy_assignable_v<gobench::once>);

class once_test : public on_backends {};
GOBENCH_ON_BACKENDS(once_test);

TEST_P(once_test, example) {
  run([] {
    gobench::once initialised;
    int table = 0;
    const auto load = [] { return 7; };
    initialised.call([&] { table = load(); });  // any number of times, from anywhere
    initialised.call([&] { table = 0; });
    EXPECT_EQ(table, 7);
  });
}

// `value` is plain memory: every caller sees what the one call has written.
TEST_P(once_test, runs_once_and_everybody_waits_for_it) {
  run([] {
    for (int round = 0; round < 50; ++round) {
      gobench::once first;
      int value = 0;
      together({.tasks = 6, .threads = 2}, [&](int) {
        first.call([&] {
          for (int i = 0; i < 5; ++i) gobench::yield();
          ++value;
        });
        EXPECT_EQ(value, 1);
      });
    }
  });
}

TEST_P(once_test, a_call_that_throws_lets_the_next_one_try) {
  run([] {
    for (int round = 0; round < 50; ++round) {
      gobench::once first;
      int attempts = 0;  // plain: attempts do not overlap
      std::atomic<int> thrown{0};
      together({.tasks = 6, .threads = 2}, [&](int) {
        try {
          first.call([&] {
            const int attempt = ++attempts;
            gobench::yield();
            if (attempt <= 3) throw std::runtime_error("not yet");
          });
          EXPECT_EQ(attempts, 4);
        } catch (const std::runtime_error&) {
          ++thrown;
        }
      });
      EXPECT_EQ(thrown, 3);
      EXPECT_EQ(attempts, 4);
    }
  });
}

TEST_P(once_test, when_nobody_waits_a_later_call_tries_again) {
  run([] {
    gobench::once first;
    EXPECT_THROW(first.call([] { throw std::runtime_error("no"); }), std::runtime_error);
    int calls = 0;
    first.call([&] { ++calls; });
    first.call([&] { ++calls; });
    EXPECT_EQ(calls, 1);
  });
}

TEST_P(once_test, calling_itself_is_a_deadlock) {
  gobench::once first;
  EXPECT_THROW(run([&] { first.call([&] { first.call([] {}); }); }), gobench::deadlock);
  // The unwinding went through both calls, so the object is free again.
  int calls = 0;
  first.call([&] { ++calls; });
  EXPECT_EQ(calls, 1);
}

}  // namespace
