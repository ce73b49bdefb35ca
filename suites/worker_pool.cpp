// Worker pools: how do they perform? (C9)
//
// Batches of --tasks jobs are handed to a pool of `workers` through a queue with room for `queue` jobs; an operation
// is one job. Each computes (case compute) or waits (case wait) for job_ns. Who submits waits until all of a batch
// are done. First of all points: 100 jobs, 5 workers, a queue of 5. Beside the pools:
//   gobench.go       a task for each job, nothing bounded: what a pool has to beat
//   std.thread       a thread for each job
//   plain.call       one job after the other, no task at all
// std.thread_pool is a bounded queue of std::function under one std::mutex. The pools of peers (boost::asio's,
// oneTBB's) have queues without bound. Workers are started before the time is taken and end after it; tasks and
// threads for single jobs are born and end within it.
//
// Read it so: jobs of 0 ns give the price of handing over a job. When jobs compute, more workers than CPUs bring
// nothing; when they wait, time falls with the number of workers until the price of handing over is all that is left.
// How long a single job stands in the queue is not measured here (chan-buffer: `rates`), nor results and
// exceptions that are passed back, nor memory.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <gobench.hpp>
#include <latch>
#include <map>
#include <span>
#include <thread>
#include <utility>

#include "results/statistics.hpp"
#include "suites/carrier.hpp"
#include "suites/jobs.hpp"
#include "suites/limited_cpus.hpp"
#include "suites/locked_queue.hpp"
#include "suites/peers/go.hpp"
#include "suites/registry.hpp"

namespace gobench::suites {

namespace {

using results::vehicle;

void sleep_here(std::chrono::nanoseconds d) { gobench::sleep_for(d); }
void sleep_thread(std::chrono::nanoseconds d) { std::this_thread::sleep_for(d); }

int workers_at(const point& where) { return static_cast<int>(where.number("workers")); }
std::size_t queue_at(const point& where) { return static_cast<std::size_t>(where.number("queue")); }

measurement by_call(const point& where, std::uint64_t iterations, job_kind kind) {
  return job_batches(where, iterations, kind, [](jobs& all) {
    for (int i = 0; i < all.count(); ++i) {
      all.run(i, sleep_thread);
      asm volatile("" ::: "memory");
    }
  });
}

measurement by_pool(const point& where, std::uint64_t iterations, job_kind kind) {
  measurement taken;
  gobench::run(options_at(where), [&] {
    worker_pool pool(workers_at(where), queue_at(where));
    taken = job_batches(where, iterations, kind, [&pool](jobs& all) {
      wait_group ended;
      ended.add(all.count());
      for (int i = 0; i < all.count(); ++i) {
        pool.post([&, i] {
          all.run(i, sleep_here);
          ended.done();
        });
      }
      ended.wait();
    });
    pool.close();
  });
  return taken;
}

measurement by_task(const point& where, std::uint64_t iterations, job_kind kind) {
  measurement taken;
  gobench::run(options_at(where), [&] {
    taken = job_batches(where, iterations, kind, [](jobs& all) {
      wait_group ended;
      ended.add(all.count());
      for (int i = 0; i < all.count(); ++i) {
        gobench::go([&, i] {
          all.run(i, sleep_here);
          ended.done();
        });
      }
      ended.wait();
    });
  });
  return taken;
}

measurement by_thread_pool(const point& where, std::uint64_t iterations, job_kind kind) {
  const limited_cpus cpus(where.procs);
  locked_queue<std::function<void()>> queue(queue_at(where));
  std::vector<std::jthread> workers;
  const auto end = [&] {
    queue.close();
    workers.clear();
  };
  try {
    for (int i = 0; i < workers_at(where); ++i) {
      workers.emplace_back([&queue] {
        while (const auto job = queue.recv()) (*job)();
      });
    }
  } catch (const std::exception&) {
    end();  // the system refuses a thread
    throw;
  }
  auto taken = job_batches(where, iterations, kind, [&queue](jobs& all) {
    std::latch ended(all.count());
    for (int i = 0; i < all.count(); ++i) {
      queue.send([&, i] {
        all.run(i, sleep_thread);
        ended.count_down();
      });
    }
    ended.wait();
  });
  end();
  return taken;
}

measurement by_thread(const point& where, std::uint64_t iterations, job_kind kind) {
  const limited_cpus cpus(where.procs);
  return job_batches(where, iterations, kind, [](jobs& all) {
    std::vector<std::jthread> batch;
    batch.reserve(static_cast<std::size_t>(all.count()));
    for (int i = 0; i < all.count(); ++i)
      batch.emplace_back([&all, i] { all.run(i, sleep_thread); });
  });
}

void add(std::vector<variant>& to, std::vector<variant> more) {
  to.insert(to.end(), more.begin(), more.end());
}

void add_go(std::vector<variant>& to, const std::string& impl, const std::string& workload,
            const std::vector<std::string>& parameters) {
  std::vector<variant> made = both_kinds(impl, by_call, parameters, {vehicle::fiber}, "go");
  for (variant& one : made) {
    one.run = peers::go("workerpool/" + workload + "-" + one.case_name, "the number of jobs done");
    to.push_back(std::move(one));
  }
}

std::vector<variant> all_variants() {
  const std::vector<std::string> pooled = {"workers", "queue", "job_ns"};
  const std::vector<vehicle> both = {vehicle::fiber, vehicle::thread};
  std::vector<variant> made = both_kinds("plain.call", by_call, {"job_ns"}, {vehicle::thread});
  add(made, both_kinds("gobench.worker_pool", by_pool, pooled, both));
  add(made, both_kinds("gobench.go", by_task, {"job_ns"}, both));
  add(made, both_kinds("std.thread_pool", by_thread_pool, pooled, {vehicle::thread}));
  add(made, both_kinds("std.thread", by_thread, {"job_ns"}, {vehicle::thread}));
  add_go(made, "go.pool", "pool", pooled);
  add_go(made, "go.go", "go", {"job_ns"});
  return made;
}

// What handing over an empty job costs: our pool on fibers and a thread pool at the smallest number of workers that
// both were measured with, and a task for each job.
std::string answer(std::span<const results::sample> samples) {
  std::map<std::pair<std::string, vehicle>, std::map<std::int64_t, std::vector<double>>> found;
  const auto number = [](const results::sample& one, std::string_view name) -> std::int64_t {
    const results::value* v = one.parameters.find(name);
    const auto* n = v == nullptr ? nullptr : std::get_if<std::int64_t>(v);
    return n == nullptr ? -1 : *n;
  };
  for (const results::sample& one : samples) {
    if (one.case_name != "compute" || number(one, "job_ns") != 0) continue;
    found[{one.impl, one.runs_on}][number(one, "workers")].push_back(one.ns_per_op);
  }
  std::string text;
  const auto tell = [&](const std::string& impl, vehicle on, std::int64_t workers,
                        const std::string& name) {
    const auto who = found.find({impl, on});
    if (who == found.end()) return;
    const auto at = who->second.find(workers);
    if (at == who->second.end() || at->second.size() < 3) return;
    const auto range = results::median_interval(at->second);
    text += fmt::format("{}{} {:.2f} us ({:.2f} to {:.2f})", text.empty() ? "" : ", ", name,
                        results::median(at->second) / 1000, range.low / 1000, range.high / 1000);
  };
  tell("gobench.worker_pool", vehicle::fiber, 5, "a pool of 5 fibers");
  tell("gobench.go", vehicle::fiber, -1, "a fiber for each");
  tell("std.thread_pool", vehicle::thread, 5, "a pool of 5 threads");
  tell("std.thread", vehicle::thread, -1, "a thread for each");
  return text.empty() ? text : "An empty job costs by " + text + ".";
}

results::value number(std::int64_t n) { return n; }

const registration registered{
    suite{.name = "worker-pool",
          .about = "Worker pools: how do they perform? Batches of jobs, and a task for each beside",
          .claims = {"C9"},
          .tasks = {100},
          .quick_tasks = {100},
          .parameters = {{.name = "workers",
                          .about = "tasks or threads that do the jobs",
                          .usual = {number(5), number(1), number(64), number(1024)},
                          .quick = {number(5), number(64)},
                          .least = 1,
                          .most = 100'000},
                         {.name = "queue",
                          .about = "jobs that can wait for a worker",
                          .usual = {number(5)},
                          .quick = {number(5)},
                          .least = 1,
                          .most = 1'000'000},
                         {.name = "job_ns",
                          .about = "time for which a job computes or waits, in ns",
                          .usual = {number(0), number(10'000), number(1'000'000)},
                          .quick = {number(0), number(100'000)},
                          .most = 1'000'000'000}},
          .repetitions = 3,
          .min_seconds = 0.01,
          .variants = all_variants(),
          .answer = answer}};

}  // namespace

}  // namespace gobench::suites
