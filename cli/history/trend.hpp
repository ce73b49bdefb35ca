// What became of each case from run to run.
#pragma once

#include <string>
#include <vector>

#include "results/record.hpp"
#include "results/sequence.hpp"
#include "results/store.hpp"

namespace gobench::cli::history {

struct case_trend {
  results::sample who;               // the case
  std::vector<std::size_t> runs;     // indices into the runs, ascending: those that measured it
  std::vector<double> medians;       // of each of these
  std::vector<results::step> steps;  // `at` is an index into `runs`
  results::trend over_all;
};

// Of the samples of one suite in these runs, in the order of the newest run that has the case.
std::vector<case_trend> trends_of(results::store& in, const std::vector<results::stored_run>& runs,
                                  const std::string& suite, const std::string& metric);

// The values as a line of blocks, at most `width` columns: ▁ the smallest, █ the largest.
std::string sparkline(const std::vector<double>& values, std::size_t width);

}  // namespace gobench::cli::history
