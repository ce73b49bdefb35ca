// What a schedule has shown: what the detector told, and what can be seen from outside, as findings of one form.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/explore/runner.hpp"
#include "detector/findings/finding.hpp"

namespace gobench::cli::explore {

// A hang, a crash, a failed assertion, an exit code that is not 0, a deadlock of which the detector has told
// nothing; nothing where the program ended well or the detector has told it all.
std::optional<detector::findings::finding> seen_from_outside(const run_result& result,
                                                             const std::string& program);

// The fingerprints of all findings of the schedule that are not suppressed.
std::vector<std::string> fingerprints_of(const run_result& result, const std::string& program);

// All that has to be equal in two runs of one schedule, as text: decisions, findings, how it ended.
std::string identity_of(const run_result& result);

// How far behind the beginning of the program the accesses lie that took part in races, sorted. `base`: where
// the program counts its addresses from (0, or where it is linked to be).
std::vector<std::uint64_t> conflicting_places(const std::vector<detector::findings::finding>& found,
                                              const std::string& program, std::uint64_t base);

// Lines of the detector that are findings; others are left out.
std::vector<detector::findings::finding> findings_of(const run_result& result);

}  // namespace gobench::cli::explore
