// Two runs, case by case.
//
//   case_collector base(how), fresh(how);
//   base.about(read_samples("old.csv", [&](sample&& one) { base.add(one); }).about);  // and the other
//   const comparison found = compare(base, fresh, judging);
#pragma once

#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

#include "results/record.hpp"
#include "results/verdict.hpp"

namespace gobench::results {

// What is compared, and what makes a case.
struct collecting {
  std::string metric = "ns_per_op";       // a column
  std::vector<std::string> ignored = {};  // columns that do not tell cases apart here
};

// Columns were ignored that tell two cases of the same run apart. what() is a sentence.
struct ambiguous_case : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The samples of a run, of which only the values are kept: 16 bytes for each.
class case_collector {
 public:
  explicit case_collector(const collecting& how) : how_(how) {}

  // Throws ambiguous_case.
  void add(const sample& one);
  void about(const context& found);

  struct entry {
    sample who;  // one of its samples, without the columns that are ignored
    measured what;
    std::string full_identity;
  };
  const std::vector<entry>& cases() const { return cases_; }
  // Null when there is no such case. `key` is identity(who).
  const entry* find(const std::string& key) const;
  // Whether any sample had the metric.
  bool has_metric() const { return has_metric_; }

 private:
  entry& of(const sample& one);

  const collecting& how_;
  std::vector<entry> cases_;
  std::unordered_map<std::string, std::size_t> places_;
  double taken_by_others_ = 0;
  bool has_metric_ = false;
};

struct compared {
  sample who;
  judged what;
  std::vector<std::string> notes;  // words about the samples: "drifts (new)", "two modes (base)"
};

struct comparison {
  std::vector<compared> cases;  // those in both, in the order of the base
  std::vector<sample> only_in_base;
  std::vector<sample> only_in_new;

  std::size_t count(verdict of) const;
};

comparison compare(const case_collector& base, const case_collector& fresh, const judging& how);

// The content of a column of a case as text, for grouping and filters: suite, case, impl, vehicle, procs, tasks or a
// parameter; empty where it has none.
std::string column_of(const sample& who, const std::string& name);

}  // namespace gobench::results
