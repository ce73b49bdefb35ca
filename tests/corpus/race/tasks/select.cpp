// Select: the case that is done has its edge, the others have none.
#include <chrono>
#include <optional>
#include <vector>

#include "tests/corpus/race/tasks.hpp"

namespace {

using corpus::race_case;
using namespace std::chrono_literals;

struct select_receives : race_case {
  gobench::chan<int> ch = gobench::make_chan<int>(1);
  gobench::chan<int> never = gobench::make_chan<int>();
  long value = 0;
  long seen = 0;
  void first() {
    if (twin()) value = 1;
    ch.send(1);
    if (!twin()) value = 1;
  }
  void second() {
    if (gobench::select(gobench::on_recv(ch), gobench::on_recv(never)) != 0) std::abort();
    seen = value;
  }
};
CORPUS_CASE(select_receives, "a select that receives; a write after send");

struct select_receives_later : race_case {
  static constexpr bool together = true;
  gobench::chan<int> ch = gobench::make_chan<int>();
  gobench::chan<int> never = gobench::make_chan<int>();
  long value = 0;
  long seen = 0;
  void first() {
    await(1);
    gobench::sleep_for(1ms);  // the other waits by then, most likely
    if (twin()) value = 1;
    ch.send(1);
    if (!twin()) value = 1;
    reach(2);
  }
  void second() {
    reach(1);
    if (gobench::select(gobench::on_recv(never), gobench::on_recv(ch)) != 1) std::abort();
    await(2);
    seen = value;
  }
};
CORPUS_CASE(select_receives_later, "a select that waits; a write after send");

struct select_sends : race_case {
  static constexpr bool together = true;
  gobench::chan<int> ch = gobench::make_chan<int>();
  gobench::chan<int> never = gobench::make_chan<int>();
  long value = 0;
  long seen = 0;
  void first() {
    if (twin()) value = 1;
    if (gobench::select(gobench::on_send(ch, 1), gobench::on_recv(never)) != 0) std::abort();
    if (!twin()) value = 1;
    reach(1);
  }
  void second() {
    static_cast<void>(ch.recv());
    await(1);
    seen = value;
  }
};
CORPUS_CASE(select_sends, "a select that sends; a write after it");

struct select_sees_close : race_case {
  gobench::chan<int> ch = gobench::make_chan<int>();
  gobench::chan<int> never = gobench::make_chan<int>();
  long value = 0;
  long seen = 0;
  void first() {
    if (twin()) value = 1;
    ch.close();
    if (!twin()) value = 1;
  }
  void second() {
    static_cast<void>(gobench::select(gobench::on_recv(ch), gobench::on_recv(never)));
    seen = value;
  }
};
CORPUS_CASE(select_sees_close, "a select that sees a close; a write after it");

// The channel that was sent to is in a case that cannot be done.
struct select_not_taken : race_case {
  gobench::chan<int> full = gobench::make_chan<int>(1);
  gobench::chan<int> ready = gobench::make_chan<int>(1);
  long value = 0;
  long seen = 0;
  select_not_taken() { ready.send(1); }
  void first() {
    value = 1;
    full.send(1);
  }
  void second() {
    if (gobench::select(gobench::on_send(full, 2), gobench::on_recv(ready)) != 1) std::abort();
    if (twin()) static_cast<void>(full.recv());
    seen = value;
  }
};
CORPUS_CASE(select_not_taken, "a case of a select that is not taken");

struct select_otherwise : race_case {
  static constexpr bool together = true;
  gobench::chan<int> ch = gobench::make_chan<int>(1);
  long value = 0;
  long seen = 0;
  void first() {
    value = 1;
    reach(1);
    await(2);
    ch.send(1);
  }
  void second() {
    await(1);
    if (gobench::select(gobench::on_recv(ch), gobench::otherwise()) != 1) std::abort();
    if (!twin()) seen = value;
    reach(2);
    static_cast<void>(ch.recv());
    if (twin()) seen = value;
  }
};
CORPUS_CASE(select_otherwise, "a select that takes otherwise");

struct select_after : race_case {
  static constexpr bool together = true;
  gobench::chan<int> ch = gobench::make_chan<int>(1);
  long value = 0;
  long seen = 0;
  void first() {
    value = 1;
    reach(1);
    await(2);
    ch.send(1);
  }
  void second() {
    await(1);
    if (gobench::select(gobench::on_recv(ch), gobench::after(1ms)) != 1) std::abort();
    if (!twin()) seen = value;
    reach(2);
    static_cast<void>(ch.recv());
    if (twin()) seen = value;
  }
};
CORPUS_CASE(select_after, "a select that times out");

struct select_of_vector : race_case {
  gobench::chan<int> ch = gobench::make_chan<int>(1);
  gobench::chan<int> never = gobench::make_chan<int>();
  long value = 0;
  long seen = 0;
  void first() {
    if (twin()) value = 1;
    ch.send(1);
    if (!twin()) value = 1;
  }
  void second() {
    std::vector<gobench::select_case> cases;
    cases.emplace_back(gobench::on_recv(never));
    cases.emplace_back(gobench::on_recv(ch));
    if (gobench::select(cases) != 1) std::abort();
    seen = value;
  }
};
CORPUS_CASE(select_of_vector, "a select of cases in a vector; a write after send");

// The callback is the caller's own code.
struct select_callback : race_case {
  gobench::chan<int> ch = gobench::make_chan<int>(1);
  long value = 0;
  long seen = 0;
  void first() {
    if (twin()) value = 1;
    ch.send(1);
    if (!twin()) value = 1;
  }
  void second() {
    static_cast<void>(
        gobench::select(gobench::on_recv(ch, [this](std::optional<int>) { seen = value; })));
  }
};
CORPUS_CASE(select_callback, "a read in the callback of a select; a write after send");

// A receive by select from an unbuffered channel is before the completion of the send.
struct select_unbuffered_back : race_case {
  static constexpr bool together = true;
  gobench::chan<int> ch = gobench::make_chan<int>();
  gobench::chan<int> never = gobench::make_chan<int>();
  long value = 0;
  long seen = 0;
  void first() {
    if (twin()) value = 1;
    static_cast<void>(gobench::select(gobench::on_recv(ch), gobench::on_recv(never)));
    if (!twin()) value = 1;
    reach(1);
  }
  void second() {
    ch.send(1);
    await(1);
    seen = value;
  }
};
CORPUS_CASE(select_unbuffered_back, "an unbuffered receive by select is before its send completes");

}  // namespace
