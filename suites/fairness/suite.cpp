// How evenly do tasks get their turns, and how long does the unluckiest wait? (S9, R4)
//
// Tasks do the same again and again, and nobody deals out the work: each gets as many operations as it gets to.
// jain is Jain's index of the tasks' operations in a sample: 1 is even, 1/tasks is one task having them all.
// ops_min and ops_max are the fewest and the most of them. A wait is from one turn of a task to the next;
// wait_p99_us and longest_wait_us are those of all tasks, who never had a turn having waited for the whole
// sample. They depend on how long a sample is: compare within a run, and use a longer --min-time to see
// starvation that takes its time. Cases:
//   lock        take a lock, compute for hold_ns, give it up; nothing in between
//   readers     one task in eight writes (hold_ns under a read-write lock), the others read (the same)
//   turns       gobench::yield(), or the language's own
//   unequal     as `turns`, but every second task computes for 50 us in its turn and the others for 1 us; an
//               operation is 1 us of it. A scheduler that is told nothing but yields cannot be fair here
//   consumers   tasks receive from one channel, to which the main task sends
//   select      each task sends on a channel of its own; the main task selects from all
//
// A turn on fibers is between scheduling points. Who takes a free lock and gives it up comes to none, so with more
// fibers than processors those that never got to run wait until hand-off (here on, as by default) helps
// them after 10 ms: the scheduler's doing as much as the lock's. On threads the kernel's time slices count in
// everything. Throughput is ns_per_op: what is fairest is often slowest.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <gobench.hpp>
#include <map>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "results/statistics.hpp"
#include "suites/busy.hpp"
#include "suites/fairness/turns.hpp"
#include "suites/peers/go.hpp"
#include "suites/registry.hpp"

namespace gobench::suites::fairness {

namespace {

using results::vehicle;

constexpr int writer_every = 8;
constexpr std::int64_t unit_ns = 1000;
constexpr std::uint64_t long_turn = 50;

proof counted(std::string_view what, std::uint64_t by_us, const measurement& taken) {
  return proof::equal(what, by_us, taken.operations);
}

template <class Lock>
measurement lock(const point& where, std::uint64_t iterations) {
  alignas(64) Lock held;
  alignas(64) std::uint64_t counter = 0;
  const busy_work hold(where.number("hold_ns"));
  contest shared(where, iterations);
  auto taken = measure_turns(where, shared, where.tasks, [&](int, turns& mine) {
    while (shared.goes_on()) {
      held.lock();
      ++counter;
      hold();
      held.unlock();
      mine.took();
    }
  });
  taken.result = counted("the counter", counter, taken);
  return taken;
}

template <class Lock>
measurement readers(const point& where, std::uint64_t iterations) {
  alignas(64) Lock held;
  alignas(64) std::array<std::uint64_t, 2> numbers{};
  std::atomic<std::uint64_t> reads{0};
  std::atomic<std::uint64_t> torn{0};
  const busy_work hold(where.number("hold_ns"));
  contest shared(where, iterations);
  auto taken = measure_turns(where, shared, where.tasks, [&](int task, turns& mine) {
    std::uint64_t own_reads = 0;
    std::uint64_t own_torn = 0;
    while (shared.goes_on()) {
      if (task % writer_every == 0) {
        const std::unique_lock writing(held);
        ++numbers[0];
        hold();
        ++numbers[1];
      } else {
        const std::shared_lock reading(held);
        const std::uint64_t first = numbers[0];
        hold();
        own_torn += first == numbers[1] ? 0 : 1;
        ++own_reads;
      }
      mine.took();
    }
    reads += own_reads;
    torn += own_torn;
  });
  taken.result = proof::equal("the number of reads beside a write", torn, 0) &&
                 counted("the number of reads and writes", reads + numbers[1], taken);
  return taken;
}

// Every task adds what it did to a sum of its own; the turns are counted beside.
template <class Turn>
measurement by_turns(const point& where, std::uint64_t iterations, Turn turn) {
  std::atomic<std::uint64_t> sum{0};
  contest shared(where, iterations);
  auto taken = measure_turns(where, shared, where.tasks, [&](int task, turns& mine) {
    std::uint64_t own = 0;
    while (shared.goes_on()) {
      const std::uint64_t operations = turn(task);
      own += operations;
      mine.took(operations);
    }
    sum += own;
  });
  taken.result = counted("the sum of the turns", sum, taken);
  return taken;
}

measurement equal_turns(const point& where, std::uint64_t iterations) {
  return by_turns(where, iterations, [](int) {
    gobench::yield();
    return std::uint64_t{1};
  });
}

measurement unequal_turns(const point& where, std::uint64_t iterations) {
  const busy_work unit(unit_ns);
  return by_turns(where, iterations, [unit](int task) {
    const std::uint64_t units = task % 2 == 0 ? 1 : long_turn;
    for (std::uint64_t i = 0; i < units; ++i) unit();
    gobench::yield();
    return units;
  });
}

measurement consumers(const point& where, std::uint64_t iterations) {
  const auto values = make_chan<std::uint64_t>();
  std::uint64_t sent = 0;
  std::atomic<std::uint64_t> received{0};
  contest shared(where, iterations);
  auto taken = measure_turns(
      where, shared, where.tasks,
      [&](int, turns& mine) {
        std::uint64_t own = 0;
        for (const std::uint64_t value : values) {
          own += value;
          mine.took();
        }
        received += own;
      },
      [&] {
        while (shared.goes_on()) values.send(++sent);
        values.close();
      });
  taken.result = counted("the number of messages", sent, taken) &&
                 proof::equal("the sum of the messages", received, sent * (sent + 1) / 2);
  return taken;
}

measurement selected(const point& where, std::uint64_t iterations) {
  std::vector<chan<std::uint64_t>> from;
  for (int i = 0; i < where.tasks; ++i) from.push_back(make_chan<std::uint64_t>());
  std::uint64_t received = 0;
  const auto note = [&](std::optional<std::uint64_t> value) { received += value ? 1 : 0; };
  contest shared(where, iterations);
  auto taken = measure_turns(
      where, shared, where.tasks,
      [&](int task, turns& mine) {
        const auto& to = from[static_cast<std::size_t>(task)];
        while (shared.goes_on()) {
          to.send(1);
          mine.took();
        }
        to.close();
      },
      [&] {
        std::vector<select_case> cases;
        for (const auto& one : from) cases.emplace_back(on_recv(one, note));
        while (shared.goes_on()) gobench::select(cases);
        for (const auto& one : from) {
          while (one.recv()) ++received;
        }
      });
  taken.result = counted("the number of messages", received, taken);
  return taken;
}

struct comparison {
  double jain = 1;
  std::string impl;
};

// The least fair of the locks at the place with the most tasks, and its counterpart.
std::string answer(std::span<const results::sample> samples) {
  int tasks = 0;
  for (const results::sample& one : samples) tasks = std::max(tasks, one.tasks);
  std::map<std::pair<vehicle, std::string>, std::vector<double>> found;
  for (const results::sample& one : samples) {
    const results::value* jain = one.metrics.find(results::metric_fairness);
    if (one.case_name == "lock" && one.tasks == tasks && tasks > 1 && jain != nullptr)
      found[{one.runs_on, one.impl}].push_back(std::get<double>(*jain));
  }
  std::string made;
  for (const vehicle on : {vehicle::thread, vehicle::fiber}) {
    comparison worst{2, ""};
    comparison best{-1, ""};
    int locks = 0;
    for (const auto& [key, values] : found) {
      if (key.first != on || values.size() < 3) continue;
      ++locks;
      const double median = results::median(values);
      if (median < worst.jain) worst = {median, key.second};
      if (median > best.jain) best = {median, key.second};
    }
    if (locks < 2) continue;
    const auto text = [&](const comparison& one) {
      const auto range = results::median_interval(found[{on, one.impl}]);
      return fmt::format("{} (Jain's index {:.2f}, {:.2f} to {:.2f})", one.impl, one.jain,
                         range.low, range.high);
    };
    made += fmt::format("{}{} {} {}s share a lock most evenly by {} and least evenly by {}.",
                        made.empty() ? "" : " ", made.empty() ? "Of the locks," : "And", tasks,
                        results::to_string(on), text(best), text(worst));
  }
  return made;
}

variant by_go(const std::string& case_name, const std::string& impl, const std::string& workload,
              std::vector<std::string> parameters = {}) {
  return {.case_name = case_name,
          .impl = impl,
          .run = peers::go(workload, "the number of turns"),
          .parameters = std::move(parameters),
          .vehicles = {vehicle::fiber},
          .peer = "go"};
}

template <class Lock>
variant of_lock(const std::string& impl) {
  return {.case_name = "lock", .impl = impl, .run = lock<Lock>, .parameters = {"hold_ns"}};
}

template <class Lock>
variant of_readers(const std::string& impl) {
  return {.case_name = "readers", .impl = impl, .run = readers<Lock>, .parameters = {"hold_ns"}};
}

std::vector<variant> all_variants() {
  return {of_lock<std::mutex>("std.mutex"),
          of_lock<std::shared_mutex>("std.shared_mutex"),
          of_lock<mutex>("gobench.mutex"),
          of_lock<shared_mutex>("gobench.shared_mutex"),
          of_lock<spin_mutex>("gobench.spin_mutex"),
          of_lock<ticket_mutex>("gobench.ticket_mutex"),
          of_lock<mcs_mutex>("gobench.mcs_mutex"),
          by_go("lock", "go.mutex", "fairness/mutex", {"hold_ns"}),
          of_readers<std::shared_mutex>("std.shared_mutex"),
          of_readers<shared_mutex>("gobench.shared_mutex"),
          by_go("readers", "go.rwmutex", "fairness/rwmutex", {"hold_ns"}),
          {.case_name = "turns", .impl = "gobench.yield", .run = equal_turns},
          by_go("turns", "go.gosched", "fairness/turns"),
          {.case_name = "unequal", .impl = "gobench.yield", .run = unequal_turns},
          by_go("unequal", "go.gosched", "fairness/unequal"),
          {.case_name = "consumers", .impl = "gobench.chan", .run = consumers},
          by_go("consumers", "go.chan", "fairness/consumers"),
          {.case_name = "select", .impl = "gobench.select", .run = selected},
          by_go("select", "go.select", "fairness/select")};
}

results::value number(std::int64_t n) { return n; }

const registration registered{
    suite{.name = "fairness",
          .about = "How evenly do tasks get their turns, and how long does the unluckiest wait?",
          .claims = {"S9", "R4"},
          .tasks = {2, 8, 64},
          .quick_tasks = {8},
          .parameters = {{.name = "hold_ns",
                          .about = "time computed while holding the lock, in ns",
                          .usual = {number(1000)},
                          .quick = {number(1000)},
                          .most = 10'000'000}},
          .metrics = turn_metrics,
          .shown = turn_metrics,
          .repetitions = 3,
          .min_seconds = 0.08,
          .quick_min_seconds = 0.03,
          .variants = all_variants(),
          .answer = answer}};

}  // namespace

}  // namespace gobench::suites::fairness
