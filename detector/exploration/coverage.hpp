// What exploring has covered, in a sentence. It never says that there are no bugs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>

#include "detector/exploration/schedule_log.hpp"

namespace gobench::detector::exploration {

// The probability of meeting a given bug of depth d at least once in `runs` schedules of pct:d, for n threads and k
// steps: at least 1 - (1 - 1/(n k^(d-1)))^runs (Burckhardt et al., ASPLOS 2010, theorem 1).
double pct_bound(std::uint64_t threads, std::uint64_t steps, std::uint64_t depth,
                 std::uint64_t runs);

class coverage {
 public:
  void add(const std::string& strategy, const schedule_log& log);

  std::size_t schedules() const { return schedules_; }
  std::size_t distinct() const { return orders_.size(); }
  std::uint64_t most_threads() const { return threads_; }
  std::uint64_t most_steps() const { return steps_; }
  std::uint64_t most_open() const { return open_; }

  struct search_state {
    bool complete = false;
    std::optional<std::size_t> bound;
    std::size_t shards = 1;  // of how many this is one
  };
  // `search`: of the strategy dfs. One or more sentences.
  std::string sentence(const std::optional<search_state>& search = {}) const;

 private:
  std::size_t schedules_ = 0;
  std::unordered_set<std::uint64_t> orders_;
  std::uint64_t threads_ = 0;
  std::uint64_t steps_ = 0;
  std::uint64_t open_ = 0;
  std::map<std::uint64_t, std::uint64_t> pct_runs_;  // by depth
};

}  // namespace gobench::detector::exploration
