// What the suite chan-buffer does: numbers from producers to consumers (suites/chan_buffer.cpp).
#pragma once

#include <atomic>
#include <cstdint>

#include "suites/crowd.hpp"
#include "suites/registry.hpp"

namespace gobench::suites {

// The sum of the numbers that are sent.
inline std::uint64_t all_numbers(const point& where, std::uint64_t operations) {
  return sum_of_shares(operations, where.tasks / 2);
}

// Queue: send(number), recv() with a value or nothing once it is closed and empty, close().
template <class Carrier = our_tasks, class Queue>
measurement transfer(const point& where, std::uint64_t iterations, Queue& queue) {
  const int producers = where.tasks / 2;
  std::atomic<int> sending{producers};
  std::atomic<std::uint64_t> sum{0};
  std::atomic<std::uint64_t> count{0};
  auto taken = measure_crowd<Carrier>(where, 2 * producers, iterations, [&](int task) {
    if (task < producers) {
      const std::uint64_t share = share_of(iterations, task, producers);
      for (std::uint64_t i = 1; i <= share; ++i) queue.send(i);
      if (--sending == 0) queue.close();
      return;
    }
    std::uint64_t own = 0;
    std::uint64_t received = 0;
    while (const auto number = queue.recv()) {
      own += *number;
      ++received;
    }
    sum += own;
    count += received;
  });
  taken.result =
      proof::equal("the number of numbers received", count, iterations) &&
      proof::equal("the sum of the numbers received", sum, all_numbers(where, iterations));
  return taken;
}

// Half of the tasks send, half receive.
inline bool even_tasks(const point& at) { return at.tasks % 2 == 0; }

}  // namespace gobench::suites
