// How long does it take to send a task a number and get an answer? (C5, S2)
//
// An operation is a round trip: one task of a pair sends a number, the other adds 1 and sends it back. With
// more than two tasks there are as many independent pairs. Measured with one processor, where a round trip
// is two switches, and with all, where it may go from CPU to CPU and back.
//
// Channels are unbuffered: both sides wait for each other; chan_to_thread is between a fiber and a thread that
// the runtime did not start, and counts as threads. The others are what a program without channels uses: a condition variable,
// semaphores, an atomic that is waited on, and what the system offers to threads and to processes
// (suites/posix/ping_pong.cpp). On one CPU these pay two context switches of the kernel, on two the wake-up
// of a CPU that sleeps; spinning instead is left out.
#include <atomic>
#include <condition_variable>
#include <gobench.hpp>
#include <mutex>
#include <semaphore>
#include <thread>

#include "suites/limited_cpus.hpp"
#include "suites/peers/go.hpp"
#include "suites/registry.hpp"
#include "suites/round_trips.hpp"
#include "suites/stopwatch.hpp"

namespace gobench::suites {

namespace {

using results::vehicle;

co_task<> ask_often(channels& way, std::uint64_t count, std::atomic<std::uint64_t>& sum) {
  std::uint64_t own = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    co_await co::send(way.there, i);
    own += (co_await co::recv(way.back)).value_or(0);
  }
  sum += own;
}

co_task<> echo_often(channels& way, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto number = co_await co::recv(way.there);
    co_await co::send(way.back, number.value_or(0) + 1);
  }
}

measurement run_channels(const point& where, std::uint64_t iterations) {
  if (where.runs_on != vehicle::coroutine) return run_pairs<channels>(where, iterations);
  const int pairs = where.tasks / 2;
  std::vector<channels> ways(static_cast<std::size_t>(pairs));
  std::atomic<std::uint64_t> sum{0};
  auto taken = measure_coroutines(where, 2 * pairs, iterations, [&](int task) {
    channels& way = ways[static_cast<std::size_t>(task / 2)];
    const std::uint64_t share = share_of(iterations, task / 2, pairs);
    return task % 2 == 0 ? ask_often(way, share, sum) : echo_often(way, share);
  });
  taken.result = proof::equal("the sum of the answers", sum, all_answers(where, iterations));
  return taken;
}

// One side is a fiber, the other a thread that the runtime did not start.
measurement fiber_and_thread(const point& where, std::uint64_t iterations) {
  const limited_cpus cpus(where.procs);
  channels way;
  std::uint64_t sum = 0;
  stopwatch watch;
  options on_fibers = options_at(where);
  on_fibers.kind = backend::fiber;
  gobench::run(on_fibers, [&] {
    std::thread other([&] {
      for (std::uint64_t i = 0; i < iterations; ++i) way.echo();
    });
    watch.start();
    for (std::uint64_t i = 0; i < iterations; ++i) sum += way.ask(i);
    watch.stop();
    other.join();
  });
  measurement taken = watch.taken(iterations);
  taken.result = proof::equal("the sum of the answers", sum, answers(iterations));
  return taken;
}

struct alignas(64) condition {
  std::mutex lock;
  std::condition_variable changed;
  std::uint64_t number = 0;
  bool asked = false;

  std::uint64_t ask(std::uint64_t i) {
    std::unique_lock held(lock);
    number = i;
    asked = true;
    changed.notify_one();
    changed.wait(held, [this] { return !asked; });
    return number;
  }
  void echo() {
    std::unique_lock held(lock);
    changed.wait(held, [this] { return asked; });
    ++number;
    asked = false;
    changed.notify_one();
  }
};

struct alignas(64) waited_atomic {
  std::uint64_t number = 0;
  std::atomic<std::uint32_t> turn{0};  // odd: asked

  void pass(std::uint32_t to) {
    turn.store(to);
    turn.notify_one();
  }
  std::uint64_t ask(std::uint64_t i) {
    number = i;
    const std::uint32_t mine = turn.load() + 1;
    pass(mine);
    turn.wait(mine);
    return number;
  }
  void echo() {
    std::uint32_t seen = turn.load();
    while (seen % 2 == 0) {
      turn.wait(seen);
      seen = turn.load();
    }
    ++number;
    pass(seen + 1);
  }
};

struct alignas(64) semaphores {
  std::binary_semaphore asked{0};
  std::binary_semaphore answered{0};
  std::uint64_t number = 0;

  std::uint64_t ask(std::uint64_t i) {
    number = i;
    asked.release();
    answered.acquire();
    return number;
  }
  void echo() {
    asked.acquire();
    ++number;
    answered.release();
  }
};

const registration registered{suite{
    .name = "ping-pong",
    .about =
        "How long until a number sent to another task is answered? Channels and what else there is",
    .claims = {"C5", "S2"},
    .tasks = {2},
    .quick_tasks = {2},
    .procs = {1, 0},
    .variants = {{.case_name = "round trip",
                  .impl = "gobench.chan",
                  .run = run_channels,
                  .vehicles = {vehicle::fiber, vehicle::thread, vehicle::coroutine},
                  .applies = in_pairs},
                 {.case_name = "round trip",
                  .impl = "std.condition_variable",
                  .run = run_pairs<condition>,
                  .vehicles = {vehicle::thread},
                  .applies = in_pairs},
                 {.case_name = "round trip",
                  .impl = "gobench.chan_to_thread",
                  .run = fiber_and_thread,
                  .vehicles = {vehicle::thread},
                  .applies = [](const point& at) { return at.tasks == 2; }},
                 {.case_name = "round trip",
                  .impl = "std.semaphore",
                  .run = run_pairs<semaphores>,
                  .vehicles = {vehicle::thread},
                  .applies = in_pairs},
                 {.case_name = "round trip",
                  .impl = "std.atomic_wait",
                  .run = run_pairs<waited_atomic>,
                  .vehicles = {vehicle::thread},
                  .applies = in_pairs},
                 {.case_name = "round trip",
                  .impl = "go.chan",
                  .run = peers::go("ping-pong/chan", "the sum of the answers", all_answers),
                  .vehicles = {vehicle::fiber},
                  .applies = in_pairs,
                  .peer = "go"}}}};

}  // namespace

}  // namespace gobench::suites
