// When does a read-write lock pay? (C2)
//
// Tasks share two numbers that are always equal: a write adds 1 to both, a read looks whether they are. What
// an operation is, is drawn at random with `read_pct` in a hundred being reads. The critical section is
// only a few instructions unless `hold_ns` makes it longer; short ones are where a read-write lock's own
// bookkeeping costs more than it gains.
//
// A reader that sees the numbers differ, or a lost write, ends the run. Drawing takes some 2 ns of each
// operation, with every lock. How long a writer waits among readers is not measured.
#include <gobench.hpp>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <vector>

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

std::vector<variant> all_variants() {
  std::vector<variant> made = {of<unguarded>("plain.loop"),
                               of<locked<std::mutex>>("std.mutex"),
                               of<read_write_locked<std::shared_mutex>>("std.shared_mutex"),
                               of<locked<mutex>>("gobench.mutex"),
                               of<read_write_locked<shared_mutex>>("gobench.shared_mutex"),
                               by_go("go.mutex", "register/mutex"),
                               by_go("go.rwmutex", "register/rwmutex")};
  made.front().baseline = true;
  return made;
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
                          .quick = {number(50), number(90)},
                          .most = 100}},
          .metrics = team_metrics,
          .min_seconds = 0.01,
          .variants = all_variants()}};

}  // namespace

}  // namespace gobench::suites
