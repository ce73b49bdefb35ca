#include <atomic>
#include <cerrno>
#include <chrono>
#include <thread>
#include <vector>

#include "tests/runtime/support.hpp"

namespace {

// The compiler may keep the address of errno over a wait, after which it is another thread's: it is read
// and written where nothing can be kept.
__attribute__((noinline)) int read_errno() {
  asm volatile("");
  return errno;
}
__attribute__((noinline)) void write_errno(int value) {
  asm volatile("");
  errno = value;
}

class blocking_test : public on_backends {};
GOBENCH_ON_BACKENDS(blocking_test);

TEST_P(blocking_test, returns_and_throws_what_the_function_does) {
  run([] {
    EXPECT_EQ(gobench::blocking([] { return 7; }), 7);
    EXPECT_THROW(gobench::blocking([] { throw std::runtime_error("no"); }), std::runtime_error);
    int calls = 0;
    gobench::blocking([&] { ++calls; });
    EXPECT_EQ(calls, 1);
  });
}

TEST_P(blocking_test, works_on_a_thread_from_outside) {
  EXPECT_EQ(gobench::blocking([] { return 7; }), 7);
}

// On one processor nobody could write, if the reader kept it.
TEST_P(blocking_test, the_others_go_on_meanwhile) {
  run([] {
    const pipe_ends pipe;
    gobench::task reader =
        gobench::go([&] { EXPECT_TRUE(gobench::blocking([&] { return pipe.read_one(); })); });
    int turns = 0;
    gobench::task other = gobench::go([&] {
      for (; turns < 1000; ++turns) gobench::yield();
      EXPECT_TRUE(pipe.write_one());
    });
    reader.join();
    other.join();
    EXPECT_EQ(turns, 1000);
  });
}

// Nothing else was runnable when the call began: the processor is only taken away once there is.
TEST_P(blocking_test, work_that_comes_later_runs_as_well) {
  run([] {
    const pipe_ends pipe;
    const auto wake = gobench::make_chan<int>();
    gobench::task writer = gobench::go([&] {
      wake.recv();
      EXPECT_TRUE(pipe.write_one());
    });
    for (int i = 0; i < 5; ++i) gobench::yield();  // the writer waits now
    std::atomic<bool> about_to_block{false};
    std::thread outside([&] {
      while (!about_to_block) std::this_thread::yield();
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      wake.send(1);
    });
    gobench::blocking([&] {
      about_to_block = true;
      EXPECT_TRUE(pipe.read_one());
    });
    writer.join();
    gobench::blocking([&] { outside.join(); });
  });
}

TEST_P(blocking_test, errno_is_what_the_call_left) {
  run([] {
    std::vector<gobench::task> tasks;
    for (int t = 1; t <= 8; ++t) {
      tasks.push_back(gobench::go([t] {
        for (int i = 0; i < 50; ++i) {
          gobench::blocking([&] {
            std::this_thread::yield();
            write_errno(t);
          });
          ASSERT_EQ(read_errno(), t);
          gobench::yield();
        }
      }));
    }
    for (gobench::task& t : tasks) t.join();
  });
}

TEST_P(blocking_test, may_be_nested) {
  run([] {
    const int result = gobench::blocking([] { return 1 + gobench::blocking([] { return 2; }); });
    EXPECT_EQ(result, 3);
    EXPECT_EQ(gobench::blocking([] { return 4; }), 4);
  });
}

TEST_P(blocking_test, many_at_a_time) {
  run([] {
    constexpr int tasks = 24;
    const pipe_ends pipe;
    std::atomic<int> done{0};
    std::vector<gobench::task> readers;
    for (int t = 0; t < tasks; ++t) {
      readers.push_back(gobench::go([&] {
        if (gobench::blocking([&] { return pipe.read_one(); })) ++done;
      }));
    }
    for (int t = 0; t < tasks; ++t) {
      gobench::yield();
      EXPECT_TRUE(pipe.write_one());
    }
    for (gobench::task& t : readers) t.join();
    EXPECT_EQ(done.load(), tasks);
  });
}

TEST(blocking_on_fibers, waiting_inside_is_misuse) {
  gobench::run(on_fibers(1), [] {
    const auto never = gobench::make_chan<int>();
    EXPECT_THROW(gobench::blocking([&] { never.recv(); }), gobench::misuse);
    // And leaves nothing behind.
    gobench::task sender = gobench::go([&] { never.send(1); });
    EXPECT_EQ(never.recv(), 1);
    sender.join();
  });
}

}  // namespace
