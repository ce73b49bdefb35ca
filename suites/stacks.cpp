// What memory does a parked task take? (V3, V4)
//
// park: all tasks are created and park; an operation is one task, its time that to create and park it. At the
// moment at which all are parked, for each task:
//   virtual_bytes    address space
//   resident_bytes   main memory, of which stack_bytes are pages of stacks and runtime_bytes all else: what the
//                    runtime, the C library and the suite's own notes take
//   table_bytes      the kernel's page tables
// What the kernel keeps about a thread (16 KiB of stack and more) is in none of these. The tasks' stacks hold a call
// of a wait and nothing more.
//
// fill: tasks are created and park until they take limit_mb of main memory and page tables, until there are as
// many as --tasks says, or until the system refuses one; `fit` is their number, `stopped_by` tells why there are
// no more. The limit is the suite's own; nothing of it shows to the system.
//
// Each sample is taken in a process of its own. Strategies that commit stacks in full are measured up to 1 GiB of
// them.
#include "suites/stacks.hpp"

#include <fmt/format.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <system_error>
#include <thread>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "results/statistics.hpp"
#include "suites/child.hpp"
#include "suites/crowd.hpp"
#include "suites/registry.hpp"

namespace gobench::suites {

namespace {

using results::vehicle;

constexpr int most_threads = 1000;
constexpr std::size_t page_bytes = 4096;
constexpr std::size_t most_committed_bytes = std::size_t{1} << 30;

struct usage {
  double virtual_bytes = status_bytes("VmSize");
  double resident_bytes = status_bytes("VmRSS");
  double table_bytes = status_bytes("VmPTE");
};

struct report {
  double seconds = 0;
  double cpu_seconds = 0;
  usage taken{0, 0, 0};    // by all tasks
  double stack_bytes = 0;  // resident, of all tasks
  std::uint64_t parked = 0;
  std::uint64_t woken = 0;
  std::array<char, 96> stopped_by{};
};

// Main memory of the stacks, from some thousand of them.
double resident_of(const std::vector<stack_bounds>& stacks) {
  constexpr std::size_t looked_at = 4000;
  const std::size_t step = std::max<std::size_t>(1, stacks.size() / looked_at);
  std::size_t pages = 0;
  std::size_t seen = 0;
  std::vector<unsigned char> in;
  for (std::size_t i = 0; i < stacks.size(); i += step, ++seen) {
    const std::uintptr_t low = stacks[i].low / page_bytes * page_bytes;
    in.assign((stacks[i].top - low + page_bytes - 1) / page_bytes, 0);
    // A stack that cannot be looked at counts as nothing.
    if (::mincore(reinterpret_cast<void*>(low), in.size() * page_bytes, in.data()) != 0) continue;
    pages += static_cast<std::size_t>(
        std::ranges::count_if(in, [](unsigned char one) { return (one & 1) != 0; }));
  }
  return static_cast<double>(pages * page_bytes) * static_cast<double>(stacks.size()) /
         static_cast<double>(std::max<std::size_t>(1, seen));
}

// Tasks that park until they are told to go on. Both kinds have: start one, which may throw; wait until `n` have
// parked; end them all.
class gobench_tasks {
 public:
  template <class Arrive>
  void start(Arrive arrive) {
    ended_.add();
    gobench::go([this, arrive] {
      arrive();
      arrived_.fetch_add(1,
                         std::memory_order_release);  // pairs with await(): what arrive() has done
      gate_.wait();
      // Relaxed: only counted.
      woken_.fetch_add(1, std::memory_order_relaxed);
      ended_.done();
    });
  }
  void await(int n) const {
    while (arrived_.load(std::memory_order_acquire) != n) gobench::yield();
  }
  std::uint64_t end() {
    gate_.set();
    ended_.wait();
    return woken_.load(std::memory_order_relaxed);
  }

 private:
  event gate_;
  wait_group ended_;
  std::atomic<int> arrived_{0};
  std::atomic<std::uint64_t> woken_{0};
};

class std_threads {
 public:
  template <class Arrive>
  void start(Arrive arrive) {
    threads_.emplace_back([this, arrive] {
      arrive();
      arrived_.fetch_add(1);
      gate_.wait(false);
      woken_.fetch_add(1);
    });
  }
  void await(int n) const {
    while (arrived_.load() != n) std::this_thread::yield();
  }
  std::uint64_t end() {
    gate_.store(true);
    gate_.notify_all();
    for (std::thread& one : threads_) one.join();
    return woken_.load();
  }

 private:
  std::atomic<bool> gate_{false};
  std::atomic<int> arrived_{0};
  std::atomic<std::uint64_t> woken_{0};
  std::vector<std::thread> threads_;
};

double address_space_of(const std::vector<stack_bounds>& stacks) {
  std::size_t pages = 0;
  for (const stack_bounds& one : stacks)
    pages += (one.top - one.low + page_bytes - 1) / page_bytes + 1;  // with the guard
  return static_cast<double>(pages * page_bytes);
}

template <class Tasks>
void park_all(const point& where, report& made) {
  std::vector<stack_bounds> stacks(static_cast<std::size_t>(where.tasks));
  Tasks tasks;
  const usage before;
  stopwatch watch;
  watch.start();
  for (stack_bounds& mine : stacks) tasks.start([at = &mine] { *at = stack_here(); });
  tasks.await(where.tasks);
  watch.stop();
  const usage at;
  made.seconds = watch.taken(1).seconds;
  made.cpu_seconds = watch.taken(1).cpu_seconds;
  made.taken = {at.virtual_bytes - before.virtual_bytes, at.resident_bytes - before.resident_bytes,
                at.table_bytes - before.table_bytes};
  // Stacks of an earlier run of the parent are there already, and need no more address space.
  made.taken.virtual_bytes = std::max(made.taken.virtual_bytes, address_space_of(stacks));
  made.stack_bytes = resident_of(stacks);
  made.parked = static_cast<std::uint64_t>(where.tasks);
  made.woken = tasks.end();
}

template <class Tasks>
void fill(const point& where, report& made) {
  constexpr int at_a_time = 100;
  const double limit = static_cast<double>(where.number("limit_mb")) * (1 << 20);
  Tasks tasks;
  const usage before;
  stopwatch watch;
  watch.start();
  int started = 0;
  std::string why;
  while (why.empty()) {
    try {
      for (int i = 0; i < at_a_time && started < where.tasks; ++i, ++started) tasks.start([] {});
    } catch (const std::exception& refused) {
      why = refused.what();
    }
    tasks.await(started);
    const usage at;
    made.taken = {at.virtual_bytes - before.virtual_bytes,
                  at.resident_bytes - before.resident_bytes, at.table_bytes - before.table_bytes};
    if (!why.empty()) break;
    if (made.taken.resident_bytes + made.taken.table_bytes >= limit) why = "limit_mb";
    if (started == where.tasks) why = "tasks";
  }
  watch.stop();
  made.seconds = watch.taken(1).seconds;
  made.cpu_seconds = watch.taken(1).cpu_seconds;
  made.parked = static_cast<std::uint64_t>(started);
  std::strncpy(made.stopped_by.data(), why.c_str(), made.stopped_by.size() - 1);
  made.woken = tasks.end();
}

using method = void (*)(const point&, report&);

options chosen_at(const point& where) {
  options chosen = options_at(where);
  chosen.stack.strategy = strategy_of(where.word("stack"));
  return chosen;
}

report on_fibers(const point& where, method work) {
  report made;
  gobench::run(chosen_at(where), [&] { work(where, made); });
  return made;
}

report on_threads(const point& where, method work) {
  report made;
  work(where, made);
  return made;
}

using runner = report (*)(const point&, method);

template <runner Run, method Work, bool Filling>
measurement measure(const point& where, std::uint64_t) {
  const report made = report_of_a_child([&] { return Run(where, Work); });
  measurement taken;
  taken.seconds = made.seconds;
  taken.cpu_seconds = made.cpu_seconds;
  taken.operations = std::max<std::uint64_t>(1, made.parked);
  const auto tasks = static_cast<double>(taken.operations);
  taken.metrics.set("virtual_bytes", made.taken.virtual_bytes / tasks);
  taken.metrics.set("resident_bytes", made.taken.resident_bytes / tasks);
  taken.metrics.set("table_bytes", made.taken.table_bytes / tasks);
  if (Filling) {
    taken.metrics.set("fit", static_cast<std::int64_t>(made.parked));
    taken.metrics.set("stopped_by", std::string(made.stopped_by.data()));
  } else {
    taken.metrics.set("stack_bytes", made.stack_bytes / tasks);
    taken.metrics.set("runtime_bytes", (made.taken.resident_bytes - made.stack_bytes) / tasks);
  }
  taken.result = proof::equal("the number of tasks woken", made.woken, made.parked) &&
                 proof::that(made.parked > 0, "not a single task was created");
  return taken;
}

// How many fit under the largest limit, by implementation and strategy; the largest numbers seen.
std::string answer(std::span<const results::sample> samples) {
  std::int64_t limit = 0;
  const auto limit_of = [](const results::sample& one) {
    const results::value* found = one.parameters.find("limit_mb");
    const auto* mb = found == nullptr ? nullptr : std::get_if<std::int64_t>(found);
    return mb == nullptr ? 0 : *mb;
  };
  for (const results::sample& one : samples) limit = std::max(limit, limit_of(one));
  std::map<std::string, std::tuple<std::int64_t, std::string>> most;
  for (const results::sample& one : samples) {
    const results::value* fit = one.metrics.find("fit");
    const results::value* why = one.metrics.find("stopped_by");
    const results::value* stack = one.parameters.find("stack");
    if (fit == nullptr || why == nullptr || limit_of(one) != limit) continue;
    const auto* number = std::get_if<std::int64_t>(fit);
    const auto* word = std::get_if<std::string>(why);
    if (number == nullptr || word == nullptr || *word == "tasks") continue;
    const auto* strategy = stack == nullptr ? nullptr : std::get_if<std::string>(stack);
    const std::string who =
        one.impl + (strategy == nullptr ? std::string() : " on " + *strategy + " stacks");
    auto& [largest, reason] = most[who];
    if (*number > largest) {
      largest = *number;
      reason = *word == "limit_mb" ? "" : " (" + *word + ")";
    }
  }
  std::string text;
  for (const auto& [who, found] : most) {
    text += fmt::format("{}{} {}{}", text.empty() ? "" : "; ", who, std::get<0>(found),
                        std::get<1>(found));
  }
  return text.empty() ? text : fmt::format("Parked tasks that fit into {} MiB: {}.", limit, text);
}

bool can_be_committed(const point& at) {
  return at.word("stack") == "lazy" ||
         static_cast<std::size_t>(at.tasks) * 256 * 1024 <= most_committed_bytes;
}

results::value word(const char* text) { return std::string(text); }

const registration registered{
    suite{.name = "stacks",
          .about = "What memory does a parked task take, and how many fit? By stack strategy",
          .claims = {"V3", "V4"},
          .tasks = {1000, 100'000, 1'000'000},
          .quick_tasks = {1000, 10'000},
          .parameters = {{.name = "stack",
                          .about = "how stacks are provided",
                          .usual = {word("lazy"), word("pooled"), word("fixed")},
                          .quick = {word("lazy"), word("pooled"), word("fixed")},
                          .words = {"lazy", "pooled", "fixed"}},
                         {.name = "limit_mb",
                          .about = "main memory and page tables that tasks may fill, in MiB",
                          .usual = {results::value(std::int64_t{256})},
                          .quick = {results::value(std::int64_t{64})},
                          .least = 1,
                          .most = 1024}},
          .metrics = {"virtual_bytes", "resident_bytes", "stack_bytes", "runtime_bytes",
                      "table_bytes", "fit", "stopped_by"},
          .repetitions = 2,
          .quick_repetitions = 2,
          .variants = {{.case_name = "park",
                        .impl = "gobench.go",
                        .run = measure<on_fibers, park_all<gobench_tasks>, false>,
                        .parameters = {"stack"},
                        .vehicles = {vehicle::fiber},
                        .applies = can_be_committed},
                       {.case_name = "park",
                        .impl = "std.thread",
                        .run = measure<on_threads, park_all<std_threads>, false>,
                        .vehicles = {vehicle::thread},
                        .applies = [](const point& at) { return at.tasks <= most_threads; }},
                       {.case_name = "fill",
                        .impl = "gobench.go",
                        .run = measure<on_fibers, fill<gobench_tasks>, true>,
                        .parameters = {"stack", "limit_mb"},
                        .vehicles = {vehicle::fiber}},
                       {.case_name = "fill",
                        .impl = "std.thread",
                        .run = measure<on_threads, fill<std_threads>, true>,
                        .parameters = {"limit_mb"},
                        .vehicles = {vehicle::thread}}},
          .answer = answer}};

}  // namespace

}  // namespace gobench::suites
