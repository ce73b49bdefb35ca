// Coroutines on channels: alone, with fibers and with threads that the runtime did not start.
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/primitives/on_backends.hpp"

namespace {

using namespace std::chrono_literals;
namespace co = gobench::co;
using gobench::chan;
using gobench::co_task;
using gobench::make_chan;

class co_channel_test : public on_backends {};
GOBENCH_ON_BACKENDS(co_channel_test);

co_task<> produce(chan<int> to, int count) {
  for (int i = 0; i < count; ++i) co_await co::send(to, i);
}

co_task<long> sum_up(chan<int> from) {
  long sum = 0;
  while (auto v = co_await co::recv(from)) sum += *v;
  co_return sum;
}

co_task<long> sum_some(chan<int> from, int count) {
  long sum = 0;
  for (int i = 0; i < count; ++i) sum += (co_await co::recv(from)).value();
  co_return sum;
}

TEST_P(co_channel_test, passes_values_in_order_at_every_capacity) {
  run([] {
    for (const std::size_t capacity : {0U, 1U, 3U, 128U}) {
      auto c = make_chan<int>(capacity);
      auto sender = gobench::spawn(produce(c, 500));
      auto receiver = gobench::spawn([](chan<int> from) -> co_task<bool> {
        for (int i = 0; i < 500; ++i)
          if (co_await co::recv(from) != i) co_return false;
        co_return true;
      }(c));
      EXPECT_TRUE(receiver.join()) << capacity;
      sender.join();
    }
  });
}

TEST_P(co_channel_test, meets_fibers_and_foreign_threads_on_one_channel) {
  run([] {
    auto c = make_chan<int>(2);
    constexpr int each = 300;
    std::vector<gobench::task> senders;
    for (int i = 0; i < 3; ++i) senders.push_back(gobench::spawn(produce(c, each)));
    for (int i = 0; i < 3; ++i)
      senders.push_back(gobench::go([=] {
        for (int k = 0; k < each; ++k) c.send(k);
      }));
    std::thread outside([=] {
      for (int k = 0; k < each; ++k) c.send(k);
    });
    auto first = gobench::spawn(sum_up(c));
    auto second = gobench::spawn(sum_up(c));
    long by_fiber = 0;
    auto third = gobench::go([&] {
      for (int v : c) by_fiber += v;
    });
    for (auto& s : senders) s.join();
    gobench::blocking([&] { outside.join(); });
    c.close();
    third.join();
    EXPECT_EQ(first.join() + second.join() + by_fiber, 7L * each * (each - 1) / 2);
  });
}

TEST_P(co_channel_test, carries_move_only_and_boxed_values) {
  struct boxed {
    boxed() = default;
    explicit boxed(int n) : value(std::make_unique<int>(n)) {}
    boxed(boxed&& other) noexcept(false) : value(std::move(other.value)) {}
    std::unique_ptr<int> value;
  };
  run([] {
    auto moved = make_chan<std::unique_ptr<std::string>>();
    auto in_box = make_chan<boxed>();
    auto sender = gobench::spawn([](auto a, auto b) -> co_task<> {
      co_await co::send(a, std::make_unique<std::string>("over"));
      co_await co::send(b, boxed(7));
    }(moved, in_box));
    auto receiver = gobench::spawn([](auto a, auto b) -> co_task<std::string> {
      auto first = co_await co::recv(a);
      auto second = co_await co::recv(b);
      co_return **first + std::to_string(*second->value);
    }(moved, in_box));
    EXPECT_EQ(receiver.join(), "over7");
    sender.join();
  });
}

TEST_P(co_channel_test, a_close_ends_receives_and_throws_in_sends) {
  run([] {
    auto c = make_chan<int>();
    auto receiver = gobench::spawn([](chan<int> from) -> co_task<bool> {
      co_return !(co_await co::recv(from)).has_value();
    }(c));
    gobench::sleep_for(1ms);
    c.close();
    EXPECT_TRUE(receiver.join());

    auto d = make_chan<int>();
    auto sender = gobench::spawn(produce(d, 1));
    gobench::sleep_for(1ms);
    d.close();
    EXPECT_THROW(sender.join(), gobench::channel_error);
    // Closed before it came.
    EXPECT_THROW(gobench::spawn(produce(d, 1)).join(), gobench::channel_error);
  });
}

TEST_P(co_channel_test, gives_up_in_time_and_leaves_the_queue) {
  run([] {
    auto c = make_chan<int>();
    auto waits = gobench::spawn([](chan<int> from) -> co_task<bool> {
      const bool none = !(co_await co::recv_for(from, 2ms)).has_value();
      const bool at_once = !(co_await co::recv_for(from, 0ms)).has_value();
      const bool unsent = !(co_await co::send_for(from, 1, 2ms));
      co_return none&& at_once&& unsent;
    }(c));
    EXPECT_TRUE(waits.join());
    EXPECT_FALSE(c.try_send(1));
    EXPECT_FALSE(c.try_recv().has_value());
    // In time.
    auto gets = gobench::spawn([](chan<int> from) -> co_task<int> {
      co_return (co_await co::recv_for(from, 10s)).value_or(0);
    }(c));
    c.send(5);
    EXPECT_EQ(gets.join(), 5);
    auto puts = gobench::spawn(
        [](chan<int> to) -> co_task<bool> { co_return co_await co::send_for(to, 6, 10s); }(c));
    EXPECT_EQ(c.recv(), 6);
    EXPECT_TRUE(puts.join());
  });
}

TEST_P(co_channel_test, nil_channels_fail_only_in_time) {
  run([] {
    auto waits = gobench::spawn([]() -> co_task<bool> {
      const chan<int> nil;
      const bool none = !(co_await co::recv_for(nil, 1ms)).has_value();
      co_return none && !(co_await co::send_for(nil, 1, 1ms));
    }());
    EXPECT_TRUE(waits.join());
    gobench::spawn([]() -> co_task<> { co_await co::recv(chan<int>()); }());
    gobench::spawn([]() -> co_task<> { co_await co::send(chan<int>(), 1); }());
    gobench::sleep_for(1ms);  // they wait until the run ends
  });
}

TEST_P(co_channel_test, select_takes_the_case_that_becomes_ready) {
  run([] {
    auto a = make_chan<int>();
    auto b = make_chan<std::string>();
    auto out = make_chan<int>();
    auto chooser = gobench::spawn([](auto x, auto y, auto z) -> co_task<std::string> {
      std::string seen;
      for (int i = 0; i < 3; ++i) {
        const int taken = co_await co::select(
            gobench::on_recv(x, [&](std::optional<int> v) { seen += std::to_string(v.value()); }),
            gobench::on_recv(y, [&](std::optional<std::string> v) { seen += v.value(); }),
            gobench::on_send(z, 9, [&] { seen += "sent"; }));
        seen += '@' + std::to_string(taken) + ' ';
      }
      co_return seen;
    }(a, b, out));
    a.send(1);
    b.send("two");
    EXPECT_EQ(out.recv(), 9);
    EXPECT_EQ(chooser.join(), "1@0 two@1 sent@2 ");
  });
}

TEST_P(co_channel_test, select_knows_otherwise_after_nil_and_closed) {
  run([] {
    auto c = make_chan<int>();
    auto closed = make_chan<int>();
    closed.close();
    auto t = gobench::spawn([](chan<int> open, chan<int> shut) -> co_task<std::string> {
      std::string seen;
      const auto note = [&](const char* what) { return [&seen, what] { seen += what; }; };
      co_await co::select(gobench::on_recv(open), gobench::otherwise(note("o")));
      co_await co::select(gobench::on_recv(open), gobench::after(1ms, note("a")));
      co_await co::select(gobench::after(1ms, note("A")));
      co_await co::select(gobench::otherwise(note("O")));
      co_await co::select(gobench::on_recv(chan<int>()), gobench::on_recv(shut, note("c")));
      try {
        co_await co::select(gobench::on_send(shut, 1, note("!")));
      } catch (const gobench::channel_error&) {
        seen += "e";
      }
      co_return seen;
    }(c, closed));
    EXPECT_EQ(t.join(), "oaAOce");
  });
}

TEST_P(co_channel_test, select_takes_cases_from_a_vector) {
  run([] {
    std::vector<chan<int>> sources;
    for (int i = 0; i < 20; ++i) sources.push_back(make_chan<int>());
    auto t = gobench::spawn([](std::vector<chan<int>> from) -> co_task<int> {
      std::vector<gobench::select_case> cases;
      int sum = 0;
      for (auto& c : from)
        cases.emplace_back(gobench::on_recv(c, [&](std::optional<int> v) { sum += v.value(); }));
      for (int i = 0; i < 20; ++i) sum += 100 * co_await co::select(cases);
      co_return sum;
    }(sources));
    for (int i = 20; i-- > 0;) sources[static_cast<std::size_t>(i)].send(i);
    EXPECT_EQ(t.join(), 101 * 190);
  });
}

TEST_P(co_channel_test, select_meets_select) {
  run([] {
    auto a = make_chan<int>();
    auto b = make_chan<int>();
    constexpr int rounds = 300;
    const auto swap = [](chan<int> x, chan<int> y, int n, int& sent, int& got) -> co_task<> {
      for (int i = 0; i < n; ++i)
        co_await co::select(gobench::on_send(x, 1, [&] { ++sent; }),
                            gobench::on_recv(y, [&](auto) { ++got; }));
    };
    int sent[2] = {};
    int got[2] = {};
    auto s = gobench::spawn(swap(a, b, rounds, sent[0], got[0]));
    auto t = gobench::spawn(swap(b, a, rounds, sent[1], got[1]));
    s.join();
    t.join();
    EXPECT_EQ(sent[0], got[1]);
    EXPECT_EQ(sent[1], got[0]);
    EXPECT_EQ(sent[0] + got[0], rounds);
  });
}

// As in the select of fibers, each of two ready cases gets its share, whatever lies between them.
TEST_P(co_channel_test, select_is_fair_among_ready_cases) {
  run([] {
    auto full = make_chan<int>(1000);
    auto also = make_chan<int>(1000);
    for (int i = 0; i < 1000; ++i) {
      full.send(i);
      also.send(i);
    }
    auto t = gobench::spawn([](chan<int> x, chan<int> y) -> co_task<int> {
      const auto never = make_chan<int>();
      int first = 0;
      for (int i = 0; i < 1000; ++i)
        first += co_await co::select(gobench::on_recv(x), gobench::on_recv(never),
                                     gobench::on_recv(never), gobench::on_recv(y)) == 0;
      co_return first;
    }(full, also));
    const int first = t.join();
    EXPECT_GT(first, 350);
    EXPECT_LT(first, 650);
  });
}

TEST_P(co_channel_test, many_to_many_lose_and_double_nothing) {
  run([] {
    for (const std::size_t capacity : {0U, 4U}) {
      auto c = make_chan<int>(capacity);
      std::vector<gobench::task> senders;
      std::vector<gobench::co_handle<long>> receivers;
      for (int i = 0; i < 8; ++i) senders.push_back(gobench::spawn(produce(c, 200)));
      for (int i = 0; i < 8; ++i) receivers.push_back(gobench::spawn(sum_some(c, 200)));
      long sum = 0;
      for (auto& r : receivers) sum += r.join();
      for (auto& s : senders) s.join();
      EXPECT_EQ(sum, 8L * 199 * 200 / 2);
    }
  });
}

}  // namespace
