// What a claim is: sentences, and what has to be measured or seen for it to hold.
//
// The claims themselves, with every threshold and its reason, are in claims.cpp and nowhere else.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "results/record.hpp"

namespace gobench::cli::claims {

// One variant of a suite at one point. A quick run measures at the same point, unless that says otherwise.
struct place {
  std::string suite;
  std::string case_name;
  std::string impl;
  results::vehicle runs_on = results::vehicle::fiber;
  int tasks = 1;
  int quick_tasks = 0;  // 0: as many
  int procs = 0;        // 0: all
  results::fields parameters = {};
  results::fields quick_parameters = {};  // those that differ
};

// A column of that variant's samples.
struct quantity {
  place where;
  std::string column = "ns_per_op";
};

enum class bound { at_least, at_most };

// What other programs on the machine do to a figure.
enum class busy_machine {
  changes_nothing,  // bytes, counts, CPU time
  slows,            // work takes longer by what they take away, at most
  delays            // who sleeps wakes up late, and nobody can say how late
};

// A number that is measured and compared with a threshold: the quotient of two quantities, or one of them.
struct figure {
  std::string about = {};  // what it is, for people: "a thread created and ended, to a fiber"
  quantity of = {};
  std::optional<quantity> to = std::nullopt;
  std::string unit = "x";  // of the figure; % multiplies it by 100
  double scale = 1;        // of the figure, into its unit
  bound is = bound::at_least;
  double threshold = 1;     // in the unit
  std::string reason = {};  // why this threshold: a sentence
  busy_machine when_busy = busy_machine::slows;
  // Means something only where tasks ran at the same time: needs two CPUs and samples that show it.
  bool contended = false;
};

// Who looks at a small program.
enum class examiner { compiler, race, explore };

// A small program and what is to be seen of it.
struct trial {
  std::string about = {};    // "a counter without a lock"
  std::string program = {};  // a file of cli/claims/programs
  examiner by = examiner::race;
  std::vector<std::string> options = {};    // of gobench race or explore
  std::vector<std::string> arguments = {};  // of the program
  // The kind of finding to be seen; empty: none at all. With the compiler: it refuses each line that is
  // marked so, and no other.
  std::string finding = {};
  std::vector<std::string> mentions = {};  // words that its report has to contain
  bool succeeds = false;  // beside the finding, the program itself ends with 0: it has checked more
  std::string reason = {};  // why that is what the claim says: a sentence
};

struct claim {
  std::string id = {};     // V1
  std::string text = {};   // as the material says it, in one line
  std::string brief = {};  // the same for a table: at most 34 columns
  std::vector<figure> figures = {};
  std::vector<trial> trials = {};
  bool one_suffices = false;     // of the figures: what the claim says can happen
  std::string look_closer = {};  // the command
};

// In the order of the table of claims.
const std::vector<claim>& all_claims();

// Null when there is none of this id.
const claim* find_claim(std::string_view id);

// How thoroughly a suite is measured. Few distributions differ so much that all suites could be treated alike: a
// sample of `million` takes as long as a hundred of `mutex`.
struct effort {
  std::string_view suite;  // empty: all others
  int quick_repetitions = 9;
  double quick_seconds = 0.01;  // of a sample
  int repetitions = 25;
  double seconds = 0.04;
};
effort effort_for(std::string_view suite);

}  // namespace gobench::cli::claims
