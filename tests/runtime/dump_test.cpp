// What a dump says of tasks in each state, while others run on.
#include <signal.h>
#include <sys/resource.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/runtime/support.hpp"

namespace {

using namespace std::chrono_literals;

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// The paragraph of the task that was spawned on this line.
std::string about(const std::string& dump, int line) {
  const std::string place = "dump_test.cpp:" + std::to_string(line) + ": ";
  const std::size_t at = dump.find(place);
  if (at == std::string::npos) return "nothing in " + dump;
  std::string text = dump.substr(at + place.size(), dump.find("\n\n", at) - at - place.size());
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

__attribute__((noinline)) void waits_deep_down(const gobench::chan<int>& there, int depth) {
  if (depth == 0) {
    there.recv();
  } else {
    waits_deep_down(there, depth - 1);
  }
  asm volatile("");  // no tail call
}

void until(const std::atomic<bool>& flag) {
  while (!flag.load()) gobench::yield();
}

class dump_test : public on_backends {};

INSTANTIATE_TEST_SUITE_P(
    on, dump_test,
    ::testing::Values(vehicle{gobench::backend::fiber, 1}, vehicle{gobench::backend::fiber, 2},
                      vehicle{gobench::backend::fiber, 4}, vehicle{gobench::backend::thread, 2}),
    [](const ::testing::TestParamInfo<vehicle>& information) { return information.param.name(); });

TEST_P(dump_test, each_state_is_told) {
  run([] {
    const gobench::chan<int> there = gobench::make_chan<int>();
    std::atomic<bool> blocks{false};
    std::atomic<bool> over{false};
    const int first = __LINE__ + 1;
    gobench::task parked = gobench::go([there] { waits_deep_down(there, 3); });
    gobench::task sleeping = gobench::go([] { gobench::sleep_for(100s); });
    gobench::task blocking = gobench::go([&] {
      gobench::blocking([&] {
        blocks.store(true);
        while (!over.load()) ::usleep(100);
      });
    });
    until(blocks);
    // Until both others have come to where they wait, and longer than the clock of waiting tasks is coarse.
    std::string dump;
    for (int i = 0; i != 1000 && !(has(about(dump, first), " ms") && has(dump, "sleeping for "));
         ++i) {
      gobench::sleep_for(15ms);
      dump = gobench::dump_tasks();
    }
    EXPECT_TRUE(has(dump, "gobench: 4 tasks\n")) << dump;
    EXPECT_TRUE(has(dump, "\nthe main task, spawned at ")) << dump;
    EXPECT_TRUE(has(about(dump, first), "receiving from channel 0x")) << dump;
    EXPECT_TRUE(has(about(dump, first), " ms")) << dump;
    EXPECT_TRUE(has(about(dump, first + 1), "sleeping for ")) << dump;
    EXPECT_EQ(about(dump, first + 2), "in a blocking call");
    over.store(true);
    there.close();
    parked.join();
    blocking.join();
  });
}

TEST(dump, a_running_task_its_processor_one_that_is_runnable_and_one_that_has_not_begun) {
  const scoped_env procs("GOBENCH_PROCS", nullptr);
  const scoped_env backend("GOBENCH_BACKEND", nullptr);
  gobench::run(on_fibers(1), [] {
    std::atomic<bool> over{false};
    const int first = __LINE__ + 1;
    gobench::task runnable = gobench::go([&] { until(over); });
    gobench::yield();
    const gobench::task fresh = gobench::go([] {});
    const std::string dump = gobench::dump_tasks();
    EXPECT_TRUE(has(dump, ": running on P 0")) << dump;
    EXPECT_EQ(about(dump, first), "runnable");
    EXPECT_TRUE(has(dump, "not started yet")) << dump;
    over.store(true);
    runnable.join();
  });
}

#if defined(__x86_64__)
TEST(dump, the_stack_of_a_waiting_fiber_is_there) {
  const scoped_env backend("GOBENCH_BACKEND", nullptr);
  for (const int procs : {1, 2}) {
    gobench::run(on_fibers(procs), [] {
      const gobench::chan<int> there = gobench::make_chan<int>();
      std::atomic<bool> begun{false};
      gobench::task parked = gobench::go([&] {
        begun.store(true);
        waits_deep_down(there, 3);
      });
      until(begun);
      gobench::sleep_for(1ms);
      const std::string dump = gobench::dump_tasks();
      if (has(dump, "The lines are missing")) GTEST_SKIP() << "there is no addr2line here";
      std::size_t frames = 0;
      for (std::size_t at = 0; (at = dump.find("waits_deep_down", at)) != std::string::npos; ++at)
        ++frames;
      EXPECT_EQ(frames, 4U) << dump;
      EXPECT_TRUE(has(dump, "tests/runtime/dump_test.cpp:")) << dump;
      EXPECT_FALSE(has(dump, "switch_to")) << dump;
      EXPECT_FALSE(has(dump, "fiber_entry")) << dump;
      there.close();
      parked.join();
    });
  }
}

TEST(dump, without_symbols_a_stack_is_addresses_and_it_says_how_to_read_them) {
  const scoped_env off("GOBENCH_SYMBOLIZER", "off");
  const scoped_env backend("GOBENCH_BACKEND", nullptr);
  gobench::run(on_fibers(1), [] {
    const gobench::chan<int> there = gobench::make_chan<int>();
    gobench::task parked = gobench::go([&] { waits_deep_down(there, 3); });
    gobench::yield();
    const std::string dump = gobench::dump_tasks();
    EXPECT_TRUE(has(dump, "+0x")) << dump;
    EXPECT_TRUE(has(dump, "addr2line")) << dump;
    there.close();
    parked.join();
  });
}
#endif

TEST(dump, outside_of_a_run) { EXPECT_EQ(gobench::dump_tasks(), "gobench: no run is on\n"); }

TEST(dump, many_tasks_are_told_up_to_a_number) {
  if (sanitized) GTEST_SKIP() << "ThreadSanitizer has room for 8000 fibers";
  const scoped_env backend("GOBENCH_BACKEND", nullptr);
  const scoped_env off("GOBENCH_SYMBOLIZER", "off");
  gobench::run(on_fibers(1), [] {
    constexpr int count = 10'050;
    gobench::event over;
    std::vector<gobench::task> all;
    for (int i = 0; i < count; ++i) all.push_back(gobench::go([&] { over.wait(); }));
    gobench::yield();
    const std::string dump = gobench::dump_tasks();
    EXPECT_TRUE(has(dump, "gobench: 10051 tasks\n"));
    EXPECT_TRUE(has(dump, "\nand 51 more\n"));
    over.set();
    for (gobench::task& one : all) one.join();
  });
}

// No wake-up may be lost to one who looks, and no stack be read while its task runs.
TEST_P(dump_test, tasks_go_on_while_they_are_looked_at) {
  const scoped_env off("GOBENCH_SYMBOLIZER", "off");
  std::atomic<int> dumps{0};
  run([&] {
    const gobench::chan<int> there = gobench::make_chan<int>();
    const gobench::chan<int> back = gobench::make_chan<int>();
    std::vector<gobench::task> all;
    for (int i = 0; i < 4; ++i) {
      all.push_back(gobench::go([&] {
        while (const auto got = there.recv()) back.send(*got + 1);
      }));
    }
    gobench::task sleeper = gobench::go([&] {
      while (dumps.load() < 20) gobench::sleep_for(100us);
    });
    outsider looking([&] {
      gobench::dump_tasks();
      dumps.fetch_add(1);
    });
    int sum = 0;
    for (int i = 0; dumps.load() < 20 || i < 100; ++i) {
      there.send(i);
      sum += *back.recv() - i;
      ASSERT_EQ(sum, i + 1);
    }
    looking.stop();
    there.close();
    for (gobench::task& one : all) one.join();
    sleeper.join();
  });
}

TEST_P(dump_test, the_end_of_a_run_waits_for_one_who_looks) {
  const scoped_env off("GOBENCH_SYMBOLIZER", "off");
  std::atomic<int> dumps{0};
  outsider looking([&] {
    gobench::dump_tasks();
    dumps.fetch_add(1);
  });
  for (int round = 0; round < 10 || dumps.load() < 10; ++round) {
    std::atomic<int> ends{0};
    run([&] {
      for (int i = 0; i < 8; ++i) {
        gobench::go([&ends, ending = counts_its_end(ends)] { gobench::make_chan<int>().recv(); });
      }
      for (int i = 0; i < 8; ++i) gobench::yield();
    });
    EXPECT_EQ(ends.load(), 8);
  }
}

class quit_signal : public ::testing::TestWithParam<gobench::backend> {
 protected:
  const scoped_env procs_{"GOBENCH_PROCS", nullptr};
  const scoped_env backend_{"GOBENCH_BACKEND", nullptr};

  // Children die of the signal on purpose.
  void SetUp() override {
    const rlimit none{.rlim_cur = 0, .rlim_max = 0};
    ::setrlimit(RLIMIT_CORE, &none);
  }

  static gobench::options chosen() {
    return GetParam() == gobench::backend::fiber ? on_fibers(2) : on_threads(2);
  }
};

INSTANTIATE_TEST_SUITE_P(on, quit_signal,
                         ::testing::Values(gobench::backend::fiber, gobench::backend::thread),
                         [](const ::testing::TestParamInfo<gobench::backend>& information) {
                           return information.param == gobench::backend::fiber ? "fibers"
                                                                               : "threads";
                         });

// ThreadSanitizer hands a signal on when the thread next calls the C library, which one that waits does not.
#if defined(__SANITIZE_THREAD__)
inline constexpr bool signals_come = false;
#else
inline constexpr bool signals_come = true;
#endif

TEST_P(quit_signal, prints_all_tasks_and_ends_the_program_by_the_signal) {
  if (!signals_come) GTEST_SKIP() << "no signal comes to a thread that waits";
  EXPECT_EXIT(gobench::run(chosen(),
                           [] {
                             const gobench::task other =
                                 gobench::go([] { gobench::make_chan<int>().recv(); });
                             gobench::sleep_for(1ms);
                             ::kill(::getpid(), SIGQUIT);
                             gobench::sleep_for(100s);
                           }),
              ::testing::KilledBySignal(SIGQUIT), "2 tasks.*\n.*receiving from channel");
}

TEST_P(quit_signal, the_program_may_go_on) {
  if (!signals_come) GTEST_SKIP() << "no signal comes to a thread that waits";
  const scoped_env goes_on("GOBENCH_SIGQUIT", "continue");
  stderr_reader said;
  gobench::run(chosen(), [&] {
    ::kill(::getpid(), SIGQUIT);
    gobench::blocking([&] { said.wait_for("1 task\n"); });
    const gobench::task other = gobench::go([] { gobench::sleep_for(100s); });
    ::kill(::getpid(), SIGQUIT);
    gobench::blocking([&] { said.wait_for("2 tasks\n"); });
  });
  EXPECT_TRUE(has(said.stop(), "the main task"));
  EXPECT_EXIT(::raise(SIGQUIT), ::testing::KilledBySignal(SIGQUIT), "");  // the default again
}

volatile sig_atomic_t taken_by_user = 0;

TEST_P(quit_signal, the_handler_of_the_program_stays) {
  EXPECT_EXIT(
      {
        ::signal(SIGQUIT, [](int) { taken_by_user = taken_by_user + 1; });
        gobench::run(chosen(), [] { ::raise(SIGQUIT); });
        // Also one that is installed during a run.
        ::signal(SIGQUIT, SIG_DFL);
        gobench::run(chosen(), [] {
          ::signal(SIGQUIT, [](int) { taken_by_user = taken_by_user + 1; });
          ::raise(SIGQUIT);
        });
        ::raise(SIGQUIT);
        ::_exit(taken_by_user);
      },
      ::testing::ExitedWithCode(3), "^$");
}

TEST_P(quit_signal, off_leaves_it_alone) {
  const scoped_env off("GOBENCH_SIGQUIT", "off");
  EXPECT_EXIT(gobench::run(chosen(), [] { ::raise(SIGQUIT); }), ::testing::KilledBySignal(SIGQUIT),
              "^$");
}

TEST(quit_signal_setting, what_it_cannot_be_is_refused) {
  const scoped_env wrong("GOBENCH_SIGQUIT", "perhaps");
  EXPECT_THROW(gobench::run([] {}), std::invalid_argument);
}

}  // namespace
