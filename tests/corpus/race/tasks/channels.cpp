// Channels: the edges of Go's memory model, and that there are no others.
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "tests/corpus/race/sides.hpp"
#include "tests/corpus/race/tasks.hpp"

namespace {

using corpus::race_case;
using namespace std::chrono_literals;

// A send is before the receive of its value; what the sender does afterwards is not.
template <class Make>
struct sent : race_case {
  static constexpr bool together = true;
  gobench::chan<int> ch = Make{}();
  long value = 0;
  long seen = 0;
  void first() {
    if (twin()) value = 1;
    ch.send(1);
    if (!twin()) value = 1;
    reach(1);
  }
  void second() {
    if (ch.recv() != 1) std::abort();
    await(1);
    seen = value;
  }
};
template <std::size_t Capacity>
struct of_capacity {
  gobench::chan<int> operator()() const { return gobench::make_chan<int>(Capacity); }
};
struct without_bound {
  gobench::chan<int> operator()() const { return gobench::make_unbounded_chan<int>(); }
};

struct chan_send_unbuffered : sent<of_capacity<0>> {
  CORPUS_SIDES(sent)
};
CORPUS_CASE(chan_send_unbuffered, "an unbuffered channel; a write after send");
struct chan_send_buffered : sent<of_capacity<4>> {
  CORPUS_SIDES(sent)
};
CORPUS_CASE(chan_send_buffered, "a buffered channel; a write after send");
struct chan_send_unbounded : sent<without_bound> {
  CORPUS_SIDES(sent)
};
CORPUS_CASE(chan_send_unbounded, "an unbounded channel; a write after send");

// A receive from an unbuffered channel is before the completion of the send.
struct chan_unbuffered_back : race_case {
  static constexpr bool together = true;
  gobench::chan<int> ch = gobench::make_chan<int>();
  long value = 0;
  long seen = 0;
  void first() {
    if (twin()) value = 1;
    static_cast<void>(ch.recv());
    if (!twin()) value = 1;
    reach(1);
  }
  void second() {
    ch.send(1);
    await(1);
    seen = value;
  }
};
CORPUS_CASE(chan_unbuffered_back, "an unbuffered receive is before the completion of its send");

// With room for a value a send completes alone.
struct chan_buffered_not_back : race_case {
  static constexpr bool together = true;
  gobench::chan<int> unbuffered = gobench::make_chan<int>(0);
  gobench::chan<int> buffered = gobench::make_chan<int>(1);
  long value = 0;
  long seen = 0;
  void first() {
    value = 1;
    static_cast<void>((twin() ? unbuffered : buffered).recv());
    reach(1);
  }
  void second() {
    (twin() ? unbuffered : buffered).send(1);
    await(1);
    seen = value;
  }
};
CORPUS_CASE(chan_buffered_not_back, "a buffered receive is not before the completion of its send");

// Receive k is before the completion of send k + capacity, and of no earlier one.
template <std::size_t Capacity>
struct capacity_rule : race_case {
  static constexpr bool together = true;
  gobench::chan<int> exact = gobench::make_chan<int>(Capacity);
  gobench::chan<int> larger = gobench::make_chan<int>(Capacity + 1);
  long value = 0;
  long seen = 0;
  void first() {
    await(1);
    value = 1;
    static_cast<void>((twin() ? exact : larger).recv());
    reach(2);
  }
  void second() {
    const gobench::chan<int>& ch = twin() ? exact : larger;
    for (std::size_t i = 0; i < Capacity; ++i) ch.send(1);
    reach(1);
    await(2);
    ch.send(2);
    seen = value;
  }
};
struct chan_capacity_1 : capacity_rule<1> {
  CORPUS_SIDES(capacity_rule)
};
CORPUS_CASE(chan_capacity_1,
            "receive 1 is before the completion of send 2 at capacity 1, not at 2");
struct chan_capacity_3 : capacity_rule<3> {
  CORPUS_SIDES(capacity_rule)
};
CORPUS_CASE(chan_capacity_3,
            "receive 1 is before the completion of send 4 at capacity 3, not at 4");

// The same where the send has to wait for the receive.
struct chan_capacity_waited : race_case {
  static constexpr bool together = true;
  gobench::chan<int> ch = gobench::make_chan<int>(1);
  long value = 0;
  long seen = 0;
  void first() {
    await(1);
    gobench::sleep_for(1ms);  // the other waits by then, most likely
    if (twin()) value = 1;
    static_cast<void>(ch.recv());
    if (!twin()) value = 1;
    reach(2);
  }
  void second() {
    ch.send(1);
    reach(1);
    ch.send(2);
    await(2);
    seen = value;
  }
};
CORPUS_CASE(chan_capacity_waited, "a send that waits for room; a write after the receive");

struct chan_closed : race_case {
  gobench::chan<int> ch = gobench::make_chan<int>();
  long value = 0;
  long seen = 0;
  void first() {
    if (twin()) value = 1;
    ch.close();
    if (!twin()) value = 1;
  }
  void second() {
    if (ch.recv()) std::abort();
    seen = value;
  }
};
CORPUS_CASE(chan_closed, "a receive that sees the close; a write after close");

struct chan_closed_while_waiting : race_case {
  static constexpr bool together = true;
  gobench::chan<int> ch = gobench::make_chan<int>();
  long value = 0;
  long seen = 0;
  void first() {
    await(1);
    gobench::sleep_for(1ms);
    if (twin()) value = 1;
    ch.close();
    if (!twin()) value = 1;
    reach(2);
  }
  void second() {
    reach(1);
    for ([[maybe_unused]] const int each : ch) std::abort();
    await(2);
    seen = value;
  }
};
CORPUS_CASE(chan_closed_while_waiting, "a loop over a channel that is closed");

// A value that was stored before the close says nothing of the close.
struct chan_closed_not_seen : race_case {
  gobench::chan<int> ch = gobench::make_chan<int>(1);
  long value = 0;
  long seen = 0;
  void first() {
    ch.send(1);
    value = 1;
    ch.close();
  }
  void second() {
    if (!ch.recv()) std::abort();
    if (twin() && ch.recv()) std::abort();
    seen = value;
  }
};
CORPUS_CASE(chan_closed_not_seen, "a receive of a value that was sent before the close");

struct chan_two_senders : race_case {
  gobench::chan<int> ch = gobench::make_chan<int>(2);
  long value = 0;
  void first() {
    value = 1;
    ch.send(1);
  }
  void second() {
    if (twin()) static_cast<void>(ch.recv());
    value = 2;
    ch.send(2);
  }
};
CORPUS_CASE(chan_two_senders, "two senders of one channel");

struct chan_two_receivers : race_case {
  gobench::chan<int> ch = gobench::make_chan<int>(2);
  gobench::chan<int> back = gobench::make_chan<int>(1);
  long value = 0;
  chan_two_receivers() {
    ch.send(1);
    ch.send(2);
  }
  void first() {
    static_cast<void>(ch.recv());
    value = 1;
    back.send(1);
  }
  void second() {
    static_cast<void>(ch.recv());
    if (twin()) static_cast<void>(back.recv());
    value = 2;
  }
};
CORPUS_CASE(chan_two_receivers, "two receivers of one channel");

struct chan_looked_at : race_case {
  gobench::chan<int> ch = gobench::make_chan<int>(1);
  long value = 0;
  long seen = 0;
  void first() {
    value = 1;
    ch.send(1);
    ch.close();
  }
  void second() {
    if (ch.len() != 1 || ch.cap() != 1 || !ch.closed()) std::abort();
    if (twin()) static_cast<void>(ch.recv());
    seen = value;
  }
};
CORPUS_CASE(chan_looked_at, "len, cap and closed order nothing");

struct chan_failed_receive : race_case {
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
    if (ch.try_recv() || ch.recv_for(1ms)) std::abort();
    if (!twin()) seen = value;
    reach(2);
    static_cast<void>(ch.recv());
    if (twin()) seen = value;
  }
};
CORPUS_CASE(chan_failed_receive, "try_recv and recv_for that get nothing");

struct chan_failed_send : race_case {
  gobench::chan<int> ch = gobench::make_chan<int>(1);
  long value = 0;
  void first() {
    value = 1;
    ch.send(1);
  }
  void second() {
    if (twin()) static_cast<void>(ch.recv());
    if (ch.try_send(2) != twin()) std::abort();
    value = 2;
  }
};
CORPUS_CASE(chan_failed_send, "try_send to a channel that is full");

struct chan_try_succeeds : race_case {
  gobench::chan<int> ch = gobench::make_chan<int>(1);
  long value = 0;
  long seen = 0;
  void first() {
    if (twin()) value = 1;
    if (!ch.try_send(1)) std::abort();
    if (!twin()) value = 1;
  }
  void second() {
    if (!ch.try_recv()) std::abort();
    seen = value;
  }
};
CORPUS_CASE(chan_try_succeeds, "try_send and try_recv that succeed; a write after it");

struct chan_timed : race_case {
  static constexpr bool together = true;
  gobench::chan<int> ch = gobench::make_chan<int>();
  long value = 0;
  long seen = 0;
  void first() {
    if (twin()) value = 1;
    if (!ch.send_for(1, 60s)) std::abort();
    if (!twin()) value = 1;
    reach(1);
  }
  void second() {
    if (!ch.recv_for(60s)) std::abort();
    await(1);
    seen = value;
  }
};
CORPUS_CASE(chan_timed, "send_for and recv_for; a write after it");

// Ownership goes with a pointer.
struct chan_of_unique_ptr : race_case {
  gobench::chan<std::unique_ptr<long>> ch = gobench::make_chan<std::unique_ptr<long>>(1);
  long seen = 0;
  void first() {
    auto mine = std::make_unique<long>(1);
    long* const raw = mine.get();
    if (twin()) *raw = 2;
    ch.send(std::move(mine));
    if (!twin()) *raw = 2;
  }
  void second() {
    static std::unique_ptr<long> got;
    got = std::move(*ch.recv());
    seen = *got;
  }
};
CORPUS_CASE(chan_of_unique_ptr, "a channel of std::unique_ptr; a write after it was sent");

struct chan_of_string : race_case {
  gobench::chan<std::string> ch = gobench::make_chan<std::string>(1);
  char seen = 0;
  void first() {
    std::string mine(100, 'x');
    char* const raw = mine.data();
    if (twin()) raw[3] = 'y';
    ch.send(std::move(mine));
    if (!twin()) raw[3] = 'y';
  }
  void second() {
    static std::string got;
    got = std::move(*ch.recv());
    seen = got[3];
  }
};
CORPUS_CASE(chan_of_string, "a channel of std::string; a write to its characters after send");

// The constructors of a payload are the user's code: what they access is seen.
template <bool Nothrow>
struct counted_payload {
  explicit counted_payload(long* where) : moves(where) {}
  counted_payload(counted_payload&& other) noexcept(Nothrow) : moves(other.moves) { ++*moves; }
  counted_payload& operator=(counted_payload&& other) noexcept(Nothrow) {
    moves = other.moves;
    ++*moves;
    return *this;
  }
  counted_payload(const counted_payload&) = delete;
  counted_payload& operator=(const counted_payload&) = delete;
  ~counted_payload() = default;
  long* moves;
};

template <bool Nothrow>
struct payload_moved : race_case {
  gobench::chan<counted_payload<Nothrow>> ch = gobench::make_chan<counted_payload<Nothrow>>(1);
  long moves = 0;
  long touched = 0;
  __attribute__((noinline)) void send() {
    touched = 1;
    ch.send(counted_payload<Nothrow>(&moves));
  }
  void first() { send(); }
  void second() {
    if (twin()) static_cast<void>(ch.recv());
    ++moves;
  }
};
struct chan_payload_move : payload_moved<true> {
  CORPUS_SIDES(payload_moved)
};
CORPUS_CASE(chan_payload_move, "what a payload's move constructor accesses");
struct chan_payload_throwing_move : payload_moved<false> {
  CORPUS_SIDES(payload_moved)
};
CORPUS_CASE(chan_payload_throwing_move, "what a move constructor accesses that may throw");

struct copied_payload {
  explicit copied_payload(const long* from) : read_from(from) {}
  copied_payload(const copied_payload& other) : read_from(other.read_from), got(*other.read_from) {}
  copied_payload& operator=(const copied_payload& other) = default;
  ~copied_payload() = default;
  const long* read_from;
  long got = 0;
};
struct chan_payload_copy : race_case {
  gobench::chan<copied_payload> ch = gobench::make_chan<copied_payload>(1);
  long value = 0;
  long touched = 0;
  void first() {
    touched = 1;
    const copied_payload one(&value);
    ch.send(one);
  }
  void second() {
    if (twin()) static_cast<void>(ch.recv());
    ++value;
  }
};
CORPUS_CASE(chan_payload_copy, "what a payload's copy constructor accesses");

// The destructor runs in who received it.
struct destroyed_payload {
  explicit destroyed_payload(long* where) : sum(where) {}
  destroyed_payload(destroyed_payload&& other) noexcept : sum(std::exchange(other.sum, nullptr)) {}
  destroyed_payload& operator=(destroyed_payload&& other) = delete;
  ~destroyed_payload() {
    if (sum != nullptr) ++*sum;
  }
  long* sum;
};
struct chan_payload_destroyed : race_case {
  gobench::chan<destroyed_payload> ch = gobench::make_chan<destroyed_payload>(1);
  long sum = 0;
  long touched = 0;
  void first() {
    if (twin()) ++sum;
    ch.send(destroyed_payload(&sum));
    if (!twin()) ++sum;
  }
  __attribute__((noinline)) void receive() {
    touched = 1;
    static_cast<void>(ch.recv());
  }
  void second() { receive(); }
};
CORPUS_CASE(chan_payload_destroyed, "what a payload's destructor accesses");

// The value that is sent is read by the sender.
struct chan_value_read : race_case {
  gobench::chan<long> ch = gobench::make_chan<long>(1);
  long value = 0;
  void first() { ch.send(value); }
  void second() {
    if (twin()) static_cast<void>(ch.recv());
    value = 2;
  }
};
CORPUS_CASE(chan_value_read, "a variable that is sent, beside a write to it");

// A close beside a send, or another close, that nothing orders, is a mistake even where nothing throws.
struct chan_close_beside_send : race_case {
  gobench::chan<int> ch = gobench::make_chan<int>(1);
  long touched = 0;
  long also_touched = 0;
  // In functions of their own: calls into libraries that are not instrumented are seen to come from whoever called
  // the innermost function that is.
  __attribute__((noinline)) void send() {
    touched = 1;
    ch.send(1);
  }
  __attribute__((noinline)) void close() {
    also_touched = 1;
    ch.close();
  }
  void first() { send(); }
  void second() {
    if (twin()) static_cast<void>(ch.recv());
    close();
  }
};
CORPUS_CASE(chan_close_beside_send, "close beside a send that nothing orders", "data-race|misuse");

struct chan_closed_twice : race_case {
  gobench::chan<int> ch = gobench::make_chan<int>(1);
  gobench::chan<int> other = gobench::make_chan<int>(1);
  long touched = 0;
  long also_touched = 0;
  __attribute__((noinline)) void close(const gobench::chan<int>& which, long& counted) {
    ++counted;
    which.close();
  }
  void first() { close(ch, touched); }
  void second() {
    try {
      close(twin() ? other : ch, also_touched);
    } catch (const gobench::channel_error&) {
    }
  }
};
CORPUS_CASE(chan_closed_twice, "close beside another close", "data-race|misuse");

}  // namespace
