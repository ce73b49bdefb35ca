// Are a million tasks no problem? (V3, V5)
//
// All tasks are created and park, each on the same event; once the last has parked they are woken, and all
// end. An operation is one task, its time that of the whole. The metrics are of the moment at which all are
// parked:
//   create_ns        time to create and park, per task
//   resident_bytes   main memory that the process has taken for them, per task
//   table_bytes      the kernel's page tables, per task
//
// Each sample is taken in a process of its own (a child of this one), so that memory kept from an earlier one
// does not hide what a task takes. The tasks' stacks hold a call of a wait and nothing more. Threads: up to
// 1000, since ten times as many take seconds to end; `gobench doctor` tells how many the system allows.
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <fstream>
#include <gobench.hpp>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <system_error>
#include <tuple>
#include <variant>
#include <vector>

#include "results/statistics.hpp"
#include "suites/crowd.hpp"
#include "suites/peers/go.hpp"
#include "suites/registry.hpp"

namespace gobench::suites {

namespace {

using results::vehicle;

constexpr int most_threads = 1000;

#if defined(GOBENCH_FLAVOUR_TSAN)
constexpr bool in_a_child = false;  // ThreadSanitizer allows no threads after a fork
#else
constexpr bool in_a_child = true;
#endif

// A field of /proc/self/status in bytes.
double status_bytes(const std::string& field) {
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(field + ":")) return std::stod(line.substr(field.size() + 1)) * 1024;
  }
  return 0;
}

// What the child tells its parent, through a pipe.
struct report {
  double seconds = 0;
  double cpu_seconds = 0;
  double create_ns = 0;
  double resident_bytes = 0;
  double table_bytes = 0;
  std::uint64_t woken = 0;
  std::array<char, 256> failure{};  // what was thrown; empty when nothing was
};

report park_all(const point& where) {
  report made;
  event gate;
  wait_group ended;
  std::atomic<int> arrived{0};
  std::atomic<std::uint64_t> woken{0};
  const double resident = status_bytes("VmRSS");
  const double tables = status_bytes("VmPTE");
  stopwatch creating;
  stopwatch all;
  all.start();
  gobench::run(options_at(where), [&] {
    creating.start();
    ended.add(where.tasks);
    for (int i = 0; i < where.tasks; ++i) {
      gobench::go([&] {
        // Relaxed: only counted.
        arrived.fetch_add(1, std::memory_order_relaxed);
        gate.wait();
        woken.fetch_add(1, std::memory_order_relaxed);
        ended.done();
      });
    }
    while (arrived.load(std::memory_order_relaxed) != where.tasks) gobench::yield();
    creating.stop();
    made.resident_bytes = (status_bytes("VmRSS") - resident) / where.tasks;
    made.table_bytes = (status_bytes("VmPTE") - tables) / where.tasks;
    gate.set();
    ended.wait();
  });
  all.stop();  // with the end of the run, for which threads have to be gone
  made.seconds = all.taken(1).seconds;
  made.cpu_seconds = all.taken(1).cpu_seconds;
  made.create_ns = creating.taken(1).seconds * 1e9 / where.tasks;
  made.woken = woken.load();
  return made;
}

report from_a_child(const point& where) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child < 0) {
    const int refused = errno;
    ::close(ends[0]);
    ::close(ends[1]);
    throw std::system_error(refused, std::generic_category(), "fork");
  }
  if (child == 0) {
    report made;
    try {
      made = park_all(where);
    } catch (const std::exception& error) {
      std::strncpy(made.failure.data(), error.what(), made.failure.size() - 1);
    }
    // A report is far below what a pipe moves as a whole.
    const bool told = ::write(ends[1], &made, sizeof made) == sizeof made;
    ::_exit(told ? 0 : 1);
  }
  ::close(ends[1]);
  report made;
  ssize_t got = 0;
  do {
    got = ::read(ends[0], &made, sizeof made);
  } while (got < 0 && errno == EINTR);
  ::close(ends[0]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (got != sizeof made) {
    throw std::runtime_error(
        "the process with the tasks has ended early, perhaps for want of memory");
  }
  if (made.failure[0] != '\0') {
    throw std::system_error(EAGAIN, std::generic_category(), made.failure.data());
  }
  return made;
}

measurement park(const point& where, std::uint64_t) {
  const report made = in_a_child ? from_a_child(where) : park_all(where);
  measurement taken;
  taken.seconds = made.seconds;
  taken.cpu_seconds = made.cpu_seconds;
  taken.operations = static_cast<std::uint64_t>(where.tasks);
  taken.metrics.set("create_ns", made.create_ns);
  taken.metrics.set("resident_bytes", made.resident_bytes);
  taken.metrics.set("table_bytes", made.table_bytes);
  taken.result = proof::equal("the number of tasks woken", made.woken,
                              static_cast<std::uint64_t>(where.tasks));
  return taken;
}

// What one parked task takes, by vehicle; the medians at the largest number of tasks.
std::string answer(std::span<const results::sample> samples) {
  std::map<std::tuple<std::string, vehicle>, std::map<int, std::vector<double>>> bytes;
  for (const results::sample& one : samples) {
    const results::value* resident = one.metrics.find("resident_bytes");
    const auto* number = resident == nullptr ? nullptr : std::get_if<double>(resident);
    if (number != nullptr) bytes[{one.impl, one.runs_on}][one.tasks].push_back(*number);
  }
  std::string text;
  for (const auto& [who, by_tasks] : bytes) {
    const auto& [tasks, found] = *by_tasks.rbegin();
    text += fmt::format("{}{} on {}s {:.0f} bytes (of {} tasks)", text.empty() ? "" : "; ",
                        std::get<0>(who), results::to_string(std::get<1>(who)),
                        results::median(found), tasks);
  }
  return text.empty() ? text : "Main memory of one parked task: " + text + ".";
}

const registration registered{
    suite{.name = "million",
          .about = "Are a million tasks no problem? Created, parked, woken, ended",
          .claims = {"V3", "V5"},
          .tasks = {1000, 1'000'000},
          .quick_tasks = {1000, 10'000},
          .metrics = {"create_ns", "resident_bytes", "table_bytes"},
          .repetitions = 3,
          .variants = {{.case_name = "park",
                        .impl = "gobench.go",
                        .run = park,
                        .applies =
                            [](const point& at) {
                              return at.runs_on == vehicle::fiber || at.tasks <= most_threads;
                            }},
                       {.case_name = "park",
                        .impl = "go.go",
                        .run = peers::go("park/go", "the number of tasks woken", peers::one_each,
                                         peers::process_use::fresh),
                        .vehicles = {vehicle::fiber},
                        .peer = "go"}},
          .answer = answer}};

}  // namespace

}  // namespace gobench::suites
