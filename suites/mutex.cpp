// What does a lock cost, alone and contended, and what does it cost to hold it long? (C12)
//
// Tasks add 1 to one counter under one lock, and compute for `hold_ns` while they hold it; an operation is one
// addition. Outside the lock they do nothing: this is the hardest contention that there is, and the
// figure is the time from one addition to the next, whoever makes it. With one task it is the price of a lock
// that nobody else wants.
//
// What keeps others waiting while the lock is held is not measured (suite `fairness` is about that), nor
// is what a task could do meanwhile. std::mutex on fibers: see suites/mutex_vs_chan/suite.cpp.
#include <gobench.hpp>
#include <mutex>
#include <string>
#include <vector>

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
                          .usual = {number(0), number(100), number(10'000)},
                          .quick = {number(0), number(1000)},
                          .most = 10'000'000}},
          .metrics = team_metrics,
          .min_seconds = 0.01,
          .variants = all_variants()}};

}  // namespace

}  // namespace gobench::suites
