// What do run queues of their own save the processors? (S4)
//
// The same runtime with queues of the processors and stealing (gobench.local, what programs get) and with one
// queue behind one lock for all (gobench.global, options::queues), over the number of processors. All the rest
// is the same: stacks, switches, when somebody is woken. Cases:
//   yield      tasks yield again and again; an operation is one yield: a push and a pop
//   spawn      tasks make children, which end at once; an operation is one child
//   ping-pong  pairs of tasks, a number to and fro; an operation is a round trip: two wake-ups
//   grains     tasks compute for 1 us between two yields; an operation is one such grain
// model.global is a stand-alone model of the second: OS threads that take functions from a std::deque under
// a std::mutex and put them back; what a plain thread pool does. Its functions can neither
// wait nor be left in the middle, so it has no ping-pong, and its "yield" is to end and be called again.
//
// Look along procs: how much a second processor costs or brings. The order differs as well: local queues run the
// newest first, one queue the oldest; with `spawn` that makes stacks cold. On threads, where the kernel
// has queues of its own, there is nothing to choose: kernel.thread is for comparison.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <gobench.hpp>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "results/statistics.hpp"
#include "suites/busy.hpp"
#include "suites/crowd.hpp"
#include "suites/limited_cpus.hpp"
#include "suites/peers/go.hpp"
#include "suites/registry.hpp"
#include "suites/round_trips.hpp"
#include "suites/stopwatch.hpp"
#include "suites/team.hpp"

namespace gobench::suites {

namespace {

using results::vehicle;

constexpr std::int64_t grain_ns = 1000;
const std::string local_queues = "gobench.local";
const std::string global_queue = "gobench.global";

// Our tasks on a runtime with these queues.
template <queue_policy Queues>
struct queued : our_tasks {
  template <class Main>
  static void run(const point& where, Main main) {
    options made = options_at(where);
    made.queues = Queues;
    gobench::run(made, std::move(main));
  }
};

template <queue_policy Queues, class Step>
measurement by_steps(const point& where, std::uint64_t iterations, Step step) {
  std::atomic<std::uint64_t> sum{0};
  auto taken = measure_crowd<queued<Queues>>(where, where.tasks, iterations, [&](int task) {
    const std::uint64_t share = share_of(iterations, task, where.tasks);
    std::uint64_t own = 0;
    for (std::uint64_t i = 0; i < share; ++i) own += step();
    sum += own;
  });
  taken.result = proof::equal("the number of steps", sum, iterations);
  return taken;
}

template <queue_policy Queues>
measurement yields(const point& where, std::uint64_t iterations) {
  return by_steps<Queues>(where, iterations, [] {
    gobench::yield();
    return 1U;
  });
}

template <queue_policy Queues>
measurement grains(const point& where, std::uint64_t iterations) {
  const busy_work grain(grain_ns);
  return by_steps<Queues>(where, iterations, [grain] {
    grain();
    gobench::yield();
    return 1U;
  });
}

// Each task has a few children at a time.
template <queue_policy Queues>
measurement spawns(const point& where, std::uint64_t iterations) {
  constexpr std::uint64_t litter = 16;
  std::atomic<std::uint64_t> sum{0};
  auto taken = measure_crowd<queued<Queues>>(where, where.tasks, iterations, [&](int task) {
    std::uint64_t left = share_of(iterations, task, where.tasks);
    std::vector<std::uint64_t> there(litter);
    std::uint64_t own = 0;
    while (left != 0) {
      const std::uint64_t now = std::min(left, litter);
      wait_group ended;
      ended.add(static_cast<int>(now));
      for (std::uint64_t i = 0; i < now; ++i) {
        gobench::go([&ended, at = &there[i]] {
          *at = 1;
          ended.done();
        });
      }
      ended.wait();
      for (std::uint64_t i = 0; i < now; ++i) own += std::exchange(there[i], 0);
      left -= now;
    }
    sum += own;
  });
  taken.result = proof::equal("the number of children that ran", sum, iterations);
  return taken;
}

template <queue_policy Queues>
measurement ping_pong(const point& where, std::uint64_t iterations) {
  return run_pairs<channels, queued<Queues>>(where, iterations);
}

// Functions in one queue, done by as many OS threads as there are processors.
class pool {
 public:
  explicit pool(int threads) : wanted_(threads) {}

  // Runs whatever is pushed, and what that pushes, until nothing is left.
  void drain() {
    std::vector<std::thread> threads;
    for (int i = 1; i < wanted_; ++i) threads.emplace_back([this] { work(); });
    work();
    for (std::thread& one : threads) one.join();
  }

  void push(std::function<void()> f) {
    {
      const std::scoped_lock held(lock_);
      queue_.push_back(std::move(f));
    }
    if (sleeping_.load(std::memory_order_relaxed) != 0) more_.notify_one();
  }

 private:
  void work() {
    std::unique_lock held(lock_);
    for (;;) {
      while (queue_.empty()) {
        if (running_ == 0) {
          more_.notify_all();
          return;
        }
        // Relaxed: changed under the lock; a pusher that misses it has pushed before we looked.
        sleeping_.fetch_add(1, std::memory_order_relaxed);
        more_.wait(held);
        sleeping_.fetch_sub(1, std::memory_order_relaxed);
      }
      std::function<void()> next = std::move(queue_.front());
      queue_.pop_front();
      ++running_;
      held.unlock();
      next();
      held.lock();
      --running_;
    }
  }

  const int wanted_;
  std::mutex lock_;
  std::condition_variable more_;
  std::deque<std::function<void()>> queue_;
  std::atomic<int> sleeping_{0};
  int running_ = 0;  // functions that may push more
};

// Each of where.tasks functions does its step and puts itself back until its share is done.
template <class Step>
measurement by_pool(const point& where, std::uint64_t iterations, Step step) {
  const limited_cpus cpus(where.procs);
  pool all(where.procs);
  std::vector<std::uint64_t> done(static_cast<std::size_t>(where.tasks) * 8, 0);  // a line each
  struct runner {
    pool& of;
    std::uint64_t& done;
    std::uint64_t left;
    Step step;
    void operator()() {
      done += step();
      if (--left != 0) of.push(*this);
    }
  };
  for (int i = 0; i < where.tasks; ++i) {
    const std::uint64_t share = share_of(iterations, i, where.tasks);
    if (share != 0) all.push(runner{all, done[static_cast<std::size_t>(i) * 8], share, step});
  }
  stopwatch watch;
  watch.start();
  all.drain();
  watch.stop();
  auto taken = watch.taken(iterations);
  std::uint64_t sum = 0;
  for (const std::uint64_t own : done) sum += own;
  taken.result = proof::equal("the number of steps", sum, iterations);
  return taken;
}

measurement pool_yields(const point& where, std::uint64_t iterations) {
  return by_pool(where, iterations, [] { return 1U; });
}

measurement pool_grains(const point& where, std::uint64_t iterations) {
  const busy_work grain(grain_ns);
  return by_pool(where, iterations, [grain] {
    grain();
    return 1U;
  });
}

// How many times as long an operation takes with one queue, case by case, at one number of processors.
std::string answer(std::span<const results::sample> samples) {
  int most = 0;
  for (const results::sample& one : samples) most = std::max(most, one.procs);
  std::map<std::pair<std::string, std::string>, std::vector<double>> found;
  for (const results::sample& one : samples) {
    if (one.runs_on == vehicle::fiber && one.procs == most)
      found[{one.case_name, one.impl}].push_back(one.ns_per_op);
  }
  std::string made;
  for (const auto& [key, global] : found) {
    const auto local = found.find({key.first, local_queues});
    if (key.second != global_queue || local == found.end() || global.size() < 3 ||
        local->second.size() < 3)
      continue;
    const results::interval one = results::median_interval(global);
    const results::interval own = results::median_interval(local->second);
    made +=
        fmt::format(fmt::runtime(made.empty() ? " {:.2g} times ({:.2g} to {:.2g}) as long for {}"
                                              : ", {:.2g} times ({:.2g} to {:.2g}) for {}"),
                    results::median(global) / results::median(local->second), one.low / own.high,
                    one.high / own.low, key.first);
  }
  if (made.empty()) return "";
  return fmt::format(
      "With one global queue {} processor{} take{}, compared with queues of their own:{}.", most,
      most == 1 ? "" : "s", most == 1 ? "s" : "", made);
}

bool in_pairs(const point& at) { return at.tasks >= 2 && at.tasks % 2 == 0; }

void add(std::vector<variant>& to, const std::string& name, operation local, operation global,
         operation kernel, const std::function<bool(const point&)>& applies = {}) {
  to.push_back({.case_name = name,
                .impl = local_queues,
                .run = std::move(local),
                .vehicles = {vehicle::fiber},
                .applies = applies});
  to.push_back({.case_name = name,
                .impl = global_queue,
                .run = std::move(global),
                .vehicles = {vehicle::fiber},
                .applies = applies});
  to.push_back({.case_name = name,
                .impl = "kernel.thread",
                .run = std::move(kernel),
                .vehicles = {vehicle::thread},
                .applies = applies});
}

variant of_model(const std::string& name, operation run) {
  return {.case_name = name,
          .impl = "model.global",
          .run = std::move(run),
          .vehicles = {vehicle::thread}};
}

variant by_go(const std::string& name, const std::string& workload, const std::string& proved,
              peers::expectation expected, const std::function<bool(const point&)>& applies = {}) {
  return {.case_name = name,
          .impl = "go.local",
          .run = peers::go(workload, proved, std::move(expected)),
          .vehicles = {vehicle::fiber},
          .applies = applies,
          .peer = "go"};
}

std::vector<variant> all_variants() {
  constexpr auto local = queue_policy::local;
  constexpr auto global = queue_policy::global;
  std::vector<variant> made;
  add(made, "yield", yields<local>, yields<global>, yields<local>);
  made.push_back(of_model("yield", pool_yields));
  made.push_back(by_go("yield", "switch/gosched", "the number of yields", peers::one_each));
  add(made, "spawn", spawns<local>, spawns<global>, spawns<local>);
  add(made, "ping-pong", ping_pong<local>, ping_pong<global>, ping_pong<local>, in_pairs);
  made.push_back(by_go(
      "ping-pong", "ping-pong/chan", "the sum of the answers",
      [](const point& where, std::uint64_t n) { return sum_of_shares(n, where.tasks / 2); },
      in_pairs));
  add(made, "grains", grains<local>, grains<global>, grains<local>);
  made.push_back(of_model("grains", pool_grains));
  return made;
}

const registration registered{suite{
    .name = "run-queue",
    .about = "What do run queues of their own save the processors? One global queue against them",
    .claims = {"S4"},
    .tasks = {64},
    .quick_tasks = {64},
    .procs = {1, 2, 0},
    .min_seconds = 0.05,
    .quick_min_seconds = 0.01,
    .variants = all_variants(),
    .answer = answer}};

}  // namespace

}  // namespace gobench::suites
