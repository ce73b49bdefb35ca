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

#include "suites/counter_columns.hpp"
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
  std::uint64_t rounds = 0;  // asked for
  double ns_per_op = 0;
  measurement last = {};  // of the run that was reported

  // What all of the rounds took, or would have taken if the sample had not ended early.
  double seconds() const {
    return last.seconds * static_cast<double>(rounds) * per_round /
           static_cast<double>(last.operations);
  }
  double per_round = 1;
};

// One sample, by Google Benchmark. Its iteration is a round: one operation of each task, so that none
// of them ever stands by. `rounds` 0 lets it find their number.
taken_sample take(const planned_case& one, const point& where, std::uint64_t rounds,
                  double min_seconds) {
  taken_sample made{.per_round = static_cast<double>(where.tasks)};
  std::exception_ptr thrown;
  const auto body = [&](benchmark::State& state) {
    // One batch is the whole run: the operations are counted out to the tasks, not looped here.
    while (state.KeepRunningBatch(state.max_iterations)) {
      made.rounds = static_cast<std::uint64_t>(state.max_iterations);
      try {
        made.last = one.what->run(where, made.rounds * static_cast<std::uint64_t>(where.tasks));
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
      state.SetIterationTime(made.seconds());
    }
  };

  benchmark::ClearRegisteredBenchmarks();
  benchmark::internal::Benchmark* registered = benchmark::RegisterBenchmark("sample", body);
  registered->UseManualTime()->Repetitions(1);
  if (rounds == 0) {
    registered->MinTime(min_seconds);
  } else {
    registered->Iterations(static_cast<benchmark::IterationCount>(rounds));
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
  made.ns_per_op = reporter.run()->GetAdjustedRealTime() / made.per_round;
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
  if (taken.last.counted) add_counters(made.metrics, *taken.last.counted, made.runs_on);
  return made;
}

// The number of rounds is found once, but the speed of a case may change by more than that can foresee:
// a fair lock that met no contention in its first sample meets it in the next. A sample that would have
// taken this many times as long as asked for ends early (point::most_seconds), and later ones are
// given less to do.
constexpr double far_too_long = 4;
// A task that has lost its CPU for a moment is no reason to cut a sample.
constexpr double never_too_long_s = 0.02;
// Shorter than this part of the time asked for, a sample says more about its start and end than about the
// work: it is not recorded, but taken again with more to do. So are those of the first repetition that are
// shorter than half of it.
constexpr double too_short = 0.1;
constexpr double too_short_at_first = 0.5;
constexpr int most_attempts = 8;

class case_runner {
 public:
  case_runner(const planned_case& one, const timing& how)
      : case_(&one), min_seconds_(how.min_seconds), where_(one.where) {
    where_.seed = how.seed;
    where_.most_seconds = std::max(far_too_long * how.min_seconds, never_too_long_s);
  }

  // Throws wrong_result, or failed_case with any other cause nested.
  taken_sample next() {
    try {
      return next_or_throw();
    } catch (const wrong_result&) {
      throw;
    } catch (const std::exception& cause) {
      std::throw_with_nested(failed_case(
          fmt::format("{} could not be measured: {}.", describe(*case_), cause.what())));
    }
  }

 private:
  taken_sample next_or_throw() {
    if (const double pace = case_->of->round_seconds; pace > 0) {
      rounds_ = static_cast<std::uint64_t>(std::max(1.0, std::ceil(min_seconds_ / pace)));
      return take(*case_, where_, rounds_, min_seconds_);
    }
    const bool first = rounds_ == 0;
    // Google Benchmark stops at the first number of rounds that took long enough. On a busy machine that
    // may be one round with an interruption in it, so its last run is taken for a proposal only.
    if (first) rounds_ = take(*case_, where_, 0, min_seconds_).rounds;
    for (int attempt = 1;; ++attempt) {
      taken_sample taken = take(*case_, where_, rounds_, min_seconds_);
      const double share = taken.seconds() / min_seconds_;
      const bool short_one = share < (first ? too_short_at_first : too_short);
      if (short_one || share > far_too_long) {
        // Not all at once: the time of few rounds says little about that of many.
        const double factor = std::min(1.2 / share, 10.0);
        rounds_ = static_cast<std::uint64_t>(
            std::max(1.0, std::min(static_cast<double>(rounds_) * factor, 1e12)));
      }
      if (!short_one || attempt == most_attempts) return taken;
    }
  }

  const planned_case* case_;
  double min_seconds_;
  point where_;
  std::uint64_t rounds_ = 0;
};

}  // namespace

bool measure_all(const std::vector<planned_case>& cases, const timing& how, results::sink& out,
                 const observer& watching) {
  be_multithreaded();
  static_cast<void>(ticking());

  std::vector<case_runner> runners;
  for (const planned_case& one : cases) runners.emplace_back(one, how);
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
      out.add(record_of(cases[index], now.rep, runners[index].next()));
      ++now.done;
    }
  }
  return true;
}

}  // namespace gobench::suites
