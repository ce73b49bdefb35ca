// What does it cost to let another task run?
#include <cstdint>
#include <gobench.hpp>
#include <vector>

#include "suites/registry.hpp"
#include "suites/team.hpp"

namespace gobench::suites {

namespace {

// The work of a sample: `iterations` operations shared by where.tasks tasks.
template <class Operation>
measurement run(const point& where, std::uint64_t iterations, Operation one_operation) {
  std::vector<std::uint64_t> done(static_cast<std::size_t>(where.tasks), 0);
  auto taken = measure_team(where, iterations, [&](int task, std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) one_operation();
    done[static_cast<std::size_t>(task)] += count;
  });
  std::uint64_t total = 0;
  for (const std::uint64_t own : done) total += own;
  taken.result = proof::equal("the number of yields", total, taken.operations);
  return taken;
}

measurement yields(const point& where, std::uint64_t iterations) {
  const std::int64_t times = where.number("times");
  return run(where, iterations, [times] {
    for (std::int64_t i = 0; i < times; ++i) gobench::yield();
  });
}

measurement nothing(const point& where, std::uint64_t iterations) {
  return run(where, iterations, [] { asm volatile(""); });  // keeps the loop
}

const registration registered{suite{
    .name = "example-yield",
    .about = "What does it cost to let another task run?",
    .claims = {"V2"},
    .tasks = {1, 2, 16},
    .quick_tasks = {2},
    .parameters = {{.name = "times",
                    .about = "yields in one operation",
                    .usual = {results::value(std::int64_t{1}), results::value(std::int64_t{10})},
                    .quick = {results::value(std::int64_t{1})},
                    .least = 1,
                    .most = 1000}},
    .metrics = team_metrics,
    .variants = {
        {.case_name = "yield", .impl = "plain.nothing", .run = nothing, .baseline = true},
        {.case_name = "yield", .impl = "gobench.yield", .run = yields, .parameters = {"times"}}}}};

}  // namespace

}  // namespace gobench::suites
