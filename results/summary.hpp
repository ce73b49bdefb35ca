// What the repetitions of one case say together.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "results/record.hpp"
#include "results/statistics.hpp"

namespace gobench::results {

// A case is too noisy to tell when its interval reaches further than this share of its median from
// it, to either side. On a quiet machine a spread is 1 to 5%; at a quarter, two implementations would
// have to differ by half before their intervals part.
inline constexpr double noisy_above = 0.25;

struct summary {
  std::size_t count = 0;  // samples with a time
  double median_ns = not_measured;
  interval range_ns;             // of the median, see median_interval()
  double spread = not_measured;  // longer side of the interval / median; not for a single sample
  bool noisy = false;            // spread > noisy_above
  bool serial = false;           // at least half of the samples ran their tasks one after another

  // Whether the intervals overlap, so that none of both can be called the faster one.
  bool same_as(const summary& other) const {
    return range_ns.low <= other.range_ns.high && other.range_ns.low <= range_ns.high;
  }
};

// Of samples that differ in `rep` only. Samples without a time do not count.
summary summarise(std::span<const sample> repetitions);

// Whether the tasks of this sample ran one after another: its metric `parallel` is below serial_below.
bool is_serial(const sample& one);

// A number as a double; nothing (not_measured) for text.
double as_number(const value& v);

}  // namespace gobench::results
