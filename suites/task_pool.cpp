// What does it bring to keep tasks, or their stacks, for the next one? (V7)
//
// A batch of tasks is started, each goes stack_kb deep (0: a single call) and ends; an operation is one task, and
// --tasks the size of the batch. Measured is the time of the whole: creation, the work, the end and the
// waiting. With yields=0 a task runs to its end in one go, and one fiber can leave its stack to the next; with 1
// each yields after its work, so that all of a batch exist at once and need a stack each.
//   plain.call           the work alone, in one task
//   gobench.fixed        a task each, on a stack that is mapped, and unmapped when no task follows on it at once
//   gobench.go           a task each, on stacks that are kept for the next one
//   gobench.worker_pool  a job each for a pool of as many tasks as there are processors
//   std.thread           a thread each; the C library keeps some of their stacks
//   go.go                a goroutine each
// A worker's stack has grown as deep as the deepest job so far, so it no more faults than a reused one.
#include <algorithm>
#include <array>
#include <cstdint>
#include <gobench.hpp>
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

// A page of stack is touched once. Returns how many there were, so that none can be left out.
[[gnu::noinline]] std::uint32_t touch_pages(std::int64_t pages) {
  std::array<volatile char, 4000> page;
  page[0] = 1;
  if (pages <= 1) return static_cast<std::uint32_t>(page[0]);
  const std::uint32_t below = touch_pages(pages - 1);
  return below + static_cast<std::uint32_t>(page[0]);
}

[[gnu::noinline]] std::uint32_t shallow() {
  asm volatile("");
  return 1;
}

std::int64_t pages_at(const point& where) { return (where.number("stack_kb") + 3) / 4; }

std::uint32_t work(std::int64_t pages) { return pages == 0 ? shallow() : touch_pages(pages); }

// What the tasks of all batches have done, each for itself.
class ledger {
 public:
  explicit ledger(const point& where)
      : pages_(pages_at(where)),
        yields_(where.number("yields") != 0),
        done_(static_cast<std::size_t>(where.tasks), 0) {}

  void serve(int task) { done_[static_cast<std::size_t>(task)] += work(pages_); }
  bool yields() const { return yields_; }

  proof proved(std::uint64_t batches) const {
    const auto each = batches * static_cast<std::uint64_t>(std::max<std::int64_t>(1, pages_));
    proof all = proof::that(true, "");
    for (const std::uint64_t pages : done_)
      all = all && proof::equal("the number of calls of a task", pages, each);
    return all;
  }

 private:
  std::int64_t pages_;
  bool yields_;
  std::vector<std::uint64_t> done_;
};

std::uint64_t batches_in(const point& where, std::uint64_t iterations) {
  return std::max<std::uint64_t>(1, iterations / static_cast<std::uint64_t>(where.tasks));
}

measurement by_call(const point& where, std::uint64_t iterations) {
  ledger done(where);
  stopwatch watch;
  watch.start();
  for (std::uint64_t i = 0; i < iterations; ++i) {
    done.serve(0);
    asm volatile("" ::: "memory");
  }
  watch.stop();
  auto taken = watch.taken(iterations);
  taken.result = done.proved(iterations);
  return taken;
}

void spawn_batches(const point& where, std::uint64_t batches, ledger& done) {
  for (std::uint64_t batch = 0; batch < batches; ++batch) {
    wait_group ended;
    ended.add(where.tasks);
    for (int i = 0; i < where.tasks; ++i) {
      gobench::go([&, i] {
        done.serve(i);
        if (done.yields()) gobench::yield();
        ended.done();
      });
    }
    ended.wait();
  }
}

void submit_batches(const point& where, std::uint64_t batches, ledger& done) {
  worker_pool pool(where.procs);
  for (std::uint64_t batch = 0; batch < batches; ++batch) {
    wait_group ended;
    ended.add(where.tasks);
    for (int i = 0; i < where.tasks; ++i) {
      pool.post([&, i] {
        done.serve(i);
        if (done.yields()) gobench::yield();
        ended.done();
      });
    }
    ended.wait();
  }
  pool.close();
}

template <void (*Batches)(const point&, std::uint64_t, ledger&), stack_strategy Strategy>
measurement by_tasks(const point& where, std::uint64_t iterations) {
  ledger done(where);
  const std::uint64_t batches = batches_in(where, iterations);
  options chosen = options_at(where);
  chosen.stack.strategy = Strategy;
  stopwatch watch;
  gobench::run(chosen, [&] {
    watch.start();
    Batches(where, batches, done);
    watch.stop();
  });
  auto taken = watch.taken(batches * static_cast<std::uint64_t>(where.tasks));
  taken.result = done.proved(batches);
  return taken;
}

measurement by_std_thread(const point& where, std::uint64_t iterations) {
  const limited_cpus cpus(where.procs);
  ledger done(where);
  const std::uint64_t batches = batches_in(where, iterations);
  std::vector<std::thread> batch(static_cast<std::size_t>(where.tasks));
  stopwatch watch;
  watch.start();
  for (std::uint64_t n = 0; n < batches; ++n) {
    for (int i = 0; i < where.tasks; ++i)
      batch[static_cast<std::size_t>(i)] = std::thread([&done, i] {
        done.serve(i);
        if (done.yields()) std::this_thread::yield();
      });
    for (std::thread& one : batch) one.join();
  }
  watch.stop();
  auto taken = watch.taken(batches * static_cast<std::uint64_t>(where.tasks));
  taken.result = done.proved(batches);
  return taken;
}

// Go's batches count the calls as ours do.
std::uint64_t all_calls(const point& where, std::uint64_t operations) {
  return operations * static_cast<std::uint64_t>(std::max<std::int64_t>(1, pages_at(where)));
}

bool threads_there_can_be(const point& at) {
  return at.runs_on == vehicle::fiber || at.tasks <= most_threads;
}

results::value number(std::int64_t n) { return n; }

variant one_impl(std::string impl, operation run, std::vector<vehicle> vehicles) {
  return {.case_name = "batch",
          .impl = std::move(impl),
          .run = std::move(run),
          .parameters = {"stack_kb", "yields"},
          .vehicles = std::move(vehicles),
          .applies = threads_there_can_be};
}

variant baseline() {
  variant made = one_impl("plain.call", by_call, {vehicle::fiber});
  made.baseline = true;
  return made;
}

variant by_go() {
  variant made = one_impl(
      "go.go", peers::go("taskpool/go", "the number of calls of all goroutines", all_calls),
      {vehicle::fiber});
  made.peer = "go";
  return made;
}

const registration registered{suite{
    .name = "task-pool",
    .about = "What does it bring to keep tasks, or their stacks, for the next one?",
    .claims = {"V7"},
    .tasks = {1, 1000},
    .quick_tasks = {1000},
    .parameters = {{.name = "stack_kb",
                    .about = "how deep each task goes, in KiB of stack",
                    .usual = {number(0), number(64)},
                    .quick = {number(0), number(64)},
                    .least = 0,
                    .most = 200},
                   {.name = "yields",
                    .about = "how often each task lets others run before it ends",
                    .usual = {number(0), number(1)},
                    .quick = {number(0), number(1)},
                    .least = 0,
                    .most = 1}},
    .variants = {
        baseline(),
        one_impl("gobench.fixed", by_tasks<spawn_batches, stack_strategy::fixed>, {vehicle::fiber}),
        one_impl("gobench.go", by_tasks<spawn_batches, stack_strategy::lazy>,
                 {vehicle::fiber, vehicle::thread}),
        one_impl("gobench.worker_pool", by_tasks<submit_batches, stack_strategy::lazy>,
                 {vehicle::fiber, vehicle::thread}),
        one_impl("std.thread", by_std_thread, {vehicle::thread}), by_go()}}};

}  // namespace

}  // namespace gobench::suites
