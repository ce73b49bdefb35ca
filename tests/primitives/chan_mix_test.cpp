// Producers and consumers in every mix: nothing is lost, nothing comes twice, and the values of one producer
// come to each consumer in their order.
#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <random>
#include <vector>

#include "tests/primitives/chan_support.hpp"
#include "tests/primitives/on_backends.hpp"

namespace {

using namespace std::chrono_literals;
using gobench::chan;

struct item {
  int producer;
  int number;
};

// Each way to send one value, and to receive one or learn that the channel is closed. What does not wait yields
// instead, so that a single processor gets round.
using send_way = std::function<void(const chan<item>&, item)>;
using recv_way = std::function<std::optional<item>(const chan<item>&)>;

void by_send(const chan<item>& ch, item i) {
  ch.send(i);
  if (ch.cap() > 1000) gobench::yield();
}
void by_try_send(const chan<item>& ch, item i) {
  while (!ch.try_send(i)) gobench::yield();
  if (ch.cap() > 1000) gobench::yield();
}
void by_send_for(const chan<item>& ch, item i) {
  while (!ch.send_for(i, 20us)) {
  }
}
void by_select_send(const chan<item>& ch, item i) {
  gobench::select(gobench::on_send(ch, i), gobench::on_recv(gobench::make_chan<int>()));
}

std::optional<item> by_recv(const chan<item>& ch) { return ch.recv(); }
std::optional<item> by_try_recv(const chan<item>& ch) {
  // Without a buffer, two who only try never meet.
  if (ch.cap() == 0) return by_recv(ch);
  item got{};
  for (;;) {
    switch (ch.try_recv(got)) {
      case gobench::recv_status::ok:
        return got;
      case gobench::recv_status::closed:
        return std::nullopt;
      case gobench::recv_status::empty:
        gobench::yield();
    }
  }
}
std::optional<item> by_recv_for(const chan<item>& ch) {
  item got{};
  for (;;) {
    switch (ch.recv_for(got, 20us)) {
      case gobench::recv_status::ok:
        return got;
      case gobench::recv_status::closed:
        return std::nullopt;
      case gobench::recv_status::empty:
        break;
    }
  }
}
std::optional<item> by_select_recv(const chan<item>& ch) {
  std::optional<item> got;
  gobench::select(gobench::on_recv(gobench::make_chan<int>()),
                  gobench::on_recv(ch, [&](std::optional<item> i) { got = i; }));
  return got;
}

const std::vector<send_way> send_ways = {by_send, by_try_send, by_send_for, by_select_send};
const std::vector<recv_way> recv_ways = {by_recv, by_try_recv, by_recv_for, by_select_recv};

struct mix {
  int producers;
  int consumers;
  int threads;  // of these, the last so many are OS threads of their own
};

// way(i) chooses how participant i works.
void exchange(const chan<item>& ch, mix who, int items,
              const std::function<std::size_t(int)>& way) {
  const auto producers = static_cast<std::size_t>(who.producers);
  std::vector<std::vector<std::atomic<int>>> times(producers);
  for (auto& row : times) row = std::vector<std::atomic<int>>(static_cast<std::size_t>(items));
  std::atomic<int> producing{who.producers};
  // Producers and consumers by turns, so that both kinds are among the threads.
  std::vector<std::pair<bool, int>> role;
  for (int i = 0; i < who.producers || i < who.consumers; ++i) {
    if (i < who.producers) role.emplace_back(true, i);
    if (i < who.consumers) role.emplace_back(false, i);
  }
  const int all = who.producers + who.consumers;
  together({.tasks = all - who.threads, .threads = who.threads}, [&](int i) {
    const auto [produces, me] = role[static_cast<std::size_t>(i)];
    if (produces) {
      const send_way& send = send_ways[way(i) % send_ways.size()];
      for (int n = 0; n < items; ++n) send(ch, {me, n});
      if (--producing == 0) ch.close();
    } else {
      const recv_way& recv = recv_ways[way(i) % recv_ways.size()];
      std::vector<int> last(producers, -1);
      while (const std::optional<item> got = recv(ch)) {
        const auto from = static_cast<std::size_t>(got->producer);
        ASSERT_LT(last[from], got->number);
        last[from] = got->number;
        ++times[from][static_cast<std::size_t>(got->number)];
      }
    }
  });
  for (const auto& row : times) {
    for (const std::atomic<int>& n : row) ASSERT_EQ(n, 1);
  }
  EXPECT_EQ(ch.len(), 0U);
  EXPECT_EQ(waiting_senders(ch), 0U);
  EXPECT_EQ(waiting_receivers(ch), 0U);
}

std::vector<chan<item>> one_of_each() {
  return {gobench::make_chan<item>(), gobench::make_chan<item>(1), gobench::make_chan<item>(16),
          gobench::make_unbounded_chan<item>()};
}

class chan_mix_test : public on_backends {};
GOBENCH_ON_BACKENDS(chan_mix_test);

constexpr mix mixes[] = {{1, 1, 0}, {1, 1, 1}, {4, 1, 0}, {1, 4, 0},
                         {4, 4, 0}, {4, 4, 3}, {2, 6, 2}};

TEST_P(chan_mix_test, each_way_with_itself) {
  run([] {
    for (const mix& who : mixes) {
      for (std::size_t way = 0; way < send_ways.size(); ++way) {
        for (const auto& ch : one_of_each()) exchange(ch, who, 60, [=](int) { return way; });
      }
    }
  });
}

TEST_P(chan_mix_test, all_ways_at_once) {
  run([] {
    std::mt19937 random(static_cast<unsigned>(GetParam().procs));
    for (int round = 0; round < 10; ++round) {
      for (const auto& ch : one_of_each()) {
        std::vector<std::size_t> way(10);
        for (std::size_t& w : way) w = random();
        exchange(ch, {5, 5, 2}, 60, [&](int i) { return way[static_cast<std::size_t>(i)]; });
      }
    }
  });
}

// Two stages of tasks between two channels, and a select that merges.
TEST_P(chan_mix_test, a_pipeline_keeps_everything) {
  run([] {
    auto in = gobench::make_chan<int>();
    auto even = gobench::make_chan<int>(2);
    auto odd = gobench::make_chan<int>();
    auto out = gobench::make_unbounded_chan<int>();
    gobench::task splits = gobench::go([=] {
      for (int n : in) (n % 2 == 0 ? even : odd).send(n);
      even.close();
      odd.close();
    });
    gobench::task merges = gobench::go([=] {
      chan<int> a = even;
      chan<int> b = odd;
      while (a || b) {
        const auto pass = [&](chan<int>& from) {
          return gobench::on_recv(from, [&](std::optional<int> n) {
            if (n) {
              out.send(*n);
            } else {
              from = {};  // nil: no longer selected
            }
          });
        };
        gobench::select(pass(a), pass(b));
      }
      out.close();
    });
    gobench::task feeds = gobench::go([=] {
      for (int n = 0; n < 1000; ++n) in.send(n);
      in.close();
    });
    std::vector<int> times(1000);
    for (int n : out) ++times[static_cast<std::size_t>(n)];
    for (int t : times) ASSERT_EQ(t, 1);
    splits.join();
    merges.join();
    feeds.join();
  });
}

}  // namespace
