// What does it cost to let another task run? (V2, V9)
//
// Tasks do nothing but yield; an operation is one yield. With one processor each yield is one switch to the
// next task in line. With two tasks their stacks stay in the nearest cache, with 1000 they do not. With
// more processors than one, tasks run side by side and a yield finds fewer to switch to.
//
// Threads yield by sched_yield, which on a CPU of its own returns without a switch; with --procs 1 they
// share a CPU. What it costs to wait for another task is in `ping-pong`.
#include <atomic>
#include <gobench.hpp>

#include "suites/crowd.hpp"
#include "suites/peers/go.hpp"
#include "suites/registry.hpp"

namespace gobench::suites {

namespace {

using results::vehicle;

template <class Yield>
measurement yields(const point& where, std::uint64_t iterations, Yield yield) {
  std::atomic<std::uint64_t> sum{0};
  auto taken = measure_crowd(where, where.tasks, iterations, [&](int task) {
    const std::uint64_t share = share_of(iterations, task, where.tasks);
    std::uint64_t done = 0;
    for (; done < share; ++done) yield();
    sum += done;
  });
  taken.result = proof::equal("the number of yields", sum, iterations);
  return taken;
}

measurement by_yield(const point& where, std::uint64_t iterations) {
  return yields(where, iterations, [] { gobench::yield(); });
}

measurement by_nothing(const point& where, std::uint64_t iterations) {
  return yields(where, iterations, [] { asm volatile("" ::: "memory"); });
}

const registration registered{
    suite{.name = "switch",
          .about = "What does it cost to let another task run?",
          .claims = {"V2", "V9"},
          .tasks = {2, 1000},
          .quick_tasks = {2, 1000},
          .procs = {1},
          .variants = {{.case_name = "yield",
                        .impl = "plain.loop",
                        .run = by_nothing,
                        .vehicles = {vehicle::fiber},
                        .baseline = true},
                       {.case_name = "yield", .impl = "gobench.yield", .run = by_yield},
                       {.case_name = "yield",
                        .impl = "go.gosched",
                        .run = peers::go("switch/gosched", "the number of yields"),
                        .vehicles = {vehicle::fiber},
                        .peer = "go"}}}};

}  // namespace

}  // namespace gobench::suites
