// What goes wrong when fibers move between threads and nobody takes care: thread-locals, exceptions in
// flight, floating-point modes.
#include <cfenv>
#include <cmath>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

#include "runtime/internal/worker.hpp"
#include "tests/runtime/support.hpp"

namespace {

class traps_test : public on_backends {};
GOBENCH_ON_BACKENDS(traps_test);

// Yields until the fiber goes on on another OS thread than before, or gives up where there is only one.
void move_about() {
  for (int i = 0; i < 20; ++i) gobench::yield();
}

// If the compiler kept the address of a thread-local over a switch, a task that has moved would park as the
// one that runs on its old thread now, or touch that thread's processor.
TEST_P(traps_test, a_task_is_itself_on_every_thread) {
  run([] {
    std::atomic<int> mistaken{0};
    std::vector<gobench::task> tasks;
    for (int t = 0; t < 16; ++t) {
      tasks.push_back(gobench::go([&] {
        const gobench::runtime::waiter* self = &gobench::runtime::this_waiter();
        for (int i = 0; i < 300; ++i) {
          gobench::yield();
          if (&gobench::runtime::this_waiter() != self) ++mistaken;
          if (i % 16 == 0) gobench::sleep_for(std::chrono::microseconds(1));
        }
      }));
    }
    for (gobench::task& t : tasks) t.join();
    EXPECT_EQ(mistaken.load(), 0);
  });
}

TEST_P(traps_test, a_catch_block_keeps_its_exception_over_a_switch) {
  run([] {
    std::vector<gobench::task> tasks;
    std::atomic<int> right{0};
    for (int t = 0; t < 12; ++t) {
      tasks.push_back(gobench::go([&, t] {
        for (int i = 0; i < 30; ++i) {
          const std::string mine = std::to_string(t) + "/" + std::to_string(i);
          try {
            try {
              throw std::runtime_error(mine);
            } catch (...) {
              move_about();  // others throw and catch meanwhile, also on the thread we come back to
              throw;
            }
          } catch (const std::exception& again) {
            if (mine == again.what()) ++right;
          }
        }
      }));
    }
    for (gobench::task& t : tasks) t.join();
    EXPECT_EQ(right.load(), 12 * 30);
  });
}

TEST_P(traps_test, uncaught_exceptions_are_counted_for_each_task) {
  struct counts_while_unwinding {
    std::atomic<int>* wrong;
    explicit counts_while_unwinding(std::atomic<int>& to) : wrong(&to) {}
    counts_while_unwinding(const counts_while_unwinding&) = delete;
    counts_while_unwinding& operator=(const counts_while_unwinding&) = delete;
    ~counts_while_unwinding() {
      move_about();
      if (std::uncaught_exceptions() != 1) ++*wrong;
    }
  };
  run([] {
    std::atomic<int> wrong{0};
    std::vector<gobench::task> tasks;
    for (int t = 0; t < 8; ++t) {
      tasks.push_back(gobench::go([&, t] {
        for (int i = 0; i < 30; ++i) {
          if (t % 2 == 0) {
            move_about();
            if (std::uncaught_exceptions() != 0) ++wrong;
            continue;
          }
          try {
            const counts_while_unwinding here(wrong);
            throw std::runtime_error("unwinding");
          } catch (const std::exception&) {
            if (std::uncaught_exceptions() != 0) ++wrong;
          }
        }
      }));
    }
    for (gobench::task& t : tasks) t.join();
    EXPECT_EQ(wrong.load(), 0);
  });
}

TEST_P(traps_test, the_current_exception_belongs_to_its_task) {
  run([] {
    std::atomic<bool> caught{false};
    std::atomic<bool> looked{false};
    gobench::task thrower = gobench::go([&] {
      try {
        throw 42;
      } catch (int) {
        caught = true;
        while (!looked) gobench::yield();
        EXPECT_NE(std::current_exception(), nullptr);
      }
    });
    while (!caught) gobench::yield();
    EXPECT_EQ(std::current_exception(), nullptr);
    looked = true;
    thrower.join();
  });
}

double third_rounded() {
  volatile double one = 1;
  volatile double three = 3;
  return one / three;
}

TEST_P(traps_test, rounding_modes_belong_to_their_task) {
  run([] {
    const double to_nearest = third_rounded();
    std::atomic<int> wrong{0};
    std::vector<gobench::task> tasks;
    for (const int mode : {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO}) {
      tasks.push_back(gobench::go([&, mode] {
        std::fesetround(mode);
        const double mine = third_rounded();
        for (int i = 0; i < 100; ++i) {
          gobench::yield();
          if (std::fegetround() != mode || third_rounded() != mine) ++wrong;
        }
      }));
    }
    for (gobench::task& t : tasks) t.join();
    EXPECT_EQ(wrong.load(), 0);
    EXPECT_EQ(std::fegetround(), FE_TONEAREST);
    EXPECT_EQ(third_rounded(), to_nearest);
  });
}

// As a POSIX thread does. The fresh tasks get the stack, and the thread, of one that had another mode.
TEST_P(traps_test, a_task_begins_with_the_rounding_mode_of_its_parent) {
  run([] {
    std::atomic<int> wrong{0};
    gobench::go([] { std::fesetround(FE_UPWARD); }).join();
    for (const int mode : {FE_DOWNWARD, FE_TONEAREST}) {
      std::fesetround(mode);
      std::vector<gobench::task> tasks;
      for (int i = 0; i < 8; ++i) {
        tasks.push_back(gobench::go([&] {
          if (std::fegetround() != mode) ++wrong;
          std::fesetround(FE_TOWARDZERO);
        }));
      }
      for (gobench::task& t : tasks) t.join();
      if (std::fegetround() != mode) ++wrong;
    }
    EXPECT_EQ(wrong.load(), 0);
  });
}

}  // namespace
