// What the case `acquire` of the suites mutex and rwmutex does: how long a task waits for a lock, and who gets it how
// often.
//
// Tasks do the workload's operations under the guard as in run_guarded(), but nobody deals them out: each does as many as it
// gets to. Measured beside the throughput are the time from asking for the lock to having it, over all operations (two
// readings of the clock, some 20 to 40 ns, are part of each), and who got how much (suites/fairness/turns.hpp).
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "results/histogram.hpp"
#include "suites/busy.hpp"
#include "suites/fairness/turns.hpp"
#include "suites/lateness.hpp"
#include "suites/mutex_vs_chan/guards.hpp"
#include "suites/registry.hpp"
#include "suites/ticks.hpp"

namespace gobench::suites {

// p50_us to max_us are of the time to acquire; writer_p99_us is that of writes alone, where there are reads.
inline const std::vector<std::string> acquire_metrics = [] {
  std::vector<std::string> made = lateness_metrics;
  made.emplace_back("writer_p99_us");
  made.insert(made.end(), fairness::turn_metrics.begin(), fairness::turn_metrics.end());
  return made;
}();

// Where the case makes sense: for several tasks, and in `mutex` where a lock is held for longer than the clock takes to read;
// in `rwmutex` where there are readers and writers.
inline bool contended(const point& at) { return at.tasks >= 2 && at.number("hold_ns") > 0; }
inline bool read_and_written(const point& at) {
  return at.tasks >= 2 && at.number("read_pct") > 0 && at.number("read_pct") < 100;
}

namespace internal {

// One task's waits for the lock, in ns.
struct alignas(64) lock_waits {
  results::histogram all;
  results::histogram writes;
};

}  // namespace internal

template <class Workload, class Guard>
measurement acquire_guarded(const point& where, std::uint64_t iterations) {
  using user = typename Workload::user;
  const tick_source& source = ticking();
  Workload shared(where);
  Guard guard;
  const busy_work hold(where.number("hold_ns"));
  std::vector<user> users;
  for (int task = 0; task < where.tasks; ++task) users.emplace_back(where, task);
  std::vector<internal::lock_waits> waits(static_cast<std::size_t>(where.tasks));

  fairness::contest contended(where, iterations);
  auto taken = measure_turns(where, contended, where.tasks, [&](int task, fairness::turns& turn) {
    user& mine = users[static_cast<std::size_t>(task)];
    internal::lock_waits& noted = waits[static_cast<std::size_t>(task)];
    while (contended.goes_on()) {
      const auto wanted = mine.next();
      const std::uint64_t asked = ticks_now(source);
      std::uint64_t got = 0;
      const bool reads = Workload::reads && wanted.read;
      if (reads) {
        std::uint64_t found = 0;
        guard.shared([&] {
          got = ticks_now(source);
          found = shared.read(wanted);
          hold();
        });
        mine.saw(found);
      } else {
        guard.exclusive([&] {
          got = ticks_now(source);
          shared.write(wanted);
          hold();
        });
      }
      const std::uint64_t ticks = got > asked ? got - asked : 0;  // counters of two CPUs
      const auto ns = static_cast<std::uint64_t>(static_cast<double>(ticks) * source.ns_per_tick);
      noted.all.record(ns);
      if (!reads) noted.writes.record(ns);
      turn.took();
    }
  });
  results::histogram all;
  results::histogram writes;
  for (const internal::lock_waits& one : waits) {
    all.merge(one.all);
    writes.merge(one.writes);
  }
  add_lateness(taken.metrics, all);
  if (Workload::reads && writes.count() != 0)
    taken.metrics.set("writer_p99_us", writes.quantile(0.99) / 1000);
  taken.result = shared.proved(users, where, taken.operations);
  return taken;
}

}  // namespace gobench::suites
