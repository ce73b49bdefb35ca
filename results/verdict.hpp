// Whether a case has become better or worse from one run to another, or whether nobody can tell.
//
// Two runs of the same program differ, on a busy machine by more than what one looks for. So a difference counts
// only when all of these hold:
//  - chance would not produce it: the rank test (rank_test.hpp), corrected for the number of cases looked at;
//  - it is larger than what anybody cares for (`threshold`), and than the noise floor: what the run itself shows
//    of differences where there are none (judged::floor).
// And nothing has changed only where the interval of the ratio lies within the threshold and the noise floor does
// as well. All else is "cannot tell", which no tool should be ashamed of.
//
// While others had more than a quarter of the machine, times say more about them than about the case: nothing is
// told from them then.
//
// What is judged. The time per operation, except for a case that keeps one CPU busy and never waits: whatever its time
// exceeds its CPU time by was taken by other programs, so there the CPU time per operation is judged. That
// is seen from the samples: in one that was not disturbed both are the same (within 5 %), and in half of
// them the CPU time is not larger.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "results/statistics.hpp"

namespace gobench::results {

enum class verdict { better, worse, same, cannot_tell };

std::string_view to_string(verdict v);

// What was measured of a case in one run, in the order in which it was measured.
struct measured {
  std::vector<double> values;  // of the metric that is asked for; no NaN
  std::vector<double>
      cpu_values;  // CPU time per operation of the same samples; NaN where there is none
  double taken_by_others =
      0;  // share of the machine's CPU time that others had during the run, [0, 1)
};

struct judging {
  double alpha = 0.05;
  double threshold = 0.03;        // a smaller change, as a share, is none
  bool higher_is_better = false;  // rates
  bool cpu_may_stand_in = true;   // the values are times per operation
};

struct judged {
  std::size_t base_count = 0;  // samples
  std::size_t new_count = 0;
  double base = 0;  // medians
  double fresh = 0;
  ratio change;         // fresh / base
  double p = 1;         // of the rank test; NaN where it cannot be made
  double q = 1;         // corrected for all cases that were judged together
  double floor = 0;     // the noise floor, as a share
  bool by_cpu = false;  // the values are CPU times
  bool busy = false;    // the machine was too busy with other programs to tell anything from times
  verdict said = verdict::cannot_tell;
};

// The noise floor of values in their order: how far the medians of four blocks of them, one after the other, lie
// apart, as a share of the median. 0 for fewer than eight values, which are no blocks.
double block_floor(std::span<const double> values);

// All cases of a comparison at once, as how many there are decides what counts as chance. bases and news are of the
// same cases; one without values on a side cannot be told.
std::vector<judged> judge(std::span<const measured> bases, std::span<const measured> news,
                          const judging& how = {});

// The geometric mean of the ratios, with how many there were; NaN for none.
struct mean_ratio {
  double value = 0;
  std::size_t count = 0;
};
mean_ratio geometric_mean(std::span<const judged> all);

}  // namespace gobench::results
