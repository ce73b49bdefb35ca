// Switches that the system makes, in the suite switch. (V2)
//
// os.sched_yield  threads do nothing but yield
// os.futex        a baton goes round the threads: each wakes the next one and sleeps; an operation is one pass.
//                 On one CPU a pass is one switch; on two it wakes a thread on the other, which mostly
//                 means to wake a CPU
// os.pipe_fork    the same between two processes through pipes
#include <sched.h>

#include <vector>

#include "suites/posix/futex.hpp"
#include "suites/posix/ways.hpp"
#include "suites/registry.hpp"
#include "suites/yields.hpp"

namespace gobench::suites {

namespace {

using results::vehicle;

measurement by_sched_yield(const point& where, std::uint64_t iterations) {
  return yields(where, iterations, [] { ::sched_yield(); });
}

// A thread's word: the number of the pass that is its turn.
struct alignas(64) seat {
  posix::futex_word turn{0};
};

measurement by_baton(const point& where, std::uint64_t iterations) {
  const auto tasks = static_cast<std::uint64_t>(where.tasks);
  std::vector<seat> seats(tasks);
  std::uint64_t passes = 0;  // whoever has the baton
  auto taken = measure_crowd(where, where.tasks, iterations, [&](int task) {
    const auto me = static_cast<std::uint64_t>(task);
    posix::futex_word& mine = seats[me].turn;
    posix::futex_word& next = seats[(me + 1) % tasks].turn;
    for (std::uint64_t pass = me; pass < iterations; pass += tasks) {
      const auto awaited = static_cast<std::uint32_t>(pass);
      for (std::uint32_t seen = mine.load(); seen != awaited; seen = mine.load()) {
        posix::futex_wait(mine, seen);
      }
      ++passes;
      next.store(awaited + 1);
      posix::futex_wake_one(next);
    }
  });
  taken.result = proof::equal("the number of passes", passes, iterations);
  return taken;
}

// A round trip is two passes.
measurement by_pipe(const point& where, std::uint64_t iterations) {
  posix::pipes way;
  measurement taken = posix::ask_a_child(way, where, (iterations + 1) / 2);
  taken.operations *= 2;
  return taken;
}

const more_variants registered{"switch",
                               {{.case_name = "yield",
                                 .impl = "os.sched_yield",
                                 .run = by_sched_yield,
                                 .vehicles = {vehicle::thread}},
                                {.case_name = "yield",
                                 .impl = "os.futex",
                                 .run = by_baton,
                                 .vehicles = {vehicle::thread},
                                 .applies = [](const point& at) { return at.tasks > 1; }},
                                {.case_name = "yield",
                                 .impl = "os.pipe_fork",
                                 .run = by_pipe,
                                 .vehicles = {vehicle::process},
                                 .applies = [](const point& at) { return at.tasks == 2; }}}};

}  // namespace

}  // namespace gobench::suites
