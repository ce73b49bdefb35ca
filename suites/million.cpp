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
// does not hide what a task takes. The tasks' stacks hold a call of a wait and nothing more. Threads: as many
// as the system allows are tried up to 10,000; beyond, `gobench doctor` tells its limits.
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
#include <stdexcept>
#include <string>
#include <system_error>

#include "suites/crowd.hpp"
#include "suites/peers/go.hpp"
#include "suites/registry.hpp"

namespace gobench::suites {

namespace {

using results::vehicle;

constexpr int most_threads = 10'000;

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
  auto all = measure_main(where, static_cast<std::uint64_t>(where.tasks), [&] {
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
  made.seconds = all.seconds;
  made.cpu_seconds = all.cpu_seconds;
  made.create_ns = creating.taken(1).seconds * 1e9 / where.tasks;
  made.woken = woken.load();
  return made;
}

measurement in_a_child(const point& where, std::uint64_t) {
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

const registration registered{
    suite{.name = "million",
          .about = "Are a million tasks no problem? Created, parked, woken, ended",
          .claims = {"V3", "V5"},
          .tasks = {10'000, 1'000'000},
          .quick_tasks = {1000, 10'000},
          .metrics = {"create_ns", "resident_bytes", "table_bytes"},
          .repetitions = 3,
          .variants = {{.case_name = "park",
                        .impl = "gobench.go",
                        .run = in_a_child,
                        .applies =
                            [](const point& at) {
                              return at.runs_on == vehicle::fiber || at.tasks <= most_threads;
                            }},
                       {.case_name = "park",
                        .impl = "go.go",
                        .run = peers::go("park/go", "the number of tasks woken", peers::one_each,
                                         peers::process_use::fresh),
                        .vehicles = {vehicle::fiber},
                        .peer = "go"}}}};

}  // namespace

}  // namespace gobench::suites
