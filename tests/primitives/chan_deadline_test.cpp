// A deadline that passes while the value is already on its way comes too late: the operation has happened.
#include <atomic>
#include <chrono>
#include <optional>
#include <thread>

#include "tests/primitives/chan_support.hpp"
#include "tests/primitives/on_backends.hpp"

namespace {

using namespace std::chrono_literals;
using gobench::chan;
using gobench::make_chan;
using std::chrono::steady_clock;

// A payload whose move takes until some time has come, on one thread. The thread is not one of the runtime's, so
// those who wait for it are not kept from running.
class slow {
 public:
  explicit slow(int n) noexcept : value(n) {}
  slow(slow&& other) noexcept : value(other.value) {
    while (steady_clock::now() < slow_until) std::this_thread::yield();
  }
  slow& operator=(slow&&) = delete;

  int value;
  static thread_local steady_clock::time_point slow_until;
};
thread_local steady_clock::time_point slow::slow_until{};

// The value has been claimed, and then the time of `waits` passes: it must get the value, or hand it over,
// all the same. Tries again when the partner comes too late, as may happen on a busy machine.
//   waits(channel, limit)  waits for a partner so long; returns whether it met one
//   parked(channel)        whether it stands in its queue
//   meets(channel)         in the other thread, without waiting; returns whether it met the one who waits
template <class Waits, class Parked, class Meets>
void race_with_a_deadline(Waits waits, Parked parked, Meets meets) {
  constexpr auto limit = 20ms;
  for (bool met_in_time = false; !met_in_time;) {
    const auto ch = make_chan<slow>();
    std::atomic<bool> met{false};
    std::atomic<bool> gave_up{false};
    std::thread partner([&] {
      while (!parked(ch)) {
        if (gave_up) return;
        std::this_thread::yield();
      }
      slow::slow_until = steady_clock::now() + 2 * limit;
      met = meets(ch);
    });
    const bool got = waits(ch, limit);
    gave_up = true;
    gobench::blocking([&] { partner.join(); });
    EXPECT_EQ(got, met);
    met_in_time = met;
  }
}

class chan_deadline_test : public on_backends {};
GOBENCH_ON_BACKENDS(chan_deadline_test);

const auto receiver_waits = [](const chan<slow>& ch) { return waiting_receivers(ch) != 0; };
const auto sender_waits = [](const chan<slow>& ch) { return waiting_senders(ch) != 0; };
const auto sends = [](const chan<slow>& ch) { return ch.try_send(slow(7)); };
const auto receives = [](const chan<slow>& ch) {
  const std::optional<slow> got = ch.try_recv();
  EXPECT_EQ(got ? got->value : 7, 7);
  return got.has_value();
};

TEST_P(chan_deadline_test, recv_for) {
  run([] {
    race_with_a_deadline(
        [](const chan<slow>& ch, auto limit) {
          const std::optional<slow> got = ch.recv_for(limit);
          EXPECT_EQ(got ? got->value : 7, 7);
          return got.has_value();
        },
        receiver_waits, sends);
  });
}

TEST_P(chan_deadline_test, send_for) {
  run([] {
    race_with_a_deadline(
        [](const chan<slow>& ch, auto limit) { return ch.send_for(slow(7), limit); }, sender_waits,
        receives);
  });
}

TEST_P(chan_deadline_test, select_that_receives) {
  run([] {
    race_with_a_deadline(
        [](const chan<slow>& ch, auto limit) {
          int got = 0;
          const int taken = gobench::select(gobench::on_recv(make_chan<int>()),
                                            gobench::on_recv(ch, [&](auto v) { got = v->value; }),
                                            gobench::after(limit));
          EXPECT_EQ(got, taken == 1 ? 7 : 0);
          return taken == 1;
        },
        receiver_waits, sends);
  });
}

TEST_P(chan_deadline_test, select_that_sends) {
  run([] {
    race_with_a_deadline(
        [](const chan<slow>& ch, auto limit) {
          return gobench::select(gobench::on_send(ch, slow(7)), gobench::after(limit)) == 0;
        },
        sender_waits, receives);
  });
}

}  // namespace
