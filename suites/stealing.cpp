// How well do idle processors help one that has all the work? (S5)
//
// One task makes a batch of --tasks tasks, all of them on its own processor, and waits until they are done; each
// computes for grain_ns. An operation is one task, and ns_per_op the time to drain the batch / its tasks. Cases:
//   spawned   the tasks are new: others take the oldest of those that have not begun
//   woken     the tasks have parked before and are all woken by one; others take half of the queue
//
// Each task notes which processor it computed on (on threads, and in Go: which CPU):
//   share_max, share_min   of the tasks, by the processor that did most and by the one that did least; 1 and 1
//                          when one did all, 0.5 and 0.5 when two did the same
//   shared_by              processors that did any
//   steals                 stretches of neighbouring tasks that were done by another processor than most of
//                          them, in each batch: about the number of times that somebody took some away
//
// With one processor there is nobody to steal: the factor between the two is what stealing brings. It should be 1
// for tasks shorter than a wake-up, which are not worth it, and near the number of processors for long ones. How long
// a thief searches, and its CPU time, show in cpu_ns_per_op only. Threads are started by the kernel, at
// most 1000 at a time, and share CPUs as it decides.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <gobench.hpp>
#include <map>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "results/statistics.hpp"
#include "results/summary.hpp"
#include "runtime/internal/worker.hpp"
#include "suites/busy.hpp"
#include "suites/peers/go.hpp"
#include "suites/registry.hpp"
#include "suites/stopwatch.hpp"
#include "suites/team.hpp"
#include "suites/ticks.hpp"

namespace gobench::suites {

namespace {

using results::vehicle;

constexpr int most_threads = 1000;
// A batch takes no longer than this when one processor does it all.
constexpr std::int64_t longest_batch_ns = 100'000'000;

// The number of the processor that runs the calling task, or of its CPU where it has no processor.
int place_here(const tick_source& source) {
  const runtime::worker* w = runtime::this_worker();
  if (w != nullptr && w->p != nullptr) return w->p->index;
  return static_cast<int>(now_on(source).cpu);
}

// Where the tasks of a sample were done.
class places {
 public:
  // `at`: of one batch, in the order in which the tasks were made.
  void add(std::span<const int> at) {
    std::map<int, std::uint64_t> here;
    for (const int place : at) ++here[place];
    const auto home =
        std::ranges::max_element(here, {}, [](const auto& one) { return one.second; });
    for (std::size_t i = 0; i < at.size(); ++i) {
      if (at[i] != home->first && (i == 0 || at[i - 1] != at[i])) ++steals_;
    }
    for (const auto& [place, count] : here) done_[place] += count;
    all_ += at.size();
    ++batches_;
  }

  void tell(results::fields& metrics) const {
    std::vector<double> shares;
    for (const auto& [place, count] : done_)
      shares.push_back(static_cast<double>(count) / static_cast<double>(all_));
    if (shares.empty()) return;
    metrics.set("share_max", *std::ranges::max_element(shares));
    metrics.set("share_min", *std::ranges::min_element(shares));
    metrics.set("shared_by", shares.size());
    metrics.set("steals", static_cast<double>(steals_) / static_cast<double>(batches_));
  }

 private:
  std::map<int, std::uint64_t> done_;
  std::uint64_t all_ = 0;
  std::uint64_t batches_ = 0;
  std::uint64_t steals_ = 0;
};

// What the tasks of a batch write, each its own.
struct board {
  explicit board(const point& where)
      : ran(static_cast<std::size_t>(where.tasks), 0), at(ran.size(), 0) {}

  std::vector<std::uint32_t> ran;  // how often, over all batches
  std::vector<int> at;             // where the last time

  proof proved(std::uint64_t batches) const {
    proof all = proof::that(true, "");
    for (const std::uint32_t times : ran)
      all = all && proof::equal("the number of times that a task ran", times, batches);
    return all;
  }
};

// Makes one batch and waits for it; start() and stop() of the watch are its to call.
template <class Batch>
measurement by_batches(const point& where, std::uint64_t iterations, Batch one_batch) {
  board shared(where);
  const tick_source& source = ticking();
  const busy_work grain(where.number("grain_ns"));
  const auto tasks = static_cast<std::uint64_t>(where.tasks);
  const std::uint64_t batches = std::max<std::uint64_t>(1, iterations / tasks);
  measurement sum;
  sum.cpu_seconds = 0;
  places found;
  gobench::run(options_at(where), [&] {
    const auto work = [&](std::size_t i) {
      grain();
      ++shared.ran[i];
      shared.at[i] = place_here(source);
    };
    for (std::uint64_t n = 0; n < batches; ++n) {
      stopwatch watch;
      one_batch(watch, work);
      const measurement one = watch.taken(tasks);
      sum.seconds += one.seconds;
      sum.cpu_seconds += one.cpu_seconds;
      found.add(shared.at);
    }
  });
  sum.operations = batches * tasks;
  found.tell(sum.metrics);
  sum.result = shared.proved(batches);
  return sum;
}

measurement spawned(const point& where, std::uint64_t iterations) {
  return by_batches(where, iterations, [&](stopwatch& watch, auto& work) {
    wait_group ended;
    ended.add(where.tasks);
    watch.start();
    for (int i = 0; i < where.tasks; ++i) {
      gobench::go([&work, &ended, i] {
        work(static_cast<std::size_t>(i));
        ended.done();
      });
    }
    ended.wait();
    watch.stop();
  });
}

measurement woken(const point& where, std::uint64_t iterations) {
  return by_batches(where, iterations, [&](stopwatch& watch, auto& work) {
    wait_group ended;
    ended.add(where.tasks);
    event start;
    std::atomic<int> there{0};
    for (int i = 0; i < where.tasks; ++i) {
      gobench::go([&work, &ended, &start, &there, i] {
        there.fetch_add(1, std::memory_order_relaxed);  // only counted
        start.wait();
        work(static_cast<std::size_t>(i));
        ended.done();
      });
    }
    while (there.load(std::memory_order_relaxed) != where.tasks) gobench::yield();
    watch.start();
    start.set();
    ended.wait();
    watch.stop();
  });
}

bool fits(const point& at) {
  return at.tasks * at.number("grain_ns") <= longest_batch_ns &&
         (at.runs_on == vehicle::fiber || at.tasks <= most_threads);
}

// How many times as fast the longest grain drains with the most processors as with one.
std::string answer(std::span<const results::sample> samples) {
  const auto grain_of = [](const results::sample& one) {
    const results::value* found = one.parameters.find("grain_ns");
    return found == nullptr ? 0.0 : results::as_number(*found);
  };
  std::map<std::tuple<double, int>, std::vector<double>> found;  // by grain and procs
  int most = 1;
  int tasks = 0;
  const auto counts = [](const results::sample& one) {
    return one.case_name == "spawned" && one.impl == "gobench.go" && one.runs_on == vehicle::fiber;
  };
  for (const results::sample& one : samples) {
    if (!counts(one)) continue;
    most = std::max(most, one.procs);
    tasks = tasks == 0 ? one.tasks : std::min(tasks, one.tasks);
  }
  for (const results::sample& one : samples) {
    if (counts(one) && one.tasks == tasks)
      found[{grain_of(one), one.procs}].push_back(one.ns_per_op);
  }
  std::string made;
  for (const auto& [key, times] : found) {
    const auto& [grain, procs] = key;
    const auto alone = found.find({grain, 1});
    if (procs != most || most == 1 || alone == found.end() || times.size() < 3 ||
        alone->second.size() < 3)
      continue;
    const results::interval one = results::median_interval(alone->second);
    const results::interval all = results::median_interval(times);
    made += fmt::format(
        fmt::runtime(made.empty() ? " {:.2g} times ({:.2g} to {:.2g}) as fast as on one where each "
                                    "takes {:.4g} us"
                                  : ", {:.2g} times ({:.2g} to {:.2g}) where each takes {:.4g} us"),
        results::median(alone->second) / results::median(times), one.low / all.high,
        one.high / all.low, grain / 1000);
  }
  if (made.empty()) return "";
  return fmt::format("{} tasks that were born on one of {} processors drain{}.", tasks, most, made);
}

results::value number(std::int64_t n) { return n; }

const std::vector<std::string> steal_metrics = {"share_max", "share_min", "shared_by", "steals"};

const registration registered{
    suite{.name = "stealing",
          .about = "How well do idle processors help one that has all the work?",
          .claims = {"S5"},
          .tasks = {1000, 10'000, 100'000},
          .quick_tasks = {1000},
          .procs = {1, 0},
          .parameters = {{.name = "grain_ns",
                          .about = "how long a task computes, in ns",
                          .usual = {number(0), number(1000), number(10'000), number(100'000)},
                          .quick = {number(0), number(1000), number(10'000)},
                          .most = longest_batch_ns}},
          .metrics = steal_metrics,
          .shown = steal_metrics,
          .repetitions = 4,
          .min_seconds = 0.01,
          .variants = {{.case_name = "spawned",
                        .impl = "gobench.go",
                        .run = spawned,
                        .parameters = {"grain_ns"},
                        .applies = fits},
                       {.case_name = "spawned",
                        .impl = "go.go",
                        .run = peers::go("stealing/spawned", "the number of goroutines that ran"),
                        .parameters = {"grain_ns"},
                        .vehicles = {vehicle::fiber},
                        .applies = fits,
                        .peer = "go"},
                       {.case_name = "woken",
                        .impl = "gobench.event",
                        .run = woken,
                        .parameters = {"grain_ns"},
                        .applies = fits}},
          .answer = answer}};

}  // namespace

}  // namespace gobench::suites
