// The rules of select, one by one.
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/primitives/chan_support.hpp"
#include "tests/primitives/on_backends.hpp"

namespace {

using namespace std::chrono_literals;
using gobench::after;
using gobench::chan;
using gobench::channel_error;
using gobench::make_chan;
using gobench::on_recv;
using gobench::on_send;
using gobench::otherwise;
using gobench::select;
using gobench::select_case;

class select_test : public on_backends {};
GOBENCH_ON_BACKENDS(select_test);

TEST_P(select_test, example) {
  run([] {
    auto requests = make_chan<int>(1);
    auto results = make_chan<std::string>();
    requests.send(7);
    int handled = 0;
    const int taken =
        select(on_recv(requests, [&](std::optional<int> r) { handled = r.value_or(0); }),
               on_send(results, "never", [] { FAIL() << "nobody receives"; }),
               after(1h, [] { FAIL() << "one was ready"; }));
    EXPECT_EQ(taken, 0);
    EXPECT_EQ(handled, 7);
  });
}

TEST_P(select_test, takes_the_one_that_is_ready_wherever_it_stands) {
  run([] {
    std::vector<chan<int>> ch;
    for (int i = 0; i < 3; ++i) ch.push_back(make_chan<int>(1));
    for (std::size_t ready = 0; ready < 3; ++ready) {
      for (int waits = 0; waits < 3; ++waits) {
        ch[ready].send(5);
        int got = 0;
        const auto keep = [&](std::optional<int> v) { got = v.value_or(-1); };
        const int taken =
            waits == 0   ? select(on_recv(ch[0], keep), on_recv(ch[1], keep), on_recv(ch[2], keep))
            : waits == 1 ? select(on_recv(ch[0], keep), on_recv(ch[1], keep), on_recv(ch[2], keep),
                                  otherwise())
                         : select(on_recv(ch[0], keep), on_recv(ch[1], keep), on_recv(ch[2], keep),
                                  after(1h));
        EXPECT_EQ(taken, static_cast<int>(ready));
        EXPECT_EQ(got, 5);
      }
    }
  });
}

TEST_P(select_test, waits_until_one_is_ready_and_leaves_the_others) {
  run([] {
    std::vector<chan<int>> ch;
    for (int i = 0; i < 3; ++i) ch.push_back(make_chan<int>(i == 2 ? 1 : 0));
    auto full = make_chan<int>(1);
    full.send(0);
    for (int round = 0; round < 50; ++round) {
      for (std::size_t fires = 0; fires < 4; ++fires) {
        int got = -1;
        gobench::task waits = gobench::go([&] {
          const auto keep = [&](std::optional<int> v) { got = *v; };
          const int taken = select(on_recv(ch[0], keep), on_recv(ch[1], keep), on_recv(ch[2], keep),
                                   on_send(full, 9, [&] { got = 9; }));
          EXPECT_EQ(taken, static_cast<int>(fires));
        });
        until([&] { return waiting_senders(full) == 1; });
        if (fires == 3) {
          EXPECT_EQ(full.recv(), std::optional(round == 0 ? 0 : 9));
        } else {
          ch[fires].send(static_cast<int>(fires));
        }
        waits.join();
        EXPECT_EQ(got, fires == 3 ? 9 : static_cast<int>(fires));
        for (const auto& c : ch) EXPECT_EQ(waiting_receivers(c), 0U);
        EXPECT_EQ(waiting_senders(full), 0U);
        EXPECT_EQ(full.len(), 1U);
      }
    }
  });
}

TEST_P(select_test, otherwise_is_taken_only_when_nothing_is_ready) {
  run([] {
    auto a = make_chan<int>();
    auto b = make_chan<int>(1);
    int fell_through = 0;
    EXPECT_EQ(select(on_recv(a), on_recv(b), otherwise([&] { ++fell_through; })), 2);
    EXPECT_EQ(select(otherwise([&] { ++fell_through; }), on_send(a, 1)), 0);
    EXPECT_EQ(fell_through, 2);
    EXPECT_EQ(select(on_recv(a), otherwise([&] { ++fell_through; }), on_send(b, 1)), 2);
    EXPECT_EQ(select(on_recv(b), otherwise()), 0);
    EXPECT_EQ(select(otherwise([&] { ++fell_through; })), 0);
    EXPECT_EQ(fell_through, 3);
    EXPECT_EQ(select(on_recv(b), otherwise(), after(0s)), 1) << "otherwise goes first";
  });
}

TEST_P(select_test, after_is_taken_when_the_time_is_over) {
  run([] {
    auto a = make_chan<int>();
    const auto begin = std::chrono::steady_clock::now();
    bool late = false;
    EXPECT_EQ(select(on_recv(a), on_send(a, 1), after(5ms, [&] { late = true; })), 2);
    EXPECT_TRUE(late);
    EXPECT_GE(std::chrono::steady_clock::now() - begin, 5ms);
    EXPECT_EQ(waiting_receivers(a), 0U);
    EXPECT_EQ(waiting_senders(a), 0U);
    EXPECT_EQ(select(after(1h), on_recv(a), after(1ms), after(2h)), 2) << "the shortest counts";
    EXPECT_EQ(select(after(2ms)), 0);
    EXPECT_EQ(select(after(-1s), on_recv(a)), 0);
    EXPECT_EQ(select(after(0s), on_recv(a)), 0);
    auto ready = make_chan<int>(1);
    EXPECT_EQ(select(after(0s), on_send(ready, 1)), 1) << "what is ready goes before a time of 0";
    EXPECT_EQ(select(after(std::chrono::hours::max()), on_recv(ready)), 1);
  });
}

TEST_P(select_test, a_closed_channel_is_ready) {
  run([] {
    auto closed = make_chan<int>(2);
    closed.send(1);
    closed.close();
    std::vector<std::optional<int>> got;
    const auto keep = [&](std::optional<int> v) { got.push_back(v); };
    EXPECT_EQ(select(on_recv(closed, keep), after(1h)), 0);
    EXPECT_EQ(select(on_recv(closed, keep)), 0);
    EXPECT_EQ(select(on_recv(closed, keep), otherwise()), 0);
    EXPECT_EQ(got, (std::vector<std::optional<int>>{1, std::nullopt, std::nullopt}));
    EXPECT_THROW(select(on_send(closed, 1), otherwise()), channel_error);
  });
}

TEST_P(select_test, a_close_wakes_both_directions) {
  run([] {
    auto in = make_chan<int>();
    auto out = make_chan<int>();
    gobench::task receives = gobench::go([=] {
      bool seen = false;
      EXPECT_EQ(select(on_send(out, 1), on_recv(in, [&](auto v) { seen = !v.has_value(); })), 1);
      EXPECT_TRUE(seen);
    });
    until([&] { return waiting_receivers(in) == 1; });
    in.close();
    receives.join();
    EXPECT_EQ(waiting_senders(out), 0U);
    gobench::task sends = gobench::go([=] {
      try {
        select(on_send(out, 1, [] { FAIL() << "it was not sent"; }), after(1h));
        FAIL() << "no exception";
      } catch (const channel_error& e) {
        EXPECT_EQ(e.kind(), channel_error::send_on_closed);
      }
    });
    until([&] { return waiting_senders(out) == 1; });
    out.close();
    sends.join();
  });
}

TEST_P(select_test, nil_channels_are_skipped) {
  run([] {
    const chan<int> nil;
    auto ready = make_chan<int>(1);
    EXPECT_EQ(select(on_recv(nil), on_send(nil, 1), on_send(ready, 1)), 2);
    EXPECT_EQ(select(on_recv(nil), on_recv(ready), on_recv(chan<int>())), 1);
    EXPECT_EQ(select(on_recv(nil), otherwise()), 1);
    EXPECT_EQ(select(on_send(nil, 1), after(1ms)), 1);
    // For ever; they end with the run.
    gobench::go([=] { select(on_recv(nil), on_send(nil, 1)); });
    gobench::go([] { select(); });
    gobench::yield();
  });
}

TEST_P(select_test, never_meets_itself) {
  run([] {
    for (auto ch : {make_chan<int>(), make_chan<int>(1)}) {
      if (ch.cap() == 1) {
        // Through the buffer it may: first the send, then the receive.
        EXPECT_EQ(select(on_recv(ch), on_send(ch, 1)), 1);
        EXPECT_EQ(select(on_recv(ch), on_send(ch, 1)), 0);
        continue;
      }
      EXPECT_EQ(select(on_recv(ch), on_send(ch, 1), otherwise()), 2);
      EXPECT_EQ(select(on_send(ch, 1), on_recv(ch), after(2ms)), 2);
      EXPECT_EQ(waiting_receivers(ch) + waiting_senders(ch), 0U);
    }
  });
}

TEST_P(select_test, two_that_do_both_meet_each_other) {
  run([] {
    auto ch = make_chan<int>();
    for (int round = 0; round < 200; ++round) {
      int sent[2] = {};
      int received[2] = {};
      together({.tasks = 1, .threads = 1}, [&](int i) {
        select(on_recv(ch, [&](auto v) { received[i] = *v; }),
               on_send(ch, 10 + i, [&] { sent[i] = 10 + i; }));
      });
      EXPECT_TRUE((sent[0] == 10 && received[1] == 10) || (sent[1] == 11 && received[0] == 11));
      EXPECT_EQ(sent[0] + sent[1], received[0] + received[1]);
    }
  });
}

TEST_P(select_test, the_same_channel_in_several_cases_is_served_once) {
  run([] {
    auto ch = make_chan<int>();
    int first = 0;
    int second = 0;
    for (int round = 0; round < 300; ++round) {
      gobench::task waits = gobench::go([&] {
        select(on_recv(ch, [&](auto) { ++first; }), on_recv(ch, [&](auto) { ++second; }));
      });
      until([&] { return waiting_receivers(ch) == 2; });
      ch.send(1);
      waits.join();
      EXPECT_EQ(waiting_receivers(ch), 0U);
    }
    EXPECT_EQ(first + second, 300);
    EXPECT_GT(first, 30) << "each of the two has its share, also after a wait";
    EXPECT_GT(second, 30);
  });
}

TEST_P(select_test, callbacks_run_after_everything_and_may_throw) {
  run([] {
    auto a = make_chan<int>();
    auto b = make_chan<int>();
    auto never = make_chan<int>();
    gobench::task waits = gobench::go([&] {
      EXPECT_THROW(select(on_recv(a,
                                  [&](auto) {
                                    EXPECT_EQ(waiting_receivers(never), 0U) << "all is released";
                                    b.send(2);
                                    throw std::runtime_error("from the callback");
                                  }),
                          on_recv(never)),
                   std::runtime_error);
    });
    a.send(1);
    EXPECT_EQ(b.recv(), std::optional(2));
    waits.join();
    EXPECT_THROW(select(otherwise([] { throw std::runtime_error("x"); })), std::runtime_error);
    EXPECT_THROW(select(after(1ms, [] { throw std::runtime_error("x"); })), std::runtime_error);
  });
}

TEST_P(select_test, takes_one_way_ends_and_temporaries) {
  run([] {
    auto ch = make_chan<int>(1);
    const gobench::sender<int> in = ch;
    const gobench::receiver<int> out = ch;
    EXPECT_EQ(select(on_send(in, 1)), 0);
    EXPECT_EQ(select(on_recv(out, [](std::optional<int> v) { EXPECT_EQ(v, 1); })), 0);
    EXPECT_EQ(select(on_send(gobench::sender<int>(ch), 2)), 0);
    EXPECT_EQ(select(on_recv(gobench::receiver<int>(ch), [] {})), 0);
    EXPECT_EQ(select(on_send(make_chan<int>(1), 2), on_recv(make_chan<int>())), 0);
  });
}

TEST_P(select_test, values_are_made_at_entry_and_destroyed_when_not_sent) {
  run([] {
    auto full = make_chan<counted>();
    auto room = make_chan<counted>(1);
    EXPECT_EQ(select(on_send(full, counted(1)), on_send(room, counted(2))), 1);
    EXPECT_EQ(counted::alive, 1);
    EXPECT_EQ(room.recv()->value, 2);
    EXPECT_EQ(select(on_send(full, counted(1)), after(1ms)), 1);
    EXPECT_EQ(select(on_send(full, counted(1)), otherwise()), 1);
    EXPECT_EQ(counted::alive, 0);
    auto text = make_chan<std::string>(2);
    EXPECT_EQ(select(on_send(text, "converted")), 0);
    EXPECT_EQ(select(on_send(text, {"abc", 2})), 0);
    EXPECT_EQ(text.recv(), std::optional<std::string>("converted"));
    EXPECT_EQ(text.recv(), std::optional<std::string>("ab"));
    auto owners = make_chan<std::unique_ptr<int>>(1);
    EXPECT_EQ(select(on_send(owners, std::make_unique<int>(3))), 0);
    EXPECT_EQ(
        select(on_recv(owners, [](std::optional<std::unique_ptr<int>> p) { EXPECT_EQ(**p, 3); })),
        0);
  });
}

TEST_P(select_test, sends_on_an_unbounded_channel_at_once) {
  run([] {
    auto queue = gobench::make_unbounded_chan<int>();
    auto never = make_chan<int>();
    for (int i = 0; i < 5000; ++i) {
      ASSERT_EQ(select(on_recv(never), on_send(queue, i), on_send(never, i)), 1);
    }
    for (int i = 0; i < 5000; ++i) {
      int got = -1;
      ASSERT_EQ(select(on_recv(never), on_recv(queue, [&](auto v) { got = *v; })), 1);
      ASSERT_EQ(got, i);
    }
    EXPECT_EQ(select(on_recv(queue), otherwise()), 1);
  });
}

TEST_P(select_test, a_vector_of_cases) {
  run([] {
    for (std::size_t n : {1U, 3U, 8U, 9U, 40U}) {
      std::vector<chan<int>> ch;
      std::vector<select_case> cases;
      std::vector<int> got(n, 0);
      for (std::size_t i = 0; i < n; ++i) {
        ch.push_back(make_chan<int>(i % 2));
        cases.push_back(
            on_recv(ch[i], [&got, i](std::optional<int> v) { got[i] += v.value_or(-1); }));
      }
      for (std::size_t i = 0; i < n; ++i) {  // the same cases again and again
        gobench::task sends = gobench::go([&] { ch[i].send(static_cast<int>(i) + 1); });
        ASSERT_EQ(select(cases), static_cast<int>(i));
        sends.join();
        EXPECT_EQ(got[i], static_cast<int>(i) + 1);
      }
      cases.push_back(after(1ms));
      EXPECT_EQ(select(cases), static_cast<int>(n));
      cases.push_back(otherwise());
      EXPECT_EQ(select(cases), static_cast<int>(n) + 1);
      for (const auto& c : ch) EXPECT_EQ(waiting_receivers(c), 0U);
    }
    std::vector<select_case> of_temporary;
    of_temporary.push_back(on_send(make_chan<int>(1), 1));
    of_temporary.push_back(on_recv(chan<int>()));
    EXPECT_EQ(select(std::move(of_temporary)), 0);
  });
}

TEST_P(select_test, a_vector_keeps_its_channels) {
  run([] {
    std::vector<select_case> cases;
    {
      auto ch = make_chan<int>(1);
      ch.send(4);
      cases.push_back(on_recv(ch, [](auto v) { EXPECT_EQ(v, std::optional(4)); }));
    }
    EXPECT_EQ(select(cases), 0);
  });
}

TEST_P(select_test, misuse_is_told) {
  run([] {
    auto ch = make_chan<int>(2);
    std::vector<select_case> cases;
    cases.push_back(on_send(ch, 1));
    EXPECT_EQ(select(cases), 0);
    EXPECT_THROW(select(cases), gobench::misuse) << "the value is gone";
    EXPECT_EQ(ch.len(), 1U);
    cases.clear();
    cases.push_back(on_recv(ch));
    cases.push_back(otherwise());
    cases.push_back(otherwise());
    EXPECT_THROW(select(cases), gobench::misuse);
    EXPECT_EQ(ch.len(), 1U);
  });
}

}  // namespace
