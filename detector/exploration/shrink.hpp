// From a schedule that fails to one that fails in the same way with as few decisions as can be.
//
// Delta debugging (Zeller, Hildebrandt: Simplifying and isolating failure-inducing input, TSE 2002) over the deviations from
// the default rule. A schedule that still fails is not taken as it was asked for but as it went: deviations that
// could not be done are gone. Then it is tried without each single one and each pair of those left: two may need
// each other. What is still long then is looked for from the other end: all schedules with no, one or two preemptions
// (bounded_search.hpp), as far as the trials go.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "detector/exploration/deviation.hpp"
#include "detector/exploration/schedule_log.hpp"

namespace gobench::detector::exploration {

// Follows the deviations, then the threads that sleep (deviation.hpp).
struct tried {
  schedule_log log;
  bool fails = false;  // in the same way
};
using trial =
    std::function<tried(const std::vector<deviation>&, const std::vector<std::uint32_t>& asleep)>;

struct shrunk {
  std::vector<deviation> deviations;
  schedule_log log;  // of that schedule
  std::size_t trials = 0;
  bool finished = false;  // nothing can be left out any more; false: `most` trials were done before
};

// `log` is the one that fails. At most `most` trials. Nothing where following its deviations does not fail in the same
// way, so that there is nothing to begin with.
std::optional<shrunk> shrink(const schedule_log& log, const trial& fails, std::size_t most);

}  // namespace gobench::detector::exploration
