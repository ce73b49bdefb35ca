// What a run has brought to light: all that a verdict is made from.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "cli/claims/claim.hpp"
#include "results/record.hpp"

namespace gobench::cli::claims {

// How often a trial went as expected.
struct tried {
  int runs = 0;
  int as_expected = 0;
  std::string otherwise = {};  // what was seen instead, of the first that did not go so: a sentence
  std::string impossible = {};  // why it could not be tried: a sentence; then `runs` is 0
};

// The machine during the measurement of one suite.
struct share {
  double others = 0;  // of all CPU time: other programs and, as steal, other guests
};

struct evidence {
  std::vector<results::sample> samples = {};
  // By describe(place): why nothing could be measured there, a sentence.
  std::map<std::string, std::string> missing = {};
  std::map<std::string, share> busy = {};  // by suite
  // By describe(trial).
  std::map<std::string, tried> trials = {};
  // Why the machine cannot tell anything from times, or from tasks that run at the same time; what
  // `gobench doctor` says. Empty: it can.
  std::string no_times = {};
  std::string no_contention = {};
  bool quick = false;
  int procs = 1;  // what place::procs 0 stands for
};

// Keys.
std::string describe(const place& one, bool quick);
std::string describe(const trial& one);

// The samples that were taken there, in the order of their repetition.
std::vector<const results::sample*> samples_of(const evidence& from, const place& where);

}  // namespace gobench::cli::claims
