// Runs the body of a test on both backends with 1, 2 and 4 processors.
//
//   class mutex_test : public on_backends {};
//   GOBENCH_ON_BACKENDS(mutex_test);
//
//   TEST_P(mutex_test, keeps_a_counter) {
//     run([] {                                     // inside gobench::run on this backend
//       gobench::mutex m;
//       long counter = 0;
//       together({.tasks = 8, .threads = 2}, [&](int) { const std::scoped_lock held(m); ++counter;
//       }); EXPECT_EQ(counter, 10);
//     });
//   }
//
// A deadlock in a body that has no foreign threads comes out of run() as an exception that lists
// the tasks, so it fails the test instead of hanging it.
#pragma once

#include <gtest/gtest.h>

#include <exception>
#include <gobench.hpp>
#include <ostream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

struct vehicle {
  gobench::backend kind;
  int procs;

  std::string name() const {
    return (kind == gobench::backend::fiber ? "fiber_procs" : "thread_procs") +
           std::to_string(procs);
  }
  friend std::ostream& operator<<(std::ostream& out, const vehicle& v) { return out << v.name(); }
};

inline constexpr vehicle every_vehicle[] = {
    {gobench::backend::fiber, 1},  {gobench::backend::fiber, 2},  {gobench::backend::fiber, 4},
    {gobench::backend::thread, 1}, {gobench::backend::thread, 2}, {gobench::backend::thread, 4},
};

class on_backends : public ::testing::TestWithParam<vehicle> {
 protected:
  // The main task of a run on the backend under test. Rethrows what it threw.
  template <class F>
  void run(F&& body) const {
    gobench::options chosen;
    chosen.kind = GetParam().kind;
    chosen.procs = GetParam().procs;
    chosen.seed = 1;
    gobench::run(chosen, [&] { body(); });
  }
};

// NOLINTNEXTLINE: googletest's macro declares what it needs.
#define GOBENCH_ON_BACKENDS(suite)                                                    \
  INSTANTIATE_TEST_SUITE_P(on, suite, ::testing::ValuesIn(every_vehicle),             \
                           [](const ::testing::TestParamInfo<vehicle>& information) { \
                             return information.param.name();                         \
                           })

struct crew {
  int tasks = 0;    // spawned with gobench::go
  int threads = 0;  // foreign: std::thread, unknown to the runtime
};

// Calls body(i) once for each i below tasks + threads, all beside each other, and returns when all
// have ended; the threads have the highest numbers. Rethrows one of the exceptions that bodies
// threw. Inside a run when there are tasks.
template <class F>
void together(crew who, F&& body) {
  std::vector<std::exception_ptr> thrown(static_cast<std::size_t>(who.tasks + who.threads));
  const auto guarded = [&](int i) {
    try {
      body(i);
    } catch (const std::exception&) {
      // Not everything: the exception that unwinds a task at the end of its run must pass.
      thrown[static_cast<std::size_t>(i)] = std::current_exception();
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < who.threads; ++i) {
    threads.emplace_back([&, i] { guarded(who.tasks + i); });
  }
  std::vector<gobench::task> tasks;
  for (int i = 0; i < who.tasks; ++i) tasks.push_back(gobench::go([&, i] { guarded(i); }));
  for (gobench::task& t : tasks) t.join();
  // Joining an OS thread would hold on to the processor that the other tasks need.
  for (std::thread& t : threads) gobench::blocking([&] { t.join(); });
  for (const std::exception_ptr& e : thrown) {
    if (e) std::rethrow_exception(e);
  }
}
