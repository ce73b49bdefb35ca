#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include "tests/runtime/support.hpp"

namespace {

using ::testing::Test;
using namespace std::chrono_literals;

class deadlock_test : public on_backends {};
GOBENCH_ON_BACKENDS(deadlock_test);

// The sentence that run() throws; empty when it throws none.
template <class F>
std::string deadlock_of(vehicle v, F body) {
  try {
    gobench::run(options_for(v), [&] { body(); });
  } catch (const gobench::deadlock& found) {
    return found.what();
  }
  return "";
}

TEST_P(deadlock_test, main_alone) {
  const std::string said = deadlock_of(GetParam(), [] { gobench::make_chan<int>().recv(); });
  EXPECT_NE(said.find("the only task waits for ever"), std::string::npos) << said;
  EXPECT_NE(said.find("the main task, spawned at"), std::string::npos) << said;
  EXPECT_NE(said.find("receiving from channel 0x"), std::string::npos) << said;
}

TEST_P(deadlock_test, lists_every_task_with_what_it_waits_for) {
  const std::string said = deadlock_of(GetParam(), [] {
    gobench::mutex lock;
    gobench::wait_group group;
    group.add(1);
    lock.lock();
    gobench::go([&] { lock.lock(); });
    gobench::go([&] { group.wait(); });
    gobench::go([] { gobench::make_chan<int>().send(1); });
    gobench::go([] { gobench::chan<int>().recv(); });
    gobench::select(std::vector<gobench::select_case>());
  });
  EXPECT_NE(said.find("all 5 tasks wait for ever"), std::string::npos) << said;
  for (const char* expected :
       {"locking mutex 0x", "waiting for wait_group 0x", "sending to channel 0x",
        "receiving from a nil channel", "in a select without a case that could ever be taken",
        "deadlock_test.cpp:", "for less than 10 ms"})
    EXPECT_NE(said.find(expected), std::string::npos) << expected << " is not in\n" << said;
}

TEST_P(deadlock_test, unwinds_every_task) {
  std::atomic<int> ends{0};
  EXPECT_NE(deadlock_of(GetParam(),
                        [&] {
                          const counts_its_end mine(ends);
                          for (int i = 0; i < 3; ++i) {
                            gobench::go([&] {
                              const counts_its_end its(ends);
                              gobench::make_chan<int>().recv();
                            });
                          }
                          gobench::make_chan<int>().recv();
                        }),
            "");
  EXPECT_EQ(ends.load(), 4);
}

TEST_P(deadlock_test, joining_each_other) {
  EXPECT_NE(deadlock_of(GetParam(),
                        [] {
                          gobench::task waits = gobench::go([] { gobench::chan<int>().recv(); });
                          waits.join();
                        }),
            "");
}

TEST_P(deadlock_test, a_pending_timer_is_none) {
  EXPECT_EQ(deadlock_of(GetParam(),
                        [] {
                          const auto ready = gobench::make_chan<int>();
                          gobench::go([=] {
                            gobench::sleep_for(120ms);
                            ready.send(1);
                          });
                          EXPECT_EQ(ready.recv(), 1);
                        }),
            "");
}

TEST_P(deadlock_test, a_blocking_call_is_none) {
  EXPECT_EQ(deadlock_of(GetParam(),
                        [] {
                          const auto ready = gobench::make_chan<int>();
                          gobench::go([=] {
                            gobench::blocking([] { std::this_thread::sleep_for(120ms); });
                            ready.send(1);
                          });
                          EXPECT_EQ(ready.recv(), 1);
                        }),
            "");
}

// The thread has touched nothing of ours when all tasks wait already.
TEST_P(deadlock_test, a_thread_from_outside_may_still_step_in) {
  std::thread outside;
  EXPECT_EQ(deadlock_of(GetParam(),
                        [&] {
                          const auto ready = gobench::make_chan<int>();
                          outside = std::thread([=] {
                            std::this_thread::sleep_for(200ms);
                            ready.send(1);
                          });
                          EXPECT_EQ(ready.recv(), 1);
                        }),
            "");
  outside.join();
}

TEST_P(deadlock_test, a_lock_held_outside_is_none) {
  std::thread outside;
  EXPECT_EQ(deadlock_of(GetParam(),
                        [&] {
                          gobench::mutex lock;
                          std::atomic<bool> locked{false};
                          outside = std::thread([&] {
                            lock.lock();
                            locked = true;
                            std::this_thread::sleep_for(120ms);
                            lock.unlock();
                          });
                          while (!locked) gobench::yield();
                          const std::scoped_lock held(lock);
                        }),
            "");
  outside.join();
}

TEST_P(deadlock_test, is_found_once_a_thread_that_did_nothing_has_ended) {
  EXPECT_NE(deadlock_of(GetParam(),
                        [] {
                          std::thread([] { std::this_thread::sleep_for(120ms); }).detach();
                          gobench::make_chan<int>().recv();
                        }),
            "");
}

TEST_P(deadlock_test, the_next_run_is_whole) {
  for (int round = 0; round < 20; ++round) {
    EXPECT_NE(deadlock_of(GetParam(), [] { gobench::make_chan<int>().recv(); }), "");
    int sum = 0;
    gobench::run(options_for(GetParam()), [&] {
      const auto numbers = gobench::make_chan<int>();
      gobench::go([=] {
        for (int i = 1; i <= 10; ++i) numbers.send(i);
        numbers.close();
      });
      for (const int n : numbers) sum += n;
    });
    EXPECT_EQ(sum, 55);
  }
}

}  // namespace
