// What does it cost to let another task run? (V2, V9)
//
// Tasks do nothing but yield; an operation is one yield. With one processor each yield is one switch to the
// next task in line. With two tasks their stacks stay in the nearest cache, with 1000 they do not. With
// more processors than one, tasks run side by side and a yield finds fewer to switch to.
//
// Fibers change stacks; coroutines (`co_await co::yield()`) return to a loop that resumes the next one.
// Threads yield by sched_yield, which on a CPU of its own returns without a switch; with --procs 1 they
// share a CPU. plain.jump is the floor: the jump from stack to stack that a switch is made of, without a
// scheduler. Switches that the system makes are in suites/posix/switches.cpp. What it costs to wait for another
// task is in `ping-pong`.
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <gobench.hpp>
#include <memory>
#include <vector>

#include "runtime/internal/context.hpp"
#include "suites/crowd.hpp"
#include "suites/peers/go.hpp"
#include "suites/registry.hpp"
#include "suites/stopwatch.hpp"
#include "suites/yields.hpp"

namespace gobench::suites {

namespace {

using results::vehicle;

co_task<> yield_often(std::uint64_t count, std::atomic<std::uint64_t>& sum) {
  std::uint64_t done = 0;
  for (; done < count; ++done) co_await co::yield();
  sum += done;
}

measurement by_await(const point& where, std::uint64_t iterations) {
  std::atomic<std::uint64_t> sum{0};
  auto taken = measure_coroutines(where, where.tasks, iterations, [&](int task) {
    return yield_often(share_of(iterations, task, where.tasks), sum);
  });
  taken.result = proof::equal("the number of yields", sum, iterations);
  return taken;
}

measurement by_yield(const point& where, std::uint64_t iterations) {
  if (where.runs_on == vehicle::coroutine) return by_await(where, iterations);
  return yields(where, iterations, [] { gobench::yield(); });
}

#if !defined(GOBENCH_FLAVOUR_TSAN)
// The other side of plain.jump.
[[noreturn]] void jump_back(runtime::fcontext::transfer_t from) {
  for (;;) {
    ++*static_cast<std::uint64_t*>(from.data);
    from = runtime::jump(from.fctx, from.data);
  }
}

// The jump that a switch is made of, to another stack and back; an operation is one jump.
measurement by_jump(const point&, std::uint64_t iterations) {
  constexpr std::size_t stack_bytes = 16 * 1024;
  const auto stack = std::make_unique<std::byte[]>(stack_bytes);
  const std::uint64_t rounds = (iterations + 1) / 2;
  std::uint64_t visits = 0;
  runtime::fcontext::fcontext_t other =
      runtime::fcontext::make_fcontext(stack.get() + stack_bytes, stack_bytes, jump_back);
  stopwatch watch;
  watch.start();
  for (std::uint64_t i = 0; i < rounds; ++i) other = runtime::jump(other, &visits).fctx;
  watch.stop();
  measurement taken = watch.taken(2 * rounds);
  taken.result = proof::equal("the number of visits to the other stack", visits, rounds);
  return taken;
}
#endif

measurement by_nothing(const point& where, std::uint64_t iterations) {
  return yields(where, iterations, [] { asm volatile("" ::: "memory"); });
}

std::vector<variant> all_variants() {
  std::vector<variant> made = {{.case_name = "yield",
                                .impl = "plain.loop",
                                .run = by_nothing,
                                .vehicles = {vehicle::fiber},
                                .baseline = true},
                               {.case_name = "yield",
                                .impl = "gobench.yield",
                                .run = by_yield,
                                .vehicles = {vehicle::fiber, vehicle::thread, vehicle::coroutine}},
                               {.case_name = "yield",
                                .impl = "go.gosched",
                                .run = peers::go("switch/gosched", "the number of yields"),
                                .vehicles = {vehicle::fiber},
                                .peer = "go"}};
#if !defined(GOBENCH_FLAVOUR_TSAN)  // which must be told of every switch
  made.push_back({.case_name = "yield",
                  .impl = "plain.jump",
                  .run = by_jump,
                  .vehicles = {vehicle::fiber},
                  .baseline = true});
#endif
  return made;
}

const registration registered{suite{.name = "switch",
                                    .about = "What does it cost to let another task run?",
                                    .claims = {"V2", "V9"},
                                    .tasks = {2, 1000},
                                    .quick_tasks = {2, 1000},
                                    .procs = {1},
                                    .variants = all_variants()}};

}  // namespace

}  // namespace gobench::suites
