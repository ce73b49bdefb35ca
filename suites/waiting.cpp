// What does a way of waiting cost in CPU time, and how soon does it notice? (C13)
//
// A thread tells each of `tasks` waiting ones something every gap_us. An operation is one such message; a wait is from its being
// stored to the moment at which the waiting task has noticed it. p50_us to max_us are of these waits; cpu_share is
// the CPU time that a waiting task takes, in CPUs: 1 is a CPU lost to waiting. cpu_ns_per_op is the same for one message. The
// CPU time of the thread that tells is in neither. ns_per_op is only the pace. Ways:
//   plain.spin        looks again and again
//   plain.yield       looks, and yields the CPU in between
//   plain.spin_park   looks for spin_us, then sleeps in a futex
//   os.futex          sleeps in a futex
//   plain.poll        looks, and sleeps for poll_us in between
//   std.atomic_wait   std::atomic::wait(), which spins for a moment in libstdc++
//   std.condition_variable
//   gobench.semaphore a task that is parked; on fibers many share a thread
//
// Who tells a sleeping thread pays a system call; that is not in these figures, except that it delays the
// message. More spinning tasks than CPUs wait for each other's time slices. Unlike in other suites the waiting threads are limited to
// `procs` CPUs together with the one that tells.
#include <fmt/format.h>
#include <sched.h>
#include <time.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <gobench.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "results/statistics.hpp"
#include "suites/crowd.hpp"
#include "suites/lateness.hpp"
#include "suites/limited_cpus.hpp"
#include "suites/posix/futex.hpp"
#include "suites/registry.hpp"
#include "suites/stopwatch.hpp"
#include "suites/ticks.hpp"

namespace gobench::suites {

namespace {

using results::vehicle;

// A way is told numbers 1, 2, ..., each after the last was noticed, and waits for the next after `seen`.
struct alignas(64) spinning {
  posix::futex_word word{0};

  explicit spinning(const point&) {}
  void tell(std::uint32_t n) { word.store(n, std::memory_order_release); }  // pairs with looks()
  bool looks(std::uint32_t seen) const { return word.load(std::memory_order_acquire) != seen; }
  void wait(std::uint32_t seen) const {
    while (!looks(seen)) runtime::cpu_pause();
  }
};

struct yielding : spinning {
  using spinning::spinning;
  void wait(std::uint32_t seen) const {
    while (!looks(seen)) ::sched_yield();
  }
};

struct polling : spinning {
  std::chrono::microseconds between;

  explicit polling(const point& where) : spinning(where), between(where.number("poll_us")) {}
  void wait(std::uint32_t seen) const {
    while (!looks(seen)) std::this_thread::sleep_for(between);
  }
};

struct parking_by_futex : spinning {
  using spinning::spinning;
  void tell(std::uint32_t n) {
    word.store(n);
    posix::futex_wake_one(word);
  }
  void wait(std::uint32_t seen) {
    while (word.load() == seen) posix::futex_wait(word, seen);
  }
};

struct spinning_then_parking : parking_by_futex {
  std::uint64_t spin_ns;

  explicit spinning_then_parking(const point& where)
      : parking_by_futex(where),
        spin_ns(static_cast<std::uint64_t>(where.number("spin_us")) * 1000) {}
  void wait(std::uint32_t seen) {
    constexpr int looks_per_clock = 32;
    for (const std::uint64_t start = internal::steady_ns();
         internal::steady_ns() - start < spin_ns;) {
      for (int i = 0; i < looks_per_clock; ++i) {
        if (looks(seen)) return;
        runtime::cpu_pause();
      }
    }
    parking_by_futex::wait(seen);
  }
};

struct alignas(64) waited_atomic {
  std::atomic<std::uint32_t> word{0};

  explicit waited_atomic(const point&) {}
  void tell(std::uint32_t n) {
    word.store(n);
    word.notify_one();
  }
  void wait(std::uint32_t seen) const { word.wait(seen); }
};

struct alignas(64) condition {
  std::mutex lock;
  std::condition_variable changed;
  std::uint32_t word = 0;

  explicit condition(const point&) {}
  void tell(std::uint32_t n) {
    {
      const std::scoped_lock held(lock);
      word = n;
    }
    changed.notify_one();
  }
  void wait(std::uint32_t seen) {
    std::unique_lock held(lock);
    changed.wait(held, [&] { return word != seen; });
  }
};

struct alignas(64) units {
  semaphore told{0};

  explicit units(const point&) {}
  void tell(std::uint32_t) { told.release(); }
  void wait(std::uint32_t) { told.acquire(); }
};

double thread_cpu_seconds() {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

// Between the one who tells and one who waits.
template <class Way>
struct alignas(64) post {
  Way way;
  std::atomic<std::uint64_t> stored_ns{0};  // when it was told
  std::uint64_t number = 0;                 // what: ordered by the way itself
  std::atomic<std::uint32_t> noticed{0};
  // The waiting task's own.
  results::histogram waits;
  std::uint64_t sum = 0;

  explicit post(const point& where) : way(where) {}

  void wait_for(std::uint64_t messages) {
    for (std::uint32_t seen = 0; seen < messages; ++seen) {
      way.wait(seen);
      const std::uint64_t now = internal::steady_ns();
      const std::uint64_t then = stored_ns.load(std::memory_order_relaxed);  // ordered by the way
      waits.record(now > then ? now - then : 0);
      sum += number;
      noticed.store(seen + 1, std::memory_order_release);  // pairs with tell_next()
    }
  }

  void tell_next(std::uint32_t n) {
    // Who has not noticed the last one yet must not miss it.
    while (noticed.load(std::memory_order_acquire) != n - 1) ::sched_yield();
    number = n;
    stored_ns.store(internal::steady_ns(), std::memory_order_relaxed);
    way.tell(n);
  }
};

template <class Way>
measurement run(const point& where, std::uint64_t iterations) {
  const limited_cpus cpus(where.procs);
  const std::chrono::microseconds gap(where.number("gap_us"));
  std::vector<std::unique_ptr<post<Way>>> posts;
  for (int i = 0; i < where.tasks; ++i) posts.push_back(std::make_unique<post<Way>>(where));

  event begun;  // a foreign thread may wait for it as well
  double telling_cpu = 0;
  std::thread telling([&] {
    begun.wait();
    const double before = thread_cpu_seconds();
    const auto tasks = static_cast<std::uint64_t>(where.tasks);
    auto next = std::chrono::steady_clock::now() + gap;
    for (std::uint64_t i = 0; i < iterations; ++i) {
      // All of a round at once; late ones are not made up for.
      if (i % tasks == 0) {
        std::this_thread::sleep_until(next);
        next = std::max(next + gap, std::chrono::steady_clock::now());
      }
      posts[i % tasks]->tell_next(static_cast<std::uint32_t>(i / tasks + 1));
    }
    telling_cpu = thread_cpu_seconds() - before;
  });
  struct joined {
    std::thread& of;
    event& release;
    ~joined() {
      release.set();
      if (of.joinable()) of.join();
    }
  };
  measurement taken;
  {
    const joined at_end{telling, begun};
    std::atomic<int> waiting{0};
    taken = measure_crowd(where, where.tasks, iterations, [&](int task) {
      if (waiting.fetch_add(1) + 1 == where.tasks) begun.set();
      posts[static_cast<std::size_t>(task)]->wait_for(share_of(iterations, task, where.tasks));
    });
  }
  taken.cpu_seconds = std::max(0.0, taken.cpu_seconds - telling_cpu);

  results::histogram waits;
  std::uint64_t sum = 0;
  for (const auto& one : posts) {
    waits.merge(one->waits);
    sum += one->sum;
  }
  add_lateness(taken.metrics, waits);
  taken.metrics.set("cpu_share", taken.cpu_seconds / taken.seconds / where.tasks);
  taken.result =
      proof::equal("the number of messages noticed", waits.count(), iterations) &&
      proof::equal("the sum of the messages", sum, sum_of_shares(iterations, where.tasks));
  return taken;
}

// For each way at the longest gap with one task: how soon, and for which share of a CPU.
std::string answer(std::span<const results::sample> samples) {
  const auto gap_of = [](const results::sample& one) {
    const results::value* found = one.parameters.find("gap_us");
    const auto* us = found == nullptr ? nullptr : std::get_if<std::int64_t>(found);
    return us == nullptr ? 0 : *us;
  };
  std::int64_t longest = 0;
  for (const results::sample& one : samples) longest = std::max(longest, gap_of(one));
  struct figures {
    std::vector<double> p50;
    std::vector<double> cpu;
  };
  std::map<std::string, figures> found;
  for (const results::sample& one : samples) {
    const results::value* p50 = one.metrics.find("p50_us");
    const results::value* cpu = one.metrics.find("cpu_share");
    if (gap_of(one) != longest || one.tasks != 1 || one.runs_on != vehicle::thread ||
        p50 == nullptr || cpu == nullptr)
      continue;
    found[one.impl].p50.push_back(std::get<double>(*p50));
    found[one.impl].cpu.push_back(std::get<double>(*cpu));
  }
  std::string text;
  for (const char* impl : {"plain.spin", "plain.spin_park", "os.futex", "plain.poll"}) {
    const auto one = found.find(impl);
    if (one == found.end() || one->second.p50.size() < 3) return "";
    text += fmt::format("{}{} after {:.3g} us for {:.2g} %", text.empty() ? "" : ", ", impl,
                        results::median(one->second.p50), 100 * results::median(one->second.cpu));
  }
  return fmt::format(
      "With a message every {} us, one thread notices it, for that share of a CPU: {} (medians).",
      longest, text);
}

template <class Way>
variant of(const char* impl, std::vector<std::string> parameters = {},
           const std::vector<vehicle>& vehicles = {vehicle::thread}) {
  parameters.emplace_back("gap_us");
  return {.case_name = "notice",
          .impl = impl,
          .run = run<Way>,
          .parameters = std::move(parameters),
          .vehicles = vehicles};
}

std::vector<std::string> all_metrics() {
  std::vector<std::string> made = lateness_metrics;
  made.emplace_back("cpu_share");
  return made;
}

results::value number(std::int64_t n) { return n; }

const registration registered{suite{
    .name = "waiting",
    .about = "What does a way of waiting cost in CPU time, and how soon does it notice?",
    .claims = {"C13"},
    .tasks = {1, 4},
    .quick_tasks = {1},
    .parameters = {{.name = "gap_us",
                    .about = "time between two messages to a task, in us",
                    .usual = {number(100), number(1000)},
                    .quick = {number(100), number(1000)},
                    .least = 1,
                    .most = 1'000'000},
                   {.name = "spin_us",
                    .about = "how long to spin before parking, in us",
                    .usual = {number(20)},
                    .quick = {number(20)},
                    .most = 1'000'000},
                   {.name = "poll_us",
                    .about = "how long to sleep between two looks, in us",
                    .usual = {number(50), number(1000)},
                    .quick = {number(1000)},
                    .least = 1,
                    .most = 1'000'000}},
    .metrics = all_metrics(),
    .shown = {"p50_us", "p99_us", "cpu_share"},
    .repetitions = 4,
    .min_seconds = 0.1,
    .quick_min_seconds = 0.03,
    .variants = {of<spinning>("plain.spin"), of<yielding>("plain.yield"),
                 of<spinning_then_parking>("plain.spin_park", {"spin_us"}),
                 of<parking_by_futex>("os.futex"), of<polling>("plain.poll", {"poll_us"}),
                 of<waited_atomic>("std.atomic_wait"), of<condition>("std.condition_variable"),
                 of<units>("gobench.semaphore", {}, {vehicle::fiber, vehicle::thread})},
    .answer = answer}};

}  // namespace

}  // namespace gobench::suites
