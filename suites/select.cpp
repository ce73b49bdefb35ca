// What does it cost to wait for one of several channels? (C8)
//
// Cases, all of a select over `cases` channels that receives:
//   default    no channel has anything, the select's default is taken: a look that does not wait
//   ready      one channel has a value in its buffer, another in each round; the operation includes the send
//              that puts it there, by the same task
//   blocking   nothing is there: the task parks on all channels until another task sends to one of them,
//              the next in each round. Both tasks' work is in the figure
//
// The cases are spelled out where the select is, as they are in a program; a select over a vector of cases
// is not measured, and neither are timeouts. With one processor the last case is two switches a round.
#include <array>
#include <cstdint>
#include <gobench.hpp>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "suites/crowd.hpp"
#include "suites/peers/go.hpp"
#include "suites/registry.hpp"

namespace gobench::suites {

namespace {

using results::vehicle;

enum class kind : std::uint8_t { none_ready, one_ready, blocking };

using channels = std::vector<chan<std::uint64_t>>;

template <kind Kind, std::size_t... I>
std::uint64_t receive(const channels& from, std::uint64_t rounds, std::index_sequence<I...>) {
  std::uint64_t sum = 0;
  const auto add = [&sum](std::optional<std::uint64_t> got) { sum += got.value_or(0); };
  for (std::uint64_t i = 0; i < rounds; ++i) {
    if constexpr (Kind == kind::one_ready) from[i % sizeof...(I)].send(i + 1);
    if constexpr (Kind == kind::none_ready) {
      gobench::select(on_recv(from[I], add)..., otherwise([&sum] { ++sum; }));
    } else {
      gobench::select(on_recv(from[I], add)...);
    }
  }
  return sum;
}

template <kind Kind>
std::uint64_t receive(const channels& from, std::uint64_t rounds) {
  switch (from.size()) {
    case 1:
      return receive<Kind>(from, rounds, std::make_index_sequence<1>());
    case 8:
      return receive<Kind>(from, rounds, std::make_index_sequence<8>());
    case 32:
      return receive<Kind>(from, rounds, std::make_index_sequence<32>());
    default:
      throw std::logic_error("a select of this number of cases is not spelled out");
  }
}

// 1 + 2 + ... where values are sent; 1 each where only defaults are counted.
template <kind Kind>
std::uint64_t expected(const point&, std::uint64_t rounds) {
  return Kind == kind::none_ready ? rounds : rounds * (rounds + 1) / 2;
}

template <kind Kind>
measurement by_select(const point& where, std::uint64_t iterations) {
  channels all;
  for (std::int64_t i = 0; i < where.number("cases"); ++i) {
    all.push_back(make_chan<std::uint64_t>(Kind == kind::blocking ? 0 : 1));
  }
  std::uint64_t sum = 0;
  auto taken = measure_crowd(where, Kind == kind::blocking ? 2 : 1, iterations, [&](int task) {
    if (task == 0) {
      sum = receive<Kind>(all, iterations);
      return;
    }
    for (std::uint64_t i = 0; i < iterations; ++i) all[i % all.size()].send(i + 1);
  });
  taken.result =
      proof::equal("the sum of what was received", sum, expected<Kind>(where, iterations));
  return taken;
}

bool spelled_out(const point& at) {
  const std::int64_t cases = at.number("cases");
  // How many tasks take part is up to the case, not to the user.
  return at.tasks == 1 && (cases == 1 || cases == 8 || cases == 32);
}

template <kind Kind>
void add_variants(std::vector<variant>& to, const std::string& name) {
  to.push_back({.case_name = name,
                .impl = "gobench.select",
                .run = by_select<Kind>,
                .parameters = {"cases"},
                .applies = spelled_out});
  to.push_back(
      {.case_name = name,
       .impl = "go.select",
       .run = peers::go("select/" + name, "the sum of what was received", expected<Kind>),
       .parameters = {"cases"},
       .vehicles = {vehicle::fiber},
       .applies = [](const point& at) { return at.number("cases") > 1 && spelled_out(at); },
       .peer = "go"});
}

std::vector<variant> all_variants() {
  std::vector<variant> made;
  add_variants<kind::none_ready>(made, "default");
  add_variants<kind::one_ready>(made, "ready");
  add_variants<kind::blocking>(made, "blocking");
  return made;
}

results::value number(std::int64_t n) { return n; }

const registration registered{
    suite{.name = "select",
          .about = "What does it cost to wait for one of several channels?",
          .claims = {"C8"},
          .procs = {1},
          .parameters = {{.name = "cases",
                          .about = "channels in the select: 1, 8 or 32",
                          .usual = {number(1), number(8), number(32)},
                          .quick = {number(8), number(32)},
                          .least = 1,
                          .most = 32}},
          .variants = all_variants()}};

}  // namespace

}  // namespace gobench::suites
