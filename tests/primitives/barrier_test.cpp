#include <atomic>
#include <type_traits>

#include "tests/primitives/on_backends.hpp"

namespace {

static_assert(!std::is_copy_constructible_v<gobench::barrier>);
static_assert(!std::is_move_constructible_v<gobench::barrier>);
static_assert(!std::is_copy_assignable_v<gobench::barrier>);

class barrier_test : public on_backends {};
GOBENCH_ON_BACKENDS(barrier_test);

TEST_P(barrier_test, example) {
  run([] {
    gobench::barrier step(4);
    std::atomic<int> worked{0};
    std::vector<gobench::task> tasks;
    for (int i = 0; i < 4; ++i) {
      tasks.push_back(gobench::go([&] {
        for (int round = 0; round < 100; ++round) {
          ++worked;
          step.arrive_and_wait();
        }
      }));
    }
    for (auto& t : tasks) t.join();
    EXPECT_EQ(worked, 400);
  });
}

// `arrivals` is plain memory per caller and round: the barrier publishes it to all others.
TEST_P(barrier_test, nobody_passes_before_all_have_arrived) {
  run([] {
    constexpr int callers = 6;
    constexpr int rounds = 100;
    gobench::barrier step(callers);
    std::vector<std::vector<int>> arrivals(rounds, std::vector<int>(callers, 0));
    std::atomic<int> last{0};
    together({.tasks = 4, .threads = 2}, [&](int i) {
      for (std::size_t round = 0; round < rounds; ++round) {
        if ((static_cast<std::size_t>(i) + round) % 3 == 0) gobench::yield();
        arrivals[round][static_cast<std::size_t>(i)] = 1;
        if (step.arrive_and_wait()) ++last;
        for (const int there : arrivals[round]) EXPECT_EQ(there, 1);
      }
    });
    EXPECT_EQ(last, rounds);  // exactly one of each round
  });
}

TEST_P(barrier_test, of_one_never_waits) {
  run([] {
    gobench::barrier alone(1);
    EXPECT_TRUE(alone.arrive_and_wait());
    EXPECT_TRUE(alone.arrive_and_wait());
  });
}

TEST_P(barrier_test, of_nobody_is_misuse) {
  run([] {
    EXPECT_THROW(gobench::barrier(0), gobench::misuse);
    EXPECT_THROW(gobench::barrier(-1), gobench::misuse);
  });
}

TEST_P(barrier_test, who_is_unwound_has_not_arrived) {
  gobench::barrier pair(2);
  EXPECT_THROW(run([&] { pair.arrive_and_wait(); }), gobench::deadlock);
  run([&] {
    gobench::task other = gobench::go([&] { pair.arrive_and_wait(); });
    pair.arrive_and_wait();
    other.join();
  });
}

}  // namespace
