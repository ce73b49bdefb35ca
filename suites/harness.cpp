#include "suites/harness.hpp"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <numeric>
#include <optional>
#include <random>
#include <string>
#include <thread>

#include "suites/ticks.hpp"

namespace gobench::suites {

namespace {

// glibc and libstdc++ leave out atomic instructions in a process that never had a second thread; a
// mutex would look cheaper than it is in any program that needs one.
void be_multithreaded() {
  std::thread([] {}).join();
}

// Receives Google Benchmark's result of one run and prints nothing.
class collector : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& one : runs) {
      if (one.run_type == Run::RT_Iteration) run_ = one;
    }
  }
  const std::optional<Run>& run() const { return run_; }

 private:
  std::optional<Run> run_;
};

struct taken_sample {
  std::uint64_t asked = 0;  // iterations
  double ns_per_op = 0;
  measurement last;  // of the run that was reported
};

// One sample, by Google Benchmark. `iterations` 0 lets it find the number.
taken_sample take(const planned_case& one, const point& where, std::uint64_t iterations,
                  double min_seconds) {
  taken_sample made;
  std::exception_ptr thrown;
  const auto body = [&](benchmark::State& state) {
    // One batch is the whole run: the operations are counted out to the tasks, not looped here.
    while (state.KeepRunningBatch(state.max_iterations)) {
      try {
        made.last = one.what->run(where, static_cast<std::uint64_t>(state.max_iterations));
        if (made.last.operations == 0) throw std::logic_error("it measured no operations");
      } catch (const std::exception&) {
        thrown = std::current_exception();
        state.SkipWithError("threw");
        return;
      }
      if (!made.last.result.holds()) {
        state.SkipWithError("wrong result");
        return;
      }
      // What was cut short is told as the time that all of it would have taken.
      const auto asked = static_cast<double>(state.max_iterations);
      state.SetIterationTime(made.last.seconds * asked / static_cast<double>(made.last.operations));
    }
  };

  benchmark::ClearRegisteredBenchmarks();
  benchmark::internal::Benchmark* registered = benchmark::RegisterBenchmark("sample", body);
  registered->UseManualTime()->Repetitions(1);
  if (iterations == 0) {
    registered->MinTime(min_seconds);
  } else {
    registered->Iterations(static_cast<benchmark::IterationCount>(iterations));
  }
  collector reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter, ".");
  benchmark::ClearRegisteredBenchmarks();

  if (thrown) std::rethrow_exception(thrown);
  if (!made.last.result.holds()) {
    throw wrong_result(fmt::format("A sample of {} gave a wrong result: {}.", describe(one),
                                   made.last.result.wrong()));
  }
  if (!reporter.run()) throw std::logic_error("Google Benchmark reported no run");
  made.asked = static_cast<std::uint64_t>(reporter.run()->iterations);
  made.ns_per_op = reporter.run()->GetAdjustedRealTime();
  return made;
}

results::sample record_of(const planned_case& one, int rep, const taken_sample& taken) {
  results::sample made;
  made.suite = one.of->name;
  made.case_name = one.what->case_name;
  made.impl = one.what->impl;
  made.runs_on = one.where.runs_on;
  made.procs = one.where.procs;
  made.tasks = one.where.tasks;
  made.rep = rep;
  made.iterations = taken.last.operations;
  // NaN, "not measured", stays NaN.
  made.time(taken.ns_per_op,
            taken.last.cpu_seconds * 1e9 / static_cast<double>(taken.last.operations));
  made.parameters = one.where.parameters;
  made.metrics = taken.last.metrics;
  return made;
}

// A case is calibrated once, but its speed may change by more than that can foresee: a fair lock
// that met no contention in its first sample meets it in the next. A sample that would have taken this
// many times as long as asked for ends early (point::most_seconds), and the number of iterations is cut
// for the repetitions to come.
constexpr double far_too_long = 4;
// A task that has lost its CPU for a moment is no reason to cut a sample.
constexpr double never_too_long_s = 0.02;

// The same, with every cause but a wrong result told as a failure of the case.
taken_sample take_or_explain(const planned_case& one, const timing& how, std::uint64_t iterations) {
  point where = one.where;
  where.seed = how.seed;
  where.most_seconds = std::max(far_too_long * how.min_seconds, never_too_long_s);
  try {
    return take(one, where, iterations, how.min_seconds);
  } catch (const wrong_result&) {
    throw;
  } catch (const std::exception& cause) {
    std::throw_with_nested(
        failed_case(fmt::format("{} could not be measured: {}.", describe(one), cause.what())));
  }
}

std::uint64_t iterations_after(const taken_sample& taken, double min_seconds) {
  const double seconds = taken.ns_per_op * 1e-9 * static_cast<double>(taken.asked);
  if (seconds <= far_too_long * min_seconds) return taken.asked;
  const double fitting = static_cast<double>(taken.asked) * min_seconds / seconds;
  return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::llround(fitting)));
}

}  // namespace

bool measure_all(const std::vector<planned_case>& cases, const timing& how, results::sink& out,
                 const observer& watching) {
  be_multithreaded();
  static_cast<void>(ticking());

  std::vector<std::uint64_t> iterations(cases.size(), 0);
  std::vector<std::size_t> order(cases.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::mt19937_64 random(how.seed);
  progress now{.total = cases.size() * static_cast<std::size_t>(how.repetitions)};

  for (now.rep = 0; now.rep < how.repetitions; ++now.rep) {
    std::shuffle(order.begin(), order.end(), random);
    for (const std::size_t index : order) {
      if (watching.stop && watching.stop()) return false;
      now.next = &cases[index];
      if (watching.starting) watching.starting(now);
      const taken_sample taken = take_or_explain(cases[index], how, iterations[index]);
      iterations[index] = iterations_after(taken, how.min_seconds);
      out.add(record_of(cases[index], now.rep, taken));
      ++now.done;
    }
  }
  return true;
}

}  // namespace gobench::suites
