#include "primitives/worker_pool.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include "tests/primitives/chan_support.hpp"
#include "tests/primitives/on_backends.hpp"

namespace {

using namespace std::chrono_literals;
using gobench::pool_result;
using gobench::worker_pool;

static_assert(!std::is_copy_constructible_v<pool_result<int>>);
static_assert(std::is_nothrow_move_constructible_v<pool_result<int>>);

class worker_pool_test : public on_backends {};
GOBENCH_ON_BACKENDS(worker_pool_test);

TEST_P(worker_pool_test, example) {
  run([] {
    const std::vector<int> numbers{1, 2, 3, 4};
    std::atomic<int> logged{0};
    worker_pool workers(4);
    auto sum = workers.submit([&] {
      int total = 0;
      for (int n : numbers) total += n;
      return total;
    });
    workers.post([&] { ++logged; });
    EXPECT_EQ(sum.get(), 10);
    workers.close();
    EXPECT_EQ(logged, 1);
  });
}

TEST_P(worker_pool_test, runs_everything_once_and_no_more_at_a_time_than_it_has_workers) {
  run([] {
    constexpr int each = 100;
    std::vector<std::atomic<int>> ran(6 * each);
    std::atomic<int> active{0};
    worker_pool workers(3);
    EXPECT_EQ(workers.workers(), 3);
    together({.tasks = 4, .threads = 2}, [&](int i) {
      std::vector<pool_result<int>> results;
      for (int n = 0; n < each; ++n) {
        results.push_back(workers.submit([&, k = i * each + n] {
          EXPECT_LE(++active, 3);
          if (k % 16 == 0) gobench::yield();
          --active;
          ++ran[static_cast<std::size_t>(k)];
          return k;
        }));
      }
      for (int n = 0; n < each; ++n)
        EXPECT_EQ(results[static_cast<std::size_t>(n)].get(), i * each + n);
    });
    for (const std::atomic<int>& one : ran) EXPECT_EQ(one, 1);
  });
}

TEST_P(worker_pool_test, results_of_all_kinds) {
  run([] {
    worker_pool workers(2);
    int target = 1;
    auto nothing = workers.submit([&] { target = 2; });
    nothing.get();
    EXPECT_EQ(target, 2);
    int& same = workers.submit([&]() -> int& { return target; }).get();
    EXPECT_EQ(&same, &target);
    EXPECT_EQ(*workers.submit([] { return std::make_unique<int>(7); }).get(), 7);
    auto owned = std::make_unique<int>(8);
    EXPECT_EQ(workers.submit([kept = std::move(owned)] { return *kept; }).get(), 8);

    pool_result<int> one = workers.submit([] { return 1; });
    EXPECT_TRUE(one.valid());
    one.wait();
    EXPECT_TRUE(one.ready());
    EXPECT_TRUE(one.wait_for(0ms));
    EXPECT_EQ(one.get(), 1);
    EXPECT_FALSE(one.valid());
    EXPECT_THROW(one.get(), gobench::misuse);
    EXPECT_THROW(static_cast<void>(one.ready()), gobench::misuse);
  });
}

TEST_P(worker_pool_test, exceptions_wait_in_the_result) {
  run([] {
    worker_pool workers(2);
    auto fails = workers.submit([]() -> int { throw std::runtime_error("as it was thrown"); });
    auto dropped = workers.submit([] { throw std::runtime_error("dropped"); });
    dropped = {};
    try {
      fails.get();
      FAIL();
    } catch (const std::runtime_error& thrown) {
      EXPECT_STREQ(thrown.what(), "as it was thrown");
    }
    EXPECT_FALSE(fails.valid());
    EXPECT_EQ(workers.submit([] { return 1; }).get(), 1);  // the workers live on
  });
}

TEST_P(worker_pool_test, what_a_function_captured_is_gone_before_its_result_is_there) {
  run([] {
    worker_pool workers(2);
    for (int round = 0; round < 50; ++round) {
      const auto token = std::make_shared<int>(0);
      auto ends = workers.submit([token] {});
      ends.wait();
      EXPECT_EQ(token.use_count(), 1);
    }
  });
}

TEST_P(worker_pool_test, close_waits_for_what_was_submitted_and_refuses_more) {
  run([] {
    std::atomic<int> ran{0};
    worker_pool workers(2);
    for (int i = 0; i < 50; ++i) {
      workers.post([&] {
        gobench::yield();
        ++ran;
      });
    }
    together({.tasks = 2, .threads = 1}, [&](int) { workers.close(); });
    EXPECT_EQ(ran, 50);
    EXPECT_EQ(workers.queued(), 0U);
    EXPECT_THROW(workers.submit([] {}), gobench::misuse);
    EXPECT_THROW(workers.post([] {}), gobench::misuse);
    workers.close();
    {
      worker_pool other(1);
      for (int i = 0; i < 50; ++i) other.post([&] { ++ran; });
    }
    EXPECT_EQ(ran, 100);
  });
}

TEST_P(worker_pool_test, submitting_waits_for_room) {
  run([] {
    gobench::event go_on;
    worker_pool workers(1, 2);
    workers.post([&] { go_on.wait(); });
    until([&] { return workers.queued() == 0; });
    workers.post([] {});
    workers.post([] {});
    EXPECT_EQ(workers.queued(), 2U);
    std::atomic<bool> submitted{false};
    gobench::task waits = gobench::go([&] {
      workers.post([] {});
      submitted = true;
    });
    for (int i = 0; i < 20; ++i) gobench::yield();
    EXPECT_FALSE(submitted);
    go_on.set();
    waits.join();
    EXPECT_TRUE(submitted);
  });
}

TEST_P(worker_pool_test, jobs_submit_jobs) {
  run([] {
    worker_pool workers(2);
    EXPECT_EQ(workers.submit([&] { return workers.submit([] { return 3; }); }).get().get(), 3);
  });
}

TEST_P(worker_pool_test, as_many_workers_as_processors_unless_told) {
  run([] {
    worker_pool workers;
    EXPECT_EQ(workers.workers(), gobench::max_procs());
    EXPECT_THROW(worker_pool(-1), gobench::misuse);
  });
}

TEST_P(worker_pool_test, ends_with_its_run) {
  pool_result<void> started;
  pool_result<void> queued;
  std::atomic<int> unwound{0};
  // Waits from outside for what never runs.
  std::thread outside;
  run([&] {
    gobench::event inside;
    gobench::event all_submitted;
    gobench::go([&] {
      struct on_end {
        std::atomic<int>& count;
        ~on_end() { ++count; }
      };
      worker_pool workers(1);
      started = workers.submit([&] {
        const on_end end{unwound};
        inside.set();
        gobench::sleep_for(1h);
      });
      queued = workers.submit([] { FAIL(); });
      all_submitted.set();
      const on_end end{unwound};
      gobench::sleep_for(1h);
    });
    inside.wait();
    all_submitted.wait();
    outside = std::thread([&] { EXPECT_THROW(queued.get(), gobench::run_ended); });
  });
  outside.join();
  EXPECT_EQ(unwound, 2);
  EXPECT_THROW(started.get(), gobench::run_ended);
  EXPECT_THROW(worker_pool(1), gobench::no_runtime);
}

TEST_P(worker_pool_test, an_idle_pool_is_found_in_a_deadlock) {
  EXPECT_THROW(run([] {
                 worker_pool workers(2);
                 gobench::make_chan<int>().recv();
               }),
               gobench::deadlock);
}

TEST_P(worker_pool_test, what_a_posted_function_throws_ends_the_program) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(run([] {
                 worker_pool workers(1);
                 workers.post([] { throw std::runtime_error("nobody to tell"); });
                 workers.close();
                 gobench::sleep_for(1h);
               }),
               "no handle is left to join it: nobody to tell");
}

}  // namespace
