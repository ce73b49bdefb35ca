// Channels: an end that nobody is at, a close that is missing or comes twice, a select that forgets a case.
#include <atomic>
#include <chrono>
#include <mutex>

#include "tests/corpus/explore/tasks.hpp"

namespace {

using corpus::explore_case;
using corpus::together;
using namespace std::chrono_literals;

struct task_missing_receiver : explore_case {
  void run() {
    auto answers = gobench::make_chan<int>(twin() ? 1 : 0);
    gobench::go([answers] { answers.send(42); });
    gobench::select(gobench::on_recv(answers), gobench::after(5ms));
    gobench::sleep_for(1ms);  // it goes on without the answer
  }
};
EXPLORE_CASE(task_missing_receiver, "leak", "",
             "the receiver of an answer has left after a timeout");

struct task_missing_sender : explore_case {
  std::atomic<bool> cancelled{false};
  gobench::chan<int> answers = gobench::make_chan<int>();
  void work() {
    if (!cancelled)
      answers.send(42);
    else if (twin())
      answers.close();
  }
  void run() {
    together([this] { work(); }, [this] { answers.recv(); }, [this] { cancelled = true; });
  }
};
EXPLORE_CASE(task_missing_sender, "deadlock", "", "a receive whose sender has stopped early");

struct task_missing_close : explore_case {
  std::atomic<int> working{2};
  gobench::chan<int> results = gobench::make_chan<int>(2);
  void work() {
    results.send(1);
    if (twin()) {
      if (--working == 0) results.close();
      return;
    }
    const int left = working - 1;
    working = left;
    if (left == 0) results.close();
  }
  void run() {
    together([this] { work(); }, [this] { work(); },
             [this] {
               for (int result : results) assert(result == 1);
             });
  }
};
EXPLORE_CASE(task_missing_close, "deadlock", "",
             "each of two producers believes that the other one closes");

struct task_double_close : explore_case {
  gobench::chan<int> stop = gobench::make_chan<int>();
  gobench::once closing;
  void shut_down() {
    if (twin())
      closing.call([this] { stop.close(); });
    else if (!stop.closed())
      stop.close();
  }
  void run() {
    together([this] { shut_down(); }, [this] { shut_down(); });
  }
};
EXPLORE_CASE(task_double_close, "misuse|data-race", "crash",
             "two tasks see an open channel, and both close it");

struct task_send_after_close : explore_case {
  gobench::chan<int> jobs = gobench::make_chan<int>(4);
  gobench::mutex m;
  bool closed = false;
  void submit() {
    std::unique_lock held(m);
    if (closed) return;
    if (!twin()) held.unlock();
    jobs.send(1);
  }
  void close() {
    const std::scoped_lock held(m);
    closed = true;
    jobs.close();
  }
  void run() {
    together([this] { submit(); }, [this] { close(); });
  }
};
EXPLORE_CASE(task_send_after_close, "misuse|data-race", "crash",
             "it is checked that a channel is open, and sent when it is closed");

struct task_closed_by_receiver : explore_case {
  gobench::chan<int> numbers = gobench::make_chan<int>();
  gobench::chan<int> enough = gobench::make_chan<int>();
  std::atomic<bool> wanted{true};
  void produce(int number) {
    if (wanted) gobench::select(gobench::on_send(numbers, number), gobench::on_recv(enough));
  }
  void consume() {
    numbers.recv();
    wanted = false;
    twin() ? enough.close() : numbers.close();
  }
  void run() {
    together([this] { produce(1); }, [this] { consume(); }, [this] { produce(2); });
  }
};
EXPLORE_CASE(task_closed_by_receiver, "misuse|data-race|crash", "",
             "a receiver that has enough closes what others still send on");

struct task_pipeline_left_early : explore_case {
  gobench::chan<int> numbers = gobench::make_chan<int>();
  gobench::chan<int> stop = gobench::make_chan<int>();
  std::atomic<bool> satisfied{false};
  void produce() {
    for (int i = 0; i < 3 && !satisfied; ++i) {
      if (!twin())
        numbers.send(i);
      else if (gobench::select(gobench::on_send(numbers, i), gobench::on_recv(stop)) == 1)
        return;
    }
  }
  void run() {
    gobench::task producer = gobench::go([this] { produce(); });
    numbers.recv();
    satisfied = true;
    stop.close();
    if (twin()) producer.join();
  }
};
EXPLORE_CASE(task_pipeline_left_early, "leak", "",
             "a producer looks whether it is still wanted, and then waits in a send");

struct task_select_misses_stop : explore_case {
  gobench::chan<int> in = gobench::make_chan<int>(1);
  gobench::chan<int> out = gobench::make_chan<int>();
  gobench::chan<int> stop = gobench::make_chan<int>();
  void relay() {
    while (true) {
      bool stopped = false;
      gobench::select(gobench::on_recv(in,
                                       [&](std::optional<int> value) {
                                         if (twin())
                                           stopped = gobench::select(gobench::on_send(out, *value),
                                                                     gobench::on_recv(stop)) == 1;
                                         else
                                           out.send(*value);
                                       }),
                      gobench::on_recv(stop, [&] { stopped = true; }));
      if (stopped) return;
    }
  }
  void run() {
    in.send(1);
    together([this] { relay(); },
             [this] { gobench::select(gobench::on_recv(out), gobench::on_recv(stop)); },
             [this] { stop.close(); });
  }
};
EXPLORE_CASE(task_select_misses_stop, "deadlock", "",
             "a relay hears a stop while it receives, but not while it sends");

struct task_signal_dropped : explore_case {
  gobench::chan<int> wake = gobench::make_chan<int>(twin() ? 1 : 0);
  void signal() { gobench::select(gobench::on_send(wake, 1), gobench::otherwise()); }
  void run() {
    together([this] { wake.recv(); }, [this] { signal(); });
  }
};
EXPLORE_CASE(task_signal_dropped, "deadlock", "",
             "a signal is sent only if the receiver waits already");

struct task_length_then_receive : explore_case {
  gobench::chan<int> jobs = gobench::make_chan<int>(2);
  void work() {
    if (twin())
      jobs.try_recv();
    else if (jobs.len() > 0)
      jobs.recv();
  }
  void run() {
    jobs.send(1);
    together([this] { work(); }, [this] { work(); });
  }
};
EXPLORE_CASE(task_length_then_receive, "deadlock", "",
             "a channel has a value when it is looked at");

struct task_two_channels_as_locks : explore_case {
  gobench::chan<int> a = gobench::make_chan<int>(1);
  gobench::chan<int> b = gobench::make_chan<int>(1);
  static void both(const gobench::chan<int>& first, const gobench::chan<int>& second) {
    first.send(1);
    second.send(1);
    second.recv();
    first.recv();
  }
  void run() {
    together([this] { both(a, b); }, [this] { twin() ? both(a, b) : both(b, a); });
  }
};
EXPLORE_CASE(task_two_channels_as_locks, "deadlock", "",
             "channels with room for one are used as locks, in two orders");

struct task_nil_channel : explore_case {
  gobench::mutex m;
  gobench::chan<int> answers;
  void prepare() {
    auto made = gobench::make_chan<int>(1);
    made.send(42);
    const std::scoped_lock held(m);
    answers = made;
  }
  void use() {
    std::unique_lock held(m);
    const gobench::chan<int> mine = answers;
    held.unlock();
    if (!twin() || mine) mine.recv();
  }
  void run() {
    together([this] { prepare(); }, [this] { use(); });
  }
};
EXPLORE_CASE(task_nil_channel, "deadlock", "",
             "a channel is used before it is made: nil, for ever");

struct task_answers_mixed_up : explore_case {
  struct request {
    int number;
    gobench::chan<int> to;
  };
  gobench::chan<request> requests = gobench::make_chan<request>();
  gobench::chan<int> common = gobench::make_chan<int>(2);
  void serve() {
    for (const request& one : requests) one.to.send(one.number);
  }
  void ask(int number) {
    const auto answers = twin() ? gobench::make_chan<int>(1) : common;
    requests.send({number, answers});
    assert(answers.recv() == number);
  }
  void run() {
    gobench::task server = gobench::go([this] { serve(); });
    together([this] { ask(1); }, [this] { ask(2); });
    requests.close();
    server.join();
  }
};
EXPLORE_CASE(task_answers_mixed_up, "assertion", "", "two who ask share the channel for answers");

struct task_results_out_of_order : explore_case {
  struct result {
    int index;
    int value;
  };
  void run() {
    auto results = gobench::make_chan<result>(2);
    for (int i = 0; i < 2; ++i) gobench::go([=] { results.send({i, 10 * i}); });
    int values[2] = {-1, -1};
    for (int i = 0; i < 2; ++i) {
      const auto got = results.recv();
      values[twin() ? got->index : i] = got->value;
    }
    if (values[0] != 0 || values[1] != 10) corpus::wrong("results are in the wrong order");
  }
};
EXPLORE_CASE(task_results_out_of_order, "assertion", "",
             "results are taken to come in the order in which tasks were started");

struct task_sent_pointer_changed : explore_case {
  struct message {
    int number = 0;
  };
  message first, second;
  gobench::chan<message*> sent = gobench::make_chan<message*>(1);
  void run() {
    together(
        [this] {
          first.number = 1;
          sent.send(&first);
          message& next = twin() ? second : first;
          next.number = 2;
          sent.send(&next);
          sent.send(nullptr);
        },
        [this] {
          for (int expected = 1;; ++expected) {
            const message* got = sent.recv().value();
            if (got == nullptr) return;
            assert(got->number == expected);
          }
        });
  }
};
EXPLORE_CASE(task_sent_pointer_changed, "data-race|assertion", "",
             "what was sent by pointer is changed for the next message");

struct task_loop_variable : explore_case {
  void run() {
    auto seen = gobench::make_chan<int>(2);
    for (int i = 0; i < 2; ++i) {
      if (twin())
        gobench::go([seen, i] { seen.send(i); });
      else
        gobench::go([seen, &i] { seen.send(i); });
    }
    const int sum = *seen.recv() + *seen.recv();
    if (sum != 1) corpus::wrong("a number was used twice");
  }
};
EXPLORE_CASE(task_loop_variable, "data-race", "assertion",
             "a loop variable is captured by reference");

}  // namespace
