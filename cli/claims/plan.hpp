// From claims to what has to be measured for them: every place once, suite by suite.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cli/claims/claim.hpp"
#include "suites/harness.hpp"
#include "suites/plan.hpp"

namespace gobench::cli::claims {

struct suite_plan {
  const suites::suite* of = nullptr;
  std::vector<suites::planned_case> cases = {};
  std::vector<std::string> places = {};  // describe(place) of each case
  suites::timing how = {};
};

struct plan_of_claims {
  std::vector<suite_plan> suites;              // sorted by name
  std::map<std::string, std::string> missing;  // describe(place) -> why it cannot be measured
  std::vector<const trial*> trials;            // each once

  std::size_t samples() const;
};

struct planning {
  bool quick = false;
  int procs = 1;  // what 0 stands for
  std::uint64_t seed = 1;
};

plan_of_claims plan(const std::vector<const claim*>& chosen, const planning& how);

}  // namespace gobench::cli::claims
