// Closing: what it wakes, what it leaves, and what throws afterwards.
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/primitives/chan_support.hpp"
#include "tests/primitives/on_backends.hpp"

namespace {

using namespace std::chrono_literals;
using gobench::chan;
using gobench::channel_error;
using gobench::make_chan;
using gobench::make_unbounded_chan;

class chan_close_test : public on_backends {};
GOBENCH_ON_BACKENDS(chan_close_test);

template <class F>
std::optional<channel_error::reason> thrown_by(F&& f) {
  try {
    f();
  } catch (const channel_error& e) {
    return e.kind();
  }
  return std::nullopt;
}

std::vector<chan<int>> one_of_each() {
  return {make_chan<int>(), make_chan<int>(3), make_unbounded_chan<int>()};
}

TEST_P(chan_close_test, what_was_sent_before_is_received_and_then_nullopt) {
  run([] {
    for (const auto& ch : {make_chan<int>(3), make_unbounded_chan<int>()}) {
      for (int i = 0; i < 3; ++i) ch.send(i);
      EXPECT_FALSE(ch.closed());
      ch.close();
      EXPECT_TRUE(ch.closed());
      EXPECT_EQ(ch.len(), 3U);
      for (int i = 0; i < 3; ++i) EXPECT_EQ(ch.recv(), std::optional(i));
      for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(ch.recv(), std::nullopt);
        EXPECT_EQ(ch.try_recv(), std::nullopt);
        EXPECT_EQ(ch.recv_for(1h), std::nullopt) << "closed at once, not after an hour";
      }
    }
  });
}

TEST_P(chan_close_test, every_form_of_send_throws) {
  run([] {
    for (const auto& ch : one_of_each()) {
      ch.close();
      EXPECT_EQ(thrown_by([&] { ch.send(1); }), channel_error::send_on_closed);
      EXPECT_EQ(thrown_by([&] { static_cast<void>(ch.try_send(1)); }),
                channel_error::send_on_closed);
      EXPECT_EQ(thrown_by([&] { static_cast<void>(ch.send_for(1, 1h)); }),
                channel_error::send_on_closed);
      EXPECT_EQ(thrown_by([&] { gobench::select(gobench::on_send(ch, 1)); }),
                channel_error::send_on_closed);
      EXPECT_EQ(thrown_by([&] { gobench::select(gobench::on_send(ch, 1), gobench::otherwise()); }),
                channel_error::send_on_closed);
      EXPECT_EQ(thrown_by([&] { gobench::select(gobench::on_send(ch, 1), gobench::after(1h)); }),
                channel_error::send_on_closed);
      EXPECT_EQ(ch.len(), 0U);
    }
  });
}

TEST_P(chan_close_test, a_full_channel_that_is_closed_throws_rather_than_waits) {
  run([] {
    auto ch = make_chan<int>(1);
    ch.send(1);
    ch.close();
    EXPECT_EQ(thrown_by([&] { ch.send(2); }), channel_error::send_on_closed);
    EXPECT_EQ(thrown_by([&] { static_cast<void>(ch.try_send(2)); }), channel_error::send_on_closed);
    EXPECT_EQ(ch.recv(), std::optional(1));
    EXPECT_EQ(ch.recv(), std::nullopt);
  });
}

TEST_P(chan_close_test, a_second_close_throws) {
  run([] {
    for (const auto& ch : one_of_each()) {
      ch.close();
      EXPECT_EQ(thrown_by([&] { ch.close(); }), channel_error::close_of_closed);
      EXPECT_EQ(thrown_by([&] { gobench::sender<int>(ch).close(); }),
                channel_error::close_of_closed);
    }
    EXPECT_EQ(thrown_by([] { gobench::sender<int>().close(); }), channel_error::close_of_nil);
  });
}

TEST_P(chan_close_test, each_error_says_what_to_do) {
  const std::string sent = channel_error(channel_error::send_on_closed).what();
  const std::string twice = channel_error(channel_error::close_of_closed).what();
  const std::string nil = channel_error(channel_error::close_of_nil).what();
  EXPECT_EQ(sent.find("send on a closed channel: close it only after the last send"), 0U);
  EXPECT_EQ(twice.find("close of a closed channel: let exactly one task close it"), 0U);
  EXPECT_EQ(nil.find("close of a nil channel: make the channel with make_chan first"), 0U);
  static_assert(std::derived_from<channel_error, gobench::misuse>);
}

TEST_P(chan_close_test, wakes_all_receivers) {
  run([] {
    for (const auto& ch : one_of_each()) {
      int before = 0;  // plain: the close publishes it
      std::atomic<int> saw{0};
      together({.tasks = 8, .threads = 2}, [&](int i) {
        if (i == 0) {
          until([&] { return waiting_receivers(ch) == 9; });
          before = 1;
          ch.close();
        } else if (i % 2 == 0) {
          EXPECT_EQ(ch.recv(), std::nullopt);
          saw += before;
        } else {
          int value = 0;
          EXPECT_EQ(ch.recv_for(value, 1h), gobench::recv_status::closed);
          saw += before;
        }
      });
      EXPECT_EQ(saw, 9);
      EXPECT_EQ(waiting_receivers(ch), 0U);
    }
  });
}

TEST_P(chan_close_test, wakes_all_senders_and_they_throw) {
  run([] {
    for (const auto& ch : {make_chan<int>(), make_chan<int>(2)}) {
      const int stored = static_cast<int>(ch.cap());
      for (int i = 0; i < stored; ++i) ch.send(i);
      std::atomic<int> threw{0};
      together({.tasks = 8, .threads = 2}, [&](int i) {
        if (i == 0) {
          until([&] { return waiting_senders(ch) == 9; });
          ch.close();
          return;
        }
        const auto reason = thrown_by([&] {
          if (i % 2 == 0) {
            ch.send(100);
          } else {
            static_cast<void>(ch.send_for(100, 1h));
          }
        });
        if (reason == channel_error::send_on_closed) ++threw;
      });
      EXPECT_EQ(threw, 9);
      for (int i = 0; i < stored; ++i) EXPECT_EQ(ch.recv(), std::optional(i));
      EXPECT_EQ(ch.recv(), std::nullopt) << "nothing of those who threw";
    }
  });
}

TEST_P(chan_close_test, ends_a_range_also_when_it_comes_while_the_range_waits) {
  run([] {
    auto ch = make_chan<int>();
    gobench::task counts = gobench::go([=] {
      int n = 0;
      for (int v : ch) EXPECT_EQ(v, n++);
      EXPECT_EQ(n, 3);
    });
    for (int i = 0; i < 3; ++i) ch.send(i);
    until([&] { return waiting_receivers(ch) == 1; });
    ch.close();
    counts.join();
    for (int v : ch) ADD_FAILURE() << v;
  });
}

TEST_P(chan_close_test, a_value_that_could_not_be_sent_is_destroyed) {
  run([] {
    auto ch = make_chan<counted>();
    gobench::task sends = gobench::go(
        [=] { EXPECT_EQ(thrown_by([&] { ch.send(counted(1)); }), channel_error::send_on_closed); });
    until([&] { return waiting_senders(ch) == 1; });
    EXPECT_EQ(counted::alive, 1);
    ch.close();
    sends.join();
    EXPECT_EQ(counted::alive, 0);
  });
}

// Whoever of many comes first closes; each of the others is told.
TEST_P(chan_close_test, only_one_of_many_closes) {
  run([] {
    for (int round = 0; round < 50; ++round) {
      auto ch = make_chan<int>(1);
      std::atomic<int> closed{0};
      std::atomic<int> told{0};
      together({.tasks = 4, .threads = 1}, [&](int) {
        const auto reason = thrown_by([&] { ch.close(); });
        ++(reason == channel_error::close_of_closed ? told : closed);
      });
      EXPECT_EQ(closed, 1);
      EXPECT_EQ(told, 4);
    }
  });
}

// Everything at once while the close comes: each sender either delivers or throws, and what was delivered is
// received exactly once.
TEST_P(chan_close_test, against_everything) {
  run([] {
    for (int round = 0; round < 30; ++round) {
      auto ch =
          round % 3 == 2 ? make_unbounded_chan<int>() : make_chan<int>(round % 3 == 0 ? 0 : 4);
      std::atomic<int> sent{0};
      std::atomic<int> received{0};
      together({.tasks = 8, .threads = 2}, [&](int i) {
        if (i == 0) {
          until([&] { return received > round; });
          ch.close();
        } else if (i == 9 || i % 2 == 0) {
          for (;;) {
            int value = -1;
            int taken = 0;
            if (i == 2) {
              gobench::select(gobench::on_recv(ch, [&](std::optional<int> v) {
                taken = v ? 1 : 2;
                if (v) value = *v;
              }));
            } else {
              const auto status = i == 4 ? ch.recv_for(value, 1ms) : ch.recv_for(value, 1h);
              taken = status == gobench::recv_status::ok
                          ? 1
                          : (status == gobench::recv_status::closed ? 2 : 0);
            }
            if (taken == 2) return;
            if (taken == 1) {
              EXPECT_EQ(value, 7);
              ++received;
            }
          }
        } else {
          static_cast<void>(thrown_by([&] {
            for (;;) {
              bool done = true;
              if (i == 1) {
                gobench::select(gobench::on_send(ch, 7));
              } else if (i == 3) {
                done = ch.send_for(7, 1ms);
              } else if (i == 5) {
                done = ch.try_send(7);
              } else {
                ch.send(7);
              }
              if (done) ++sent;
              // What never waits would keep a single processor for itself.
              if (!done || ch.cap() > 4) gobench::yield();
            }
          }));
        }
      });
      EXPECT_EQ(sent, received);
      EXPECT_EQ(ch.len(), 0U);
    }
  });
}

}  // namespace
