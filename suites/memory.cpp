// Is a goroutine a coroutine? What a waiting task keeps, stackful and stackless (V9)
//
// The same programs as fibers, as threads, and as C++20 coroutines. All tasks are created, each does what the case says and
// then waits; when all wait the memory is looked at, then they go on and end. An operation is one task, its time that of
// the whole. Cases: when it waits, a task
//   wait     holds nothing and waits for an event
//   recv     waits for a number from a channel that all share
//   calls    is `depth` calls deep; for a coroutine that is a chain of `depth` coroutines, a frame each
//   locals   has local_bytes of variables that it needs again afterwards
// Metrics, of the moment at which all wait:
//   task_bytes       main memory and page tables, per task
//   create_ns        time to create a task and to get it to wait
// The kernel's own part of a thread (16 KiB of stack and more) is not in task_bytes. A stack is whole
// pages, so a fiber pays 4 KiB steps and nothing for what fits in a page; a frame is as large as what lives across a co_await, and a
// chain of frames costs an allocation a call. `stacks` and `million` are about fibers and threads in more depth.
//
// Each sample is taken in a process of its own, so that memory kept from an earlier one does not hide what
// a task takes.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstring>
#include <gobench.hpp>
#include <map>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "results/statistics.hpp"
#include "suites/carrier.hpp"
#include "suites/child.hpp"
#include "suites/registry.hpp"
#include "suites/stopwatch.hpp"

namespace gobench::suites {

namespace {

using results::vehicle;

constexpr int most_threads = 1000;
constexpr std::size_t most_locals = 4096;

// What all tasks of a sample share.
struct waiting_room {
  explicit waiting_room(const point& where) : tasks(where.tasks) { ended.add(where.tasks); }

  // Relaxed: only counted.
  void arrive() noexcept { arrived.fetch_add(1, std::memory_order_relaxed); }
  void expect_a_number() noexcept { receiving.fetch_add(1, std::memory_order_relaxed); }
  void leave(std::uint64_t result) {
    sum.fetch_add(result, std::memory_order_relaxed);
    ended.done();
  }
  bool all_are_here() const { return arrived.load(std::memory_order_relaxed) == tasks; }

  const int tasks;
  event gate;
  chan<std::uint64_t> numbers = make_chan<std::uint64_t>();
  wait_group ended;
  std::atomic<int> arrived{0};
  std::atomic<int> receiving{0};
  std::atomic<std::uint64_t> sum{0};
};

// Variables that are needed after the wait: filled before, added up afterwards.
template <std::size_t Bytes>
class locals {
 public:
  locals() {
    std::memset(bytes_.data(), 1, Bytes);
    asm volatile("" : : "r"(bytes_.data()) : "memory");  // really stored
  }
  std::uint64_t sum() const {
    asm volatile("" : : "r"(bytes_.data()) : "memory");
    std::uint64_t made = 0;
    for (const unsigned char one : bytes_) made += one;
    return made;
  }

 private:
  std::array<unsigned char, Bytes> bytes_;
};

// What a task comes to: its result, which the sum of all proves.
namespace stackful {

std::uint64_t wait(waiting_room& room, const point&) {
  room.arrive();
  room.gate.wait();
  return 1;
}

std::uint64_t recv(waiting_room& room, const point&) {
  room.expect_a_number();
  room.arrive();
  return room.numbers.recv().value_or(0);
}

[[gnu::noinline]] std::uint64_t call(waiting_room& room, std::int64_t depth) {
  if (depth <= 1) {
    room.arrive();
    room.gate.wait();
    return 1;
  }
  const std::uint64_t below = call(room, depth - 1);
  asm volatile("");  // a frame for each: no loop
  return below + 1;
}

std::uint64_t calls(waiting_room& room, const point& where) {
  return call(room, where.number("depth"));
}

template <std::size_t Bytes>
[[gnu::noinline]] std::uint64_t hold(waiting_room& room) {
  const locals<Bytes> mine;
  room.arrive();
  room.gate.wait();
  return mine.sum();
}

std::uint64_t holds(waiting_room& room, const point& where) {
  switch (where.number("local_bytes")) {
    case 64:
      return hold<64>(room);
    case 1024:
      return hold<1024>(room);
    default:
      return hold<most_locals>(room);
  }
}

}  // namespace stackful

namespace stackless {

co_task<std::uint64_t> wait(waiting_room& room, const point&) {
  room.arrive();
  co_await co::wait(room.gate);
  co_return 1;
}

co_task<std::uint64_t> recv(waiting_room& room, const point&) {
  room.expect_a_number();
  room.arrive();
  co_return (co_await co::recv(room.numbers)).value_or(0);
}

co_task<std::uint64_t> call(waiting_room& room, std::int64_t depth) {
  if (depth <= 1) {
    room.arrive();
    co_await co::wait(room.gate);
    co_return 1;
  }
  co_return co_await call(room, depth - 1) + 1;
}

co_task<std::uint64_t> calls(waiting_room& room, const point& where) {
  return call(room, where.number("depth"));
}

template <std::size_t Bytes>
co_task<std::uint64_t> hold(waiting_room& room) {
  const locals<Bytes> mine;
  room.arrive();
  co_await co::wait(room.gate);
  co_return mine.sum();
}

co_task<std::uint64_t> holds(waiting_room& room, const point& where) {
  switch (where.number("local_bytes")) {
    case 64:
      return hold<64>(room);
    case 1024:
      return hold<1024>(room);
    default:
      return hold<most_locals>(room);
  }
}

template <auto Body>
co_task<> whole(waiting_room& room, const point& where) {
  room.leave(co_await Body(room, where));
}

}  // namespace stackless

struct report {
  double seconds = 0;
  double cpu_seconds = 0;
  double create_seconds = 0;
  double bytes = 0;
  std::uint64_t sum = 0;
};

double bytes_here() { return status_bytes("VmRSS") + status_bytes("VmPTE"); }

// start(room) starts one task.
template <class Carrier, class Start>
report fill(const point& where, Start start) {
  report made;
  double before = 0;
  waiting_room room(where);
  stopwatch all;
  stopwatch creating;
  all.start();
  Carrier::run(where, [&] {
    gobench::go([] {}).join();  // what the runtime takes once, however many tasks there are
    before = bytes_here();
    creating.start();
    for (int i = 0; i < where.tasks; ++i) start(room);
    while (!room.all_are_here()) gobench::yield();
    creating.stop();
    made.bytes = bytes_here() - before;
    room.gate.set();
    for (int i = room.receiving; i > 0; --i) room.numbers.send(1);
    room.ended.wait();
  });
  all.stop();
  const measurement whole = all.taken(1);
  made.seconds = whole.seconds;
  made.cpu_seconds = whole.cpu_seconds;
  made.create_seconds = creating.taken(1).seconds;
  made.sum = room.sum.load(std::memory_order_relaxed);
  return made;
}

// What each task's result is to be.
std::uint64_t result_of_each(const std::string& case_name, const point& where) {
  if (case_name == "calls") return static_cast<std::uint64_t>(where.number("depth"));
  if (case_name == "locals") return static_cast<std::uint64_t>(where.number("local_bytes"));
  return 1;
}

measurement measured(const std::string& case_name, const point& where,
                     report (*work)(const point&)) {
  const report found = report_of_a_child([&] { return work(where); });
  measurement taken;
  const auto tasks = static_cast<std::uint64_t>(where.tasks);
  taken.seconds = found.seconds;
  taken.cpu_seconds = found.cpu_seconds;
  taken.operations = tasks;
  taken.metrics.set("task_bytes", found.bytes / where.tasks);
  taken.metrics.set("create_ns", found.create_seconds * 1e9 / where.tasks);
  taken.result = proof::equal("the sum of what the tasks returned", found.sum,
                              tasks * result_of_each(case_name, where));
  return taken;
}

template <auto Body>
report by_go(const point& where) {
  return fill<our_tasks>(where, [&where](waiting_room& room) {
    gobench::go([&room, &where] { room.leave(Body(room, where)); });
  });
}

template <auto Body>
report by_spawn(const point& where) {
  return fill<for_coroutines>(
      where, [&where](waiting_room& room) { gobench::spawn(stackless::whole<Body>(room, where)); });
}

bool can_be(const point& at) {
  if (at.runs_on == vehicle::thread && at.tasks > most_threads) return false;
  const results::value* bytes = at.parameters.find("local_bytes");
  const auto* number = bytes == nullptr ? nullptr : std::get_if<std::int64_t>(bytes);
  // The compiler has to know how large a frame is.
  return number == nullptr || *number == 64 || *number == 1024 ||
         *number == static_cast<std::int64_t>(most_locals);
}

void add_case(std::vector<variant>& to, const std::string& name, report (*go)(const point&),
              report (*spawn)(const point&), const std::vector<std::string>& parameters = {}) {
  to.push_back(
      {.case_name = name,
       .impl = "gobench.go",
       .run = [name, go](const point& where, std::uint64_t) { return measured(name, where, go); },
       .parameters = parameters,
       .vehicles = {vehicle::fiber, vehicle::thread},
       .applies = can_be});
  to.push_back({.case_name = name,
                .impl = "gobench.spawn",
                .run = [name, spawn](const point& where,
                                     std::uint64_t) { return measured(name, where, spawn); },
                .parameters = parameters,
                .vehicles = {vehicle::coroutine},
                .applies = can_be});
}

std::vector<variant> all_variants() {
  std::vector<variant> made;
  add_case(made, "wait", by_go<stackful::wait>, by_spawn<stackless::wait>);
  add_case(made, "recv", by_go<stackful::recv>, by_spawn<stackless::recv>);
  add_case(made, "calls", by_go<stackful::calls>, by_spawn<stackless::calls>, {"depth"});
  add_case(made, "locals", by_go<stackful::holds>, by_spawn<stackless::holds>, {"local_bytes"});
  return made;
}

// By case and vehicle at the largest number of tasks and the largest parameter: bytes a task.
std::string answer(std::span<const results::sample> samples) {
  std::map<std::tuple<std::string, vehicle>, std::map<int, std::vector<double>>> bytes;
  for (const results::sample& one : samples) {
    const results::value* found = one.metrics.find("task_bytes");
    if (one.case_name == "wait" && found != nullptr)
      bytes[{one.case_name, one.runs_on}][one.tasks].push_back(std::get<double>(*found));
  }
  std::string text;
  for (const auto& [who, by_tasks] : bytes) {
    const auto& [tasks, found] = *by_tasks.rbegin();
    if (found.size() < 3) continue;
    const auto range = results::median_interval(found);
    text += fmt::format("{}{} {:.0f} bytes ({:.0f} to {:.0f}; of {} tasks)",
                        text.empty() ? "" : ", ", results::to_string(std::get<1>(who)),
                        results::median(found), range.low, range.high, tasks);
  }
  return text.empty() ? text
                      : "A task that waits and holds nothing takes, by vehicle: " + text + ".";
}

results::value number(std::int64_t n) { return n; }

const registration registered{suite{
    .name = "memory",
    .about = "Is a goroutine a coroutine? Memory of waiting tasks, stackful and stackless",
    .claims = {"V9", "V3"},
    .tasks = {1000, 100'000},
    .quick_tasks = {1000},
    .parameters = {{.name = "depth",
                    .about = "calls, or coroutines awaited, that are under way while a task waits",
                    .usual = {number(1), number(10), number(100)},
                    .quick = {number(10)},
                    .least = 1,
                    .most = 1000},
                   {.name = "local_bytes",
                    .about = "variables kept across the wait, in bytes: 64, 1024 or 4096",
                    .usual = {number(64), number(4096)},
                    .quick = {number(1024)},
                    .least = 64,
                    .most = 4096}},
    .metrics = {"task_bytes", "create_ns"},
    .shown = {"task_bytes", "create_ns"},
    .repetitions = 3,
    .min_seconds = 0.001,
    .quick_min_seconds = 0.001,
    .variants = all_variants(),
    .answer = answer}};

}  // namespace

}  // namespace gobench::suites
