// Timers, timeouts and contexts: what happens beside their end.
#include <atomic>
#include <chrono>
#include <mutex>

#include "tests/corpus/explore/tasks.hpp"

namespace {

using corpus::explore_case;
using corpus::together;
using namespace std::chrono_literals;

struct task_timer_stop_beside_fire : explore_case {
  std::atomic<bool> closed{false};
  gobench::event over;
  void run() {
    gobench::timer flush = gobench::after_func(2ms, [this] {
      assert(!closed);
      over.set();
    });
    gobench::sleep_for(1ms);
    const bool stopped = flush.stop();
    if (twin() && !stopped) over.wait();  // it has begun, and will be over
    closed = true;
    if (!twin() && !stopped) over.wait();
  }
};
EXPLORE_CASE(task_timer_stop_beside_fire, "assertion", "leak",
             "a timer is stopped whose function has begun");

struct task_timer_drained : explore_case {
  gobench::timer limit;
  void run() {
    auto work = gobench::make_chan<int>(1);
    limit = gobench::timer(2ms);
    gobench::task worker = gobench::go([work] { work.send(1); });
    int expired = 0;
    gobench::select(gobench::on_recv(work), gobench::on_recv(limit.chan(), [&] { ++expired; }));
    if (!limit.stop()) {
      if (!twin()) limit.chan().recv();  // so that it is empty, which it is
    }
    worker.join();
  }
};
EXPLORE_CASE(task_timer_drained, "deadlock", "",
             "the channel of a timer is drained when its value was received already");

struct task_timeout_closes : explore_case {
  gobench::chan<int> answers = gobench::make_chan<int>(1);
  void run() {
    gobench::task worker = gobench::go([this] { answers.send(1); });
    const int which = gobench::select(gobench::on_recv(answers), gobench::after(2ms));
    if (which == 1 && !twin()) answers.close();
    worker.join();
  }
};
EXPLORE_CASE(task_timeout_closes, "misuse|data-race|crash", "",
             "who has waited for too long closes the channel that the answer comes on");

struct task_timeout_beside_result : explore_case {
  std::atomic<int> ended{0};
  std::atomic<bool> decided{false};
  void end() {
    if (!twin() || !decided.exchange(true)) ++ended;
  }
  void run() {
    auto answers = gobench::make_chan<int>(1);
    gobench::task worker = gobench::go([&, answers] {
      answers.send(1);
      end();
    });
    if (gobench::select(gobench::on_recv(answers), gobench::after(2ms)) == 1) end();
    worker.join();
    if (ended != 1) corpus::wrong("the request was ended twice");
  }
};
EXPLORE_CASE(task_timeout_beside_result, "assertion", "",
             "a timeout and the result both end the request");

struct task_missing_cancel : explore_case {
  std::atomic<bool> failed{false};
  void serve() {
    auto [ctx, cancel] = gobench::with_cancel(gobench::background());
    gobench::task watcher = gobench::go([ctx = ctx] { ctx.done().recv(); });
    if (failed && !twin()) return;
    cancel();
    watcher.join();
  }
  void run() {
    together([this] { serve(); }, [this] { failed = true; });
  }
};
EXPLORE_CASE(task_missing_cancel, "leak", "",
             "a way out without cancel leaves the task that waits for it");

struct task_cancel_beside_work : explore_case {
  std::atomic<bool> gone{false};
  gobench::mutex m;
  void work(const gobench::context& ctx) {
    std::unique_lock held(m, std::defer_lock);
    if (twin()) held.lock();
    if (ctx.err() != gobench::context_error::none) return;
    assert(!gone);  // uses what is there until the cancel
  }
  void run() {
    auto [ctx, cancel] = gobench::with_cancel(gobench::background());
    gobench::task worker = gobench::go([this, ctx = ctx] { work(ctx); });
    {
      std::unique_lock held(m, std::defer_lock);
      if (twin()) held.lock();
      cancel();
      gone = true;
    }
    worker.join();
  }
};
EXPLORE_CASE(task_cancel_beside_work, "assertion", "",
             "a task sees that it is not cancelled, and then it is");

struct task_context_timeout_lost : explore_case {
  void run() {
    auto [ctx, cancel] = gobench::with_timeout(gobench::background(), 2ms);
    auto results = gobench::make_chan<int>();
    gobench::task worker = gobench::go([this, ctx = ctx, results] {
      if (twin())
        gobench::select(gobench::on_send(results, 1), gobench::on_recv(ctx.done()));
      else
        results.send(1);
    });
    gobench::select(gobench::on_recv(results), gobench::on_recv(ctx.done()));
    cancel();
    if (twin()) worker.join();
  }
};
EXPLORE_CASE(task_context_timeout_lost, "leak", "",
             "a result comes after the deadline, and nobody is there");

struct task_both_ready : explore_case {
  void run() {
    auto stop = gobench::make_chan<int>();
    auto jobs = gobench::make_chan<int>(2);
    int done = 0;
    jobs.send(1);
    gobench::task closer = gobench::go([=] {
      jobs.send(2);
      stop.close();
    });
    for (bool stopped = false; !stopped;)
      gobench::select(gobench::on_recv(jobs, [&] { ++done; }),
                      gobench::on_recv(stop, [&] { stopped = true; }));
    closer.join();
    while (twin() && jobs.try_recv()) ++done;
    if (done != 2) corpus::wrong("a job was left when the stop was taken first");
  }
};
EXPLORE_CASE(task_both_ready, "assertion", "",
             "select takes the stop although there are jobs, as it may");

struct task_sleep_as_order : explore_case {
  std::atomic<bool> ready{false};
  gobench::event made;
  void run() {
    together(
        [this] {
          gobench::sleep_for(1ms);
          ready = true;
          made.set();
        },
        [this] {
          twin() ? made.wait() : gobench::sleep_for(3ms);
          assert(ready);
        });
  }
};
EXPLORE_CASE(task_sleep_as_order, "assertion", "",
             "one sleeps for longer than the other, and relies on it");

}  // namespace
