// The end of a run that meets something else in its middle: tasks that end by themselves, spawning, waking,
// changes of the number of processors. What the end does to tasks is in end_test.cpp.
#include <array>
#include <atomic>
#include <chrono>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/internal/waiter.hpp"
#include "runtime/spin_lock.hpp"
#include "tests/runtime/support.hpp"

namespace {

class end_moment_test : public on_backends {};
GOBENCH_ON_BACKENDS(end_moment_test);

// Tasks that end by themselves at the very moment when the run ends them, and whose blocks serve others
// at once: each block may serve one task at a time.
TEST_P(end_moment_test, tasks_may_end_by_themselves_meanwhile) {
  for (int round = 0; round < 60; ++round) {
    std::atomic<int> begun{0};
    std::atomic<int> ended{0};
    run([&] {
      for (int i = 0; i < 12; ++i) {
        gobench::go([&, guard = counts_its_end(ended)] {
          static_cast<void>(guard);
          begun.fetch_add(1);
          for (int spin = 0; spin < 2'000; ++spin) gobench::runtime::cpu_pause();
        });
      }
      while (begun.load() == 0) gobench::yield();
    });
    EXPECT_EQ(ended.load(), 12);
    // As many again, all alive at once.
    std::atomic<int> sum{0};
    run([&] {
      gobench::event start;
      std::vector<gobench::task> tasks;
      for (int i = 0; i < 24; ++i) {
        tasks.push_back(gobench::go([&, i] {
          start.wait();
          sum.fetch_add(i);
        }));
      }
      start.set();
      for (gobench::task& t : tasks) t.join();
    });
    ASSERT_EQ(sum.load(), 276);
  }
}

TEST_P(end_moment_test, comes_in_the_middle_of_spawning) {
  const int rounds = GetParam().kind == gobench::backend::fiber ? 50 : 10;
  for (int round = 0; round < rounds; ++round) {
    std::atomic<int> made{0};
    std::atomic<int> destroyed{0};
    run([&] {
      for (int i = 0; i < 4; ++i) {
        gobench::go([&] {
          for (;;) {
            made.fetch_add(1);
            gobench::go([guard = counts_its_end(destroyed)] {
              static_cast<void>(guard);
              gobench::yield();
            });
            gobench::yield();
          }
        });
      }
      while (made.load() < 100) gobench::yield();
    });
    EXPECT_EQ(destroyed.load(), made.load());
  }
}

TEST_P(end_moment_test, comes_in_the_middle_of_changing_the_number_of_processors) {
  for (int round = 0; round < 100; ++round) {
    std::atomic<int> changes{0};
    run([&] {
      for (int i = 0; i < 3; ++i) {
        gobench::go([&] {
          for (;;) {
            gobench::set_max_procs(1 + changes.fetch_add(1) % 3);
            gobench::yield();
          }
        });
      }
      while (changes.load() < 20) gobench::yield();
    });
  }
}

// The thread never knows whether there is a run; its go() may meet any moment of it, or none.
TEST_P(end_moment_test, comes_in_the_middle_of_spawning_from_outside) {
  std::atomic<int> made{0};
  std::atomic<int> destroyed{0};
  outsider spawning([&] {
    if (made.load() - destroyed.load() > 100) {
      std::this_thread::yield();
      return;
    }
    try {
      counts_its_end guard(destroyed);
      gobench::go([guard = std::move(guard)] { gobench::yield(); });
    } catch (const gobench::no_runtime&) {
      // The guard went with the exception.
    }
    made.fetch_add(1);
  });
  const int rounds = GetParam().kind == gobench::backend::fiber ? 300 : 60;
  for (int round = 0; round < rounds; ++round) {
    run([&] {
      const int before = made.load();
      gobench::sleep_for(std::chrono::microseconds(20 * (round % 10)));
      if (round % 20 == 0)
        while (made.load() < before + 3) gobench::yield();
    });
  }
  spawning.stop();
  EXPECT_EQ(destroyed.load(), made.load());
}

// The same for a thread that wakes tasks.
TEST_P(end_moment_test, comes_in_the_middle_of_waking_from_outside) {
  // Never freed, so that the thread may look at them at any time.
  static std::array<std::atomic<gobench::runtime::waiter*>, 8> waiters{};
  outsider waking([&] {
    for (auto& one : waiters)
      if (gobench::runtime::waiter* w = one.load()) gobench::runtime::unpark(*w);
  });
  const int rounds = GetParam().kind == gobench::backend::fiber ? 400 : 60;
  std::atomic<int> unwound{0};
  for (int round = 0; round < rounds; ++round) {
    run([&] {
      gobench::wait_group ready;
      ready.add(8);
      for (auto& place : waiters) {
        gobench::go([&, guard = counts_its_end(unwound)] {
          static_cast<void>(guard);
          using namespace gobench::runtime;
          waiter& self = this_waiter();
          place.store(&self);
          ready.done();
          while (park(self, {wait_reason::event, nullptr}) != park_result::ended) {
          }
          throw_ended();
        });
      }
      ready.wait();
    });
  }
  waking.stop();
  for (auto& one : waiters) one.store(nullptr);
  EXPECT_EQ(unwound.load(), 8 * rounds);
}

}  // namespace
