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

#include "suites/peers/go.hpp"
#include "suites/registry.hpp"
#include "suites/trees.hpp"

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

std::uint64_t one_tree(std::uint64_t leaves) {
  const auto result = make_chan<std::uint64_t>();
  gobench::go([=] { node(result, 0, leaves); });
  return result.recv().value_or(0);
}

measurement by_channels(const point& where, std::uint64_t iterations) {
  return trees(where, iterations, one_tree);
}

bool small_enough(const point& at) {
  return is_a_tree(at) &&
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
                        .applies = small_enough},
                       {.case_name = "tree",
                        .impl = "go.chan",
                        .run = peers::go("skynet/chan", "the sum of the numbers", sum_of_trees),
                        .parameters = {"leaves"},
                        .vehicles = {vehicle::fiber},
                        .applies = is_a_tree,
                        .peer = "go"}}}};

}  // namespace

}  // namespace gobench::suites
