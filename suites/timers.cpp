// What does sleeping cost, and how late does one wake up? (S6, C8)
//
// Cases:
//   short   one task sleeps 100 us again and again; an operation is one sleep. What it takes longer than that
//           is the lateness of the clock's interrupt, of the wake-up of a CPU and of the scheduler
//   many    all tasks sleep 10 ms at the same time; an operation is one sleep. The wall time is mostly the
//           waiting itself; what counts is the CPU time (cpu_ns_per_op), which is that of a timer
//
// Both prove that no sleep was too short. p50_ns and p99_ns are of the single sleeps' durations. Timers that
// are stopped before they fire are not measured. Threads sleep in the kernel, each in a timer of its own, and
// not more than 1000 of them.
#include <gobench.hpp>
#include <thread>
#include <vector>

#include "suites/peers/go.hpp"
#include "suites/registry.hpp"
#include "suites/sleeps.hpp"

namespace gobench::suites {

namespace {

using results::vehicle;

template <class Case>
measurement by_gobench(const point& where, std::uint64_t iterations) {
  return sleeps<Case>(where, iterations, [](auto length) { gobench::sleep_for(length); });
}

template <class Case>
measurement by_std(const point& where, std::uint64_t iterations) {
  return sleeps<Case>(where, iterations, [](auto length) { std::this_thread::sleep_for(length); });
}

template <class Case>
measurement by_go(const point& where, std::uint64_t iterations) {
  static const operation run =
      peers::go("sleep/sleep", "the number of sleeps that were long enough");
  point told = where;
  told.parameters.set("sleep_us", Case::length.count());
  return run(told, iterations);
}

template <class Case>
void add_variants(std::vector<variant>& to, const std::string& name) {
  to.push_back({.case_name = name,
                .impl = "gobench.sleep_for",
                .run = by_gobench<Case>,
                .applies = Case::applies});
  to.push_back({.case_name = name,
                .impl = "std.sleep_for",
                .run = by_std<Case>,
                .vehicles = {vehicle::thread},
                .applies = Case::applies});
  to.push_back({.case_name = name,
                .impl = "go.sleep",
                .run = by_go<Case>,
                .vehicles = {vehicle::fiber},
                .applies = Case::applies,
                .peer = "go"});
}

std::vector<variant> all_variants() {
  std::vector<variant> made;
  add_variants<short_sleeps>(made, "short");
  add_variants<many_sleeps>(made, "many");
  return made;
}

const registration registered{
    suite{.name = "timers",
          .about = "What does sleeping cost, and how late does one wake up?",
          .claims = {"S6", "C8"},
          .tasks = {1, 1000, 100'000},
          .quick_tasks = {1, 1000},
          .metrics = {"p50_ns", "p99_ns"},
          .quick_min_seconds = 0.02,
          .variants = all_variants()}};

}  // namespace

}  // namespace gobench::suites
