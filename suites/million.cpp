// Are a million tasks no problem? (V3, V5)
//
// All tasks are created and park, each on the same event; once the last has parked they are woken, and all
// end. An operation is one task, its time that of the whole. The metrics are of the moment at which all are
// parked:
//   create_ns        time to create and park, per task
//   resident_bytes   main memory that the process has taken for them, per task
//   table_bytes      the kernel's page tables, per task
//
// Each sample is taken in a process of its own (a child of this one), so that memory kept from an earlier one
// does not hide what a task takes. The tasks' stacks, and the frames of coroutines, hold a wait and
// nothing more. Threads: up to 1000, since ten times as many take seconds to end; `gobench doctor` tells how many the system allows.
#include <fmt/format.h>

#include <atomic>
#include <gobench.hpp>
#include <map>
#include <span>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "results/statistics.hpp"
#include "suites/carrier.hpp"
#include "suites/parking.hpp"
#include "suites/peers/go.hpp"
#include "suites/registry.hpp"

namespace gobench::suites {

namespace {

using results::vehicle;

constexpr int most_threads = 1000;

// What all tasks share.
struct meeting {
  // Relaxed: only counted.
  void arrive() noexcept { arrived.fetch_add(1, std::memory_order_relaxed); }
  void leave() {
    woken.fetch_add(1, std::memory_order_relaxed);
    ended.done();
  }

  event gate;
  wait_group ended;
  std::atomic<int> arrived{0};
  std::atomic<std::uint64_t> woken{0};
};

// start(all) starts a task that arrives, waits for the gate and leaves.
template <class Carrier, class Start>
parking park_all(const point& where, Start start) {
  parking made(where.tasks);
  meeting all;
  made.begin();
  Carrier::run(where, [&] {
    made.begin_creating();
    all.ended.add(where.tasks);
    for (int i = 0; i < where.tasks; ++i) start(all);
    while (all.arrived.load(std::memory_order_relaxed) != where.tasks) gobench::yield();
    made.all_are_parked();
    all.gate.set();
    all.ended.wait();
  });
  made.end(all.woken);  // with the end of the run, for which threads have to be gone
  return made;
}

parking park_by_go(const point& where) {
  return park_all<our_tasks>(where, [](meeting& all) {
    gobench::go([&all] {
      all.arrive();
      all.gate.wait();
      all.leave();
    });
  });
}

co_task<> attend(meeting& all) {
  all.arrive();
  co_await co::wait(all.gate);
  all.leave();
}

parking park_by_spawn(const point& where) {
  return park_all<for_coroutines>(where, [](meeting& all) { gobench::spawn(attend(all)); });
}

template <auto Park>
measurement park(const point& where, std::uint64_t) {
  return park_in_a_child(where, Park);
}

// What one parked task takes, by vehicle; the medians at the largest number of tasks.
std::string answer(std::span<const results::sample> samples) {
  std::map<std::tuple<std::string, vehicle>, std::map<int, std::vector<double>>> bytes;
  for (const results::sample& one : samples) {
    const results::value* resident = one.metrics.find("resident_bytes");
    const auto* number = resident == nullptr ? nullptr : std::get_if<double>(resident);
    if (number != nullptr) bytes[{one.impl, one.runs_on}][one.tasks].push_back(*number);
  }
  std::string text;
  for (const auto& [who, by_tasks] : bytes) {
    const auto& [tasks, found] = *by_tasks.rbegin();
    text += fmt::format("{}{} on {}s {:.0f} bytes (of {} tasks)", text.empty() ? "" : "; ",
                        std::get<0>(who), results::to_string(std::get<1>(who)),
                        results::median(found), tasks);
  }
  return text.empty() ? text : "Main memory of one parked task: " + text + ".";
}

const registration registered{
    suite{.name = "million",
          .about = "Are a million tasks no problem? Created, parked, woken, ended",
          .claims = {"V3", "V5"},
          .tasks = {1000, 1'000'000},
          .quick_tasks = {1000, 10'000},
          .metrics = {"create_ns", "resident_bytes", "table_bytes"},
          .repetitions = 3,
          .variants = {{.case_name = "park",
                        .impl = "gobench.go",
                        .run = park<park_by_go>,
                        .applies =
                            [](const point& at) {
                              return at.runs_on == vehicle::fiber || at.tasks <= most_threads;
                            }},
                       {.case_name = "park",
                        .impl = "gobench.spawn",
                        .run = park<park_by_spawn>,
                        .vehicles = {vehicle::coroutine}},
                       {.case_name = "park",
                        .impl = "go.go",
                        .run = peers::go("park/go", "the number of tasks woken", peers::one_each,
                                         peers::process_use::fresh),
                        .vehicles = {vehicle::fiber},
                        .peer = "go"}},
          .answer = answer}};

}  // namespace

}  // namespace gobench::suites
