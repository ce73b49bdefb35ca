// Judged claims on their way to the user: one format per file, each registering itself.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/claims/verdict.hpp"
#include "cli/terminal.hpp"
#include "results/record.hpp"

namespace gobench::cli::claims {

struct report {
  std::vector<judged_claim> claims;
  results::context about;
  bool quick = false;
  bool in_detail = false;  // a table tells all parts of every claim
  double seconds = 0;

  std::size_t count(verdict of) const;
};

using renderer = std::function<std::string(const report& made, const stream_traits& to)>;

struct format_registration {
  // `endings` of file names ask for this format.
  format_registration(std::string name, std::vector<std::string> endings, renderer made);
};

std::vector<std::string> format_names();
// Null when there is no such format.
const renderer* find_format(const std::string& name);
// Empty when the name does not tell.
std::string format_of_file(const std::string& file);

// "12.3x", "4,634 bytes", "35 %"
std::string number_text(double number, const std::string& unit);
// "12.3 [10.1, 15.0]x"; "not measured"
std::string measured_text(const judged_figure& one);
// ">= 10x"
std::string threshold_text(const figure& one);
// What is shown of the claim: a figure, or "4 of 4 programs".
std::string measured_text(const judged_claim& one);
std::string threshold_text(const judged_claim& one);
// "30 hold, 3 do not, 10 cannot be told"
std::string counts_text(const report& made);
// "Intel ..., 2 CPUs, Linux 6.1, load 0.2, on 2026-11-25"
std::string machine_text(const report& made);
// The parts of a claim, one line each: what it is, the figure, the threshold, the verdict, why.
struct part_text {
  std::string about;
  std::string measured;
  std::string threshold;
  verdict said;
  std::string reason;  // for the threshold
  std::string why;     // for the verdict; may be empty
};
std::vector<part_text> parts_of(const judged_claim& one);

}  // namespace gobench::cli::claims
