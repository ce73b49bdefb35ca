// Selects against selects, deadlines against deliveries, and everything against `otherwise`.
#include <atomic>
#include <chrono>
#include <random>
#include <vector>

#include "tests/primitives/chan_support.hpp"
#include "tests/primitives/on_backends.hpp"

namespace {

using namespace std::chrono_literals;
using gobench::after;
using gobench::chan;
using gobench::make_chan;
using gobench::on_recv;
using gobench::on_send;
using gobench::otherwise;
using gobench::select;

class select_stress_test : public on_backends {};
GOBENCH_ON_BACKENDS(select_stress_test);

// Each of the tasks sends and receives on all the channels, in an order of its own: with locks taken in the
// order of the cases this would deadlock, and any value lost or doubled shows in the sums.
TEST_P(select_stress_test, all_against_all) {
  run([] {
    for (std::size_t capacity : {0U, 1U}) {
      const auto a = make_chan<int>(capacity);
      const auto b = make_chan<int>(capacity);
      const auto c = make_chan<int>();
      const auto stop = make_chan<gobench::unit>();
      std::atomic<long> sent{0};
      std::atomic<long> received{0};
      std::atomic<int> done{0};
      together({.tasks = 8, .threads = 2}, [&](int i) {
        std::mt19937 random(static_cast<unsigned>(i));
        bool stopped = false;
        const auto keep = [&](std::optional<int> v) { received += *v; };
        while (!stopped) {
          const int value = static_cast<int>(random() % 1000);
          const auto count = [&] { sent += value; };
          const auto end = [&](auto) { stopped = true; };
          switch (i % 4) {
            case 0:
              select(on_send(a, value, count), on_recv(b, keep), on_recv(stop, end));
              break;
            case 1:
              select(on_recv(stop, end), on_send(b, value, count), on_recv(a, keep));
              break;
            case 2:
              select(on_recv(c, keep), on_send(c, value, count), on_recv(b, keep),
                     on_recv(stop, end));
              break;
            default:
              select(on_recv(b, keep), on_recv(a, keep), on_send(c, value, count),
                     on_send(b, value, count), on_recv(stop, end), on_recv(c, keep));
          }
          if (++done == 4000) stop.close();
        }
      });
      for (const auto& left : {a, b}) {
        while (const auto v = left.try_recv()) received += *v;
      }
      EXPECT_EQ(sent, received);
      for (const auto& ch : {a, b, c}) EXPECT_EQ(waiting_senders(ch) + waiting_receivers(ch), 0U);
      EXPECT_EQ(waiting_receivers(stop), 0U);
    }
  });
}

// Deadlines so short that they come while a value is on its way, about as often as not.
TEST_P(select_stress_test, deadlines_against_deliveries) {
  run([] {
    for (std::size_t capacity : {0U, 2U}) {
      const auto ch = make_chan<int>(capacity);
      std::atomic<long> sent{0};
      std::atomic<long> received{0};
      std::atomic<int> senders{5};
      together({.tasks = 8, .threads = 2}, [&](int i) {
        std::mt19937 random(static_cast<unsigned>(i));
        const auto soon = [&] { return std::chrono::microseconds(random() % 60); };
        if (i % 2 == 0) {
          for (int n = 1; n <= 150; ++n) {
            bool done = false;
            if (i % 4 == 0) {
              done = ch.send_for(n, soon());
            } else {
              done = select(on_send(ch, n), after(soon())) == 0;
            }
            if (done) sent += n;
          }
          if (--senders == 0) ch.close();
        } else {
          for (bool open = true; open;) {
            int got = 0;
            if (i % 4 == 1) {
              open = ch.recv_for(got, soon()) != gobench::recv_status::closed;
            } else {
              select(after(soon()), on_recv(ch, [&](std::optional<int> v) {
                       got = v.value_or(0);
                       open = v.has_value();
                     }));
            }
            received += got;
          }
        }
      });
      EXPECT_EQ(sent, received);
      EXPECT_EQ(ch.len(), 0U);
      EXPECT_EQ(waiting_senders(ch) + waiting_receivers(ch), 0U);
    }
  });
}

// A value wanders between two channels, so that at every moment at least one of them is ready, while each alone
// is empty half of the time. Whoever looked at one after the other would sometimes see both empty.
TEST_P(select_stress_test, otherwise_needs_one_moment_at_which_nothing_is_ready) {
  run([] {
    const auto a = make_chan<int>(2);
    const auto b = make_chan<int>(2);
    std::atomic<bool> stop{false};
    a.send(1);
    together({.tasks = 1, .threads = 1}, [&](int i) {
      if (i == 1) {
        while (!stop) {
          // The next place is filled before the last one is emptied.
          b.send(1);
          a.recv();
          a.send(1);
          b.recv();
        }
        return;
      }
      // What is taken is put back before the other side can miss it; each holds two at most. Many cases between
      // the two make the look long enough for the value to pass it by.
      std::vector<gobench::select_case> cases;
      cases.push_back(on_recv(a, [&](std::optional<int> v) { a.send(*v); }));
      for (int n = 0; n < 300; ++n) cases.push_back(on_recv(make_chan<int>()));
      cases.push_back(on_recv(b, [&](std::optional<int> v) { b.send(*v); }));
      cases.push_back(otherwise());
      const int nothing = static_cast<int>(cases.size()) - 1;
      for (int looked = 0; looked < 3000; ++looked) {
        if (select(cases) == nothing) ADD_FAILURE() << "one of the two always held a value";
        if (looked % 64 == 0) gobench::yield();
      }
      stop = true;
    });
  });
}

}  // namespace
