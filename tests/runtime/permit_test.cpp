// Parking and unparking in every mix of fibers, task threads, foreign threads and deadlines: no wake-up is
// lost. A lost one shows as a deadlock, or as a test that does not end.
#include <atomic>
#include <chrono>
#include <random>
#include <thread>
#include <vector>

#include "tests/runtime/support.hpp"

namespace {

using gobench::runtime::park;
using gobench::runtime::park_result;
using gobench::runtime::this_waiter;
using gobench::runtime::unpark;
using gobench::runtime::wait_reason;
using gobench::runtime::waiter;
using std::chrono::steady_clock;

constexpr gobench::runtime::wait_info why{wait_reason::event, nullptr};

class permit_test : public on_backends {};
GOBENCH_ON_BACKENDS(permit_test);

TEST_P(permit_test, a_permit_that_came_first_is_taken) {
  run([] {
    waiter& self = this_waiter();
    unpark(self);
    unpark(self);  // there is one permit, however often it is given
    EXPECT_EQ(park(self, why), park_result::woken);
    EXPECT_EQ(park(self, why, steady_clock::now() + std::chrono::milliseconds(1)),
              park_result::timed_out);
  });
}

TEST_P(permit_test, a_deadline_that_has_passed_does_not_wait) {
  run([] {
    waiter& self = this_waiter();
    EXPECT_EQ(park(self, why, steady_clock::now() - std::chrono::hours(1)), park_result::timed_out);
    EXPECT_EQ(park(self, why, gobench::steady_time{}), park_result::timed_out);
  });
}

TEST_P(permit_test, what_happened_before_an_unpark_is_seen) {
  run([] {
    for (int round = 0; round < 200; ++round) {
      std::atomic<waiter*> sleeper{nullptr};
      std::atomic<bool> ready{false};
      int payload = 0;
      gobench::task t = gobench::go([&] {
        waiter& self = this_waiter();
        sleeper.store(&self);
        while (!ready.load(std::memory_order_relaxed)) park(self, why);
        EXPECT_EQ(payload, round);
      });
      waiter* who = nullptr;
      while ((who = sleeper.load()) == nullptr) gobench::yield();
      payload = round;
      ready.store(true, std::memory_order_release);
      unpark(*who);
      t.join();
    }
  });
}

// A ring: each task posts to the next and waits for its own post, with and without deadlines, while foreign
// threads give permits that mean nothing, and two of them take part in the ring.
TEST_P(permit_test, storms_lose_nothing) {
  run([] {
    constexpr int tasks = 12;
    constexpr int threads = 2;
    constexpr int posts = 300;
    constexpr std::size_t members = tasks + threads;
    std::vector<std::atomic<waiter*>> who(members);
    std::vector<std::atomic<int>> box(members);
    const outsider noise([&] {
      for (std::atomic<waiter*>& one : who)
        if (waiter* target = one.load()) unpark(*target);
      std::this_thread::yield();
    });
    together({.tasks = tasks, .threads = threads}, [&](int me) {
      const auto self_number = static_cast<std::size_t>(me);
      const std::size_t next = (self_number + 1) % members;
      waiter& self = this_waiter();
      who[self_number].store(&self);
      std::minstd_rand random(static_cast<unsigned>(me) + 1);
      int got = 0;
      for (int sent = 0; sent < posts; ++sent) {
        box[next].fetch_add(1);
        if (waiter* target = who[next].load()) unpark(*target);
        if (random() % 16 == 0) gobench::yield();
        got += box[self_number].exchange(0);
      }
      while (got < posts) {
        const int some = box[self_number].exchange(0);
        got += some;
        if (some != 0) continue;
        if (random() % 2 == 0) {
          park(self, why);
        } else {
          park(self, why, steady_clock::now() + std::chrono::microseconds(random() % 200));
        }
      }
      EXPECT_EQ(got, posts);
      who[self_number].store(nullptr);
    });
  });
}

}  // namespace
