// What does it cost to create a task and see it end? (V1, V9)
//
// A batch of tasks is started, each says that it was there, and the batch is waited for with a wait group;
// an operation is one task. --tasks is the size of the batch: with 1 every task is made after the one
// before has ended, with many they exist side by side and need as many stacks. Measured is the time of
// the whole: creation, the first switch to the task, its end and the waiting. What the task would do, and
// the memory it would touch, is left out; suite `million` says what parked tasks take.
//
// std.pooled_thread does not create: threads that are there already take the tasks from a queue, which is what
// one does where creating costs too much. Threads are made at most 1000 at a time and processes 10, since
// machines refuse more.
#include <cstdint>
#include <gobench.hpp>
#include <thread>
#include <vector>

#include "suites/batches.hpp"
#include "suites/limited_cpus.hpp"
#include "suites/peers/go.hpp"
#include "suites/registry.hpp"
#include "suites/thread_pool.hpp"

namespace gobench::suites {

namespace {

using results::vehicle;

constexpr int most_threads = 1000;

measurement by_go(const point& where, std::uint64_t iterations) {
  return batches_in_a_run(where, iterations, [&](attendance& list) {
    wait_group ended;
    ended.add(where.tasks);
    for (int i = 0; i < where.tasks; ++i) {
      gobench::go([&ended, at = &list.of(i)] {
        ++*at;
        ended.done();
      });
    }
    ended.wait();
  });
}

co_task<> attend(std::uint32_t& at, wait_group& ended) {
  ++at;
  ended.done();
  co_return;
}

measurement by_spawn(const point& where, std::uint64_t iterations) {
  attendance list(where);
  const std::uint64_t batches = batches_in(where, iterations);
  const std::uint64_t operations = batches * static_cast<std::uint64_t>(where.tasks);
  auto taken = measure_main<for_coroutines>(where, operations, [&] {
    for (std::uint64_t batch = 0; batch < batches; ++batch) {
      wait_group ended;
      ended.add(where.tasks);
      for (int i = 0; i < where.tasks; ++i) gobench::spawn(attend(list.of(i), ended));
      ended.wait();
    }
  });
  taken.result = list.proved(batches);
  return taken;
}

measurement by_std_thread(const point& where, std::uint64_t iterations) {
  const limited_cpus cpus(where.procs);
  std::vector<std::thread> batch(static_cast<std::size_t>(where.tasks));
  return timed_batches(where, iterations, [&](attendance& list) {
    for (int i = 0; i < where.tasks; ++i) {
      batch[static_cast<std::size_t>(i)] = std::thread([at = &list.of(i)] { ++*at; });
    }
    for (std::thread& one : batch) one.join();
  });
}

measurement by_pooled_thread(const point& where, std::uint64_t iterations) {
  const limited_cpus cpus(where.procs);
  thread_pool pool(where.procs);
  return timed_batches(where, iterations, [&](attendance& list) {
    for (int i = 0; i < where.tasks; ++i) pool.submit([at = &list.of(i)] { ++*at; });
    pool.wait();
  });
}

[[gnu::noinline]] void be_there(std::uint32_t& at) { ++at; }

measurement by_call(const point& where, std::uint64_t iterations) {
  attendance list(where);
  stopwatch watch;
  watch.start();
  for (std::uint64_t n = 0; n < iterations; ++n) {
    be_there(list.of(0));
    asm volatile("" ::: "memory");
  }
  watch.stop();
  auto taken = watch.taken(iterations);
  taken.result = list.proved(iterations & 0xffffffffU);
  return taken;
}

const registration registered{suite{
    .name = "spawn",
    .about =
        "What does it cost to create a task and see it end? Fibers, coroutines, threads, processes",
    .claims = {"V1", "V9"},
    .tasks = {1, 1000, 100'000},
    .quick_tasks = {1, 1000},
    .variants = {{.case_name = "spawn",
                  .impl = "plain.call",
                  .run = by_call,
                  .vehicles = {vehicle::fiber},
                  .baseline = true},
                 {.case_name = "spawn",
                  .impl = "gobench.go",
                  .run = by_go,
                  .applies =
                      [](const point& at) {
                        return at.runs_on == vehicle::fiber || at.tasks <= most_threads;
                      }},
                 {.case_name = "spawn",
                  .impl = "gobench.spawn",
                  .run = by_spawn,
                  .vehicles = {vehicle::coroutine}},
                 {.case_name = "spawn",
                  .impl = "std.thread",
                  .run = by_std_thread,
                  .vehicles = {vehicle::thread},
                  .applies = at_most<most_threads>},
                 {.case_name = "spawn",
                  .impl = "std.pooled_thread",
                  .run = by_pooled_thread,
                  .vehicles = {vehicle::thread}},
                 {.case_name = "spawn",
                  .impl = "go.go",
                  .run = peers::go("spawn/go", "the number of goroutines that ran"),
                  .vehicles = {vehicle::fiber},
                  .peer = "go"}}}};

}  // namespace

}  // namespace gobench::suites
