// Measures planned cases: Google Benchmark is the timing loop; ours are the order, the records and
// what is said about them.
//
//  - Repetition after repetition, each in its own shuffled order of all cases, so that whatever drifts
//    in the machine meets all implementations alike.
//  - The first repetition of a case lets Google Benchmark find how much to do for the shortest time
//    allowed; later ones do as much again, unless that has become far too long or too short.
//  - One record per sample, handed to the sink as it arrives.
#pragma once

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <vector>

#include "results/record.hpp"
#include "results/sink.hpp"
#include "suites/plan.hpp"

namespace gobench::suites {

struct timing {
  int repetitions = 5;
  double min_seconds = 0.02;  // shortest time of a sample
  std::uint64_t seed = 1;     // of the order of the cases and of their own random choices
};

struct progress {
  const planned_case* next = nullptr;
  int rep = 0;
  std::size_t done = 0;  // samples
  std::size_t total = 0;
};

// A sample that did not pass its own proof: a bug in the primitive or in the suite. what() is a
// sentence that names the case.
struct wrong_result : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// A case that could not be measured at all, with the cause. what() is a sentence that names the case.
struct failed_case : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct observer {
  std::function<bool()> stop = {};                     // asked before every sample
  std::function<void(const progress&)> starting = {};  // before every sample
};

// Measures all cases and adds every sample to `out` (between its begin and finish, which are the
// caller's). Returns whether all were measured; false when `stop` said so. Throws wrong_result,
// failed_case (with the cause nested), and what `out` throws.
bool measure_all(const std::vector<planned_case>& cases, const timing& how, results::sink& out,
                 const observer& watching = {});

}  // namespace gobench::suites
