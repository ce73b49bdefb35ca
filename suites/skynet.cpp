// How fast is a program that is nothing but tasks and channels? (C10, V1)
//
// Skynet: a task starts ten, each of these ten, and so on down to `leaves` leaves; each leaf sends its number
// to the task that started it, which sums up what it gets and sends that on. An operation is a whole tree: for
// a million leaves 1,111,111 tasks, 111,111 channels and as many sends as tasks. Known from
// https://github.com/atemerev/skynet.
//
// It shows what spawning and a channel's hand-over cost together where nothing else is done, and what a
// scheduler makes of tasks that are born faster than they can run. Memory is left out; a scheduler that runs
// them in the order of their birth needs a stack for nearly every one. On threads only small trees can run.
#include <gobench.hpp>

#include "suites/crowd.hpp"
#include "suites/peers/go.hpp"
#include "suites/registry.hpp"

namespace gobench::suites {

namespace {

using results::vehicle;

constexpr std::int64_t most_leaves_of_threads = 100;

void node(const chan<std::uint64_t>& to, std::uint64_t first, std::uint64_t size) {
  if (size == 1) {
    to.send(first);
    return;
  }
  const auto from = make_chan<std::uint64_t>();
  const std::uint64_t part = size / 10;
  for (std::uint64_t i = 0; i < 10; ++i) {
    gobench::go([=] { node(from, first + i * part, part); });
  }
  std::uint64_t sum = 0;
  for (int i = 0; i < 10; ++i) sum += from.recv().value_or(0);
  to.send(sum);
}

// 0 + 1 + ... + (leaves - 1), as often as there were trees.
std::uint64_t expected(const point& where, std::uint64_t trees) {
  const auto leaves = static_cast<std::uint64_t>(where.number("leaves"));
  return trees * (leaves * (leaves - 1) / 2);
}

measurement by_channels(const point& where, std::uint64_t iterations) {
  const auto leaves = static_cast<std::uint64_t>(where.number("leaves"));
  std::uint64_t sum = 0;
  auto taken = measure_main(where, iterations, [&] {
    for (std::uint64_t i = 0; i < iterations; ++i) {
      const auto result = make_chan<std::uint64_t>();
      gobench::go([=] { node(result, 0, leaves); });
      sum += result.recv().value_or(0);
    }
  });
  taken.result = proof::equal("the sum of the numbers", sum, expected(where, iterations));
  return taken;
}

bool power_of_ten(const point& at) {
  std::int64_t leaves = at.number("leaves");
  while (leaves % 10 == 0) leaves /= 10;
  // --tasks has no meaning here: the tree decides.
  return at.tasks == 1 && leaves == 1 &&
         (at.runs_on == vehicle::fiber || at.number("leaves") <= most_leaves_of_threads);
}

results::value number(std::int64_t n) { return n; }

const registration registered{
    suite{.name = "skynet",
          .about = "How fast is a program that is nothing but tasks and channels? A tree of them",
          .claims = {"C10", "V1"},
          .procs = {1, 0},
          .parameters = {{.name = "leaves",
                          .about = "leaves of the tree, a power of ten",
                          .usual = {number(100), number(1'000'000)},
                          .quick = {number(10'000)},
                          .least = 1,
                          .most = 100'000'000}},
          .variants = {{.case_name = "tree",
                        .impl = "gobench.chan",
                        .run = by_channels,
                        .parameters = {"leaves"},
                        .applies = power_of_ten},
                       {.case_name = "tree",
                        .impl = "go.chan",
                        .run = peers::go("skynet/chan", "the sum of the numbers", expected),
                        .parameters = {"leaves"},
                        .vehicles = {vehicle::fiber},
                        .applies = power_of_ten,
                        .peer = "go"}}}};

}  // namespace

}  // namespace gobench::suites
