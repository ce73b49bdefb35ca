// What the suite timers does: tasks that sleep (suites/timers.cpp).
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <vector>

#include "results/statistics.hpp"
#include "suites/crowd.hpp"
#include "suites/registry.hpp"
#include "suites/ticks.hpp"

namespace gobench::suites {

inline constexpr int most_sleeping_threads = 1000;

struct short_sleeps {
  static constexpr std::chrono::microseconds length{100};
  static bool applies(const point& at) { return at.tasks == 1; }
};

struct many_sleeps {
  static constexpr std::chrono::microseconds length{10'000};
  static bool applies(const point& at) {
    return at.tasks > 1 &&
           (at.runs_on == results::vehicle::fiber || at.tasks <= most_sleeping_threads);
  }
};

// Tasks of the carrier that sleep for Case::length by sleep(length).
template <class Case, class Carrier = our_tasks, class Sleep>
measurement sleeps(const point& where, std::uint64_t iterations, Sleep sleep) {
  std::vector<std::vector<double>> took(static_cast<std::size_t>(where.tasks));
  for (int task = 0; task < where.tasks; ++task) {
    took[static_cast<std::size_t>(task)].reserve(share_of(iterations, task, where.tasks));
  }
  auto taken = measure_crowd<Carrier>(where, where.tasks, iterations, [&](int task) {
    auto& mine = took[static_cast<std::size_t>(task)];
    const std::uint64_t share = share_of(iterations, task, where.tasks);
    for (std::uint64_t i = 0; i < share; ++i) {
      const std::uint64_t start = internal::steady_ns();
      sleep(Case::length);
      mine.push_back(static_cast<double>(internal::steady_ns() - start));
    }
  });
  std::vector<double> all;
  for (const auto& one : took) std::ranges::copy(one, std::back_inserter(all));
  std::ranges::sort(all);
  const auto enough = std::ranges::count_if(all, [](double ns) {
    return ns >= static_cast<double>(std::chrono::nanoseconds(Case::length).count());
  });
  taken.result = proof::equal("the number of sleeps that were long enough",
                              static_cast<std::uint64_t>(enough), iterations);
  if (!all.empty()) {
    taken.metrics.set("p50_ns", results::quantile(all, 0.5));
    taken.metrics.set("p99_ns", results::quantile(all, 0.99));
  }
  return taken;
}

}  // namespace gobench::suites
