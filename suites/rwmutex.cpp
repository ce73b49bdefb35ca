// When does a read-write lock pay? (C2)
//
// Tasks share two numbers that are always equal: a write adds 1 to both, a read looks whether they are. What
// an operation is, is drawn at random with `read_pct` in a hundred being reads. The critical section is
// only a few instructions unless `hold_ns` makes it longer; short ones are where a read-write lock's own
// bookkeeping costs more than it gains.
//
// Case acquire: the same, but each task does as many operations as it gets to, and beside the throughput there are the time
// from asking for the lock to having it (p50_us to max_us; writer_p99_us: of writes alone) and who got how much
// (suites/acquire.hpp).
//
// A reader that sees the numbers differ, or a lost write, ends the run. Drawing takes some 2 ns of each
// operation, with every lock. The sentence below the table says from which share of reads on a read-write lock was faster than
// the mutex that it comes with; how long a writer can be kept out is the suite `starvation`.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <gobench.hpp>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "results/statistics.hpp"
#include "suites/acquire.hpp"
#include "suites/mutex_vs_chan/guards.hpp"
#include "suites/peers/go.hpp"
#include "suites/registry.hpp"
#include "suites/team.hpp"
#include "suites/two_numbers.hpp"

namespace gobench::suites {

namespace {

using mutex_vs_chan::locked;
using mutex_vs_chan::read_write_locked;
using mutex_vs_chan::run_guarded;
using mutex_vs_chan::unguarded;
using results::vehicle;

template <class Guard>
variant of(const std::string& impl) {
  return {.case_name = "two numbers",
          .impl = impl,
          .run = run_guarded<two_numbers, Guard>,
          .parameters = {"hold_ns", "read_pct"}};
}

variant by_go(const std::string& impl, const std::string& workload) {
  return {.case_name = "two numbers",
          .impl = impl,
          .run = peers::go(workload, "the numbers", all_writes),
          .parameters = {"hold_ns", "read_pct"},
          .vehicles = {vehicle::fiber},
          .peer = "go"};
}

template <class Guard>
variant acquired(const std::string& impl) {
  return {.case_name = "acquire",
          .impl = impl,
          .run = acquire_guarded<two_numbers, Guard>,
          .parameters = {"hold_ns", "read_pct"},
          .applies = read_and_written};
}

std::vector<variant> all_variants() {
  std::vector<variant> made = {of<unguarded>("plain.loop"),
                               of<locked<std::mutex>>("std.mutex"),
                               of<read_write_locked<std::shared_mutex>>("std.shared_mutex"),
                               of<locked<mutex>>("gobench.mutex"),
                               of<read_write_locked<shared_mutex>>("gobench.shared_mutex"),
                               by_go("go.mutex", "register/mutex"),
                               by_go("go.rwmutex", "register/rwmutex")};
  made.front().baseline = true;
  made.push_back(acquired<locked<std::mutex>>("std.mutex"));
  made.push_back(acquired<read_write_locked<std::shared_mutex>>("std.shared_mutex"));
  made.push_back(acquired<locked<mutex>>("gobench.mutex"));
  made.push_back(acquired<read_write_locked<shared_mutex>>("gobench.shared_mutex"));
  return made;
}

std::vector<std::string> all_metrics() {
  std::vector<std::string> made = team_metrics;
  made.insert(made.end(), acquire_metrics.begin(), acquire_metrics.end());
  return made;
}

std::int64_t number_of(const results::sample& one, std::string_view name) {
  const results::value* found = one.parameters.find(name);
  const auto* number = found == nullptr ? nullptr : std::get_if<std::int64_t>(found);
  return number == nullptr ? 0 : *number;
}

using by_share = std::map<std::int64_t, std::vector<double>>;  // read_pct -> ns per operation

// Where the curves of a mutex and its read-write lock cross. Shares at which the intervals of the two medians meet
// decide nothing, so the crossing is only known to lie between the last share at which the mutex is clearly faster, and the
// first from which on the read-write lock is.
std::string crossing(const by_share& alone, const by_share& shared) {
  std::int64_t mutex_faster = -1;  // at none
  std::int64_t shared_faster = -1;
  for (const auto& [pct, ns] : alone) {
    const auto other = shared.find(pct);
    if (other == shared.end() || ns.size() < 3 || other->second.size() < 3) continue;
    const auto mutex_range = results::median_interval(ns);
    const auto shared_range = results::median_interval(other->second);
    if (mutex_range.high < shared_range.low) {
      mutex_faster = pct;
      shared_faster = -1;
    } else if (shared_range.high < mutex_range.low) {
      if (shared_faster < 0) shared_faster = pct;
    }
  }
  if (mutex_faster >= 0 && shared_faster >= 0)
    return fmt::format("crosses over between {} and {} % reads", mutex_faster, shared_faster);
  if (shared_faster >= 0) return fmt::format("is faster from {} % reads on", shared_faster);
  if (mutex_faster >= 0) return fmt::format("does not pay up to {} % reads", mutex_faster);
  return "cannot be told from it";
}

// At the most tasks, the longest hold and the shortest.
std::string answer(std::span<const results::sample> samples) {
  using place = std::tuple<vehicle, std::int64_t>;  // and hold_ns
  int tasks = 0;
  for (const results::sample& one : samples) tasks = std::max(tasks, one.tasks);
  if (tasks < 2) return {};
  std::map<std::string, std::map<place, by_share>> found;
  for (const results::sample& one : samples) {
    if (one.case_name != "two numbers" || one.tasks != tasks) continue;
    found[one.impl][{one.runs_on, number_of(one, "hold_ns")}][number_of(one, "read_pct")].push_back(
        one.ns_per_op);
  }
  std::string text;
  for (const auto& [mutex_impl, shared_impl, on] :
       {std::tuple{"std.mutex", "std.shared_mutex", vehicle::thread},
        std::tuple{"gobench.mutex", "gobench.shared_mutex", vehicle::thread},
        std::tuple{"gobench.mutex", "gobench.shared_mutex", vehicle::fiber}}) {
    for (const auto& [at, alone] : found[mutex_impl]) {
      const auto shared = found[shared_impl].find(at);
      if (std::get<0>(at) != on || shared == found[shared_impl].end()) continue;
      text += fmt::format("{}{} on {} {}s that hold it for {} ns {}",
                          text.empty() ? "Beside its mutex, " : "; ", shared_impl, tasks,
                          results::to_string(on), std::get<1>(at), crossing(alone, shared->second));
    }
  }
  return text.empty() ? text : text + ".";
}

results::value number(std::int64_t n) { return n; }

const registration registered{
    suite{.name = "rwmutex",
          .about = "When does a read-write lock pay? Shares of reads from none to all",
          .claims = {"C2"},
          .tasks = {1, 2, 8},
          .quick_tasks = {8},
          .parameters = {{.name = "hold_ns",
                          .about = "time computed while holding the lock, in ns",
                          .usual = {number(0), number(1000)},
                          .quick = {number(0)},
                          .most = 10'000'000},
                         {.name = "read_pct",
                          .about = "operations that only read, in percent",
                          .usual = {number(0), number(50), number(90), number(100)},
                          .quick = {number(0), number(50), number(90)},
                          .most = 100}},
          .metrics = all_metrics(),
          .shown = {"p50_us", "p99_us", "writer_p99_us", std::string(results::metric_fairness)},
          .min_seconds = 0.01,
          .variants = all_variants(),
          .answer = answer}};

}  // namespace

}  // namespace gobench::suites
