// What the suite ping-pong does: numbers to another task and back (suites/ping_pong.cpp).
#pragma once

#include <atomic>
#include <cstdint>
#include <gobench.hpp>
#include <vector>

#include "suites/crowd.hpp"
#include "suites/registry.hpp"

namespace gobench::suites {

// 0 + 1 + ... + (n - 1), each with 1 added.
inline std::uint64_t answers(std::uint64_t n) { return n * (n + 1) / 2; }

inline std::uint64_t all_answers(const point& where, std::uint64_t operations) {
  return sum_of_shares(operations, where.tasks / 2);
}

// Way: ask(i), which returns the answer, of the first side of a pair; echo() of the second.
template <class Way, class Carrier = our_tasks>
measurement run_pairs(const point& where, std::uint64_t iterations) {
  const int pairs = where.tasks / 2;
  std::vector<Way> ways(static_cast<std::size_t>(pairs));
  std::atomic<std::uint64_t> sum{0};
  auto taken = measure_crowd<Carrier>(where, 2 * pairs, iterations, [&](int task) {
    Way& way = ways[static_cast<std::size_t>(task / 2)];
    const std::uint64_t share = share_of(iterations, task / 2, pairs);
    if (task % 2 == 0) {
      std::uint64_t own = 0;
      for (std::uint64_t i = 0; i < share; ++i) own += way.ask(i);
      sum += own;
    } else {
      for (std::uint64_t i = 0; i < share; ++i) way.echo();
    }
  });
  taken.result = proof::equal("the sum of the answers", sum, all_answers(where, iterations));
  return taken;
}

struct channels {
  chan<std::uint64_t> there = make_chan<std::uint64_t>();
  chan<std::uint64_t> back = make_chan<std::uint64_t>();

  std::uint64_t ask(std::uint64_t i) {
    there.send(i);
    return back.recv().value_or(0);
  }
  void echo() { back.send(there.recv().value_or(0) + 1); }
};

inline bool in_pairs(const point& at) { return at.tasks % 2 == 0; }

}  // namespace gobench::suites
