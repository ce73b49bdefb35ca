// Channels between two tasks, beside what processes have. (C11)
//
//   gobench.chan          the message itself goes through the channel: who receives it has what the sender had
//   gobench.chan_copied   a copy of it goes through, and its content is copied out at the other end, as between processes
//
// A round trip uses unbuffered channels; a stream one with room for 10 messages, as POSIX queues have.
#include "suites/ipc/channels.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <gobench.hpp>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "results/histogram.hpp"
#include "suites/crowd.hpp"
#include "suites/ipc/content.hpp"
#include "suites/ipc/processes.hpp"
#include "suites/lateness.hpp"
#include "suites/peers/go.hpp"
#include "suites/ticks.hpp"

namespace gobench::suites::ipc {

namespace {

using message = std::vector<std::byte>;

struct moved {
  static void send(const chan<message>& to, message& what) { to.send(std::move(what)); }
  static void receive(const chan<message>& from, message& into) {
    if (auto got = from.recv()) into = std::move(*got);
  }
};

struct copied {
  static void send(const chan<message>& to, message& what) { to.send(message(what)); }
  static void receive(const chan<message>& from, message& into) {
    if (const auto got = from.recv(); got && got->size() == into.size())
      std::copy(got->begin(), got->end(), into.begin());
  }
};

message filled(std::size_t bytes) {
  message made(bytes);
  content::fill(made);
  return made;
}

template <class How>
measurement chan_round_trips(const point& where, std::uint64_t n) {
  const std::size_t bytes = bytes_at(where);
  const auto there = make_chan<message>();
  const auto back = make_chan<message>();
  const tick_source& source = ticking();
  results::histogram trips;
  std::uint64_t right = 0;
  std::uint64_t received = 0;
  auto taken = measure_crowd(where, 2, n, [&](int task) {
    message mine = filled(bytes);
    if (task != 0) {
      for (std::uint64_t i = 0; i < n; ++i) {
        How::receive(there, mine);
        received += content::is(mine, i) ? 1 : 0;
        content::number(mine, i + 1);
        How::send(back, mine);
      }
      return;
    }
    for (std::uint64_t i = 0; i < n; ++i) {
      content::number(mine, i);
      const std::uint64_t start = ticks_now(source);
      How::send(there, mine);
      How::receive(back, mine);
      const std::uint64_t ticks = ticks_now(source) - start;
      trips.record(static_cast<std::uint64_t>(static_cast<double>(ticks) * source.ns_per_tick));
      const bool whole = i == 0 || i + 1 == n;
      right += (whole ? content::is_wholly(mine, i + 1) : content::is(mine, i + 1)) ? 1 : 0;
    }
  });
  add_lateness(taken.metrics, trips);
  taken.result = proof::equal("the number of right answers", right, n) &&
                 proof::equal("the number of right messages", received, n);
  return taken;
}

// A message that was moved away comes back through a second channel, so that no memory is allocated in the measured
// time, which copies cannot do without.
template <class How>
measurement chan_stream(const point& where, std::uint64_t n) {
  constexpr std::size_t room = 10;
  constexpr bool moves = std::is_same_v<How, moved>;
  const std::size_t bytes = bytes_at(where);
  const auto there = make_chan<message>(room);
  const auto empties = make_chan<message>(room + 2);
  if (moves) {
    for (std::size_t i = 0; i < room + 2; ++i) empties.send(filled(bytes));
  }
  std::uint64_t right = 0;
  auto taken = measure_crowd(where, 2, n, [&](int task) {
    message mine = filled(bytes);
    for (std::uint64_t i = 0; i < n; ++i) {
      if (task == 0) {
        if (moves) mine = empties.recv().value_or(message());
        content::number(mine, i);
        How::send(there, mine);
      } else {
        How::receive(there, mine);
        const bool whole = i == 0 || i + 1 == n;
        right += (whole ? content::is_wholly(mine, i) : content::is(mine, i)) ? 1 : 0;
        if (moves) empties.send(std::move(mine));
      }
    }
  });
  taken.result = proof::equal("the number of right messages", right, n);
  add_rate(taken, bytes);
  return taken;
}

template <class How>
std::vector<variant> by_chan(const std::string& impl) {
  return variants_of(impl, chan_round_trips<How>, chan_stream<How>, any_size);
}

std::vector<variant> by_go() {
  std::vector<variant> made =
      variants_of("go.chan", peers::go("ipc/round-trip", "the number of right answers"),
                  peers::go("ipc/stream", "the number of right messages"), any_size);
  for (variant& one : made) {
    one.vehicles = {results::vehicle::fiber};
    one.peer = "go";
  }
  return made;
}

}  // namespace

std::vector<variant> between_tasks() {
  std::vector<variant> made;
  for (const auto& some :
       {by_chan<moved>("gobench.chan"), by_chan<copied>("gobench.chan_copied"), by_go()})
    made.insert(made.end(), some.begin(), some.end());
  return made;
}

}  // namespace gobench::suites::ipc
