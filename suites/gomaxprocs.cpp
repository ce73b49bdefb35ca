// What do more processors bring, and what do they take? (S1, S2)
//
// The same programs with one processor and with all (--procs), the number that Go calls GOMAXPROCS. Cases:
//   compute     tasks compute and share nothing; an operation is 1000 steps of a generator of random numbers
//   ping-pong   pairs of tasks, a number to and fro; an operation is a round trip
//   pipeline    a number goes through all tasks, each adds 1; an operation is one number at the end
//   fan-in      all tasks but one send to that one; an operation is one number received
// Channels are unbuffered. The first shows what the CPUs can do; the others, in which tasks mostly wait for
// each other, whether a second processor helps at all: compare wall times (ns_per_op) of a case over procs.
//
// On threads the number limits the CPUs that they may use. CPUs that share a core, and other programs on
// the machine, make the first case look worse; `gobench doctor` tells.
#include <atomic>
#include <gobench.hpp>
#include <string>
#include <vector>

#include "suites/crowd.hpp"
#include "suites/peers/go.hpp"
#include "suites/registry.hpp"
#include "suites/round_trips.hpp"

namespace gobench::suites {

namespace {

using results::vehicle;

constexpr std::uint64_t factor = 6364136223846793005U;
constexpr std::uint64_t increment = 1442695040888963407U;
constexpr std::uint64_t steps = 1000;

// The state after n steps, by squaring the step; what the tasks compute one step after the other.
std::uint64_t state_after(std::uint64_t state, std::uint64_t n) {
  std::uint64_t f = factor;
  std::uint64_t c = increment;
  for (; n != 0; n >>= 1U) {
    if (n % 2 == 1) state = state * f + c;
    c *= f + 1;
    f *= f;
  }
  return state;
}

std::uint64_t all_states(const point& where, std::uint64_t operations) {
  std::uint64_t sum = 0;
  for (int task = 0; task < where.tasks; ++task) {
    sum += state_after(static_cast<std::uint64_t>(task),
                       share_of(operations, task, where.tasks) * steps);
  }
  return sum;
}

measurement compute(const point& where, std::uint64_t iterations) {
  std::atomic<std::uint64_t> sum{0};
  auto taken = measure_crowd(where, where.tasks, iterations, [&](int task) {
    auto state = static_cast<std::uint64_t>(task);
    const std::uint64_t share = share_of(iterations, task, where.tasks) * steps;
    for (std::uint64_t i = 0; i < share; ++i) {
      state = state * factor + increment;
      asm volatile("" : "+r"(state));  // step by step
    }
    sum += state;
  });
  taken.result = proof::equal("the sum of the states", sum, all_states(where, iterations));
  return taken;
}

// i + tasks - 2 for each i from 0: every task between the first and the last adds 1.
std::uint64_t all_piped(const point& where, std::uint64_t n) {
  return (n * (n - 1)) / 2 + n * static_cast<std::uint64_t>(where.tasks - 2);
}

measurement pipeline(const point& where, std::uint64_t iterations) {
  std::vector<chan<std::uint64_t>> links;
  for (int i = 0; i + 1 < where.tasks; ++i) links.push_back(make_chan<std::uint64_t>());
  std::uint64_t sum = 0;
  auto taken = measure_crowd(where, where.tasks, iterations, [&](int task) {
    const auto stage = static_cast<std::size_t>(task);
    for (std::uint64_t i = 0; i < iterations; ++i) {
      const std::uint64_t number = task == 0 ? i : links[stage - 1].recv().value_or(0);
      if (stage == links.size()) {
        sum += number;
      } else {
        links[stage].send(task == 0 ? number : number + 1);
      }
    }
  });
  taken.result = proof::equal("the sum at the end", sum, all_piped(where, iterations));
  return taken;
}

std::uint64_t all_fanned(const point& where, std::uint64_t operations) {
  std::uint64_t sum = 0;
  for (int task = 0; task + 1 < where.tasks; ++task) {
    const std::uint64_t share = share_of(operations, task, where.tasks - 1);
    sum += share * (share + 1) / 2;
  }
  return sum;
}

measurement fan_in(const point& where, std::uint64_t iterations) {
  const auto values = make_chan<std::uint64_t>();
  const int senders = where.tasks - 1;
  std::uint64_t sum = 0;
  auto taken = measure_crowd(where, where.tasks, iterations, [&](int task) {
    if (task < senders) {
      const std::uint64_t share = share_of(iterations, task, senders);
      for (std::uint64_t i = 1; i <= share; ++i) values.send(i);
    } else {
      for (std::uint64_t i = 0; i < iterations; ++i) sum += values.recv().value_or(0);
    }
  });
  taken.result = proof::equal("the sum of what was received", sum, all_fanned(where, iterations));
  return taken;
}

void add_variants(std::vector<variant>& to, const std::string& name, const std::string& impl,
                  operation run, const std::string& workload, peers::expectation expected) {
  const auto even = [](const point& at) { return at.tasks >= 2 && at.tasks % 2 == 0; };
  to.push_back(
      {.case_name = name, .impl = "gobench." + impl, .run = std::move(run), .applies = even});
  to.push_back({.case_name = name,
                .impl = "go." + impl,
                .run = peers::go(workload, "the sum", std::move(expected)),
                .vehicles = {vehicle::fiber},
                .applies = even,
                .peer = "go"});
}

std::vector<variant> all_variants() {
  std::vector<variant> made;
  add_variants(made, "compute", "go", compute, "compute/go", all_states);
  add_variants(made, "ping-pong", "chan", run_pairs<channels>, "ping-pong/chan", all_answers);
  add_variants(made, "pipeline", "chan", pipeline, "pipeline/chan", all_piped);
  add_variants(made, "fan-in", "chan", fan_in, "fan-in/chan", all_fanned);
  return made;
}

const registration registered{suite{
    .name = "gomaxprocs",
    .about = "What do more processors bring a program that computes, and one that communicates?",
    .claims = {"S1", "S2"},
    .tasks = {8},
    .quick_tasks = {8},
    .procs = {1, 0},
    .variants = all_variants()}};

}  // namespace

}  // namespace gobench::suites
