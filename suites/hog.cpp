// How late do tasks wake up beside one that computes and never waits? (S7)
//
// `hogs` tasks compute, without a scheduling point, for burst_ms; then each yields once and begins anew.
// Beside them the others (--tasks) are to wake up each millisecond. An operation is one wake-up. Cases:
//   timer     each sleeps until its next millisecond; a wait is from then until it runs
//   message   an OS thread that the runtime did not start sends a message each millisecond and task; a wait
//             is from the sending until the task that receives it runs
// The times are fixed before: who was late for one wake-up is late for the next as well, so that a long
// wait counts as often as there were wake-ups to be had meanwhile (no coordinated omission).
//
// Read the percentiles: p50_us to p999_us and max_us are those of all waits of a sample. ns_per_op is only
// the pace, unless the others could not keep up with it.
//
// gobench.hand_off and gobench.no_hand_off are fibers with and without options::hand_off. With it the watchdog gives the others a further OS thread
// once a task has computed for 10 ms. They then run on a CPU beyond `procs` if the machine has one, or in turn
// with the hog as the kernel decides. Without it they wait until the burst is over. On threads the kernel
// decides from the beginning, and all of them share `procs` CPUs. Go interrupts who computes for 10 ms.
//
// What the hog itself gets done meanwhile is not measured; nor are hogs that sit in a system call.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <gobench.hpp>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "results/statistics.hpp"
#include "suites/crowd.hpp"
#include "suites/lateness.hpp"
#include "suites/peers/go.hpp"
#include "suites/registry.hpp"
#include "suites/stopwatch.hpp"
#include "suites/team.hpp"

namespace gobench::suites {

namespace {

using results::vehicle;
using namespace std::chrono_literals;
using moment = std::chrono::steady_clock::time_point;

constexpr std::chrono::nanoseconds pace = 1ms;  // of one task

enum class hand_off : std::uint8_t { on, off };

const std::string with_hand_off = "gobench.hand_off";
const std::string without_hand_off = "gobench.no_hand_off";
const std::string by_go = "go.preempted";

std::uint64_t ns_from(moment start, moment end) {
  return end <= start ? 0 : static_cast<std::uint64_t>((end - start).count());
}

// The n-th wake-up of a task. They are spread evenly over the millisecond.
moment planned(moment begin, int task, int tasks, std::uint64_t n) {
  return begin + pace * task / tasks + pace * static_cast<std::int64_t>(n);
}

// Computes until it is told to stop, for a burst at a time.
void compute(const std::atomic<bool>& stop, std::chrono::milliseconds burst) {
  const auto stopped = [&] { return stop.load(std::memory_order_relaxed); };
  while (!stopped()) {
    const moment end = std::chrono::steady_clock::now() + burst;
    while (!stopped() && std::chrono::steady_clock::now() < end) {
      for (int i = 0; i < 100; ++i) asm volatile("");
    }
    gobench::yield();
  }
}

// What a task has for itself.
struct alignas(64) lane {
  results::histogram waits;
  std::uint64_t done = 0;
  std::uint64_t sum = 0;  // of what it received
  bool early = false;
};

struct outcome {
  measurement taken;
  std::uint64_t sum = 0;
  bool early = false;
};

// body(task, lane) in where.tasks tasks beside the hogs. begin() is called when all have been started.
template <class Begin, class Body>
outcome beside_hogs(const point& where, hand_off chosen, Begin begin, Body body) {
  const std::chrono::milliseconds burst(where.number("burst_ms"));
  std::vector<lane> lanes(static_cast<std::size_t>(where.tasks));
  stopwatch watch;
  options how = options_at(where);
  how.hand_off = chosen == hand_off::on;
  gobench::run(how, [&] {
    std::atomic<bool> stop{false};
    std::vector<gobench::task> others;
    std::vector<gobench::task> hogs;
    watch.start();
    begin();
    for (int i = 0; i < where.tasks; ++i)
      others.push_back(gobench::go([&, i] { body(i, lanes[static_cast<std::size_t>(i)]); }));
    for (std::int64_t i = 0; i < where.number("hogs"); ++i)
      hogs.push_back(gobench::go([&] { compute(stop, burst); }));
    for (gobench::task& one : others) one.join();
    watch.stop();
    stop.store(true, std::memory_order_relaxed);
    for (gobench::task& one : hogs) one.join();
  });
  outcome made;
  results::histogram waits;
  std::uint64_t done = 0;
  for (const lane& one : lanes) {
    waits.merge(one.waits);
    done += one.done;
    made.sum += one.sum;
    made.early |= one.early;
  }
  made.taken = watch.taken(done);
  made.taken.cpu_seconds = results::not_measured;  // the hogs', mostly
  add_lateness(made.taken.metrics, waits);
  return made;
}

template <class Sleep>
measurement timer_wakes(const point& where, std::uint64_t iterations, hand_off chosen,
                        Sleep sleep_until) {
  moment begin;
  outcome made = beside_hogs(
      where, chosen, [&] { begin = std::chrono::steady_clock::now() + pace; },
      [&](int task, lane& mine) {
        const std::uint64_t share = share_of(iterations, task, where.tasks);
        for (std::uint64_t n = 0; n < share; ++n) {
          const moment wanted = planned(begin, task, where.tasks, n);
          sleep_until(wanted);
          const moment now = std::chrono::steady_clock::now();
          mine.early |= now < wanted;
          mine.waits.record(ns_from(wanted, now));
          ++mine.done;
        }
      });
  made.taken.result = proof::equal("the number of wake-ups", made.taken.operations, iterations) &&
                      proof::that(!made.early, "a task woke up too early");
  return made.taken;
}

template <hand_off Chosen>
measurement timer(const point& where, std::uint64_t iterations) {
  return timer_wakes(where, iterations, Chosen, [](moment at) { gobench::sleep_until(at); });
}

measurement std_timer(const point& where, std::uint64_t iterations) {
  return timer_wakes(where, iterations, hand_off::off,
                     [](moment at) { std::this_thread::sleep_until(at); });
}

struct note {
  std::uint64_t number = 0;
  moment sent;
};

template <hand_off Chosen>
measurement message(const point& where, std::uint64_t iterations) {
  const auto notes = make_unbounded_chan<note>();
  std::atomic<bool> begun{false};
  std::thread sender([&] {
    begun.wait(false);
    const moment begin = std::chrono::steady_clock::now() + pace;
    for (std::uint64_t n = 0; n < iterations; ++n) {
      const auto tasks = static_cast<std::uint64_t>(where.tasks);
      std::this_thread::sleep_until(
          planned(begin, static_cast<int>(n % tasks), where.tasks, n / tasks));
      notes.send({n + 1, std::chrono::steady_clock::now()});
    }
    notes.close();
  });
  const auto begin = [&] {
    begun.store(true);
    begun.notify_one();
  };
  struct joined {
    std::thread& of;
    decltype(begin)& release;
    ~joined() {
      release();  // when the run could not even begin
      of.join();
    }
  } const at_end{sender, begin};

  outcome made = beside_hogs(where, Chosen, begin, [&](int, lane& mine) {
    for (const note& one : notes) {
      mine.waits.record(ns_from(one.sent, std::chrono::steady_clock::now()));
      mine.sum += one.number;
      ++mine.done;
    }
  });
  made.taken.result =
      proof::equal("the number of messages", made.taken.operations, iterations) &&
      proof::equal("the sum of the messages", made.sum, iterations * (iterations + 1) / 2);
  return made.taken;
}

std::int64_t number_of(const results::sample& one, std::string_view name) {
  const results::value* found = one.parameters.find(name);
  const auto* number = found == nullptr ? nullptr : std::get_if<std::int64_t>(found);
  return number == nullptr ? -1 : *number;
}

// The 99th percentile of the waits, in ms, over the samples that are alike: "9.8 ms (9.7 to 10)".
std::string p99_text(std::span<const results::sample> samples, std::string_view impl,
                     std::int64_t hogs) {
  std::vector<double> found;
  for (const results::sample& one : samples) {
    const results::value* p99 = one.metrics.find("p99_us");
    if (one.case_name != "timer" || one.impl != impl || one.runs_on != vehicle::fiber ||
        one.procs != 1 || number_of(one, "hogs") != hogs || p99 == nullptr)
      continue;
    found.push_back(std::get<double>(*p99) / 1000);
  }
  if (found.size() < 3) return "";
  const results::interval range = results::median_interval(found);
  return fmt::format("{:.3g} ms ({:.3g} to {:.3g})", results::median(found), range.low, range.high);
}

std::string answer(std::span<const results::sample> samples) {
  std::int64_t hogs = 0;  // the fewest that there were, but one at least
  for (const results::sample& one : samples) {
    const std::int64_t here = number_of(one, "hogs");
    if (here > 0 && (hogs == 0 || here < hogs)) hogs = here;
  }
  if (hogs == 0) return "";
  const std::string with = p99_text(samples, with_hand_off, hogs);
  const std::string without = p99_text(samples, without_hand_off, hogs);
  if (with.empty() || without.empty()) return "";
  const std::string go = p99_text(samples, by_go, hogs);
  return fmt::format(
      "Beside {} on one processor, 99 of 100 wake-ups by a timer are at most {} late with hand-off "
      "and {} without{} (median and range of the samples).",
      hogs == 1 ? "a task that computes" : fmt::format("{} tasks that compute", hogs), with,
      without, go.empty() ? "" : "; in Go " + go);
}

template <hand_off Chosen>
variant of(const std::string& case_name, const std::string& impl, const operation& run,
           vehicle on) {
  return {.case_name = case_name,
          .impl = impl,
          .run = run,
          .parameters = {"hogs", "burst_ms"},
          .vehicles = {on},
          // Without a hog there is nothing to hand off.
          .applies = [](const point& at) {
            return Chosen == hand_off::on || at.runs_on != vehicle::fiber || at.number("hogs") != 0;
          }};
}

std::vector<variant> all_variants() {
  std::vector<variant> made = {
      of<hand_off::on>("timer", with_hand_off, timer<hand_off::on>, vehicle::fiber),
      of<hand_off::off>("timer", without_hand_off, timer<hand_off::off>, vehicle::fiber),
      of<hand_off::off>("timer", "gobench.thread", timer<hand_off::off>, vehicle::thread),
      of<hand_off::off>("timer", "std.thread", std_timer, vehicle::thread),
      of<hand_off::on>("message", with_hand_off, message<hand_off::on>, vehicle::fiber),
      of<hand_off::off>("message", without_hand_off, message<hand_off::off>, vehicle::fiber),
      of<hand_off::off>("message", "gobench.thread", message<hand_off::off>, vehicle::thread)};
  made.push_back({.case_name = "timer",
                  .impl = by_go,
                  .run = peers::go("hog/timer", "the number of wake-ups"),
                  .parameters = {"hogs", "burst_ms"},
                  .vehicles = {vehicle::fiber},
                  .peer = "go"});
  return made;
}

results::value number(std::int64_t n) { return n; }

const registration registered{
    suite{.name = "hog",
          .about = "How late do tasks wake up beside one that computes and never waits?",
          .claims = {"S7"},
          .tasks = {4},
          .quick_tasks = {4},
          .procs = {1, 2},
          .parameters = {{.name = "hogs",
                          .about = "tasks that compute",
                          .usual = {number(0), number(1), number(2)},
                          .quick = {number(0), number(2)},
                          .most = 10'000},
                         {.name = "burst_ms",
                          .about = "how long a hog computes before it yields once, in ms",
                          .usual = {number(100)},
                          .quick = {number(50)},
                          .least = 1,
                          .most = 10'000}},
          .metrics = lateness_metrics,
          .shown = lateness_metrics,
          .repetitions = 4,
          .min_seconds = 0.2,
          .quick_min_seconds = 0.1,
          .round_seconds = 0.001,
          .variants = all_variants(),
          .answer = answer}};

}  // namespace

}  // namespace gobench::suites
