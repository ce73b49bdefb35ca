// Tasks that have different things to do, such as senders and receivers, started and timed together.
//
//   auto taken = measure_crowd(where, 2, iterations, [&](int task) {
//     task == 0 ? send(iterations) : receive(iterations);
//   });
//
// Where all tasks do the same to shared data, suites/team.hpp is better: it sees to it that they contend,
// and says how much they did.
//
// Invariants
//  - The interval begins when all tasks have been started and wait, parked or about to, for the start, and
//    ends when the last has ended. It includes waking each of them once.
//  - What a task throws comes out of measure_crowd(); the others end with the run.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <gobench.hpp>
#include <vector>

#include "suites/carrier.hpp"
#include "suites/registry.hpp"
#include "suites/stopwatch.hpp"

namespace gobench::suites {

// The operations of one of `parts` that share n.
inline std::uint64_t share_of(std::uint64_t n, int part, int parts) noexcept {
  const auto all = static_cast<std::uint64_t>(parts);
  return n / all + (static_cast<std::uint64_t>(part) < n % all ? 1 : 0);
}

// The sum of the numbers that `parts` send when each sends 1, 2, ... up to its share of n.
inline std::uint64_t sum_of_shares(std::uint64_t n, int parts) noexcept {
  std::uint64_t sum = 0;
  for (int part = 0; part < parts; ++part) {
    const std::uint64_t share = share_of(n, part, parts);
    sum += share * (share + 1) / 2;
  }
  return sum;
}

// Runs main() as the main task of a run at this point, all of it measured.
template <class Carrier = our_tasks, class Main>
measurement measure_main(const point& where, std::uint64_t operations, Main main) {
  stopwatch watch;
  Carrier::run(where, [&] {
    watch.start();
    main();
    watch.stop();
  });
  return watch.taken(operations);
}

// Runs body(0) to body(tasks - 1), each once in a task of its own.
template <class Carrier = our_tasks, class Body>
measurement measure_crowd(const point& where, int tasks, std::uint64_t operations, Body body) {
  stopwatch watch;
  std::exception_ptr thrown;
  Carrier::run(where, [&] {
    typename Carrier::event start;
    std::atomic<int> arrived{0};
    std::vector<typename Carrier::task> members;
    members.reserve(static_cast<std::size_t>(tasks));
    for (int i = 0; i < tasks; ++i) {
      members.push_back(Carrier::go([&, i] {
        // Relaxed: only counted.
        arrived.fetch_add(1, std::memory_order_relaxed);
        start.wait();
        body(i);
      }));
    }
    while (arrived.load(std::memory_order_relaxed) != tasks) Carrier::yield();
    watch.start();
    start.set();
    for (auto& one : members) {
      try {
        one.join();
      } catch (const std::exception&) {
        // Not everything: what unwinds a task at the end of its run must pass. The others are joined first: one
        // that throws and has no handle any more ends the program.
        if (!thrown) thrown = std::current_exception();
      }
    }
    watch.stop();
  });
  if (thrown) std::rethrow_exception(thrown);
  return watch.taken(operations);
}

// The same with coroutines: body(i) returns a co_task<>.
template <class Body>
measurement measure_coroutines(const point& where, int tasks, std::uint64_t operations, Body body) {
  struct member {
    static co_task<> run(int i, event& start, std::atomic<int>& arrived, Body& body) {
      arrived.fetch_add(1, std::memory_order_relaxed);  // only counted
      co_await co::wait(start);
      co_await body(i);
    }
  };
  stopwatch watch;
  for_coroutines::run(where, [&] {
    event start;
    std::atomic<int> arrived{0};
    std::vector<gobench::task> members;
    members.reserve(static_cast<std::size_t>(tasks));
    for (int i = 0; i < tasks; ++i)
      members.push_back(gobench::spawn(member::run(i, start, arrived, body)));
    while (arrived.load(std::memory_order_relaxed) != tasks) gobench::yield();
    watch.start();
    start.set();
    for (gobench::task& one : members) one.join();
    watch.stop();
  });
  return watch.taken(operations);
}

}  // namespace gobench::suites
