// Timers and contexts: the passing of time orders nothing, what comes through a timer is ordered after its making.
#include <chrono>

#include "tests/corpus/race/tasks.hpp"

namespace {

using corpus::race_case;
using namespace std::chrono_literals;

struct timer_function : race_case {
  long value = 0;
  void first() { value = 1; }
  void second() { value = 2; }
  void run() {
    if (twin()) side(*this, &timer_function::first);
    gobench::event over;
    const gobench::timer made = gobench::after_func(1us, [this, &over] {
      await(1);
      side(*this, &timer_function::second);
      over.set();
    });
    if (!twin()) side(*this, &timer_function::first);
    reach(1);
    over.wait();
  }
};
CORPUS_CASE(timer_function, "after_func; a write after it was made");

struct timer_function_over : race_case {
  gobench::event over;
  long value = 0;
  void first() { value = 1; }
  void second() { value = 2; }
  void run() {
    gobench::timer made = gobench::after_func(1us, [this] {
      side(*this, &timer_function_over::first);
      over.set();
      reach(1);
    });
    await(1);
    if (twin()) over.wait();
    made.stop();
    side(*this, &timer_function_over::second);
  }
};
CORPUS_CASE(timer_function_over, "timer::stop of a function that has run orders nothing");

struct timer_channel : race_case {
  gobench::timer limit{1h};
  long value = 0;
  long seen = 0;
  void first() {
    if (twin()) value = 1;
    limit.reset(1us);
    if (!twin()) value = 1;
  }
  void second() {
    static_cast<void>(limit.chan().recv());
    seen = value;
  }
};
CORPUS_CASE(timer_channel, "timer::reset is before the receive of its value; a write after it");

struct ticker_channel : race_case {
  gobench::ticker beat{1h};
  long value = 0;
  long seen = 0;
  void first() {
    if (twin()) value = 1;
    beat.reset(1ms);
    if (!twin()) value = 1;
  }
  void second() {
    static_cast<void>(beat.chan().recv());
    seen = value;
    beat.stop();
  }
};
CORPUS_CASE(ticker_channel, "ticker::reset is before the receive of a tick; a write after it");

struct timer_of_another : race_case {
  gobench::mutex m;
  long value = 0;
  void first() { write(1); }
  void second() { write(2); }
  void write(long now) {
    gobench::timer mine(100us);
    static_cast<void>(mine.chan().recv());
    if (twin()) m.lock();
    value = now;
    if (twin()) m.unlock();
  }
};
CORPUS_CASE(timer_of_another, "two tasks that wait for a timer each");

struct context_cancelled : race_case {
  gobench::cancellable made = gobench::with_cancel(gobench::background());
  long value = 0;
  long seen = 0;
  void first() {
    if (twin()) value = 1;
    made.cancel();
    if (!twin()) value = 1;
  }
  void second() {
    static_cast<void>(made.ctx.done().recv());
    seen = value;
  }
};
CORPUS_CASE(context_cancelled, "a context that is cancelled; a write after it");

struct context_cancelled_above : race_case {
  gobench::cancellable parent = gobench::with_cancel(gobench::background());
  gobench::cancellable child = gobench::with_cancel(parent.ctx);
  long value = 0;
  long seen = 0;
  void first() {
    if (twin()) value = 1;
    parent.cancel();
    if (!twin()) value = 1;
  }
  void second() {
    static_cast<void>(child.ctx.done().recv());
    seen = value;
  }
};
CORPUS_CASE(context_cancelled_above, "a context whose parent is cancelled; a write after it");

// A deadline comes by itself.
struct context_deadline : race_case {
  gobench::mutex m;
  gobench::cancellable made = gobench::with_timeout(gobench::background(), 100us);
  long value = 0;
  void first() { write(1); }
  void second() { write(2); }
  void write(long now) {
    static_cast<void>(made.ctx.done().recv());
    if (twin()) m.lock();
    value = now;
    if (twin()) m.unlock();
  }
};
CORPUS_CASE(context_deadline, "two tasks that wait for one deadline");

}  // namespace
