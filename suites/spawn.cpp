// What does it cost to create a task and see it end? (V1, V9)
//
// A batch of tasks is started, each says that it was there, and the batch is waited for with a wait group;
// an operation is one task. --tasks is the size of the batch: with 1 every task is made after the one
// before has ended, with many they exist side by side and need as many stacks. Measured is the time of
// the whole: creation, the first switch to the task, its end and the waiting. What the task would do, and
// the memory it would touch, is left out; suite `million` says what parked tasks take.
//
// Threads are made at most 1000 at a time and processes 10, since machines refuse more.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <gobench.hpp>
#include <system_error>
#include <thread>
#include <vector>

#include "suites/crowd.hpp"
#include "suites/limited_cpus.hpp"
#include "suites/peers/go.hpp"
#include "suites/registry.hpp"

namespace gobench::suites {

namespace {

using results::vehicle;

constexpr int most_threads = 1000;
constexpr int most_processes = 10;

// How often each task of a batch was there, over all batches.
class attendance {
 public:
  explicit attendance(const point& where) : there_(static_cast<std::size_t>(where.tasks), 0) {}

  std::uint32_t& of(int task) { return there_[static_cast<std::size_t>(task)]; }
  proof proved(std::uint64_t batches) const {
    proof all = proof::that(true, "");
    for (const std::uint32_t times : there_) {
      all = all && proof::equal("the number of times that a task ran", times, batches);
    }
    return all;
  }

 private:
  std::vector<std::uint32_t> there_;
};

// The harness asks for whole batches; whoever does not gets at least one.
std::uint64_t batches_in(const point& where, std::uint64_t iterations) {
  return std::max<std::uint64_t>(1, iterations / static_cast<std::uint64_t>(where.tasks));
}

template <class Batch>
measurement by_batches(const point& where, std::uint64_t iterations, Batch one_batch) {
  attendance list(where);
  const std::uint64_t batches = batches_in(where, iterations);
  auto taken = measure_main(where, batches * static_cast<std::uint64_t>(where.tasks), [&] {
    for (std::uint64_t batch = 0; batch < batches; ++batch) one_batch(list);
  });
  taken.result = list.proved(batches);
  return taken;
}

measurement by_go(const point& where, std::uint64_t iterations) {
  return by_batches(where, iterations, [&](attendance& list) {
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

measurement by_std_thread(const point& where, std::uint64_t iterations) {
  const limited_cpus cpus(where.procs);
  attendance list(where);
  const std::uint64_t batches = batches_in(where, iterations);
  std::vector<std::thread> batch(static_cast<std::size_t>(where.tasks));
  stopwatch watch;
  watch.start();
  for (std::uint64_t n = 0; n < batches; ++n) {
    for (int i = 0; i < where.tasks; ++i) {
      batch[static_cast<std::size_t>(i)] = std::thread([at = &list.of(i)] { ++*at; });
    }
    for (std::thread& one : batch) one.join();
  }
  watch.stop();
  auto taken = watch.taken(batches * static_cast<std::uint64_t>(where.tasks));
  taken.result = list.proved(batches);
  return taken;
}

// A child says that it was there with its exit status.
measurement by_fork(const point& where, std::uint64_t iterations) {
  const limited_cpus cpus(where.procs);
  attendance list(where);
  const std::uint64_t batches = batches_in(where, iterations);
  std::vector<pid_t> batch(static_cast<std::size_t>(where.tasks));
  stopwatch watch;
  watch.start();
  for (std::uint64_t n = 0; n < batches; ++n) {
    for (pid_t& one : batch) {
      one = ::fork();
      if (one < 0) throw std::system_error(errno, std::generic_category(), "fork");
      if (one == 0) ::_exit(42);
    }
    for (int i = 0; i < where.tasks; ++i) {
      int status = 0;
      while (::waitpid(batch[static_cast<std::size_t>(i)], &status, 0) < 0 && errno == EINTR) {
      }
      if (WIFEXITED(status) && WEXITSTATUS(status) == 42) ++list.of(i);
    }
  }
  watch.stop();
  auto taken = watch.taken(batches * static_cast<std::uint64_t>(where.tasks));
  taken.cpu_seconds = results::not_measured;  // most of it is the children's
  taken.result = list.proved(batches);
  return taken;
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

template <int Most>
bool at_most(const point& at) {
  return at.tasks <= Most;
}

const registration registered{suite{
    .name = "spawn",
    .about = "What does it cost to create a task and see it end? Fibers, threads and processes",
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
                  .impl = "std.thread",
                  .run = by_std_thread,
                  .vehicles = {vehicle::thread},
                  .applies = at_most<most_threads>},
                 {.case_name = "spawn",
                  .impl = "os.fork",
                  .run = by_fork,
                  .vehicles = {vehicle::process},
                  .applies = at_most<most_processes>},
                 {.case_name = "spawn",
                  .impl = "go.go",
                  .run = peers::go("spawn/go", "the number of goroutines that ran"),
                  .vehicles = {vehicle::fiber},
                  .peer = "go"}}}};

}  // namespace

}  // namespace gobench::suites
