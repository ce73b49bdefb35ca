// What the suite switch does (suites/switch.cpp).
#pragma once

#include <atomic>
#include <cstdint>

#include "suites/crowd.hpp"
#include "suites/registry.hpp"

namespace gobench::suites {

// Tasks of the carrier that do nothing but yield().
template <class Carrier = our_tasks, class Yield>
measurement yields(const point& where, std::uint64_t iterations, Yield yield) {
  std::atomic<std::uint64_t> sum{0};
  auto taken = measure_crowd<Carrier>(where, where.tasks, iterations, [&](int task) {
    const std::uint64_t share = share_of(iterations, task, where.tasks);
    std::uint64_t done = 0;
    for (; done < share; ++done) yield();
    sum += done;
  });
  taken.result = proof::equal("the number of yields", sum, iterations);
  return taken;
}

}  // namespace gobench::suites
