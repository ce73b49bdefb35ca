// What carries the tasks of a measurement: our runtime, or a peer that has tasks of its own.
//
// A carrier is a type with
//   run(where, main)   runs main() as the first task of a run on where.procs processors
//   go(body)           starts a task; the `task` that it returns has join(), which throws what body threw
//   yield()            lets other tasks run, from within a task
//   task, event        event: wait() until somebody has called set()
// The functions are static. suites/team.hpp and suites/crowd.hpp measure on any of them, so that all are
// started, held and timed in the same way.
#pragma once

#include <gobench.hpp>
#include <utility>

#include "suites/registry.hpp"

namespace gobench::suites {

// The options of a run at this point. Without hand-off: a sample of so many procs is carried by so many OS
// threads, also where a task computes throughout or the machine lets it stand still for long.
options options_at(const point& where);

// Fibers or threads of our runtime, as the point's vehicle says.
struct our_tasks {
  using task = gobench::task;
  using event = gobench::event;

  template <class Main>
  static void run(const point& where, Main main) {
    gobench::run(options_at(where), std::move(main));
  }
  template <class Body>
  static task go(Body body) {
    return gobench::go(std::move(body));
  }
  static void yield() { gobench::yield(); }
};

// The run in which coroutines are measured, on the scheduler of the fibers; go() makes a fiber.
struct for_coroutines : our_tasks {
  template <class Main>
  static void run(point where, Main main) {
    where.runs_on = results::vehicle::fiber;
    our_tasks::run(where, std::move(main));
  }
};

}  // namespace gobench::suites
