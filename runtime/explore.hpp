// Exploring the schedules of a piece of code, for unit tests in the check flavour (docs/exploration.md).
//
//   TEST(queue, hands_over_everything) {
//     const auto found = gobench::explore([] {
//       queue q;
//       std::thread other([&] { q.push(1); });
//       if (q.pop() != 1) throw std::runtime_error("another value");
//       other.join();
//     });
//     EXPECT_TRUE(found.ok()) << found.text();
//   }
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "runtime/flavour.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {

struct explore_options {
  std::uint64_t schedules = 1000;
  // "mix": random walks, pct:2, partial order sampling and pct:3 in turn; or "random", "pct:D", "pos" alone.
  std::string strategy = "mix";
  std::uint64_t seed = 1;
  std::uint64_t steps = 100'000;  // a schedule that makes more is a hang
  std::optional<std::uint64_t> only =
      {};  // this schedule alone: the one that has failed, in a debugger say
};

struct explored {
  std::uint64_t schedules = 0;  // that were run, with the one that failed
  bool failed = false;
  std::uint64_t schedule = 0;  // that failed
  std::string strategy;        // of that schedule
  int status =
      0;  // it ended with: an exit code, or 128 and the number of a signal; 66 for findings

  bool ok() const { return !failed; }
  // A sentence, with how to run the failing schedule alone.
  std::string text() const;
};

// Runs `body` once per schedule, each time in a fork of this process, until one fails: by an exception, a signal, an exit
// code, or anything that gobench's detector finds, which is told on standard error. Threads, locks, atomics and time
// are the explorer's while it runs. What `body` changes is gone afterwards, so it fails by throwing, by
// assert() or std::exit(), and not by EXPECT_EQ() and the like.
//
// Within a program that is itself run by `gobench explore` or `gobench replay`, `body` is called once, here, as a part of
// that schedule.
//
// Called by the only thread of the process: of others a fork has nothing. Throws std::logic_error where the program is not
// built for it (the plain flavour), std::invalid_argument for a strategy that does not exist, std::system_error
// where the system gives no processes.
explored explore(const std::function<void()>& body, const explore_options& how = {});

}  // namespace gobench::inline GOBENCH_FLAVOUR
