// Livelock: tasks that are all busy giving way to each other, and what ends it (R3)
//
// --tasks tasks (an even number, in pairs) each need both of two locks; the two of a pair take them in opposite orders. An
// operation is one try to have both, add 1 to a counter, and give them up: a task that has the first computes
// for hold_ns, lets others run, and then wants the second. How it wants it:
//   gobench.at_once    try_lock(); if it fails, give up the first and start again at once. The demonstration: nobody ever
//                      blocks, yet two tasks in step hold what the other wants again and again
//   gobench.backoff    the same, but who failed waits first, for a random time that doubles with each failure
//   gobench.ordered    both tasks lock in the same order, and wait: the remedy that needs no luck
//   std.lock           std::lock, which waits for one lock and tries the other, changing over when that fails
// A task that has failed 200 times in a row gives up this operation, so that a livelock that is complete ends, too.
// Metrics:
//   tries        how often the first lock was taken, per operation: 1 when nobody is in the way
//   gave_up_pct  operations that were given up, in percent
//
// On fibers with one processor at_once is in step by construction and nearly all operations are given up; on CPUs of
// their own the tasks fall out of step by chance. Deadlock, which the same program with lock() would
// be, is the business of `gobench race`.
#include <fmt/format.h>

#include <algorithm>
#include <gobench.hpp>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "results/statistics.hpp"
#include "suites/busy.hpp"
#include "suites/random.hpp"
#include "suites/registry.hpp"
#include "suites/team.hpp"

namespace gobench::suites {

namespace {

using results::vehicle;

constexpr std::uint64_t most_failures = 200;

// What the two tasks of a pair share.
struct alignas(64) pair_of_locks {
  mutex first;
  alignas(64) mutex second;
  std::uint64_t counter = 0;  // under both
};

// One task's.
struct alignas(64) tally {
  std::uint64_t tries = 0;
  std::uint64_t gave_up = 0;
};

// What a task has in its hands: `mine` is the lock that it takes first, `other` the one that it takes next.
struct both_locks {
  mutex& mine;
  mutex& other;
};

// Locks one and computes before it wants the next: gives the other task the time to take that.
class first_step {
 public:
  explicit first_step(const point& where) : hold_(where.number("hold_ns")) {}
  void operator()() const {
    hold_();
    gobench::yield();
  }

 private:
  busy_work hold_;
};

// Who failed waits as long as it likes: wait(failures).
template <class Wait>
bool lock_by_trying(both_locks of, const first_step& step, tally& note, Wait wait) {
  for (std::uint64_t failures = 0; failures < most_failures; ++failures) {
    of.mine.lock();
    ++note.tries;
    step();
    if (of.other.try_lock()) return true;
    of.mine.unlock();
    wait(failures);
  }
  ++note.gave_up;
  return false;
}

struct at_once {
  at_once(const point&, int) {}
  bool lock(both_locks of, const first_step& step, tally& note) {
    return lock_by_trying(of, step, note, [](std::uint64_t) {});
  }
};

class backoff {
 public:
  backoff(const point& where, int task) : random_(where.seed, task) {}
  bool lock(both_locks of, const first_step& step, tally& note) {
    return lock_by_trying(of, step, note, [this](std::uint64_t failures) {
      // 1 us, and twice as much after each failure up to 128 us, of which a random part.
      const std::uint64_t most_ns = 1000U << std::min<std::uint64_t>(failures, 7);
      gobench::sleep_for(std::chrono::nanoseconds(random_.next() % most_ns));
    });
  }

 private:
  task_random random_;
};

struct ordered {
  ordered(const point&, int) {}
  bool lock(both_locks of, const first_step& step, tally& note) {
    mutex& low = &of.mine < &of.other ? of.mine : of.other;
    mutex& high = &of.mine < &of.other ? of.other : of.mine;
    low.lock();
    ++note.tries;
    step();
    high.lock();
    return true;
  }
};

struct by_std_lock {
  by_std_lock(const point&, int) {}
  bool lock(both_locks of, const first_step& step, tally& note) {
    ++note.tries;
    step();  // std::lock takes both in one call: computed beforehand, for the same work
    std::lock(of.mine, of.other);
    return true;
  }
};

template <class Way>
measurement both(const point& where, std::uint64_t iterations) {
  std::vector<pair_of_locks> pairs(static_cast<std::size_t>(where.tasks) / 2);
  std::vector<tally> notes(static_cast<std::size_t>(where.tasks));
  std::vector<Way> ways;
  for (int task = 0; task < where.tasks; ++task) ways.emplace_back(where, task);
  const first_step step(where);
  auto taken = measure_team(where, iterations, [&](int task, std::uint64_t count) {
    const auto at = static_cast<std::size_t>(task);
    pair_of_locks& shared = pairs[at / 2];
    const both_locks of = task % 2 == 0 ? both_locks{shared.first, shared.second}
                                        : both_locks{shared.second, shared.first};
    for (std::uint64_t i = 0; i < count; ++i) {
      if (!ways[at].lock(of, step, notes[at])) continue;
      ++shared.counter;
      of.other.unlock();
      of.mine.unlock();
    }
  });
  std::uint64_t counted = 0;
  std::uint64_t tries = 0;
  std::uint64_t gave_up = 0;
  for (const pair_of_locks& one : pairs) counted += one.counter;
  for (const tally& one : notes) {
    tries += one.tries;
    gave_up += one.gave_up;
  }
  const auto operations = static_cast<double>(std::max<std::uint64_t>(1, taken.operations));
  taken.metrics.set("tries", static_cast<double>(tries) / operations);
  taken.metrics.set("gave_up_pct", 100 * static_cast<double>(gave_up) / operations);
  taken.result =
      proof::equal("the counters and the operations given up", counted + gave_up, taken.operations);
  return taken;
}

template <class Way>
variant of(const std::string& impl) {
  return {.case_name = "two locks",
          .impl = impl,
          .run = both<Way>,
          .parameters = {"hold_ns"},
          .applies = [](const point& at) { return at.tasks % 2 == 0; }};
}

// The demonstration beside its remedies, where it was worst.
std::string answer(std::span<const results::sample> samples) {
  struct place {
    std::map<std::string, std::vector<double>> tries;
    std::map<std::string, std::vector<double>> gave_up;
  };
  std::map<std::tuple<vehicle, int, int>, place> found;
  for (const results::sample& one : samples) {
    const results::value* tries = one.metrics.find("tries");
    const results::value* gave_up = one.metrics.find("gave_up_pct");
    if (tries == nullptr || gave_up == nullptr) continue;
    place& at = found[{one.runs_on, one.procs, one.tasks}];
    at.tries[one.impl].push_back(std::get<double>(*tries));
    at.gave_up[one.impl].push_back(std::get<double>(*gave_up));
  }
  const place* worst = nullptr;
  std::tuple<vehicle, int, int> worst_at;
  double most = -1;
  for (const auto& [where, one] : found) {
    const auto demo = one.tries.find("gobench.at_once");
    if (demo == one.tries.end() || demo->second.size() < 3) continue;
    if (const double median = results::median(demo->second); median > most) {
      most = median;
      worst = &one;
      worst_at = where;
    }
  }
  if (worst == nullptr) return {};
  const auto& [on, procs, tasks] = worst_at;
  const auto range = results::median_interval(worst->tries.at("gobench.at_once"));
  std::string text = fmt::format(
      "{} {}s on {} processor{} that start again at once took the first lock {:.1f} times for an "
      "operation "
      "({:.1f} to {:.1f}) and gave {:.0f} % of them up",
      tasks, results::to_string(on), procs, procs == 1 ? "" : "s", most, range.low, range.high,
      results::median(worst->gave_up.at("gobench.at_once")));
  for (const auto& [impl, name] : {std::pair{"gobench.backoff", "with back-off"},
                                   std::pair{"gobench.ordered", "with an order of locks"}}) {
    const auto remedy = worst->tries.find(impl);
    if (remedy == worst->tries.end() || remedy->second.size() < 3) continue;
    text += fmt::format("; {} {:.1f} times", name, results::median(remedy->second));
  }
  return text + ".";
}

results::value number(std::int64_t n) { return n; }

const registration registered{
    suite{.name = "livelock",
          .about = "Tasks that only give way to each other: how bad is it, and what ends it?",
          .claims = {"R3"},
          .tasks = {2, 8},
          .quick_tasks = {2},
          .procs = {1, 0},
          .parameters = {{.name = "hold_ns",
                          .about = "time computed between the first lock and the second, in ns",
                          .usual = {number(1000)},
                          .quick = {number(1000)},
                          .most = 10'000'000}},
          .metrics = {"tries", "gave_up_pct", team_metrics[0], team_metrics[1]},
          .shown = {"tries", "gave_up_pct"},
          .variants = {of<at_once>("gobench.at_once"), of<backoff>("gobench.backoff"),
                       of<ordered>("gobench.ordered"), of<by_std_lock>("std.lock")},
          .answer = answer}};

}  // namespace

}  // namespace gobench::suites
