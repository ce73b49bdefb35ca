// The end of a run: what happens to tasks that nobody joined.
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <vector>

#include "runtime/spin_lock.hpp"
#include "tests/runtime/support.hpp"

namespace {

using namespace std::chrono_literals;

// The main task's own objects are gone when the others are unwound, so what these still use when they
// leave is declared before run().
class end_test : public on_backends {};
GOBENCH_ON_BACKENDS(end_test);

// In no queue that outlives the task.
void wait_for_ever() {
  using namespace gobench::runtime;
  while (park(this_waiter(), {wait_reason::event, nullptr}) != park_result::ended) {
  }
  throw_ended();
}

// Remembers in which order its instances end.
struct in_order {
  std::vector<int>* ended;
  int number;
  in_order(std::vector<int>& order, int n) : ended(&order), number(n) {}
  in_order(const in_order&) = delete;
  in_order& operator=(const in_order&) = delete;
  ~in_order() { ended->push_back(number); }
};

TEST_P(end_test, unwinds_parked_sleeping_and_runnable_tasks_newest_first) {
  std::vector<int> ended;
  gobench::event never;
  run([&] {
    gobench::wait_group ready;
    ready.add(6);
    for (int i = 0; i < 6; ++i) {
      gobench::go([&ended, &never, &ready, i] {
        const in_order guard(ended, i);
        ready.done();
        for (;;) {
          if (i % 3 == 0) never.wait();
          if (i % 3 == 1) gobench::sleep_for(1h);
          if (i % 3 == 2) gobench::yield();
        }
      });
    }
    ready.wait();
  });
  EXPECT_EQ(ended, (std::vector<int>{5, 4, 3, 2, 1, 0}));
}

// It is told by the other that the run has ended, before its own turn comes.
TEST_P(end_test, a_task_nobody_joins_may_be_joining_another) {
  for (int i = 0; i < 20; ++i) {
    gobench::event never;
    gobench::wait_group waiting;
    run([&] {
      waiting.add(2);
      gobench::go([&] {
        auto other = gobench::go([&] {
          waiting.done();
          never.wait();
        });
        waiting.done();
        other.join();
      });
      waiting.wait();
      gobench::yield();
    });
  }
}

TEST_P(end_test, destroys_functions_that_never_ran) {
  constexpr int tasks = 500;
  std::atomic<int> ended{0};
  std::atomic<int> ran{0};
  run([&] {
    for (int i = 0; i < tasks; ++i) {
      gobench::go([guard = counts_its_end(ended), &ran] {
        static_cast<void>(guard);
        ran.fetch_add(1);
      });
    }
  });
  EXPECT_EQ(ended.load(), tasks);
  EXPECT_LE(ran.load(), tasks);
}

TEST_P(end_test, unwinds_the_others_when_the_main_task_throws) {
  std::vector<int> ended;
  gobench::event never;
  EXPECT_THROW(run([&] {
                 gobench::event ready;
                 gobench::go([&] {
                   const in_order guard(ended, 1);
                   ready.set();
                   never.wait();
                 });
                 ready.wait();
                 throw std::out_of_range("main");
               }),
               std::out_of_range);
  EXPECT_EQ(ended, std::vector<int>{1});
}

struct waits_at_its_end {
  gobench::event& never;
  std::atomic<int>& refused;
  ~waits_at_its_end() noexcept(false) {
    for (int i = 0; i < 3; ++i) {
      try {
        never.wait();
      } catch (const std::exception&) {
        ADD_FAILURE() << "the run's end is no std::exception";
      } catch (...) {
        refused.fetch_add(1);
      }
    }
  }
};

TEST_P(end_test, waiting_in_an_unwinding_destructor_throws_again) {
  std::atomic<int> refused{0};
  gobench::event never;
  run([&] {
    gobench::event ready;
    gobench::go([&] {
      const waits_at_its_end guard{never, refused};
      ready.set();
      never.wait();
    });
    ready.wait();
  });
  EXPECT_EQ(refused.load(), 3);
}

// A destructor may yield: it just goes on.
TEST_P(end_test, yielding_in_an_unwinding_destructor_does_nothing) {
  bool reached = false;
  struct yields {
    bool& reached;
    ~yields() {
      gobench::yield();
      reached = true;
    }
  };
  gobench::event never;
  run([&] {
    gobench::event ready;
    gobench::go([&] {
      const yields guard{reached};
      ready.set();
      never.wait();
    });
    ready.wait();
  });
  EXPECT_TRUE(reached);
}

TEST_P(end_test, tasks_spawned_while_unwinding_are_dropped) {
  std::atomic<int> destroyed{0};
  std::atomic<int> ran{0};
  struct spawns {
    std::atomic<int>& destroyed;
    std::atomic<int>& ran;
    ~spawns() {
      gobench::go([guard = counts_its_end(destroyed), &counter = ran] { counter.fetch_add(1); });
    }
  };
  gobench::event never;
  run([&] {
    gobench::event ready;
    gobench::go([&] {
      const spawns guard{destroyed, ran};
      ready.set();
      never.wait();
    });
    ready.wait();
  });
  EXPECT_EQ(destroyed.load(), 1);
  EXPECT_EQ(ran.load(), 0);
}

TEST_P(end_test, a_task_that_swallows_every_exception_is_left_behind_with_a_sentence) {
  stderr_reader said;
  // They outlive the task, which is never heard of again.
  static gobench::event never;
  auto& ready = *new gobench::event;
  run([&] {
    gobench::go([&ready] {
      ready.set();
      for (;;) {
        try {
          never.wait();
        } catch (...) {
          // The mistake under test.
        }
      }
    });
    ready.wait();
  });
  EXPECT_NE(said.stop().find("it is left behind"), std::string::npos);
  delete &ready;
  run([] {});
}

TEST_P(end_test, a_task_inside_a_call_that_never_returns_is_left_behind) {
  std::atomic<int> unwound{0};
  gobench::task inside;
  {
    const pipe_ends never_written;
    run([&] {
      gobench::event ready;
      inside = gobench::go([&] {
        const counts_its_end guard(unwound);
        ready.set();
        gobench::blocking([&] { never_written.read_one(); });
      });
      ready.wait();
    });
    EXPECT_EQ(unwound.load(), 0);
    EXPECT_THROW(inside.join(), gobench::run_ended);
    // Closing the pipe lets the call return now, into a run that has ended.
  }
  for (int i = 0; i < 20; ++i) run([] { gobench::go([] {}).join(); });
  EXPECT_EQ(unwound.load(), 0);
}

TEST_P(end_test, a_call_that_returns_soon_is_waited_for) {
  const pipe_ends written;
  std::atomic<int> unwound{0};
  gobench::event never;
  run([&] {
    gobench::event ready;
    gobench::go([&] {
      const counts_its_end guard(unwound);
      ready.set();
      gobench::blocking([&] { written.read_one(); });
      never.wait();
    });
    ready.wait();
    written.write_one();
  });
  EXPECT_EQ(unwound.load(), 1);
}

TEST_P(end_test, a_computing_task_is_waited_for) {
  if (GetParam().name() == "fiber_procs1") return;  // the main task could not end meanwhile
  for (int round = 0; round < 20; ++round) {
    std::atomic<bool> main_ended{false};
    std::atomic<bool> computing{false};
    std::atomic<bool> release{false};
    std::atomic<bool> unwound{false};
    std::thread outside([&] {
      main_ended.wait(false);
      release.store(true);
    });
    struct at_end {
      std::atomic<bool>& flag;
      ~at_end() {
        flag.store(true);
        flag.notify_all();
      }
    };
    gobench::event never;
    run([&] {
      const at_end told{main_ended};
      gobench::go([&] {
        const at_end guard{unwound};
        computing.store(true);
        while (!release.load()) {
        }
        never.wait();
      });
      while (!computing.load()) gobench::yield();
    });
    EXPECT_TRUE(unwound.load());
    outside.join();
  }
}

TEST_P(end_test, says_which_task_does_not_come_to_an_end) {
  if (GetParam().name() == "fiber_procs1") return;  // the main task could not end meanwhile
  std::atomic<bool> computing{false};
  std::atomic<bool> release{false};
  stderr_reader said;
  std::thread outside([&] {
    said.wait_for("still computes");
    release.store(true);
  });
  run([&] {
    gobench::go([&] {
      computing.store(true);
      while (!release.load()) {
      }
    });
    while (!computing.load()) gobench::yield();
  });
  outside.join();
  EXPECT_NE(said.stop().find("end_test.cpp:"), std::string::npos);
}

// The handles are joined by a thread of which the run knows nothing.
TEST_P(end_test, joining_from_outside_tells_that_the_run_has_ended) {
  std::vector<gobench::task> parked;
  gobench::task over;
  gobench::event never;
  run([&] {
    over = gobench::go([] {});
    gobench::wait_group ready;
    ready.add(3);
    parked.push_back(gobench::go([&] {
      ready.done();
      never.wait();
    }));
    parked.push_back(gobench::go([&] {
      ready.done();
      gobench::sleep_for(1h);
    }));
    parked.push_back(gobench::go([&] {
      ready.done();
      for (;;) gobench::yield();
    }));
    ready.wait();
    gobench::go([] {}).join();
  });
  for (gobench::task& t : parked) {
    EXPECT_TRUE(t.joinable());
    EXPECT_THROW(t.join(), gobench::run_ended);
    EXPECT_FALSE(t.joinable());
  }
  over.detach();
}

TEST_P(end_test, a_foreign_thread_inside_join_is_told_as_well) {
  for (int round = 0; round < 20; ++round) {
    std::atomic<bool> told{false};
    std::thread outside;
    gobench::event never;
    run([&] {
      gobench::event ready;
      gobench::task waits = gobench::go([&] {
        ready.set();
        never.wait();
      });
      ready.wait();
      outside = std::thread([&told, t = std::move(waits)]() mutable {
        try {
          t.join();
        } catch (const gobench::run_ended&) {
          told.store(true);
        }
      });
    });
    outside.join();
    EXPECT_TRUE(told.load());
  }
}

TEST_P(end_test, abandoned_tasks_are_not_unwound) {
  gobench::options chosen = options_for(GetParam());
  chosen.end = gobench::at_end::abandon;
  std::atomic<int> unwound{0};
  std::vector<gobench::task> left;
  gobench::run(chosen, [&] {
    gobench::wait_group ready;
    ready.add(2);
    left.push_back(gobench::go([&] {
      const counts_its_end guard(unwound);
      ready.done();
      wait_for_ever();
    }));
    left.push_back(gobench::go([&] {
      const counts_its_end guard(unwound);
      ready.done();
      gobench::sleep_for(1h);
    }));
    ready.wait();
  });
  EXPECT_EQ(unwound.load(), 0);
  for (gobench::task& t : left) EXPECT_THROW(t.join(), gobench::run_ended);
}

// What abandoned tasks leave behind, timers and permits, must not reach into later runs.
TEST_P(end_test, runs_after_abandoned_ones_are_whole) {
  gobench::options chosen = options_for(GetParam());
  chosen.end = gobench::at_end::abandon;
  for (int round = 0; round < 10; ++round) {
    gobench::run(chosen, [&] {
      for (int i = 0; i < 20; ++i) {
        gobench::go([i] {
          gobench::sleep_for(std::chrono::milliseconds(1 + i));
          if (i % 2 == 0) wait_for_ever();
          gobench::sleep_for(1h);
        });
      }
      for (int i = 0; i < 10; ++i) gobench::yield();
    });
    std::atomic<int> woken{0};
    gobench::run(chosen, [&] {
      std::vector<gobench::task> sleepers;
      for (int i = 0; i < 50; ++i) {
        sleepers.push_back(gobench::go([&] {
          gobench::sleep_for(2ms);
          woken.fetch_add(1);
        }));
      }
      for (gobench::task& t : sleepers) t.join();
    });
    EXPECT_EQ(woken.load(), 50);
  }
}

// Joins the task that it holds: what std::jthread does for a thread.
class joining {
 public:
  joining(gobench::task t, std::atomic<int>& refused) : task_(std::move(t)), refused_(&refused) {}
  joining(joining&&) noexcept = default;
  joining& operator=(joining&&) = delete;
  ~joining() {
    if (!task_.joinable()) return;
    try {
      task_.join();
    } catch (...) {
      refused_->fetch_add(1);
    }
  }

 private:
  gobench::task task_;
  std::atomic<int>* refused_;
};

TEST_P(end_test, a_function_that_never_ran_may_wait_in_its_destructor) {
  std::atomic<int> unwound{0};
  std::atomic<int> refused{0};
  gobench::event never;
  run([&] {
    gobench::event ready;
    gobench::task older = gobench::go([&] {
      const counts_its_end guard(unwound);
      ready.set();
      never.wait();
    });
    ready.wait();
    gobench::go([holds = joining(std::move(older), refused)] {
      static_cast<void>(holds);
      gobench::sleep_for(1h);
    });
  });
  EXPECT_EQ(refused.load(), 1);
  EXPECT_EQ(unwound.load(), 1);
}

// The older task holds what the newer one, unwound before it, spins for.
TEST_P(end_test, a_spinning_task_gets_what_an_older_one_holds) {
  std::atomic<int> unwound{0};
  gobench::spin_mutex spinning;
  gobench::event never;
  std::atomic<bool> begun{false};
  run([&] {
    gobench::event ready;
    gobench::go([&] {
      const counts_its_end guard(unwound);
      const std::scoped_lock held(spinning);
      ready.set();
      never.wait();
    });
    ready.wait();
    gobench::go([&] {
      const counts_its_end guard(unwound);
      begun.store(true);
      const std::scoped_lock held(spinning);
      never.wait();
    });
    while (!begun.load()) gobench::yield();
  });
  EXPECT_EQ(unwound.load(), 2);
}

// A copy that waits leaves a task that is not made yet behind when it is unwound.
struct waits_when_copied {
  gobench::event& ready;
  gobench::event& never;
  std::atomic<int>& ran;
  waits_when_copied(gobench::event& r, gobench::event& n, std::atomic<int>& counter)
      : ready(r), never(n), ran(counter) {}
  waits_when_copied(const waits_when_copied& other)
      : ready(other.ready), never(other.never), ran(other.ran) {
    ready.set();
    never.wait();
  }
  waits_when_copied& operator=(const waits_when_copied&) = delete;
  ~waits_when_copied() = default;
  void operator()() const { ran.fetch_add(1); }
};

TEST_P(end_test, a_spawn_that_waits_for_its_function_is_unwound) {
  for (int round = 0; round < 20; ++round) {
    std::atomic<int> ran{0};
    std::atomic<int> unwound{0};
    gobench::event never;
    run([&] {
      gobench::event ready;
      gobench::go([&] {
        const counts_its_end guard(unwound);
        const waits_when_copied function(ready, never, ran);
        gobench::go(function);
      });
      ready.wait();
    });
    EXPECT_EQ(ran.load(), 0);
    EXPECT_EQ(unwound.load(), 1);
    run([] {
      gobench::event start;
      std::vector<gobench::task> tasks;
      for (int i = 0; i < 8; ++i) tasks.push_back(gobench::go([&] { start.wait(); }));
      start.set();
      for (gobench::task& t : tasks) t.join();
    });
  }
}

}  // namespace
