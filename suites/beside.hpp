// Tasks that work beside others that wait: what do those that wait take away from them?
//
//   struct sleepers {
//     int tasks() const;                 // that wait
//     void wait(int task);               // returns after release()
//     void release();                    // called by the main task when the work is done
//     proof proved() const;              // after all have ended
//   };
//   sleepers waiting(where);
//   return work_beside(where, iterations, waiting);
//
// where.tasks tasks share the operations: each computes for 1 us and yields once. A sample that takes far too long ends early
// (point::most_seconds).
//
// Invariants
//  - The interval begins when all who wait have been started and have come to where they begin to, and ends with the last of
//    those that work. Starting and ending are outside.
//  - The threads of the process are counted at its end, while all still wait.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <exception>
#include <fstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "suites/busy.hpp"
#include "suites/carrier.hpp"
#include "suites/crowd.hpp"
#include "suites/limited_cpus.hpp"
#include "suites/registry.hpp"
#include "suites/stopwatch.hpp"
#include "suites/ticks.hpp"

namespace gobench::suites {

// The metric of work_beside(): OS threads of the process while all wait.
inline const std::string metric_threads = "threads";

// Threads of the standard library, on where.procs CPUs.
struct std_threads {
  using task = std::thread;

  template <class Main>
  static void run(const point& where, Main main) {
    const limited_cpus cpus(where.procs);
    main();
  }
  template <class Body>
  static task go(Body body) {
    return std::thread(std::move(body));
  }
  static void yield() { std::this_thread::yield(); }
};

inline std::int64_t threads_of_process() {
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("Threads:")) return std::stoll(line.substr(8));
  }
  return 0;
}

namespace internal {

// Those who work.
class workers {
 public:
  workers(const point& where, std::uint64_t iterations)
      : where_(where), iterations_(iterations), done_(static_cast<std::size_t>(where.tasks)) {}

  template <class Carrier>
  void work(int task) {
    std::uint64_t& mine = done_[static_cast<std::size_t>(task)].operations;
    const std::uint64_t share = share_of(iterations_, task, where_.tasks);
    const auto ends = internal::steady_ns() + most_ns();
    // One at least, so that something is measured.
    for (std::uint64_t i = 0; i < share && (i == 0 || internal::steady_ns() < ends); ++i) {
      busy_();
      ++mine;
      Carrier::yield();
    }
  }
  std::uint64_t done() const {
    std::uint64_t sum = 0;
    for (const lane& one : done_) sum += one.operations;
    return sum;
  }

 private:
  struct alignas(64) lane {
    std::uint64_t operations = 0;
  };
  std::uint64_t most_ns() const {
    constexpr double an_hour = 3600;
    return static_cast<std::uint64_t>(std::min(where_.most_seconds, an_hour) * 1e9);
  }

  const point& where_;
  std::uint64_t iterations_;
  busy_work busy_{1000};
  std::vector<lane> done_;
};

}  // namespace internal

// Throws what a task threw, after all have ended.
template <class Carrier = our_tasks, class Waiting>
measurement work_beside(const point& where, std::uint64_t iterations, Waiting& waiting) {
  internal::workers at_work(where, iterations);
  stopwatch watch;
  std::int64_t threads = 0;
  std::exception_ptr thrown;
  Carrier::run(where, [&] {
    std::atomic<int> arrived{0};
    std::vector<typename Carrier::task> waits;
    std::vector<typename Carrier::task> works;
    try {
      for (int i = 0; i < waiting.tasks(); ++i) {
        waits.push_back(Carrier::go([&, i] {
          arrived.fetch_add(1, std::memory_order_relaxed);  // only counted
          waiting.wait(i);
        }));
      }
      while (arrived.load(std::memory_order_relaxed) != waiting.tasks()) Carrier::yield();
      watch.start();
      for (int i = 0; i < where.tasks; ++i)
        works.push_back(Carrier::go([&, i] { at_work.template work<Carrier>(i); }));
    } catch (const std::exception&) {
      thrown = std::current_exception();
    }
    for (auto& one : works) one.join();
    watch.stop();
    threads = threads_of_process();
    waiting.release();
    for (auto& one : waits) one.join();
  });
  if (thrown) std::rethrow_exception(thrown);
  measurement taken = watch.taken(at_work.done());
  taken.metrics.set(metric_threads, threads);
  taken.result = proof::that(taken.operations <= iterations, "more was done than was asked for") &&
                 waiting.proved();
  return taken;
}

}  // namespace gobench::suites
