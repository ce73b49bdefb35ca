// The files that were asked for, brought up to date after every finding.
#pragma once

#include <string>
#include <vector>

#include "cli/race/request.hpp"
#include "detector/findings/exporter.hpp"
#include "results/whole_file.hpp"

namespace gobench::cli::race {

class report_files {
 public:
  // Throws environment_error for one that cannot be written; none is changed yet.
  explicit report_files(const std::vector<output>& outputs);

  // Each file whole. One that cannot be written is noted, and left out from then on; the others go on.
  void write(const detector::findings::document& told);
  // Why a file could not be written; empty when all could.
  const std::string& trouble() const { return trouble_; }
  // Those that have been written.
  std::vector<std::string> names() const;

 private:
  struct one_file {
    output what;
    results::whole_file file;
    bool written = false;
    bool failed = false;
  };
  std::vector<one_file> files_;
  std::string trouble_;
};

// Adds the text to the summary of a job of GitHub Actions, where there is one; within what a step may have.
// Returns why it could not, else nothing.
std::string append_to_job_summary(const detector::findings::document& told);

}  // namespace gobench::cli::race
