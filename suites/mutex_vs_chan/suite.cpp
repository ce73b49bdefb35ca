// To protect a variable: a mutex or a channel?
//
// Workloads: `counter`, one shared number to which every operation adds 1, and `map`, a shared
// std::unordered_map of 1024 counters of which half of the operations read one and half add 1 to one.
// With `hold_ns` an operation also computes for that long while it has the data for itself.
//
// Fairness of the comparison: the same loop and the same critical section for every implementation. An
// atomic has no critical section in which one could compute, so it takes part without hold time only.
// A request to the owner of the data needs no answer where the operation has no result.
//
// std::mutex and std::shared_mutex on fibers: waiting for one blocks the worker's OS thread and with it
// all its fibers, which is what a program gets that mixes the two. It is correct here, because no
// fiber parks, yields or moves to another thread while it holds one.
#include <mutex>
#include <shared_mutex>
#include <string>
#include <vector>

#include "suites/busy.hpp"
#include "suites/mutex_vs_chan/answer.hpp"
#include "suites/mutex_vs_chan/guards.hpp"
#include "suites/mutex_vs_chan/owner.hpp"
#include "suites/mutex_vs_chan/workloads.hpp"
#include "suites/peers/go.hpp"
#include "suites/registry.hpp"

namespace gobench::suites::mutex_vs_chan {

namespace {

// The counter is one atomic number: one instruction does it.
measurement run_atomic(const point& where, std::uint64_t iterations) {
  alignas(64) std::atomic<std::uint64_t> counter{0};
  auto taken = measure_team(where, iterations, [&](int, std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) {
      // Relaxed: the additions order nothing else, and the joins make the sum visible.
      counter.fetch_add(1, std::memory_order_relaxed);
    }
  });
  taken.result = proof::equal("the counter", counter.load(), taken.operations);
  return taken;
}

// The ways of protecting that every workload knows.
template <class Workload>
void add_variants(std::vector<variant>& to, const std::string& workload,
                  const std::vector<std::string>& parameters) {
  const auto add = [&](const std::string& impl, operation run) {
    to.push_back(
        {.case_name = workload, .impl = impl, .run = std::move(run), .parameters = parameters});
  };
  add("plain.loop", run_guarded<Workload, unguarded>);
  to.back().baseline = true;
  if (!Workload::reads) {
    add("std.atomic", run_atomic);
    to.back().applies = [](const point& at) { return at.number("hold_ns") == 0; };
  }
  add("std.mutex", run_guarded<Workload, locked<std::mutex>>);
  add("std.shared_mutex", run_guarded<Workload, read_write_locked<std::shared_mutex>>);
  add("gobench.mutex", run_guarded<Workload, locked<mutex>>);
  add("gobench.shared_mutex", run_guarded<Workload, read_write_locked<shared_mutex>>);
  add("gobench.spin_mutex", run_guarded<Workload, locked<spin_mutex>>);
  add("gobench.ticket_mutex", run_guarded<Workload, locked<ticket_mutex>>);
  add("gobench.mcs_mutex", run_guarded<Workload, locked<mcs_mutex>>);
  add("gobench.chan_lock", run_guarded<Workload, locked<chan_lock>>);
  add("gobench.chan_owner", run_owned<Workload>);
  to.back().parameters.emplace_back("capacity");
  if (Workload::reads) return;  // what Go does in the second workload is the map, not the lock
  const auto add_go = [&](const std::string& what) {
    to.push_back({.case_name = workload,
                  .impl = "go." + what,
                  .run = peers::go("counter/" + what, "the counter"),
                  .parameters = parameters,
                  .vehicles = {results::vehicle::fiber},
                  .peer = "go"});
  };
  add_go("atomic");
  to.back().applies = [](const point& at) { return at.number("hold_ns") == 0; };
  add_go("mutex");
  add_go("rwmutex");
  add_go("chan_lock");
  add_go("chan_owner");
  to.back().parameters.emplace_back("capacity");
}

std::vector<variant> all_variants() {
  std::vector<variant> made;
  add_variants<shared_counter>(made, "counter", {"hold_ns"});
  add_variants<shared_map>(made, "map", {"hold_ns", "read_pct"});
  return made;
}

results::value number(std::int64_t n) { return n; }

const registration registered{
    suite{.name = "mutex-vs-chan",
          .about = "To protect a variable: a mutex or a channel? A shared counter and a shared map",
          .claims = {"C1", "C4"},
          .tasks = {1, 2, 8, 64},
          .quick_tasks = {1, 8},
          .parameters = {{.name = "hold_ns",
                          .about = "time computed while having the data, in ns",
                          .usual = {number(0), number(1000)},
                          .quick = {number(0)},
                          .most = 10'000'000},
                         {.name = "read_pct",
                          .about = "operations on the map that only read, in percent",
                          .usual = {number(50)},
                          .quick = {number(50)},
                          .most = 100},
                         {.name = "capacity",
                          .about = "of the channel to the owner of the data",
                          .usual = {number(0)},
                          .quick = {number(0)},
                          .most = 1'000'000}},
          .metrics = team_metrics,
          .repetitions = 6,
          .quick_repetitions = 5,
          .min_seconds = 0.005,
          .quick_min_seconds = 0.003,
          .variants = all_variants(),
          .answer = answer}};

}  // namespace

}  // namespace gobench::suites::mutex_vs_chan
