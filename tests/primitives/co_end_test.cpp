// Coroutines at the end of a run, in deadlocks, and with exceptions that nobody is there to take.
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tests/primitives/on_backends.hpp"

namespace {

using namespace std::chrono_literals;
namespace co = gobench::co;
using gobench::chan;
using gobench::co_task;

class co_end_test : public on_backends {};
GOBENCH_ON_BACKENDS(co_end_test);

struct counted {
  explicit counted(std::atomic<int>& counter) : alive(&counter) { ++*alive; }
  counted(const counted&) = delete;
  counted(counted&& other) noexcept : alive(std::exchange(other.alive, nullptr)) {}
  counted& operator=(const counted&) = delete;
  ~counted() {
    if (alive != nullptr) --*alive;
  }
  std::atomic<int>* alive;
};

// Objects that outlive the run: whoever waits on them when it ends has to leave their queues.
struct world {
  chan<int> numbers = gobench::make_chan<int>();
  chan<int> full = gobench::make_chan<int>(1);
  gobench::mutex lock;
  gobench::semaphore seats{0};
  gobench::event never;
  gobench::wait_group group;
  gobench::condition_variable changed;
  gobench::mutex other;
};

TEST_P(co_end_test, the_end_unwinds_whoever_waits_and_mends_the_queues) {
  world w;
  w.group.add();
  std::atomic<int> alive{0};
  std::atomic<int> waiting{0};
  run([&] {
    const auto wait = [](world& on, int where, std::atomic<int>& locals,
                         std::atomic<int>& about_to) -> co_task<> {
      const counted local(locals);
      ++about_to;
      switch (where) {
        case 0:
          co_await co::recv(on.numbers);
          break;
        case 1:
          co_await co::send(on.full, 2);
          break;
        case 2: {
          const auto held = co_await co::lock(on.lock);
          break;
        }
        case 3:
          co_await co::acquire(on.seats);
          break;
        case 4:
          co_await co::wait(on.never);
          break;
        case 5:
          co_await co::wait(on.group);
          break;
        case 6:
          co_await co::select(gobench::on_recv(on.numbers), gobench::on_send(on.full, 3),
                              gobench::after(1h));
          break;
        case 7:
          co_await co::sleep_for(1h);
          break;
        case 8:
          co_await co::recv_for(on.numbers, 1h);
          break;
        case 9:
          co_await co::join(gobench::go([&on] { on.never.wait(); }));
          break;
        case 10:
          co_await co::recv(chan<int>());
          break;
        case 11:
          co_await co::select();
          break;
        case 13: {
          auto held = co_await co::lock(on.other);
          co_await co::wait(on.changed, held);
          break;
        }
        case 12:
          on.never.wait();  // keeps its stack
          break;
        default:
          for (;;) co_await co::yield();
      }
      ADD_FAILURE() << "case " << where << " went on";
    };
    const auto outer = [](auto inner, auto&... arguments) -> co_task<> {
      const counted local(std::get<2>(std::tie(arguments...)));
      co_await inner(arguments...);
    };
    w.full.send(1);
    w.lock.lock();
    for (int i = 0; i < 15; ++i) {
      static_cast<void>(gobench::spawn(wait(w, i, alive, waiting)));
      static_cast<void>(gobench::spawn(outer(wait, w, i, alive, waiting)));
      // The reference to i is gone before the frame is; outer() has passed it on by then.
      while (waiting < 2 * (i + 1)) gobench::yield();
    }
    gobench::sleep_for(2ms);
    EXPECT_EQ(alive, 45);
  });
  EXPECT_EQ(alive, 0);
  w.lock.unlock();
  EXPECT_TRUE(w.lock.try_lock());
  w.lock.unlock();
  EXPECT_FALSE(w.numbers.try_send(1));
  EXPECT_EQ(w.full.try_recv(), 1);
  EXPECT_FALSE(w.full.try_recv().has_value());
  EXPECT_FALSE(w.seats.try_acquire());
  w.seats.release();
  EXPECT_TRUE(w.seats.try_acquire());
  EXPECT_TRUE(w.other.try_lock());
  w.other.unlock();
  w.changed.notify_all();
  w.never.set();
  w.group.done();
  w.group.wait();
}

// What was handed to a coroutine that never gets to it is neither lost nor kept.
TEST_P(co_end_test, what_came_too_late_is_given_up) {
  if (GetParam().kind == gobench::backend::thread || GetParam().procs != 1)
    GTEST_SKIP() << "one processor tells what runs before the end";
  std::atomic<int> alive{0};
  gobench::mutex lock;
  gobench::semaphore seats{0};
  auto things = gobench::make_chan<counted>();
  run([&] {
    lock.lock();
    static_cast<void>(gobench::spawn([](chan<counted> from) -> co_task<> {
      co_await co::recv(from);
      ADD_FAILURE() << "went on";
    }(things)));
    static_cast<void>(gobench::spawn([](chan<counted> from) -> co_task<> {
      co_await co::select(gobench::on_recv(from));
      ADD_FAILURE() << "went on";
    }(things)));
    static_cast<void>(gobench::spawn([](gobench::mutex& m) -> co_task<> {
      const auto held = co_await co::lock(m);
      ADD_FAILURE() << "went on";
    }(lock)));
    static_cast<void>(gobench::spawn([](gobench::semaphore& s) -> co_task<> {
      co_await co::acquire(s);
      ADD_FAILURE() << "went on";
    }(seats)));
    gobench::sleep_for(5ms);
    lock.unlock();
    seats.release();
    EXPECT_TRUE(things.try_send(counted(alive)));
    EXPECT_TRUE(things.try_send(counted(alive)));
    EXPECT_EQ(alive, 2);
  });
  EXPECT_EQ(alive, 0);
  EXPECT_TRUE(lock.try_lock());
  lock.unlock();
  EXPECT_TRUE(seats.try_acquire());
}

TEST_P(co_end_test, one_that_has_not_begun_is_dropped) {
  std::atomic<int> alive{0};
  run([&] {
    for (int i = 0; i < 10; ++i)
      static_cast<void>(gobench::spawn([](counted) -> co_task<> { co_return; }(counted(alive))));
  });
  EXPECT_EQ(alive, 0);
}

TEST_P(co_end_test, a_destructor_may_wait_and_a_catch_all_may_await) {
  gobench::mutex lock;
  std::atomic<int> destroyed{0};
  run([&] {
    std::atomic<int> begun{0};
    struct locks_at_the_end {
      gobench::mutex& m;
      std::atomic<int>& count;
      ~locks_at_the_end() {
        const std::scoped_lock held(m);
        ++count;
      }
    };
    static_cast<void>(gobench::spawn(
        [](gobench::mutex& m, std::atomic<int>& n, std::atomic<int>& here) -> co_task<> {
          const locks_at_the_end last{m, n};
          ++here;
          co_await co::recv(chan<int>());
        }(lock, destroyed, begun)));
    static_cast<void>(gobench::spawn([](std::atomic<int>& n, std::atomic<int>& here) -> co_task<> {
      bool again = false;
      ++here;
      try {
        gobench::sleep_for(1h);
      } catch (...) {
        again = true;
      }
      ++n;
      if (again) co_await co::sleep_for(1h);
      ADD_FAILURE() << "went on";
    }(destroyed, begun)));
    while (begun != 2) gobench::yield();
  });
  EXPECT_EQ(destroyed, 2);
}

TEST_P(co_end_test, a_handle_outlives_the_run) {
  gobench::task kept;
  gobench::co_handle<int> with_value;
  run([&] {
    kept = gobench::spawn([]() -> co_task<> { co_await co::recv(chan<int>()); }());
    with_value = gobench::spawn([]() -> co_task<int> {
      co_await co::recv(chan<int>());
      co_return 1;
    }());
    gobench::sleep_for(1ms);
  });
  EXPECT_THROW(kept.join(), gobench::run_ended);
  EXPECT_THROW(with_value.join(), gobench::run_ended);
}

TEST_P(co_end_test, a_deadlock_names_the_coroutine_and_what_it_waits_for) {
  std::string report;
  std::atomic<int> alive{0};
  int line = 0;
  try {
    run([&] {
      auto c = gobench::make_chan<int>();
      const auto wait = [](chan<int> from, std::atomic<int>& n) -> co_task<> {
        const counted local(n);
        co_await co::recv(from);
      };
      line = __LINE__ + 1;
      gobench::spawn(wait(c, alive)).join();
    });
    FAIL() << "no deadlock";
  } catch (const gobench::deadlock& e) {
    report = e.what();
  }
  EXPECT_EQ(alive, 0);
  EXPECT_NE(report.find("co_end_test.cpp:" + std::to_string(line) + ": receiving from channel"),
            std::string::npos)
      << report;
  EXPECT_NE(report.find("the main task"), std::string::npos) << report;
}

TEST_P(co_end_test, abandoned_coroutines_are_left_as_they_are) {
  gobench::options chosen;
  chosen.kind = GetParam().kind;
  chosen.procs = GetParam().procs;
  chosen.end = gobench::at_end::abandon;
  // Reachable, so that no leak is reported.
  static std::vector<std::shared_ptr<int>> kept;
  auto shared = std::make_shared<int>(1);
  kept.push_back(shared);
  gobench::run(chosen, [&] {
    for (int i = 0; i < 3; ++i)
      static_cast<void>(gobench::spawn([](std::shared_ptr<int> held, int n) -> co_task<> {
        static std::vector<std::shared_ptr<int>*> frames;
        if (n == 0) frames.push_back(&held);
        for (;;) co_await co::sleep_for(n == 0 ? 1h : std::chrono::hours(n));
      }(shared, i)));
    gobench::sleep_for(1ms);
  });
  EXPECT_GE(shared.use_count(), 2);
}

using co_end_death_test = co_end_test;
GOBENCH_ON_BACKENDS(co_end_death_test);

TEST_P(co_end_death_test, an_exception_with_nobody_to_join_ends_the_program) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_DEATH(run([] {
                 static_cast<void>(gobench::spawn([]() -> co_task<> {
                   co_await co::yield();
                   throw std::runtime_error("nobody cares");
                 }()));
                 gobench::sleep_for(1s);
               }),
               "an exception left task .*co_end_test.cpp.* no handle is left to join it: nobody "
               "cares");
}

}  // namespace
