// The result record: what one measurement yields, and what was true of the machine around it.
//
// Raw samples are the only thing that is stored; whatever is an aggregate is computed from them
// (statistics.hpp). The fixed part of a sample has the same eleven columns in every format; what
// only some suites know comes behind it as named parameters (set by the user or the suite before
// the measurement) and named metrics (seen by it). Names are column names: lower case, words joined
// by
// `_`, the unit last (`hold_ns`, `p99_ns`, `rss_bytes`).
//
//   sample s{.suite = "mutex-vs-chan", .case_name = "counter", .impl = "gobench.mutex",
//            .runs_on = vehicle::fiber, .procs = 2, .tasks = 8, .rep = 0, .iterations = 1'000'000};
//   s.time(21.5, 42.9);
//   s.parameters.set("hold_ns", 0);
//   s.metrics.set("parallel", 0.98);
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace gobench::results {

// A number that was not measured. Formats leave it out: an empty cell in CSV, null in JSON.
inline constexpr double not_measured = std::numeric_limits<double>::quiet_NaN();

enum class vehicle { process, thread, fiber, coroutine };

std::string_view to_string(vehicle v);

// The cell of a parameter or a metric.
using value = std::variant<std::int64_t, double, std::string>;

// An ordered list of name -> value. Small, so a lookup is a walk.
class fields {
 public:
  struct entry {
    std::string name;
    value content;
    friend bool operator==(const entry&, const entry&) = default;
  };

  fields() = default;
  fields(std::initializer_list<entry> entries) : entries_(entries) {}

  // Appends, or replaces the value of a name that is already there (which keeps its place).
  void set(std::string_view name, value content);
  void set(std::string_view name, std::integral auto number) {
    set(name, value{static_cast<std::int64_t>(number)});
  }
  void set(std::string_view name, double number) { set(name, value{number}); }
  void set(std::string_view name, const char* text) { set(name, value{std::string(text)}); }
  void set(std::string_view name, std::string text) { set(name, value{std::move(text)}); }

  // Null when there is no such name.
  const value* find(std::string_view name) const;

  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }
  bool empty() const { return entries_.empty(); }
  std::size_t size() const { return entries_.size(); }

  friend bool operator==(const fields&, const fields&) = default;

 private:
  std::vector<entry> entries_;
};

// Metrics with a meaning that reports rely on.
//
// Share (0 to 1) of the sample's time windows in which tasks made progress on more than one CPU. Below
// `serial_below` the tasks ran one after another, so a contended case was not contended: reports
// mark it. Leave the metric out where the question makes no sense (one task).
inline constexpr std::string_view metric_parallel = "parallel";
inline constexpr double serial_below = 0.5;
// Jain's index of the tasks' shares of the work: 1 is even, 1/tasks is one task having it all.
inline constexpr std::string_view metric_fairness = "jain";

// One measured sample.
struct sample {
  std::string suite = {};
  std::string case_name = {};           // column `case`
  std::string impl = {};                // who does the work: gobench.mutex, std.mutex, go.chan, ...
  vehicle runs_on = vehicle::thread;    // column `vehicle`
  int procs = 0;                        // CPUs given to the runtime
  int tasks = 0;                        // tasks (fibers, threads, ...) that share the work
  int rep = 0;                          // repetition, from 0
  std::uint64_t iterations = 0;         // operations of all tasks together
  double ns_per_op = not_measured;      // wall time of the sample / iterations
  double cpu_ns_per_op = not_measured;  // CPU time of the process (all threads) / iterations
  double ops_per_s = not_measured;      // iterations / wall time
  fields parameters = {};
  fields metrics = {};

  // Sets the three times; operations per second follow from the wall time.
  void time(double wall_ns_per_op, double cpu_ns_per_operation = not_measured);
};

// The further columns of a run, known before its first sample: the union over all of its suites, in
// the order in which they shall appear. A sample leaves out what does not apply to it; one with a
// name that is not listed here is refused with std::invalid_argument (a bug in its suite).
struct schema {
  std::vector<std::string> parameters = {};
  std::vector<std::string> metrics = {};
  std::vector<std::string> shown = {};  // metrics that a table shows beside the times
  int repetitions = 0;                  // planned per case; 0 when not known

  // Adds the names that are not there yet.
  void add_parameters(std::initializer_list<std::string_view> names);
  void add_metrics(std::initializer_list<std::string_view> names);
  void add_shown(std::initializer_list<std::string_view> names);
  void merge(const schema& other);
};

// What was true of machine, build and command during a run. Strings are empty and numbers
// `not_measured` where the machine does not tell. Filled by machine_probe (machine.hpp).
struct context {
  // When and what.
  std::string start_time;  // ISO 8601, UTC: 2024-05-01T12:00:00Z
  std::string end_time;    // empty until the run has finished
  std::vector<std::string> command_line;
  std::uint64_t seed = 0;
  std::vector<std::string> warnings;  // whole sentences

  // Machine.
  std::string host;
  std::string kernel;
  std::string architecture;  // as uname says it: x86_64
  std::string cpu_model;
  int cpus_online = 0;                // logical CPUs of the machine
  int cpus_allowed = 0;               // of these, in this process's affinity mask
  int cores = 0;                      // physical cores; 0 when not known
  double cgroup_cpus = not_measured;  // CPU quota of the control group, in CPUs; unset: no quota
  std::string governor;               // of the first CPU; `mixed` when they differ
  std::string turbo;                  // on, off
  std::string smt;                    // on, off, ...
  std::uint64_t memory_bytes = 0;
  double load_1min = not_measured;  // at the start
  double load_1min_end = not_measured;
  double steal_percent = not_measured;   // of all CPU time between start and finish
  double others_percent = not_measured;  // the same, for other programs on this machine

  // Build.
  std::string version;
  std::string git_commit;
  std::string compiler;
  std::string compiler_flags;
  std::string build_type;
  fields versions;  // of libraries and peers: boost, benchmark, libc, go, ...
};

}  // namespace gobench::results
