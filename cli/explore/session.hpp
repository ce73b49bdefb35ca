// Many schedules of one program: `gobench explore`.
//
// Invariants
// - Results are taken in the order of their schedules' numbers, however many run at the same time and whichever ends
//   first: what is told does not depend on --jobs.
// - A shard runs the schedules whose number is its own modulo the number of shards; what all schedules
//   depend on (how long the program is, where it has races) comes from the first few, which every shard runs and only
//   their owner tells.
// - Every output is replaced as a whole after each new finding: killing this process loses none.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cli/explore/request.hpp"
#include "cli/explore/runner.hpp"
#include "cli/explore/sources.hpp"
#include "cli/explore/target.hpp"
#include "cli/progress.hpp"
#include "cli/race/report_files.hpp"
#include "detector/exploration/bounded_search.hpp"
#include "detector/exploration/coverage.hpp"
#include "detector/findings/collection.hpp"
#include "detector/findings/exporter.hpp"
#include "detector/findings/places.hpp"

namespace gobench::cli::explore {

class session {
 public:
  session(const request& asked, const surroundings& around);

  // Returns the exit code.
  int perform();

 private:
  // The first schedule that showed a finding which fails.
  struct failure {
    std::string fingerprint;
    std::string message;
    std::uint64_t number = 0;
    detector::exploration::plan what;
    detector::exploration::schedule_log log;
    std::string said;
  };

  // Runs what `next` says until it says nothing, and hands the results to `take` in that order until it says no.
  void run(const std::function<std::optional<job>()>& next,
           const std::function<bool(finished_job&)>& take);
  void sample();
  void search();
  bool take(finished_job& done, bool told);
  void look_at_first_ones(const finished_job& done);
  void explain(failure& one);
  void conclude();
  std::size_t update_baseline();

  detector::exploration::plan plan_of(std::uint64_t number) const;
  bool time_is_over() const;
  bool fails(const std::string& fingerprint) const;
  std::string replay_command(const detector::exploration::plan& what) const;
  double seconds() const;
  void write();
  void announce();
  void say(const std::string& text) const;

  request asked_;
  const surroundings& around_;
  target program_;
  std::optional<runner> runner_;
  detector::findings::collection found_;
  detector::findings::run_facts facts_;
  detector::findings::places places_;
  race::report_files files_;
  progress_line progress_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();

  detector::exploration::coverage covered_;
  std::optional<detector::exploration::coverage::search_state> searched_;
  std::vector<failure> failures_;
  std::size_t failing_schedules_ = 0;
  std::unique_ptr<sources> sources_;
  // From the first schedules.
  std::uint64_t length_ = 0;
  std::set<std::uint64_t> hot_;
  std::uint64_t hot_from_ = 0;  // schedules from this number on have the places of those before it

  std::size_t announced_ = 0;
  std::size_t announcements_ = 0;
  std::string trouble_;
};

}  // namespace gobench::cli::explore
