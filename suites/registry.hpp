// The suites there are. A suite is one file that registers itself; docs/writing-a-suite.md walks
// through one.
//
// Model. A suite asks one question and has variants: a workload (`case`) done by an implementation
// (`impl`). A variant is measured at points: on a vehicle, with a number of processors and of tasks and
// with a value for each of its parameters. suites/plan.hpp makes the points from what the user
// selects; suites/harness.hpp measures them. All the suite itself supplies is a function that does a
// number of operations at a point, says how long they took, and proves that they were done.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "results/record.hpp"
#include "runtime/counters.hpp"

namespace gobench::suites {

// A dimension of a suite beyond vehicle, procs and tasks. Its name is its column in the results: lower
// case with the unit last (`hold_ns`).
struct parameter {
  std::string name;
  std::string about;                  // one line for `gobench list`
  std::vector<results::value> usual;  // values of a default run
  std::vector<results::value> quick;  // values of a quick run
  std::int64_t least = 0;             // of an integer parameter
  std::int64_t most = std::numeric_limits<std::int64_t>::max();
  std::vector<std::string> words = {};  // when not empty: the only values there are
};

// Where a variant is measured.
struct point {
  results::vehicle runs_on = results::vehicle::fiber;
  int procs = 1;
  int tasks = 1;
  results::fields parameters;
  std::uint64_t seed = 0;  // of the work's own random choices; the same in every run
  // After this long a sample may end with fewer operations than asked for: a fair spinning lock can
  // take a thousand times as long as a moment ago once a waiter has lost its CPU.
  double most_seconds = std::numeric_limits<double>::infinity();

  // The value of an integer parameter. Throws std::logic_error when the variant has not declared it.
  std::int64_t number(std::string_view name) const;
  const std::string& word(std::string_view name) const;
};

// Whether the work was really done. One that was never made counts as wrong.
class proof {
 public:
  proof() = default;

  // `otherwise` is a clause that says what is wrong: "the map has lost a key".
  static proof that(bool holds, std::string_view otherwise);
  // Wrong with "the counter is 9 and should be 10" unless they are equal.
  static proof equal(std::string_view what, std::uint64_t is, std::uint64_t should_be);

  bool holds() const { return holds_; }
  // The clause that says what is wrong; empty when it holds.
  const std::string& wrong() const { return wrong_; }

  // Both must hold; the first that does not is told.
  friend proof operator&&(const proof& a, const proof& b) { return a.holds() ? b : a; }

 private:
  bool holds_ = false;
  std::string wrong_ = "its result was never proved";
};

// What a variant's function returns: the time of its operations alone, without setting up and tearing
// down. suites/team.hpp takes these times for work that is shared by tasks.
struct measurement {
  double seconds = 0;
  std::uint64_t operations = 0;                // done in that time; what was asked for, or fewer
  double cpu_seconds = results::not_measured;  // CPU time of the process in the same interval
  results::fields metrics = {};                // of those that the suite has declared
  // What the runtime did in the same interval; none for what does not run on it.
  std::optional<runtime_counters> counted = {};
  proof result = {};
};

using operation = std::function<measurement(const point& where, std::uint64_t iterations)>;

struct variant {
  std::string case_name;
  std::string impl;
  operation run;
  std::vector<std::string> parameters = {};  // names of those that mean something to it
  std::vector<results::vehicle> vehicles = {results::vehicle::fiber, results::vehicle::thread};
  // What the others are compared with: always measured with one task, whatever numbers of tasks are
  // selected.
  bool baseline = false;
  // Points at which it makes no sense are left out. Empty: all of them make sense.
  std::function<bool(const point&)> applies = {};
  // The peer that does it (suites/peers/peer.hpp); it is planned only when that is asked for. Empty: none.
  std::string peer = {};
};

struct suite {
  std::string name;
  std::string about;                // one line: the question
  std::vector<std::string> claims;  // rows of the table of claims that it answers
  std::vector<int> tasks = {1};
  std::vector<int> quick_tasks = {1};
  // Where not selected; 0 is the number that a run would start with.
  std::vector<int> procs = {0};
  std::vector<parameter> parameters = {};
  std::vector<std::string> metrics = {};
  // Those of them that are the answer, or part of it: tables show their medians beside the times.
  std::vector<std::string> shown = {};
  int repetitions = 5;
  int quick_repetitions = 3;
  double min_seconds = 0.02;  // of a sample
  double quick_min_seconds = 0.005;
  // Of a round, one operation of each task, where the suite itself sets the pace: then their number follows from
  // the length of a sample and is not searched for. 0: as fast as it goes.
  double round_seconds = 0;
  std::vector<variant> variants = {};
  // One sentence that answers the question from these samples, with its uncertainty; empty when they do
  // not suffice. Optional.
  std::function<std::string(std::span<const results::sample>)> answer = {};
};

// Makes a suite known. One static object in the file of the suite.
struct registration {
  explicit registration(suite made);
};

// Makes further variants of a suite known, from another file than the suite's: one static object there.
//
//   const more_variants registered{"mutex", {{.case_name = "counter", .impl = "tbb.spin_mutex", ...}}};
//
// So a peer that is there or not (suites/peers/peer.hpp) is a file that is built or not, and the suite
// does not know of it. The two may be registered in either order. The suite's own variants stay
// first; those of peers follow, sorted by peer.
struct more_variants {
  more_variants(const std::string& suite_name, std::vector<variant> variants);
};

// The suites that more_variants has named and that nobody has registered. Empty unless a file is wrong.
std::vector<std::string> suites_never_registered();

// All suites, sorted by name.
std::span<const suite> all_suites();

// Null when there is none of this name.
const suite* find_suite(std::string_view name);

// Throws std::logic_error with a sentence when a suite contradicts itself: no variants, an undeclared
// parameter, a quick value that is not allowed, two variants of the same case and impl, ...
void check(const suite& one);

// Whether `v` is a value that the parameter may take.
bool allows(const parameter& one, const results::value& v);

// "0 to 1000000" or "lazy, fixed or pooled": completes "it takes ...".
std::string allowed_values(const parameter& one);

}  // namespace gobench::suites
