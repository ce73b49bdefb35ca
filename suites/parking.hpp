// What the suite million does: many tasks that are parked at the same time (suites/million.cpp).
#pragma once

#include <cstdint>
#include <string>

#include "suites/registry.hpp"
#include "suites/stopwatch.hpp"

namespace gobench::suites {

// Takes the figures while tasks are created, parked, woken and ended. Plain data: it goes through a pipe.
class parking {
 public:
  parking() = default;
  explicit parking(int tasks) : tasks_(tasks) {}

  // In this order, by the first of the tasks or around the run.
  void begin();
  void begin_creating() { creating_.start(); }
  void all_are_parked();
  void end(std::uint64_t woken);

  // Proved by the number of tasks woken.
  measurement taken() const;

 private:
  int tasks_ = 0;
  double resident_bytes_ = 0;
  double table_bytes_ = 0;
  std::uint64_t woken_ = 0;
  stopwatch creating_;
  stopwatch all_;
};

// park(where) in a process of its own, as suites/child.hpp says.
measurement park_in_a_child(const point& where, parking (*park)(const point&));

}  // namespace gobench::suites
