// Who runs when: real parallelism, fairness, and the number of processors.
#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "runtime/internal/census.hpp"
#include "runtime/spin_lock.hpp"
#include "tests/runtime/support.hpp"

namespace {

using namespace std::chrono_literals;

// Waits without ever reaching a scheduling point.
void spin_until(const std::atomic<bool>& flag) {
  while (!flag.load()) gobench::runtime::cpu_pause();
}

class parallel_test : public on_backends {};

INSTANTIATE_TEST_SUITE_P(
    on, parallel_test,
    ::testing::Values(vehicle{gobench::backend::fiber, 2}, vehicle{gobench::backend::fiber, 4},
                      vehicle{gobench::backend::fiber, 128}, vehicle{gobench::backend::thread, 2}),
    [](const ::testing::TestParamInfo<vehicle>& information) { return information.param.name(); });

TEST_P(parallel_test, two_tasks_that_wait_for_each_other_without_yielding) {
  for (int round = 0; round < 5; ++round) {
    run([] {
      std::atomic<bool> here{false};
      std::atomic<bool> there{false};
      gobench::task a = gobench::go([&] {
        here.store(true);
        spin_until(there);
      });
      gobench::task b = gobench::go([&] {
        spin_until(here);
        there.store(true);
      });
      a.join();
      b.join();
    });
  }
}

TEST_P(parallel_test, main_waits_for_its_task_without_yielding) {
  for (int round = 0; round < 5; ++round) {
    run([] {
      std::atomic<bool> flag{false};
      gobench::task t = gobench::go([&] { flag.store(true); });
      spin_until(flag);
      t.join();
    });
  }
}

TEST_P(parallel_test, also_after_everything_has_slept) {
  run([] {
    for (int round = 0; round < 3; ++round) {
      // Long enough for the watchdog to go to sleep as well; nothing depends on whether it does.
      gobench::sleep_for(150ms);
      std::atomic<bool> flag{false};
      gobench::task t = gobench::go([&] { flag.store(true); });
      spin_until(flag);
      t.join();
    }
  });
}

TEST_P(parallel_test, a_chain_of_tasks_each_spinning_for_the_next) {
  if (GetParam().procs < 4) return;
  run([] {
    std::atomic<int> arrived{0};
    std::vector<gobench::task> tasks;
    for (int i = 0; i < 3; ++i) {
      tasks.push_back(gobench::go([&] {
        arrived.fetch_add(1);
        while (arrived.load() < 4) gobench::runtime::cpu_pause();
      }));
    }
    arrived.fetch_add(1);
    while (arrived.load() < 4) gobench::runtime::cpu_pause();
    for (gobench::task& t : tasks) t.join();
  });
}

TEST(parallel_on_one_cpu, tasks_that_wait_for_each_other_without_yielding) {
  const one_cpu confined;
  for (int round = 0; round < 3; ++round) {
    gobench::run(on_fibers(2), [] {
      std::atomic<bool> here{false};
      std::atomic<bool> there{false};
      gobench::task a = gobench::go([&] {
        here.store(true);
        spin_until(there);
      });
      spin_until(here);
      there.store(true);
      a.join();
    });
  }
}

// --- fairness on one processor ---

using gobench::runtime::park;
using gobench::runtime::this_waiter;
using gobench::runtime::unpark;
using gobench::runtime::waiter;

// Two tasks that ready each other through the place of the task readied last.
struct ping_pong {
  std::atomic<bool> over{false};
  std::atomic<waiter*> players[2] = {};
  std::atomic<int> turn{0};
  std::atomic<long> played{0};

  void play(int me) {
    waiter& self = this_waiter();
    players[me].store(&self);
    while (!over.load()) {
      if (turn.load() != me) {
        park(self, {gobench::runtime::wait_reason::event, this});
        continue;
      }
      played.fetch_add(1);
      turn.store(1 - me);
      if (waiter* other = players[1 - me].load()) unpark(*other);
    }
    if (waiter* other = players[1 - me].load()) unpark(*other);
  }
};

class fair_test : public ::testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(procs, fair_test, ::testing::Values(1, 2, 4));

TEST_P(fair_test, a_ping_pong_starves_nobody) {
  ping_pong game;
  gobench::run(on_fibers(GetParam()), [&] {
    gobench::task a = gobench::go([&] { game.play(0); });
    gobench::task b = gobench::go([&] { game.play(1); });
    // In the queue behind the two all the time.
    gobench::task third = gobench::go([&] {
      for (int i = 0; i < 100; ++i) gobench::yield();
      game.over.store(true);
      for (auto& one : game.players)
        if (waiter* w = one.load()) unpark(*w);
    });
    third.join();
    a.join();
    b.join();
  });
  EXPECT_TRUE(game.over.load());
}

TEST_P(fair_test, local_work_does_not_starve_the_global_queue) {
  gobench::run(on_fibers(GetParam()), [&] {
    std::atomic<bool> over{false};
    std::vector<gobench::task> busy;
    for (int i = 0; i < 3 * GetParam(); ++i) {
      busy.push_back(gobench::go([&] {
        while (!over.load()) gobench::yield();
      }));
    }
    // What a thread from outside spawns goes into the global queue.
    std::thread outside([&] { gobench::go([&] { over.store(true); }).join(); });
    for (gobench::task& t : busy) t.join();
    gobench::blocking([&] { outside.join(); });
  });
}

TEST_P(fair_test, a_ping_pong_does_not_starve_the_global_queue_or_the_timers) {
  ping_pong game;
  gobench::run(on_fibers(GetParam()), [&] {
    gobench::task a = gobench::go([&] { game.play(0); });
    gobench::task b = gobench::go([&] { game.play(1); });
    gobench::sleep_for(1ms);
    std::thread outside([&] { gobench::go([] {}).join(); });
    gobench::blocking([&] { outside.join(); });
    game.over.store(true);
    for (auto& one : game.players)
      if (waiter* w = one.load()) unpark(*w);
    a.join();
    b.join();
  });
}

TEST_P(fair_test, yielding_lets_every_other_task_run) {
  gobench::run(on_fibers(GetParam()), [] {
    constexpr int tasks = 50;
    std::vector<std::atomic<int>> turns(tasks);
    std::atomic<int> done{0};
    std::vector<gobench::task> all;
    for (int i = 0; i < tasks; ++i) {
      all.push_back(gobench::go([&, i] {
        // Until everybody has had some turns.
        while (done.load() < tasks) {
          if (turns[static_cast<std::size_t>(i)].fetch_add(1) == 20) done.fetch_add(1);
          gobench::yield();
        }
      }));
    }
    for (gobench::task& t : all) t.join();
  });
}

TEST(order, yields_are_first_in_first_out_on_one_processor) {
  gobench::run(on_fibers(1), [] {
    std::string order;
    std::vector<gobench::task> tasks;
    gobench::event begin;
    for (char name = 'a'; name <= 'd'; ++name) {
      tasks.push_back(gobench::go([&, name] {
        begin.wait();
        for (int i = 0; i < 5; ++i) {
          order += name;
          gobench::yield();
        }
      }));
    }
    for (int i = 0; i < 10; ++i) gobench::yield();
    begin.set();
    for (gobench::task& t : tasks) t.join();
    // Whatever the order of the first round is, the others repeat it.
    ASSERT_EQ(order.size(), 20U);
    for (std::size_t i = 4; i < order.size(); ++i) EXPECT_EQ(order[i], order[i - 4]) << order;
    EXPECT_EQ(std::set<char>(order.begin(), order.begin() + 4).size(), 4U);
  });
}

// --- the number of processors ---

// The most tasks that computed at the same time.
int most_at_a_time(int tasks, std::chrono::microseconds each) {
  std::atomic<int> now{0};
  std::atomic<int> most{0};
  std::vector<gobench::task> all;
  for (int i = 0; i < tasks; ++i) {
    all.push_back(gobench::go([&] {
      const int here = now.fetch_add(1) + 1;
      int seen = most.load();
      while (seen < here && !most.compare_exchange_weak(seen, here)) {
      }
      const auto until = std::chrono::steady_clock::now() + each;
      while (std::chrono::steady_clock::now() < until) gobench::runtime::cpu_pause();
      now.fetch_sub(1);
    }));
  }
  for (gobench::task& t : all) t.join();
  return most.load();
}

// As many as the test asks for, and not more when the machine lets a task stand still for long.
class processors : public ::testing::Test {
 protected:
  static gobench::options just(int procs) {
    gobench::options chosen = on_fibers(procs);
    chosen.hand_off = false;
    return chosen;
  }

 private:
  const scoped_env procs_{"GOBENCH_PROCS", nullptr};
};

TEST_F(processors, bound_what_runs_at_the_same_time) {
  for (const int procs : {1, 2, 3, 8}) {
    gobench::run(just(procs), [procs] { EXPECT_LE(most_at_a_time(24, 300us), procs); });
  }
}

// Workers follow at their next scheduling point, which on a crowded machine may come late: so in the end, or
// never and this does not return.
TEST_F(processors, follow_a_lower_limit_in_the_end) {
  gobench::run(just(4), [] {
    most_at_a_time(8, 100us);
    EXPECT_EQ(gobench::set_max_procs(1), 4);
    while (most_at_a_time(12, 200us) != 1) {
    }
    EXPECT_EQ(gobench::set_max_procs(2), 1);
    while (most_at_a_time(12, 200us) > 2) {
    }
  });
}

TEST_F(processors, a_higher_limit_is_used) {
  gobench::run(on_fibers(1), [] {
    gobench::set_max_procs(2);
    std::atomic<bool> flag{false};
    gobench::task t = gobench::go([&] { flag.store(true); });
    spin_until(flag);  // needs the second one
    t.join();
  });
}

TEST_F(processors, change_under_load_and_lose_nothing) {
  for (const bool pinned : {false, true}) {
    std::unique_ptr<one_cpu> confined;
    if (pinned) confined = std::make_unique<one_cpu>();
    gobench::run(on_fibers(2), [] {
      const int tasks = sanitized ? 400 : 2000;
      std::atomic<int> ran{0};
      std::atomic<bool> over{false};
      gobench::task changes = gobench::go([&] {
        for (int i = 0; !over.load(); ++i) {
          gobench::set_max_procs(1 + i * 7 % 9);
          gobench::yield();
          if (i % 16 == 0) gobench::sleep_for(50us);
        }
      });
      std::vector<gobench::task> all;
      for (int i = 0; i < tasks; ++i) {
        all.push_back(gobench::go([&, i] {
          for (int k = 0; k < 5; ++k) {
            gobench::yield();
            if ((i + k) % 32 == 0) gobench::sleep_for(20us);
            if ((i + k) % 64 == 1) gobench::blocking([] { ::sched_yield(); });
          }
          ran.fetch_add(1);
        }));
      }
      for (gobench::task& t : all) t.join();
      over.store(true);
      changes.join();
      EXPECT_EQ(ran.load(), tasks);
    });
  }
}

TEST_F(processors, may_be_more_than_cpus) {
  for (int round = 0; round < 3; ++round) {
    gobench::run(on_fibers(8), [] {
      std::atomic<int> ran{0};
      std::vector<gobench::task> all;
      for (int i = 0; i < 500; ++i) {
        all.push_back(gobench::go([&] {
          for (int k = 0; k < 20; ++k) gobench::yield();
          ran.fetch_add(1);
        }));
      }
      for (gobench::task& t : all) t.join();
      EXPECT_EQ(ran.load(), 500);
    });
  }
}

// More tasks are runnable on one processor than its queue holds.
TEST(queues, overflow_into_the_global_one) {
  for (const int procs : {1, 2}) {
    gobench::run(on_fibers(procs), [] {
      constexpr int tasks = 3000;
      std::atomic<int> ran{0};
      gobench::event begin;
      std::vector<gobench::task> all;
      for (int i = 0; i < tasks; ++i) {
        all.push_back(gobench::go([&] {
          begin.wait();
          gobench::yield();
          ran.fetch_add(1);
        }));
      }
      for (int i = 0; i < 2 * tasks; ++i) gobench::yield();
      begin.set();  // readies them all at once
      for (gobench::task& t : all) t.join();
      EXPECT_EQ(ran.load(), tasks);
    });
  }
}

TEST(workers, are_no_more_than_needed) {
  std::size_t threads = 0;
  gobench::run(on_fibers(2), [&] {
    std::vector<gobench::task> all;
    for (int i = 0; i < 200; ++i) {
      all.push_back(gobench::go([] {
        for (int k = 0; k < 10; ++k) gobench::yield();
      }));
    }
    for (gobench::task& t : all) t.join();
    threads = gobench::runtime::thread_numbers().size();
  });
  // Two workers, the watchdog, the caller of run(), and what a sanitizer starts.
  EXPECT_LE(threads, 5U);
}

}  // namespace
