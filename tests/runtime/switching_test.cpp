// What belongs to a task and has to go with it from one OS thread to another: its view of the thread
// that it is on, its exceptions in flight, its floating-point environment.
//
// The tests of exceptions and of the floating-point environment fail when the protection that they are about
// is taken out of runtime/internal. Whether a thread-local's address outlives a switch is up to the
// compiler, so beside the test here, this_worker_is_called looks at the machine code.
#include <cfenv>
#include <cmath>
#include <exception>
#include <functional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "runtime/internal/os_thread.hpp"
#include "runtime/internal/switching.hpp"
#include "runtime/spin_lock.hpp"
#include "tests/runtime/support.hpp"

namespace {

using gobench::runtime::park;
using gobench::runtime::this_thread_number;
using gobench::runtime::unpark;

// Runs the body as a fiber that can change its OS thread when it wants to, on two processors.
class wanderer {
 public:
  template <class Body>
  static void run(Body body) {
    gobench::run(on_fibers(2), [&] {
      wanderer it;
      gobench::task carrier = gobench::go([&] { it.carry(); });
      gobench::task tested = gobench::go([&] {
        it.self_ = &gobench::runtime::this_waiter();
        body(it);
        it.over_.store(true);
      });
      tested.join();
      carrier.join();
    });
  }

  // Returns on another OS thread than it was called on.
  void change_threads() {
    const int before = this_thread_number();
    while (this_thread_number() == before) {
      // Neither of us gives its thread up, so that the watchdog lets the carrier run elsewhere.
      while (carrier_on_.load() == before || carrier_on_.load() == 0) gobench::runtime::cpu_pause();
      carried_.store(false);
      wants_to_leave_.store(true);
      while (!carried_.load()) park(*self_, {gobench::runtime::wait_reason::event, nullptr});
    }
  }

 private:
  // The task that was readied last runs next where it was readied: so the carrier readies the wanderer and
  // makes room.
  void carry() {
    while (!over_.load()) {
      carrier_on_.store(this_thread_number());
      if (!wants_to_leave_.load() || self_->permit.load() != gobench::runtime::permit_parked) {
        gobench::runtime::cpu_pause();
        continue;
      }
      wants_to_leave_.store(false);
      carried_.store(true);
      unpark(*self_);
      gobench::yield();
    }
  }

  gobench::runtime::waiter* self_ = nullptr;
  std::atomic<int> carrier_on_{0};
  std::atomic<bool> wants_to_leave_{false};
  std::atomic<bool> carried_{false};
  std::atomic<bool> over_{false};
};

// One function in which a fiber changes threads: the compiler may keep the address of a thread-local
// from before, unless who looks it up is opaque to it.
TEST(switching, this_worker_is_the_one_of_the_thread_after_a_switch) {
  wanderer::run([](wanderer& me) {
    for (int i = 0; i < 20; ++i) {
      gobench::runtime::worker* before = gobench::runtime::this_worker();
      const int thread = this_thread_number();
      EXPECT_EQ(before->number.load(), thread);
      me.change_threads();
      gobench::runtime::worker* after = gobench::runtime::this_worker();
      EXPECT_NE(after, before);
      EXPECT_EQ(after->number.load(), this_thread_number());
    }
  });
}

TEST(switching, a_handled_exception_goes_with_its_task) {
  wanderer::run([](wanderer& me) {
    for (int i = 0; i < 20; ++i) {
      const std::string own = "round " + std::to_string(i);
      try {
        throw std::runtime_error(own);
      } catch (const std::exception& caught) {
        me.change_threads();
        EXPECT_EQ(caught.what(), own);
        try {
          throw;  // what is being handled is known to the new thread too
        } catch (const std::exception& again) {
          EXPECT_EQ(again.what(), own);
        }
        EXPECT_NE(std::current_exception(), nullptr);
      }
      EXPECT_EQ(std::current_exception(), nullptr);
    }
  });
}

// Fibers of one thread take turns inside their handlers, each in a nest of its own.
TEST(switching, handlers_of_many_tasks_do_not_mix) {
  for (const int procs : {1, 2, 4}) {
    gobench::run(on_fibers(procs), [] {
      std::vector<gobench::task> tasks;
      for (int i = 0; i < 12; ++i) {
        tasks.push_back(gobench::go([i] {
          std::function<void(int)> nest = [&](int depth) {
            if (depth == 0) return;
            const std::string own = std::to_string(i) + "/" + std::to_string(depth);
            try {
              throw std::runtime_error(own);
            } catch (const std::exception& caught) {
              gobench::yield();
              nest(depth - 1);
              gobench::yield();
              EXPECT_EQ(caught.what(), own);
              try {
                std::rethrow_exception(std::current_exception());
              } catch (const std::exception& again) {
                EXPECT_EQ(again.what(), own);
              }
            }
          };
          for (int round = 0; round < 20; ++round) {
            nest(4);
            EXPECT_EQ(std::current_exception(), nullptr);
          }
        }));
      }
      for (gobench::task& t : tasks) t.join();
    });
  }
}

// A destructor that waits while an exception is on its way.
struct waits_while_unwinding {
  int& seen;
  ~waits_while_unwinding() {
    for (int i = 0; i < 3; ++i) {
      gobench::yield();
      seen = std::uncaught_exceptions();
    }
  }
};

TEST(switching, the_number_of_uncaught_exceptions_is_the_tasks_own) {
  for (const int procs : {1, 2}) {
    gobench::run(on_fibers(procs), [] {
      std::atomic<bool> over{false};
      gobench::task calm = gobench::go([&] {
        while (!over.load()) {
          ASSERT_EQ(std::uncaught_exceptions(), 0);
          gobench::yield();
        }
      });
      std::vector<gobench::task> wild;
      for (int i = 0; i < 4; ++i) {
        wild.push_back(gobench::go([] {
          for (int round = 0; round < 50; ++round) {
            int seen = -1;
            try {
              const waits_while_unwinding guard{seen};
              throw std::runtime_error("on its way");
            } catch (const std::runtime_error&) {
              EXPECT_EQ(std::uncaught_exceptions(), 0);
            }
            EXPECT_EQ(seen, 1);
          }
        }));
      }
      for (gobench::task& t : wild) t.join();
      over.store(true);
      calm.join();
    });
  }
}

// --- the floating-point environment ---

constexpr int modes[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};

// What the hardware does, not only what fegetround() says: SSE for double, x87 for long double.
template <class Real>
bool rounds_as(int mode) {
  volatile Real one = 1;
  volatile Real three = 3;
  const Real third = one / three;
  volatile Real minus_one = -1;
  const Real minus = minus_one / three;
  // Above a third, below it; the nearest of the two is the same each time.
  static const std::pair<Real, Real> around = [] {
    const int before = std::fegetround();
    volatile Real a = 1;
    volatile Real b = 3;
    std::fesetround(FE_DOWNWARD);
    volatile Real low = a / b;  // volatile: divided here, not where it is used
    std::fesetround(FE_UPWARD);
    volatile Real high = a / b;
    std::fesetround(before);
    return std::pair<Real, Real>(low, high);
  }();
  switch (mode) {
    case FE_UPWARD:
      return third == around.second && minus == -around.first;
    case FE_DOWNWARD:
      return third == around.first && minus == -around.second;
    case FE_TOWARDZERO:
      return third == around.first && minus == -around.first;
    default:
      return third == -minus;
  }
}

bool rounding_is(int mode) {
  return std::fegetround() == mode && rounds_as<double>(mode) && rounds_as<long double>(mode);
}

class float_test : public on_backends {};
GOBENCH_ON_BACKENDS(float_test);

TEST_P(float_test, each_task_keeps_its_rounding_mode) {
  run([] {
    std::vector<gobench::task> tasks;
    for (int i = 0; i < 8; ++i) {
      tasks.push_back(gobench::go([mode = modes[i % 4]] {
        std::fesetround(mode);
        for (int round = 0; round < 50; ++round) {
          gobench::yield();
          ASSERT_TRUE(rounding_is(mode));
        }
      }));
    }
    for (gobench::task& t : tasks) t.join();
    EXPECT_TRUE(rounding_is(FE_TONEAREST));
  });
}

// As a POSIX thread does. The next task starts on the stack, and often with the registers, of the one
// that has just ended.
TEST_P(float_test, a_task_begins_with_the_mode_of_its_spawner) {
  run([] {
    std::fesetround(FE_TONEAREST);
    for (int i = 0; i < 20; ++i) {
      std::vector<gobench::task> tasks;
      for (int k = 0; k < 4; ++k) {
        tasks.push_back(gobench::go([k] {
          EXPECT_TRUE(rounding_is(FE_TONEAREST));
          std::fesetround(modes[k]);
          gobench::go([k] { EXPECT_TRUE(rounding_is(modes[k])); }).join();
          EXPECT_TRUE(rounding_is(modes[k]));
        }));
      }
      for (gobench::task& t : tasks) t.join();
    }
    EXPECT_TRUE(rounding_is(FE_TONEAREST));
  });
}

TEST_P(float_test, the_main_task_begins_with_the_mode_of_the_caller) {
  std::fesetround(FE_UPWARD);
  int mode = -1;
  run([&] { mode = std::fegetround(); });
  const int after = std::fegetround();
  std::fesetround(FE_TONEAREST);
  EXPECT_EQ(mode, FE_UPWARD);
  EXPECT_EQ(after, FE_UPWARD);
}

TEST_P(float_test, blocking_keeps_the_mode) {
  run([] {
    std::vector<gobench::task> tasks;
    for (int i = 0; i < 4; ++i) {
      tasks.push_back(gobench::go([mode = modes[i]] {
        std::fesetround(mode);
        for (int round = 0; round < 20; ++round) {
          gobench::blocking([] { ::sched_yield(); });
          ASSERT_TRUE(rounding_is(mode));
        }
      }));
    }
    for (gobench::task& t : tasks) t.join();
  });
}

// The unwinding at the end of a run happens on the caller's thread, whose mode is not the tasks'.
TEST_P(float_test, unwinding_keeps_the_modes_apart) {
  struct looks {
    int& mode;
    ~looks() { mode = std::fegetround(); }
  };
  int mode = -1;
  gobench::event never;
  std::fesetround(FE_DOWNWARD);
  run([&] {
    std::fesetround(FE_TONEAREST);
    gobench::event ready;
    gobench::go([&] {
      const looks guard{mode};
      std::fesetround(FE_UPWARD);
      ready.set();
      never.wait();
    });
    ready.wait();
  });
  const int after = std::fegetround();
  std::fesetround(FE_TONEAREST);
  EXPECT_EQ(mode, FE_UPWARD);
  if (GetParam().kind == gobench::backend::fiber) {
    EXPECT_EQ(after, FE_DOWNWARD);
  }
}

// --- what else goes with a switch ---

TEST(switching, deep_stacks_survive) {
  struct deep {
    static long down(int depth) {
      volatile long here = depth;
      if (depth % 16 == 0) gobench::yield();
      return depth == 0 ? 0 : down(depth - 1) + here - depth + 1;
    }
  };
  for (const int procs : {1, 2}) {
    gobench::run(on_fibers(procs), [] {
      std::vector<gobench::task> tasks;
      for (int i = 0; i < 8; ++i) {
        tasks.push_back(gobench::go([] {
          for (int round = 0; round < 5; ++round) EXPECT_EQ(deep::down(300), 300);
        }));
      }
      for (gobench::task& t : tasks) t.join();
    });
  }
}

TEST(switching, tasks_really_change_threads_in_these_tests) {
  std::set<int> threads;
  wanderer::run([&](wanderer& me) {
    for (int i = 0; i < 10; ++i) {
      threads.insert(this_thread_number());
      me.change_threads();
    }
  });
  EXPECT_GT(threads.size(), 1U);
}

}  // namespace
