// Who got how much, and how long each had to wait for its turn.
//
//   measurement run(const point& where, std::uint64_t iterations) {
//     contest shared(where, iterations);
//     return measure_turns(where, shared, where.tasks, [&](int, turns& mine) {
//       while (shared.goes_on()) { ...; mine.took(); }
//     });
//   }
//
// Invariants
//  - Operations are not dealt out beforehand: a task does as many as it gets to until all of them together have
//    done what was asked for, or the point's most_seconds are over. Then goes_on() says no to all.
//  - A wait is from the common start, or the end of its last turn, to the end of its next turn; the last one is
//    until the end of all, so that who never had a turn has waited for the whole sample.
//  - What a task counts is on cache lines of its own, and is told to the others only every `batch_` operations.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "results/histogram.hpp"
#include "suites/registry.hpp"
#include "suites/ticks.hpp"

namespace gobench::suites::fairness {

// What all tasks of a sample share.
class contest {
 public:
  contest(const point& where, std::uint64_t iterations);

  bool goes_on() const noexcept {
    return over_at_.load(std::memory_order_relaxed) == 0;  // nothing but the end is told
  }
  double ns_per_tick() const noexcept { return source_->ns_per_tick; }

  // Something went wrong: it is over before all was done.
  void call_off() noexcept { be_over(ticks_now(*source_)); }

  // By measure_turns(): before the tasks begin, and after all have ended.
  std::uint64_t start() noexcept;
  std::uint64_t started() const noexcept { return started_; }  // the tick; from the start on
  std::uint64_t over_at() const noexcept { return over_at_.load(std::memory_order_relaxed); }

 private:
  friend class turns;

  void tell(std::uint64_t operations, std::uint64_t now) noexcept;
  void be_over(std::uint64_t now) noexcept;

  const tick_source* source_;
  std::uint64_t longest_ticks_;
  std::uint64_t started_ = 0;  // both written before the tasks begin
  std::uint64_t ends_ = 0;
  std::uint64_t wanted_;
  std::uint64_t batch_;
  alignas(64) std::atomic<std::uint64_t> done_{0};
  alignas(64) std::atomic<std::uint64_t> over_at_{0};  // the tick; 0: not yet
};

// One task's.
class alignas(64) turns {
 public:
  explicit turns(contest& of) : of_(&of) {}

  // By measure_turns(): the task waits for its first turn from then on, and for its last one until then.
  void begin(std::uint64_t tick) noexcept { last_ = tick; }
  void end(std::uint64_t tick) {
    if (tick > last_) waits_.record(tick - last_);
  }

  // A turn of so many operations has ended. It counts also when all is over meanwhile.
  void took(std::uint64_t operations = 1) {
    const std::uint64_t now = ticks_now(*of_->source_);
    waits_.record(now > last_ ? now - last_
                              : 0);  // of two CPUs, whose counters may differ a little
    last_ = now;
    done_ += operations;
    untold_ += operations;
    if (untold_ < of_->batch_ && now < of_->ends_) return;
    of_->tell(std::exchange(untold_, 0), now);
  }

  std::uint64_t done() const noexcept { return done_; }
  const results::histogram& waits() const noexcept { return waits_; }

 private:
  contest* of_;
  std::uint64_t last_ = 0;
  std::uint64_t done_ = 0;
  std::uint64_t untold_ = 0;
  results::histogram waits_;  // in ticks
};

// The metrics of measure_turns(): Jain's index of the tasks' operations, the fewest and the most of them, and of
// all waits the 99th percentile and the longest.
inline const std::vector<std::string> turn_metrics = {
    std::string(results::metric_fairness), "ops_min", "ops_max", "wait_p99_us", "longest_wait_us"};

// (sum x)^2 / (n * sum x^2): 1 when all are equal, 1/n when one has everything; 1 when nobody has anything.
// Source: R. Jain, D. Chiu and W. Hawe, "A Quantitative Measure of Fairness and Discrimination for Resource
// Allocation in Shared Computer Systems" (1984).
double jain_index(std::span<const std::uint64_t> shares);

// Runs body(0) to body(tasks - 1), each once in a task of its own, with hand-off as programs have it, and main()
// beside them in the main task. Throws what a body threw, after all have ended. The result is still to be proved: operations are what the tasks have counted.
measurement measure_turns(const point& where, contest& shared, int tasks,
                          const std::function<void(int task, turns& mine)>& body,
                          const std::function<void()>& main = {});

}  // namespace gobench::suites::fairness
