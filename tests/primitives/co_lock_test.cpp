// Coroutines that wait for locks, semaphores, events and wait_groups, together with fibers and threads.
#include <chrono>
#include <mutex>
#include <thread>
#include <vector>

#include "tests/primitives/on_backends.hpp"

namespace {

using namespace std::chrono_literals;
namespace co = gobench::co;
using gobench::co_task;

class co_lock_test : public on_backends {};
GOBENCH_ON_BACKENDS(co_lock_test);

TEST_P(co_lock_test, a_mutex_is_shared_with_fibers_and_threads) {
  run([] {
    gobench::mutex m;
    long counter = 0;
    constexpr int rounds = 200;
    const auto by_await = [](gobench::mutex& lock, long& n, bool lingers) -> co_task<> {
      for (int i = 0; i < rounds; ++i) {
        const auto held = co_await co::lock(lock);
        const long seen = n;
        if (lingers) co_await co::yield();
        n = seen + 1;
      }
    };
    const auto by_call = [&] {
      for (int i = 0; i < rounds; ++i) {
        const std::scoped_lock held(m);
        const long seen = counter;
        if (i % 8 == 0) gobench::yield();
        counter = seen + 1;
      }
    };
    std::vector<gobench::task> all;
    for (int i = 0; i < 4; ++i) all.push_back(gobench::spawn(by_await(m, counter, i % 2 == 0)));
    for (int i = 0; i < 2; ++i) all.push_back(gobench::go(by_call));
    std::thread outside(by_call);
    for (auto& t : all) t.join();
    gobench::blocking([&] { outside.join(); });
    EXPECT_EQ(counter, 7 * rounds);
    EXPECT_TRUE(m.try_lock());
    m.unlock();
  });
}

// One that waits for longer than a millisecond is handed the lock, however others hurry.
TEST_P(co_lock_test, a_waiting_coroutine_is_not_starved) {
  run([] {
    gobench::mutex m;
    m.lock();
    bool served = false;
    auto waits = gobench::spawn([](gobench::mutex& lock, bool& done) -> co_task<> {
      const auto held = co_await co::lock(lock);
      done = true;
    }(m, served));
    gobench::sleep_for(2ms);
    m.unlock();
    for (bool over = false; !over;) {
      const std::scoped_lock held(m);
      over = served;
      gobench::yield();
    }
    waits.join();
  });
}

TEST_P(co_lock_test, a_semaphore_bounds_who_is_inside) {
  run([] {
    gobench::semaphore seats(3);
    std::atomic<int> inside{0};
    std::atomic<int> most{0};
    const auto visit = [](gobench::semaphore& s, std::atomic<int>& now, std::atomic<int>& max,
                          int units) -> co_task<> {
      for (int i = 0; i < 50; ++i) {
        co_await co::acquire(s, units);
        const int here = now += units;
        int seen = max;
        while (here > seen && !max.compare_exchange_weak(seen, here)) {
        }
        co_await co::yield();
        now -= units;
        s.release(units);
      }
    };
    std::vector<gobench::task> all;
    for (int i = 0; i < 6; ++i)
      all.push_back(gobench::spawn(visit(seats, inside, most, 1 + i % 3)));
    for (auto& t : all) t.join();
    EXPECT_LE(most, 3);
    EXPECT_TRUE(seats.try_acquire(3));
    EXPECT_THROW(gobench::spawn(visit(seats, inside, most, -1)).join(), gobench::misuse);
  });
}

TEST_P(co_lock_test, an_event_lets_all_go) {
  run([] {
    gobench::event go;
    gobench::wait_group ready;
    std::vector<gobench::task> all;
    for (int i = 0; i < 10; ++i) {
      ready.add();
      all.push_back(gobench::spawn([](gobench::event& e, gobench::wait_group& g) -> co_task<> {
        g.done();
        co_await co::wait(e);
        co_await co::wait(e);  // set already
      }(go, ready)));
    }
    ready.wait();
    go.set();
    for (auto& t : all) t.join();
  });
}

TEST_P(co_lock_test, a_wait_group_is_waited_for) {
  run([] {
    gobench::wait_group working;
    std::atomic<int> done{0};
    for (int i = 0; i < 10; ++i) {
      working.add();
      static_cast<void>(
          gobench::spawn([](gobench::wait_group& g, std::atomic<int>& n) -> co_task<> {
            co_await co::yield();
            ++n;
            g.done();
          }(working, done)));
    }
    auto waits = gobench::spawn([](gobench::wait_group& g, std::atomic<int>& n) -> co_task<int> {
      co_await co::wait(g);
      co_return n.load();
    }(working, done));
    EXPECT_EQ(waits.join(), 10);
    gobench::spawn([](gobench::wait_group& g) -> co_task<> { co_await co::wait(g); }(working))
        .join();
  });
}

TEST_P(co_lock_test, a_latch_opens_for_all) {
  run([] {
    gobench::latch gate(2);
    const auto pass = [](gobench::latch& l) -> co_task<> { co_await co::wait(l); };
    auto a = gobench::spawn(pass(gate));
    auto b = gobench::spawn(pass(gate));
    gate.count_down(2);
    a.join();
    b.join();
  });
}

TEST_P(co_lock_test, a_condition_variable_passes_a_baton) {
  run([] {
    gobench::mutex m;
    gobench::condition_variable changed;
    int turn = 0;
    const auto take_turns = [](gobench::mutex& lock, gobench::condition_variable& cv, int& whose,
                               int me) -> co_task<> {
      auto held = co_await co::lock(lock);
      for (int i = 0; i < 50; ++i) {
        co_await co::wait(cv, held, [&] { return whose % 3 == me; });
        ++whose;
        cv.notify_all();
      }
    };
    auto a = gobench::spawn(take_turns(m, changed, turn, 0));
    auto b = gobench::spawn(take_turns(m, changed, turn, 1));
    for (int i = 0; i < 50; ++i) {
      std::unique_lock held(m);
      changed.wait(held, [&] { return turn % 3 == 2; });
      ++turn;
      changed.notify_all();
    }
    a.join();
    b.join();
    EXPECT_EQ(turn, 150);
    auto unlocked =
        gobench::spawn([](gobench::mutex& lock, gobench::condition_variable& cv) -> co_task<> {
          std::unique_lock not_held(lock, std::defer_lock);
          co_await co::wait(cv, not_held);
        }(m, changed));
    EXPECT_THROW(unlocked.join(), gobench::misuse);
  });
}

}  // namespace
