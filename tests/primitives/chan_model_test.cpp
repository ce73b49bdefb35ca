// A channel against a plain model of one: a queue of values and two queues of those who wait.
//
// One driver does random operations. After each it waits until everything has happened that the model says
// must, and compares results, lengths and queues; so the order is the same on every backend, although those
// who wait are tasks of their own. A failure prints the seed.
#include <algorithm>
#include <atomic>
#include <deque>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tests/primitives/chan_support.hpp"
#include "tests/primitives/on_backends.hpp"

namespace {

using gobench::chan;
using gobench::channel_error;

// What became of an operation. Values are positive.
constexpr int pending = 0;
constexpr int was_closed = -1;  // a receive got nullopt, a send threw
constexpr int was_sent = -2;
constexpr int was_cancelled = -3;
constexpr int not_ready = -4;

struct waiting {
  std::size_t id;
  int value;  // of a sender
};

// What the channel should do. Each call returns what has to complete because of it.
class model {
 public:
  using completions = std::vector<std::pair<std::size_t, int>>;

  explicit model(std::size_t capacity) : capacity_(capacity) {}

  completions send(std::size_t id, int value, bool waits) {
    if (closed_) return {{id, was_closed}};
    if (!receivers_.empty()) {
      const waiting first = receivers_.front();
      receivers_.pop_front();
      return {{id, was_sent}, {first.id, value}};
    }
    if (values_.size() < capacity_) {
      values_.push_back(value);
      return {{id, was_sent}};
    }
    if (!waits) return {{id, not_ready}};
    senders_.push_back({id, value});
    return {};
  }

  completions recv(std::size_t id, bool waits) {
    completions done;
    if (!values_.empty()) {
      done.emplace_back(id, values_.front());
      values_.pop_front();
      if (!senders_.empty()) {
        values_.push_back(senders_.front().value);
        done.emplace_back(senders_.front().id, was_sent);
        senders_.pop_front();
      }
    } else if (!senders_.empty()) {
      done = {{id, senders_.front().value}, {senders_.front().id, was_sent}};
      senders_.pop_front();
    } else if (closed_) {
      done = {{id, was_closed}};
    } else if (!waits) {
      done = {{id, not_ready}};
    } else {
      receivers_.push_back({id, 0});
    }
    return done;
  }

  completions close() {
    completions done;
    for (const auto* queue : {&receivers_, &senders_}) {
      for (const waiting& w : *queue) done.emplace_back(w.id, was_closed);
    }
    receivers_.clear();
    senders_.clear();
    closed_ = true;
    return done;
  }

  // True if the operation waits; then it does so no longer.
  bool cancel(std::size_t id) {
    const auto is_it = [=](const waiting& w) { return w.id == id; };
    return std::erase_if(receivers_, is_it) + std::erase_if(senders_, is_it) != 0;
  }

  bool closed() const { return closed_; }
  std::size_t len() const { return values_.size(); }
  std::size_t senders() const { return senders_.size(); }
  std::size_t receivers() const { return receivers_.size(); }

 private:
  std::size_t capacity_;
  bool closed_ = false;
  std::deque<int> values_;
  std::deque<waiting> senders_;
  std::deque<waiting> receivers_;
};

class experiment {
 public:
  experiment(chan<int> ch, unsigned seed)
      : channel_(std::move(ch)),
        model_(channel_.cap()),
        random_(seed),
        // Not a SCOPED_TRACE, which belongs to a thread: a task may go on in another one.
        where_(" in the experiment with seed " + std::to_string(seed) + " and capacity " +
               std::to_string(channel_.cap())) {}

  void play(int steps) {
    for (int i = 0; i < steps && !::testing::Test::HasFailure(); ++i) step();
    if (!model_.closed()) close();
    for (gobench::task& t : tasks_) t.join();
  }

 private:
  struct operation {
    std::atomic<int> result{pending};
    chan<gobench::unit> cancel = gobench::make_chan<gobench::unit>();
  };

  void step() {
    switch (random_() % 12) {
      case 0:
      case 1:
        send(false);
        break;
      case 2:
      case 3:
        recv(false);
        break;
      case 4:
      case 5:
        send(true);
        break;
      case 6:
      case 7:
        recv(true);
        break;
      case 8:
        poll_send();
        break;
      case 9:
        poll_recv();
        break;
      case 10:
        cancel();
        break;
      default:
        if (random_() % 40 == 0) {
          closed_twice_or_once();
        } else {
          poll_recv();
        }
    }
  }

  std::size_t fresh() {
    operations_.emplace_back();
    return operations_.size() - 1;
  }

  // In a task of its own, plainly or as a select that can be cancelled.
  void send(bool by_select) {
    const std::size_t id = fresh();
    const int value = ++last_value_;
    operation& o = operations_[id];
    tasks_.push_back(gobench::go([this, &o, value, by_select] {
      try {
        if (by_select) {
          const int taken =
              gobench::select(gobench::on_send(channel_, value), gobench::on_recv(o.cancel));
          o.result = taken == 0 ? was_sent : was_cancelled;
        } else {
          channel_.send(value);
          o.result = was_sent;
        }
      } catch (const channel_error& e) {
        EXPECT_EQ(e.kind(), channel_error::send_on_closed);
        o.result = was_closed;
      }
    }));
    settle(model_.send(id, value, true));
  }

  void recv(bool by_select) {
    const std::size_t id = fresh();
    operation& o = operations_[id];
    tasks_.push_back(gobench::go([this, &o, by_select] {
      std::optional<int> got;
      if (by_select) {
        const int taken = gobench::select(gobench::on_recv(o.cancel),
                                          gobench::on_recv(channel_, [&](auto v) { got = v; }));
        o.result = taken == 0 ? was_cancelled : got.value_or(was_closed);
      } else {
        got = channel_.recv();
        o.result = got.value_or(was_closed);
      }
    }));
    settle(model_.recv(id, true));
  }

  void poll_send() {
    const std::size_t id = fresh();
    const int value = ++last_value_;
    int& result = immediate_;
    try {
      bool sent = false;
      switch (random_() % 3) {
        case 0:
          sent = channel_.try_send(value);
          break;
        case 1:
          sent = channel_.send_for(value, std::chrono::seconds(0));
          break;
        default:
          sent = gobench::select(gobench::otherwise(), gobench::on_send(channel_, value)) == 1;
      }
      result = sent ? was_sent : not_ready;
    } catch (const channel_error&) {
      result = was_closed;
    }
    operations_[id].result = result;
    settle(model_.send(id, value, false));
  }

  void poll_recv() {
    const std::size_t id = fresh();
    int value = 0;
    const auto as_result = [&](gobench::recv_status s) {
      switch (s) {
        case gobench::recv_status::ok:
          return value;
        case gobench::recv_status::closed:
          return was_closed;
        case gobench::recv_status::empty:
          break;
      }
      return not_ready;
    };
    switch (random_() % 3) {
      case 0:
        immediate_ = as_result(channel_.try_recv(value));
        break;
      case 1:
        immediate_ = as_result(channel_.recv_for(value, std::chrono::seconds(0)));
        break;
      default:
        immediate_ = not_ready;
        gobench::select(
            gobench::on_recv(channel_, [&](auto v) { immediate_ = v.value_or(was_closed); }),
            gobench::after(std::chrono::seconds(0)));
    }
    operations_[id].result = immediate_;
    settle(model_.recv(id, false));
  }

  // One of those who wait in a select gives up, wherever in the queue it stands.
  void cancel() {
    if (operations_.empty()) return;
    const std::size_t id = random_() % operations_.size();
    // What is not a select, or has completed, does not receive from `cancel`.
    if (!operations_[id].cancel.try_send({})) return;
    EXPECT_TRUE(model_.cancel(id)) << where_;
    settle({{id, was_cancelled}});
  }

  void close() {
    channel_.close();
    settle(model_.close());
  }
  void closed_twice_or_once() {
    if (!model_.closed()) return close();
    EXPECT_THROW(channel_.close(), channel_error);
  }

  void settle(const model::completions& expected) {
    for (const auto& [id, result] : expected) {
      const operation& o = operations_[id];
      until([&] { return o.result != pending; });
      EXPECT_EQ(o.result, result) << "operation " << id << where_;
    }
    until([&] { return waiting_senders(channel_) == model_.senders(); });
    until([&] { return waiting_receivers(channel_) == model_.receivers(); });
    EXPECT_EQ(channel_.len(), model_.len()) << where_;
    EXPECT_EQ(channel_.closed(), model_.closed()) << where_;
  }

  chan<int> channel_;
  model model_;
  std::mt19937 random_;
  const std::string where_;
  std::deque<operation> operations_;
  std::vector<gobench::task> tasks_;
  int last_value_ = 0;
  int immediate_ = 0;
};

class chan_model_test : public on_backends {};
GOBENCH_ON_BACKENDS(chan_model_test);

TEST_P(chan_model_test, random_operations) {
  run([] {
    for (unsigned seed = 1; seed <= 12; ++seed) {
      for (std::size_t capacity : {0U, 1U, 3U, 8U}) {
        experiment(gobench::make_chan<int>(capacity), seed).play(150);
      }
      experiment(gobench::make_unbounded_chan<int>(), seed).play(150);
    }
  });
}

}  // namespace
