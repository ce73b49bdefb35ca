// What does a lock cost, alone and contended, and what does it cost to hold it long? (C12)
//
// Tasks add 1 to one counter under one lock, and compute for `hold_ns` while they hold it; an operation is one
// addition. Outside the lock they do nothing: this is the hardest contention that there is, and the
// figure is the time from one addition to the next, whoever makes it. With one task it is the price of a lock
// that nobody else wants.
//
// Case acquire: the same, but each task does as many additions as it gets to, and beside the throughput there are the time
// from asking for the lock to having it (p50_us to max_us, of single ones) and who got how much: jain, ops_min, ops_max,
// longest_wait_us from one turn to the next (suites/acquire.hpp). A sample is short: use --min-time 0.2s to see what
// a lock makes of the kernel's time slices.
//
// What a task could do meanwhile is not measured. std::mutex on fibers: see suites/mutex_vs_chan/suite.cpp.
#include <gobench.hpp>
#include <mutex>
#include <string>
#include <vector>

#include "suites/acquire.hpp"
#include "suites/mutex_vs_chan/guards.hpp"
#include "suites/mutex_vs_chan/workloads.hpp"
#include "suites/peers/go.hpp"
#include "suites/registry.hpp"
#include "suites/team.hpp"

namespace gobench::suites {

namespace {

using mutex_vs_chan::locked;
using mutex_vs_chan::run_guarded;
using mutex_vs_chan::shared_counter;
using mutex_vs_chan::unguarded;
using results::vehicle;

template <class Guard>
variant of(const std::string& impl) {
  return {.case_name = "counter",
          .impl = impl,
          .run = run_guarded<shared_counter, Guard>,
          .parameters = {"hold_ns"}};
}

template <class Guard>
variant acquired(const std::string& impl) {
  return {.case_name = "acquire",
          .impl = impl,
          .run = acquire_guarded<shared_counter, Guard>,
          .parameters = {"hold_ns"},
          .applies = contended};
}

std::vector<variant> all_variants() {
  std::vector<variant> made = {of<unguarded>("plain.loop"),
                               of<locked<std::mutex>>("std.mutex"),
                               of<locked<mutex>>("gobench.mutex"),
                               of<locked<spin_mutex>>("gobench.spin_mutex"),
                               of<locked<ticket_mutex>>("gobench.ticket_mutex"),
                               of<locked<mcs_mutex>>("gobench.mcs_mutex")};
  made.front().baseline = true;
  made.push_back({.case_name = "counter",
                  .impl = "go.mutex",
                  .run = peers::go("counter/mutex", "the counter"),
                  .parameters = {"hold_ns"},
                  .vehicles = {vehicle::fiber},
                  .peer = "go"});
  made.push_back(acquired<locked<std::mutex>>("std.mutex"));
  made.push_back(acquired<locked<mutex>>("gobench.mutex"));
  made.push_back(acquired<locked<spin_mutex>>("gobench.spin_mutex"));
  made.push_back(acquired<locked<ticket_mutex>>("gobench.ticket_mutex"));
  made.push_back(acquired<locked<mcs_mutex>>("gobench.mcs_mutex"));
  return made;
}

std::vector<std::string> all_metrics() {
  std::vector<std::string> made = team_metrics;
  made.insert(made.end(), acquire_metrics.begin(), acquire_metrics.end());
  return made;
}

results::value number(std::int64_t n) { return n; }

const registration registered{
    suite{.name = "mutex",
          .about = "What does a lock cost, alone and contended, and what does holding it long?",
          .claims = {"C12"},
          .tasks = {1, 2, 8, 64},
          .quick_tasks = {1, 8},
          .parameters = {{.name = "hold_ns",
                          .about = "time computed while holding the lock, in ns",
                          .usual = {number(0), number(1000), number(100'000)},
                          .quick = {number(0), number(1000)},
                          .most = 10'000'000}},
          .metrics = all_metrics(),
          .shown = {"p50_us", "p99_us", "longest_wait_us", std::string(results::metric_fairness)},
          .min_seconds = 0.01,
          .variants = all_variants()}};

}  // namespace

}  // namespace gobench::suites
