// The rules of channels, one by one.
#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include "tests/primitives/chan_support.hpp"
#include "tests/primitives/on_backends.hpp"

namespace {

using namespace std::chrono_literals;
using gobench::chan;
using gobench::channel_error;
using gobench::make_chan;
using gobench::make_unbounded_chan;
using gobench::receiver;
using gobench::recv_status;
using gobench::sender;

static_assert(std::is_nothrow_default_constructible_v<chan<int>>);
static_assert(std::is_nothrow_copy_constructible_v<chan<int>>);
static_assert(std::is_convertible_v<chan<int>, sender<int>>);
static_assert(std::is_convertible_v<chan<int>, receiver<int>>);
static_assert(!std::is_convertible_v<sender<int>, receiver<int>>);
static_assert(!std::is_convertible_v<receiver<int>, sender<int>>);
static_assert(!std::is_constructible_v<chan<int>, sender<int>>);
static_assert(!std::is_convertible_v<chan<int>, bool>, "the conversion to bool is explicit");
static_assert(std::is_constructible_v<bool, receiver<int>>);
static_assert(sizeof(chan<int>) == sizeof(void*));
template <class C>
concept can_send = requires(const C c) {
  c.send(1);
};
template <class C>
concept can_recv = requires(const C c) {
  c.recv();
};
template <class C>
concept can_close = requires(const C c) {
  c.close();
};
static_assert(can_send<chan<int>> && can_recv<chan<int>> && can_close<chan<int>>);
static_assert(can_send<sender<int>> && !can_recv<sender<int>> && can_close<sender<int>>);
static_assert(!can_send<receiver<int>> && can_recv<receiver<int>> && !can_close<receiver<int>>);
static_assert(std::input_iterator<chan<int>::iterator>);

class chan_test : public on_backends {};
GOBENCH_ON_BACKENDS(chan_test);

TEST_P(chan_test, example) {
  run([] {
    auto numbers = make_chan<int>(16);
    gobench::go([=] {
      for (int i = 0; i < 100; ++i) numbers.send(i);
      numbers.close();
    });
    int sum = 0;
    for (int n : numbers) sum += n;
    EXPECT_EQ(sum, 4950);
  });
}

TEST_P(chan_test, values_come_in_order_for_every_capacity) {
  run([] {
    std::vector<chan<int>> all;
    for (std::size_t capacity : {0U, 1U, 2U, 3U, 7U, 64U, 1000U})
      all.push_back(make_chan<int>(capacity));
    all.push_back(make_unbounded_chan<int>());
    for (const chan<int>& ch : all) {
      gobench::task producer = gobench::go([=] {
        for (int i = 0; i < 500; ++i) ch.send(i);
        ch.close();
      });
      int next = 0;
      while (const std::optional<int> n = ch.recv()) ASSERT_EQ(*n, next++);
      EXPECT_EQ(next, 500);
      producer.join();
    }
  });
}

TEST_P(chan_test, a_capacity_is_what_fits_without_a_receiver) {
  run([] {
    for (std::size_t capacity : {0U, 1U, 2U, 5U, 100U}) {
      auto ch = make_chan<int>(capacity);
      EXPECT_EQ(ch.cap(), capacity);
      for (std::size_t i = 0; i < capacity; ++i) {
        EXPECT_EQ(ch.len(), i);
        EXPECT_TRUE(ch.try_send(static_cast<int>(i)));
      }
      EXPECT_EQ(ch.len(), capacity);
      EXPECT_FALSE(ch.try_send(-1));
      EXPECT_FALSE(ch.send_for(-1, 1ms));
      EXPECT_EQ(ch.len(), capacity);
      for (std::size_t i = 0; i < capacity; ++i)
        EXPECT_EQ(ch.try_recv(), std::optional(static_cast<int>(i)));
      EXPECT_EQ(ch.try_recv(), std::nullopt);
      EXPECT_EQ(ch.recv_for(1ms), std::nullopt);
    }
  });
}

TEST_P(chan_test, every_place_that_is_emptied_can_be_filled_at_once) {
  run([] {
    for (std::size_t capacity : {1U, 2U, 3U, 5U}) {
      auto ch = make_chan<int>(capacity);
      int sent = 0;
      int received = 0;
      while (ch.try_send(int{sent})) ++sent;
      for (int round = 0; round < 20; ++round) {
        for (int taken = 0; taken <= round % static_cast<int>(capacity); ++taken)
          ASSERT_EQ(round % 2 == 0 ? ch.recv() : ch.try_recv(), std::optional(received++));
        while (ch.try_send(int{sent})) ++sent;
        ASSERT_EQ(ch.len(), capacity);
      }
    }
  });
}

TEST_P(chan_test, an_unbounded_channel_never_waits) {
  run([] {
    auto ch = make_unbounded_chan<int>();
    EXPECT_EQ(ch.cap(), std::numeric_limits<std::size_t>::max());
    for (int round = 0; round < 3; ++round) {
      for (int i = 0; i < 10'000; ++i) {
        if (i % 2 == 0) {
          ch.send(i);
        } else {
          ASSERT_TRUE(ch.try_send(int{i}));
        }
      }
      EXPECT_EQ(ch.len(), 10'000U);
      for (int i = 0; i < 10'000; ++i) ASSERT_EQ(ch.recv(), std::optional(i));
      EXPECT_EQ(ch.try_recv(), std::nullopt);
    }
  });
}

TEST_P(chan_test, a_capacity_that_cannot_be_is_refused) {
  run([] {
    EXPECT_THROW(make_chan<int>(std::numeric_limits<std::size_t>::max()), std::length_error);
    EXPECT_THROW(make_chan<int>(std::numeric_limits<std::size_t>::max() / 4), std::length_error);
    try {
      make_chan<int>(std::numeric_limits<std::size_t>::max());
    } catch (const std::length_error& e) {
      EXPECT_NE(std::string(e.what()).find("make it smaller or unbounded"), std::string::npos);
    }
  });
}

// The send of an unbuffered channel returns after the receive has begun: what the receiver did before
// is visible to the sender, and the other way round.
TEST_P(chan_test, an_unbuffered_channel_is_a_rendezvous) {
  run([] {
    auto ch = make_chan<int>();
    int before_send = 0;  // plain: only the channel orders them
    int before_recv = 0;
    for (int i = 1; i <= 200; ++i) {
      gobench::task other = gobench::go([&] {
        before_recv = i;
        EXPECT_EQ(ch.recv(), std::optional(i));
        EXPECT_EQ(before_send, i);
      });
      before_send = i;
      ch.send(i);
      EXPECT_EQ(before_recv, i);
      other.join();
    }
    EXPECT_FALSE(ch.try_send(1)) << "nobody receives";
    EXPECT_EQ(ch.try_recv(), std::nullopt) << "nobody sends";
    EXPECT_EQ(ch.len(), 0U);
  });
}

TEST_P(chan_test, receive_k_comes_before_send_k_plus_capacity_completes) {
  run([] {
    constexpr int items = 300;
    constexpr int capacity = 4;
    auto ch = make_chan<int>(capacity);
    int received[items] = {};  // plain: element k is written before receive k
    gobench::task receives = gobench::go([&] {
      for (int k = 0; k < items; ++k) {
        received[k] = k + 1;
        ch.recv();
      }
    });
    for (int k = 0; k < items; ++k) {
      ch.send(k);
      if (k >= capacity) {
        ASSERT_EQ(received[k - capacity], k - capacity + 1);
      }
    }
    receives.join();
  });
}

TEST_P(chan_test, waiting_senders_are_served_in_their_order) {
  run([] {
    for (std::size_t capacity : {0U, 2U}) {
      auto ch = make_chan<int>(capacity);
      for (int i = 0; i < static_cast<int>(capacity); ++i) ch.send(i);
      std::vector<gobench::task> tasks;
      for (std::size_t i = 0; i < 5; ++i) {
        tasks.push_back(gobench::go([=] { ch.send(static_cast<int>(capacity + i)); }));
        until([&] { return waiting_senders(ch) == i + 1; });
      }
      EXPECT_EQ(ch.len(), capacity);
      for (int i = 0; i < static_cast<int>(capacity) + 5; ++i)
        EXPECT_EQ(ch.recv(), std::optional(i));
      for (gobench::task& t : tasks) t.join();
    }
  });
}

TEST_P(chan_test, waiting_receivers_are_served_in_their_order) {
  run([] {
    for (int kind = 0; kind < 3; ++kind) {
      auto ch = kind == 2 ? make_unbounded_chan<int>() : make_chan<int>(kind == 0 ? 0 : 3);
      std::vector<int> got(5, -1);
      std::vector<gobench::task> tasks;
      for (std::size_t i = 0; i < 5; ++i) {
        tasks.push_back(gobench::go([=, &got] { got[i] = *ch.recv(); }));
        until([&] { return waiting_receivers(ch) == i + 1; });
      }
      for (int i = 0; i < 5; ++i) ch.send(i);
      for (gobench::task& t : tasks) t.join();
      EXPECT_EQ(got, (std::vector{0, 1, 2, 3, 4}));
    }
  });
}

TEST_P(chan_test, try_send_gives_the_value_up_only_when_it_succeeds) {
  run([] {
    auto ch = make_chan<std::unique_ptr<int>>(1);
    auto first = std::make_unique<int>(1);
    auto second = std::make_unique<int>(2);
    EXPECT_TRUE(ch.try_send(std::move(first)));
    EXPECT_EQ(first, nullptr);
    EXPECT_FALSE(ch.try_send(std::move(second)));
    ASSERT_NE(second, nullptr);
    EXPECT_EQ(*second, 2);
    ch.close();
    EXPECT_THROW(static_cast<void>(ch.try_send(std::move(second))), channel_error);
    ASSERT_NE(second, nullptr);
    EXPECT_EQ(**ch.recv(), 1);
  });
}

TEST_P(chan_test, try_forms_meet_those_who_wait) {
  run([] {
    auto ch = make_chan<int>();
    gobench::task receives = gobench::go([=] { EXPECT_EQ(ch.recv(), std::optional(1)); });
    until([&] { return ch.try_send(1); });
    receives.join();
    gobench::task sends = gobench::go([=] { ch.send(2); });
    std::optional<int> got;
    until([&] { return (got = ch.try_recv()).has_value(); });
    EXPECT_EQ(got, std::optional(2));
    sends.join();
    const int lvalue = 3;
    EXPECT_FALSE(ch.try_send(lvalue));
  });
}

TEST_P(chan_test, timed_forms_meet_those_who_come_in_time) {
  run([] {
    auto ch = make_chan<int>();
    gobench::task sends = gobench::go([=] { EXPECT_TRUE(ch.send_for(1, 1h)); });
    EXPECT_EQ(ch.recv_for(1h), std::optional(1));
    sends.join();
    gobench::task receives = gobench::go([=] {
      int value = 0;
      EXPECT_EQ(ch.recv_for(value, 1h), recv_status::ok);
      EXPECT_EQ(value, 2);
    });
    EXPECT_TRUE(ch.send_for(2, std::chrono::hours::max())) << "longer than the clock can tell";
    receives.join();
  });
}

TEST_P(chan_test, timed_forms_never_give_up_early_and_leave_no_trace) {
  run([] {
    for (auto ch : {make_chan<int>(), make_chan<int>(1)}) {
      if (ch.cap() == 1) ch.send(0);
      auto begin = std::chrono::steady_clock::now();
      EXPECT_FALSE(ch.send_for(7, 5ms));
      EXPECT_GE(std::chrono::steady_clock::now() - begin, 5ms);
      EXPECT_EQ(waiting_senders(ch), 0U);
      if (ch.cap() == 1) ch.recv();
      begin = std::chrono::steady_clock::now();
      EXPECT_EQ(ch.recv_for(5ms), std::nullopt);
      EXPECT_GE(std::chrono::steady_clock::now() - begin, 5ms);
      EXPECT_EQ(waiting_receivers(ch), 0U);
      EXPECT_FALSE(ch.recv_for(0ms).has_value());
      EXPECT_FALSE(ch.recv_for(-1s).has_value());
    }
  });
}

TEST_P(chan_test, the_status_tells_empty_from_closed) {
  run([] {
    auto ch = make_chan<int>(2);
    int value = -1;
    EXPECT_EQ(ch.try_recv(value), recv_status::empty);
    EXPECT_EQ(ch.recv_for(value, 1ms), recv_status::empty);
    EXPECT_EQ(value, -1);
    ch.send(1);
    ch.send(2);
    ch.close();
    EXPECT_EQ(ch.try_recv(value), recv_status::ok);
    EXPECT_EQ(value, 1);
    EXPECT_EQ(ch.recv_for(value, 1ms), recv_status::ok);
    EXPECT_EQ(value, 2);
    EXPECT_EQ(ch.try_recv(value), recv_status::closed);
    EXPECT_EQ(ch.recv_for(value, 1h), recv_status::closed);
    EXPECT_EQ(value, 2);
  });
}

TEST_P(chan_test, one_way_ends_are_the_same_channel) {
  run([] {
    auto ch = make_chan<int>(1);
    const sender<int> in = ch;
    const receiver<int> out = ch;
    EXPECT_EQ(in, sender<int>(ch));
    EXPECT_EQ(out, receiver<int>(ch));
    EXPECT_EQ(ch, chan<int>(ch));
    EXPECT_NE(ch, make_chan<int>(1));
    gobench::task produces = gobench::go([in] {
      in.send(1);
      EXPECT_TRUE(in.send_for(2, 1h));
      in.close();
    });
    EXPECT_EQ(out.recv(), std::optional(1));
    EXPECT_EQ(out.recv_for(1h), std::optional(2));
    EXPECT_EQ(out.recv(), std::nullopt);
    EXPECT_TRUE(out.closed());
    EXPECT_TRUE(in.closed());
    EXPECT_EQ(out.cap(), 1U);
    produces.join();
  });
}

TEST_P(chan_test, a_channel_lives_as_long_as_one_of_its_handles) {
  run([] {
    receiver<int> out;
    {
      auto ch = make_chan<int>(4);
      ch.send(1);
      out = ch;
      chan<int> copy = ch;
      ch = copy;             // to itself
      copy = std::move(ch);  // a moved-from handle is nil
      EXPECT_FALSE(ch);
      copy.send(2);
    }
    EXPECT_EQ(out.recv(), std::optional(1));
    EXPECT_EQ(out.recv(), std::optional(2));
  });
}

TEST_P(chan_test, nil) {
  run([] {
    const chan<int> nil;
    EXPECT_FALSE(nil);
    EXPECT_FALSE(sender<int>());
    EXPECT_EQ(nil, chan<int>());
    EXPECT_EQ(nil.len(), 0U);
    EXPECT_EQ(nil.cap(), 0U);
    EXPECT_FALSE(nil.closed());
    EXPECT_FALSE(nil.try_send(1));
    EXPECT_FALSE(nil.try_recv().has_value());
    int value = 0;
    EXPECT_EQ(nil.try_recv(value), recv_status::empty);
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_FALSE(nil.send_for(1, 2ms));
    EXPECT_FALSE(nil.recv_for(2ms).has_value());
    EXPECT_EQ(nil.recv_for(value, 2ms), recv_status::empty);
    EXPECT_GE(std::chrono::steady_clock::now() - begin, 6ms);
    try {
      nil.close();
      FAIL() << "closed nil";
    } catch (const channel_error& e) {
      EXPECT_EQ(e.kind(), channel_error::close_of_nil);
    }
    // Blocked for ever: they end with the run.
    gobench::go([] { chan<int>().send(1); });
    gobench::go([] { chan<int>().recv(); });
    gobench::yield();
  });
}

TEST_P(chan_test, those_who_wait_for_ever_are_in_the_report_of_the_deadlock) {
  std::string report;
  try {
    run([] {
      auto ch = make_chan<int>();
      gobench::go([] { make_chan<int>(1).recv(); });
      gobench::go([] { chan<int>().send(1); });
      gobench::go([] { chan<int>().recv(); });
      gobench::go([=] { gobench::select(gobench::on_recv(make_chan<int>())); });
      gobench::go([] { gobench::select(); });
      ch.send(1);
    });
  } catch (const gobench::deadlock& e) {
    report = e.what();
  }
  for (const gobench::runtime::wait_reason reason :
       {gobench::runtime::wait_reason::chan_send, gobench::runtime::wait_reason::chan_recv,
        gobench::runtime::wait_reason::nil_chan_send, gobench::runtime::wait_reason::nil_chan_recv,
        gobench::runtime::wait_reason::select, gobench::runtime::wait_reason::select_nothing}) {
    EXPECT_NE(report.find(describe(reason)), std::string::npos) << describe(reason) << report;
  }
}

TEST_P(chan_test, foreign_threads_and_tasks_share_a_channel) {
  run([] {
    for (std::size_t capacity : {0U, 3U}) {
      auto there = make_chan<int>(capacity);
      auto back = make_chan<int>(capacity);
      together({.tasks = 1, .threads = 1}, [&](int i) {
        for (int n = 0; n < 500; ++n) {
          if (i == 0) {
            there.send(n);
            ASSERT_EQ(back.recv(), std::optional(n));
          } else {
            ASSERT_EQ(there.recv(), std::optional(n));
            back.send(n);
          }
        }
      });
    }
  });
}

}  // namespace
