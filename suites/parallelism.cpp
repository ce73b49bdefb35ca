// Is concurrency parallelism? The four cases of one core or many, computing or waiting (S3)
//
// Work in units of unit_ns, each of which computes (case compute) or waits (case wait) for that time; an operation
// is one unit. With one processor and with all (--procs), done by
//   plain.serial     one after the other, in one task: the baseline
//   gobench.go       by --tasks tasks, fibers or threads, which share the units
// So the four cases are the two of --procs times the two of the table. Where tasks run at the same time (parallel)
// computing gets faster; where they only take turns (concurrent, one processor) nothing but waiting does, since who
// waits needs no processor. The sentence below the table says by how much. Computing on one CPU is marked as
// serial, as it should be for procs 1.
//
// Units share nothing and are of one length: what locks, caches and uneven work take away is not measured.
#include <fmt/format.h>

#include <algorithm>
#include <gobench.hpp>
#include <map>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "results/statistics.hpp"
#include "suites/busy.hpp"
#include "suites/limited_cpus.hpp"
#include "suites/peers/go.hpp"
#include "suites/registry.hpp"
#include "suites/stopwatch.hpp"
#include "suites/team.hpp"

namespace gobench::suites {

namespace {

using results::vehicle;

enum class unit_kind : std::uint8_t { compute, wait };

// Does units and counts them, for one task.
class alignas(64) unit_work {
 public:
  unit_work(const point& where, unit_kind kind)
      : waits_(kind == unit_kind::wait),
        span_(where.number("unit_ns")),
        compute_(where.number("unit_ns")) {}

  void do_units(std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) {
      if (waits_) {
        gobench::sleep_for(span_);
      } else {
        compute_();
      }
      ++done_;
    }
  }
  std::uint64_t done() const { return done_; }

 private:
  bool waits_;
  std::chrono::nanoseconds span_;
  busy_work compute_;
  std::uint64_t done_ = 0;
};

proof all_done(const std::vector<unit_work>& tasks, const measurement& taken) {
  std::uint64_t units = 0;
  for (const unit_work& one : tasks) units += one.done();
  return proof::equal("the number of units", units, taken.operations);
}

template <unit_kind Kind>
measurement serial(const point& where, std::uint64_t iterations) {
  const limited_cpus cpus(where.procs);
  std::vector<unit_work> one(1, unit_work(where, Kind));
  stopwatch watch;
  watch.start();
  one.front().do_units(iterations);
  watch.stop();
  auto taken = watch.taken(iterations);
  taken.result = all_done(one, taken);
  return taken;
}

template <unit_kind Kind>
measurement by_tasks(const point& where, std::uint64_t iterations) {
  std::vector<unit_work> each(static_cast<std::size_t>(where.tasks), unit_work(where, Kind));
  auto taken = measure_team(where, iterations, [&](int task, std::uint64_t count) {
    each[static_cast<std::size_t>(task)].do_units(count);
  });
  // Who waits is on no CPU: whether two were at the same time says nothing.
  if (Kind == unit_kind::wait) taken.metrics = {};
  taken.result = all_done(each, taken);
  return taken;
}

// How many times as fast as one after the other, from the medians; the bounds are those of the two intervals.
struct speedup {
  double low = 0;
  double middle = 0;
  double high = 0;
};

std::string answer(std::span<const results::sample> samples) {
  using place = std::tuple<std::string, int, std::string, vehicle>;  // case, procs, impl, vehicle
  std::map<place, std::map<int, std::vector<double>>> found;         // by tasks
  for (const results::sample& one : samples)
    found[{one.case_name, one.procs, one.impl, one.runs_on}][one.tasks].push_back(one.ns_per_op);

  std::string made;
  for (const auto& [at, by_tasks] : found) {
    const auto& [case_name, procs, impl, on] = at;
    if (impl != "gobench.go") continue;
    const auto alone = found.find({case_name, procs, "plain.serial", vehicle::thread});
    if (alone == found.end()) continue;
    const std::vector<double>& serial_ns = alone->second.begin()->second;
    const auto& [tasks, ns] = *by_tasks.rbegin();
    if (ns.size() < 3 || serial_ns.size() < 3) continue;
    const auto numerator = results::median_interval(serial_ns);
    const auto denominator = results::median_interval(ns);
    const speedup by{numerator.low / denominator.high,
                     results::median(serial_ns) / results::median(ns),
                     numerator.high / denominator.low};
    made += fmt::format("{}{}, {}, {} {}s: {:.2f} ({:.2f} to {:.2f})",
                        made.empty() ? "Times as fast as one after the other: " : "; ",
                        case_name == "wait" ? "waiting" : "computing",
                        procs == 1 ? "one processor" : fmt::format("{} processors", procs), tasks,
                        results::to_string(on), by.middle, by.low, by.high);
  }
  return made.empty() ? made : made + ".";
}

results::value number(std::int64_t n) { return n; }

void add_case(std::vector<variant>& to, const std::string& name, operation alone, operation run) {
  to.push_back({.case_name = name,
                .impl = "plain.serial",
                .run = std::move(alone),
                .parameters = {"unit_ns"},
                .vehicles = {vehicle::thread},
                .baseline = true});
  to.push_back(
      {.case_name = name, .impl = "gobench.go", .run = std::move(run), .parameters = {"unit_ns"}});
  to.push_back({.case_name = name,
                .impl = "go.go",
                .run = peers::go("parallelism/" + name, "the number of units"),
                .parameters = {"unit_ns"},
                .vehicles = {vehicle::fiber},
                .peer = "go"});
}

std::vector<variant> all_variants() {
  std::vector<variant> made;
  add_case(made, "compute", serial<unit_kind::compute>, by_tasks<unit_kind::compute>);
  add_case(made, "wait", serial<unit_kind::wait>, by_tasks<unit_kind::wait>);
  return made;
}

const registration registered{
    suite{.name = "parallelism",
          .about = "Is concurrency parallelism? One core or many, computing or waiting",
          .claims = {"S3"},
          .tasks = {8},
          .quick_tasks = {8},
          .procs = {1, 0},
          .parameters = {{.name = "unit_ns",
                          .about = "time for which a unit of work computes or waits, in ns",
                          .usual = {number(1'000'000)},
                          .quick = {number(200'000)},
                          .least = 1000,
                          .most = 1'000'000'000}},
          .metrics = team_metrics,
          .min_seconds = 0.1,
          .quick_min_seconds = 0.02,
          .variants = all_variants(),
          .answer = answer}};

}  // namespace

}  // namespace gobench::suites
