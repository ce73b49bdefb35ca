// Starvation: a task that never gets its turn, and what gets it one (R4)
//
// One task is the victim, the others (--tasks in all) do what keeps it from its turn, until they have done what was asked for.
// An operation is one of anybody's. Cases:
//   writer   the others read under a read-write lock, each computing for hold_ns and beginning anew at once, so that some
//            reader is always in; the victim wants to write. A lock that lets readers in as long as readers are in starves
//            it; the remedy is one where a waiting writer holds back new readers
//   greedy   the others hold a lock for hold_ns and take it again at once; the victim comes back after as long a pause. A
//            lock that anybody may take who comes by favours who is just there; the remedies are a lock that
//            is handed on in the order of asking, or letting others run after giving it up (+yield)
// Demonstrations and remedies by impl:
//   std.reader_first (writer), std.spin (greedy)          what one writes first: starves
//   std.shared_mutex, std.mutex                           the system's: glibc prefers readers
//   gobench.shared_mutex, ticket_mutex, mcs_mutex, mutex  remedies
//   std.spin+yield                                        the remedy on the other side
// Metrics, of the victim: victim_pct is its share of all operations (fair is 100/tasks in `greedy`), wait_p99_us and
// longest_wait_us how long it waited; who never had a turn waited for the whole sample: use a longer --min-time to see that
// grow. How evenly everybody shares is the suite `fairness`; starvation by a task that computes is `hog`.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <gobench.hpp>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <span>
#include <string>
#include <vector>

#include "results/statistics.hpp"
#include "suites/busy.hpp"
#include "suites/fairness/turns.hpp"
#include "suites/registry.hpp"

namespace gobench::suites {

namespace {

using fairness::contest;
using fairness::turns;
using results::vehicle;

constexpr int victim = 0;

// The first read-write lock that one writes: readers come in whenever no writer is in.
class reader_first {
 public:
  void lock_shared() {
    for (;;) {
      int in = state_.load(std::memory_order_relaxed);  // the exchange below orders
      // Acquire pairs with the release of unlock().
      if (in >= 0 && state_.compare_exchange_weak(in, in + 1, std::memory_order_acquire)) return;
      gobench::yield();
    }
  }
  void unlock_shared() { state_.fetch_sub(1, std::memory_order_release); }  // pairs with lock()
  void lock() {
    int nobody = 0;
    // Acquire pairs with the release of unlock() and unlock_shared().
    while (!state_.compare_exchange_weak(nobody, -1, std::memory_order_acquire)) {
      nobody = 0;
      gobench::yield();
    }
  }
  void unlock() {
    state_.store(0, std::memory_order_release);
  }  // pairs with the two lock functions

 private:
  std::atomic<int> state_{0};  // readers, or -1 with a writer
};

// The first lock that one writes: whoever finds it free has it.
class first_come {
 public:
  // Acquire pairs with the release of unlock().
  void lock() {
    while (taken_.exchange(true, std::memory_order_acquire)) gobench::yield();
  }
  void unlock() { taken_.store(false, std::memory_order_release); }

 private:
  std::atomic<bool> taken_{false};
};

// As std::mutex and the like are: whoever asks next after a yield.
template <class Lock>
class then_yields {
 public:
  void lock() { lock_.lock(); }
  void unlock() {
    lock_.unlock();
    gobench::yield();
  }

 private:
  Lock lock_;
};

// The victim's part of what everybody has done and waited. turns count all tasks together, so it keeps notes of its own. Waits
// are as theirs: from the common start or its last turn to the end of its next one, and at last to the end of all.
class victims_notes {
 public:
  victims_notes() : source_(&ticking()) {}
  void begin(const contest& in) { last_ = in.started(); }
  void had_a_turn() {
    const std::uint64_t now = ticks_now(*source_);
    waits_.record(now > last_ ? now - last_ : 0);
    last_ = now;
    ++done_;
  }
  void end(const contest& in) {
    if (in.over_at() > last_) waits_.record(in.over_at() - last_);
  }
  std::uint64_t done() const { return done_; }

  void add_to(measurement& taken) const {
    const double us = source_->ns_per_tick / 1000;
    taken.metrics.set("victim_pct",
                      100 * static_cast<double>(done_) /
                          static_cast<double>(std::max<std::uint64_t>(1, taken.operations)));
    if (waits_.count() == 0) return;
    taken.metrics.set("wait_p99_us", waits_.quantile(0.99) * us);
    taken.metrics.set("longest_wait_us", static_cast<double>(waits_.max()) * us);
  }

 private:
  const tick_source* source_;
  std::uint64_t last_ = 0;
  std::uint64_t done_ = 0;
  results::histogram waits_;
};

template <class Lock>
measurement writer(const point& where, std::uint64_t iterations) {
  alignas(64) Lock lock;
  alignas(64) std::array<std::uint64_t, 2> numbers{};  // always equal outside of a write
  std::atomic<std::uint64_t> reads{0};
  std::atomic<std::uint64_t> torn{0};
  const busy_work hold(where.number("hold_ns"));
  victims_notes notes;
  contest shared(where, iterations);
  auto taken = measure_turns(where, shared, where.tasks, [&](int task, turns& mine) {
    if (task == victim) {
      notes.begin(shared);
      while (shared.goes_on()) {
        {
          const std::unique_lock writing(lock);
          ++numbers[0];
          asm volatile("" ::: "memory");  // one after the other
          ++numbers[1];
        }
        notes.had_a_turn();
        mine.took();
        hold();
      }
      notes.end(shared);
      return;
    }
    std::uint64_t own = 0;
    std::uint64_t own_torn = 0;
    while (shared.goes_on()) {
      {
        const std::shared_lock reading(lock);
        const std::uint64_t first = numbers[0];
        hold();
        own_torn += first == numbers[1] ? 0 : 1;
      }
      ++own;
      mine.took();
    }
    reads += own;
    torn += own_torn;
  });
  notes.add_to(taken);
  taken.result =
      proof::equal("the number of reads beside a write", torn, 0) &&
      proof::equal("the second number", numbers[1], notes.done()) &&
      proof::equal("the number of reads and writes", reads + numbers[0], taken.operations);
  return taken;
}

template <class Lock>
measurement greedy(const point& where, std::uint64_t iterations) {
  alignas(64) Lock lock;
  alignas(64) std::uint64_t counter = 0;
  const busy_work hold(where.number("hold_ns"));
  victims_notes notes;
  contest shared(where, iterations);
  auto taken = measure_turns(where, shared, where.tasks, [&](int task, turns& mine) {
    if (task == victim) notes.begin(shared);
    while (shared.goes_on()) {
      lock.lock();
      ++counter;
      if (task == victim) {
        notes.had_a_turn();
      } else {
        hold();
      }
      lock.unlock();
      mine.took();
      if (task == victim) hold();
    }
    if (task == victim) notes.end(shared);
  });
  notes.add_to(taken);
  taken.result = proof::equal("the counter", counter, taken.operations);
  return taken;
}

bool several(const point& at) { return at.tasks >= 2; }

template <class Lock>
variant of_writer(const std::string& impl) {
  return {.case_name = "writer",
          .impl = impl,
          .run = writer<Lock>,
          .parameters = {"hold_ns"},
          .applies = several};
}
template <class Lock>
variant of_greedy(const std::string& impl) {
  return {.case_name = "greedy",
          .impl = impl,
          .run = greedy<Lock>,
          .parameters = {"hold_ns"},
          .applies = several};
}

std::vector<variant> all_variants() {
  std::vector<variant> made = {of_writer<reader_first>("std.reader_first"),
                               of_writer<std::shared_mutex>("std.shared_mutex"),
                               of_writer<shared_mutex>("gobench.shared_mutex"),
                               of_greedy<first_come>("std.spin"),
                               of_greedy<then_yields<first_come>>("std.spin+yield"),
                               of_greedy<std::mutex>("std.mutex"),
                               of_greedy<mutex>("gobench.mutex"),
                               of_greedy<ticket_mutex>("gobench.ticket_mutex"),
                               of_greedy<mcs_mutex>("gobench.mcs_mutex")};
  return made;
}

// The first and the best of each case on each vehicle, by the victim's longest wait.
std::string answer(std::span<const results::sample> samples) {
  int tasks = 0;
  for (const results::sample& one : samples) tasks = std::max(tasks, one.tasks);
  std::map<std::pair<std::string, vehicle>, std::map<std::string, std::vector<double>>> found;
  for (const results::sample& one : samples) {
    const results::value* wait = one.metrics.find("longest_wait_us");
    if (one.tasks == tasks && wait != nullptr)
      found[{one.case_name, one.runs_on}][one.impl].push_back(std::get<double>(*wait) / 1000);
  }
  std::string text;
  for (const auto& [at, by_impl] : found) {
    std::vector<std::pair<double, std::string>> ranked;
    for (const auto& [impl, waits] : by_impl)
      if (waits.size() >= 3) ranked.emplace_back(results::median(waits), impl);
    if (ranked.size() < 2) continue;
    std::ranges::sort(ranked);
    const auto told = [&](const std::pair<double, std::string>& one) {
      const auto range = results::median_interval(by_impl.at(one.second));
      return fmt::format("{:.2f} ms by {} ({:.2f} to {:.2f})", one.first, one.second, range.low,
                         range.high);
    };
    text += fmt::format("{}The victim of `{}` among {} {}s waited for up to {}, with {}.",
                        text.empty() ? "" : " ", at.first, tasks, results::to_string(at.second),
                        told(ranked.back()), told(ranked.front()));
  }
  return text;
}

results::value number(std::int64_t n) { return n; }

const registration registered{
    suite{.name = "starvation",
          .about = "A task that never gets its turn: how long does it wait, and what helps?",
          .claims = {"R4"},
          .tasks = {4, 16},
          .quick_tasks = {4},
          .parameters = {{.name = "hold_ns",
                          .about = "time for which the others hold the lock, in ns",
                          .usual = {number(10'000)},
                          .quick = {number(10'000)},
                          .most = 10'000'000}},
          .metrics = {"victim_pct", "wait_p99_us", "longest_wait_us",
                      std::string(results::metric_fairness), "ops_min", "ops_max"},
          .shown = {"victim_pct", "wait_p99_us", "longest_wait_us"},
          .repetitions = 3,
          .min_seconds = 0.1,
          .quick_min_seconds = 0.02,
          .variants = all_variants(),
          .answer = answer}};

}  // namespace

}  // namespace gobench::suites
