// Coroutines, fibers and a foreign thread on the same objects at once, and runs that end amid all that.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "runtime/random.hpp"
#include "tests/primitives/on_backends.hpp"

namespace {

using namespace std::chrono_literals;
namespace co = gobench::co;
using gobench::chan;
using gobench::co_task;

class co_stress_test : public on_backends {};
GOBENCH_ON_BACKENDS(co_stress_test);

using parcel = std::unique_ptr<int>;

struct yard {
  explicit yard(std::size_t capacity)
      : parcels(gobench::make_chan<parcel>(capacity)), other(gobench::make_chan<parcel>()) {}
  chan<parcel> parcels;
  chan<parcel> other;
  gobench::mutex lock;
  gobench::semaphore seats{2};
  std::int64_t guarded = 0;
  std::atomic<int> sent{0};
  std::atomic<int> received{0};
};

co_task<> critical(yard& y, bool lingers) {
  auto held = co_await co::lock(y.lock);
  const auto seen = y.guarded;
  if (lingers) co_await co::yield();
  y.guarded = seen + 1;
}

// One of the things that there are to do, at random; `i` counts up to the same number for everybody.
co_task<> do_something(yard& y, gobench::runtime::random_source& random) {
  switch (random.below(8)) {
    case 0:
      co_await co::send(y.parcels, std::make_unique<int>(1));
      ++y.sent;
      break;
    case 1:
      if (co_await co::send_for(y.other, std::make_unique<int>(1), 20us)) ++y.sent;
      break;
    case 2:
      if (co_await co::recv_for(y.parcels, 20us)) ++y.received;
      break;
    case 3: {
      const auto count = [&](const std::optional<parcel>& p) {
        y.received += p.has_value() ? 1 : 0;
      };
      co_await co::select(gobench::on_recv(y.parcels, count), gobench::on_recv(y.other, count),
                          gobench::after(20us));
      break;
    }
    case 4: {
      co_await co::acquire(y.seats);
      co_await critical(y, true);
      y.seats.release();
      break;
    }
    case 5:
      co_await critical(y, false);
      break;
    case 6:
      // A call that blocks, with a stack of its own.
      if (y.parcels.recv_for(10us)) ++y.received;
      break;
    default:
      co_await co::sleep_for(std::chrono::microseconds(random.below(20)));
      break;
  }
}

co_task<> play(yard& y, std::uint64_t seed, int rounds) {
  gobench::runtime::random_source random(seed);
  for (int i = 0; i < rounds; ++i) co_await do_something(y, random);
}

TEST_P(co_stress_test, everything_at_once_keeps_its_books) {
  run([] {
    for (const std::size_t capacity : {0U, 2U}) {
      yard y(capacity);
      std::atomic<bool> over{false};
      // Whatever is sent without a limit finds a taker.
      const auto drain = [&] {
        while (!over)
          if (y.parcels.recv_for(1ms)) ++y.received;
      };
      std::thread outside(drain);
      auto fiber = gobench::go(drain);
      std::vector<gobench::task> players;
      for (std::uint64_t i = 0; i < 12; ++i) players.push_back(gobench::spawn(play(y, i + 1, 120)));
      for (auto& p : players) p.join();
      over = true;
      fiber.join();
      gobench::blocking([&] { outside.join(); });
      while (y.parcels.try_recv()) ++y.received;
      EXPECT_EQ(y.sent, y.received);
      EXPECT_GT(y.sent, 100);
      EXPECT_GT(y.guarded, 100);
      EXPECT_TRUE(y.seats.try_acquire(2));
    }
  });
}

co_task<> play_for_ever(yard& y, std::uint64_t seed) {
  gobench::runtime::random_source random(seed);
  for (;;) co_await do_something(y, random);
}

TEST_P(co_stress_test, runs_end_at_any_moment) {
  for (std::uint64_t round = 0; round < 15; ++round) {
    yard y(round % 3);
    run([&] {
      for (std::uint64_t i = 0; i < 8; ++i)
        static_cast<void>(gobench::spawn(play_for_ever(y, round * 100 + i + 1)));
      static_cast<void>(gobench::go([&] {
        for (;;) {
          const std::scoped_lock held(y.lock);
          y.parcels.try_recv();
          gobench::yield();
        }
      }));
      gobench::sleep_for(std::chrono::microseconds(round * 100));
    });
    // Nobody is left in a queue, and nobody holds what he waited for.
    EXPECT_TRUE(y.lock.try_lock());
    y.lock.unlock();
    y.seats.release(2);
    EXPECT_TRUE(y.seats.try_acquire(2));
    while (y.parcels.try_recv()) {
    }
    EXPECT_FALSE(y.other.try_recv().has_value());
    EXPECT_FALSE(y.other.try_send(std::make_unique<int>(0)));
  }
}

TEST_P(co_stress_test, a_crowd_parks_and_goes) {
  if (GetParam().kind == gobench::backend::thread) GTEST_SKIP() << "a thread each";
#if defined(GOBENCH_FLAVOUR_TSAN)
  constexpr int many = 1000;  // its own bookkeeping has room for some thousands
#else
  constexpr int many = 100'000;
#endif
  run([] {
    gobench::event gate;
    gobench::wait_group ended;
    std::atomic<int> arrived{0};
    ended.add(many);
    for (int i = 0; i < many; ++i)
      static_cast<void>(gobench::spawn(
          [](gobench::event& e, gobench::wait_group& g, std::atomic<int>& n) -> co_task<> {
            ++n;
            co_await co::wait(e);
            g.done();
          }(gate, ended, arrived)));
    while (arrived != many) gobench::yield();
    gate.set();
    ended.wait();
  });
}

}  // namespace
