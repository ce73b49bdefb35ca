// Where evidence comes from: this machine; in tests, somewhere else.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "cli/claims/evidence.hpp"
#include "cli/claims/plan.hpp"
#include "results/sink.hpp"
#include "suites/harness.hpp"

namespace gobench::cli::claims {

// What the machine is like.
struct fitness {
  int procs = 1;         // processors of a run that asks for all
  std::string no_times;  // evidence has the same
  std::string no_contention;
};

class source {
 public:
  virtual ~source() = default;
  source() = default;
  source(const source&) = delete;
  source& operator=(const source&) = delete;

  virtual fitness examine() = 0;
  // Measures the cases of a suite, every sample to `out` (between its begin and finish, which are the caller's).
  // A case that cannot be measured is noted with the cause in `to.missing`, and the others are measured. Notes the
  // share of others in `to.busy`. Returns false when `stop` has said so. Throws suites::wrong_result, and what `out`
  // throws.
  virtual bool measure(const suite_plan& one, results::sink& out, evidence& to,
                       const suites::observer& watching) = 0;
  // Runs a program that often. From any thread.
  virtual tried attempt(const trial& one, int runs) = 0;
};

// This machine. The programs of trials are built and examined by the gobench program at `program`.
std::unique_ptr<source> make_machine_source(const std::string& program);

}  // namespace gobench::cli::claims
