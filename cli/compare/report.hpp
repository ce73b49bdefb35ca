// A comparison on its way to the user: one format per file, each registering itself.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/terminal.hpp"
#include "results/comparison.hpp"

namespace gobench::cli::compare {

// The cases that have the same value in a column.
struct group {
  std::string name;  // "tasks 8"; empty without --group-by
  std::vector<const results::compared*> cases;
  results::mean_ratio mean;
};

struct report {
  std::string base;  // names of the files
  std::string fresh;
  std::string metric;
  results::judging how;
  results::comparison found;
  std::vector<group> groups;  // point into `found`
  std::string constants;      // what all cases have in common, for a heading

  // What tells the case from the others.
  std::string label(const results::compared& one) const;
  std::vector<std::string> varying;  // columns
};

// Groups by a column (empty: one group), and finds what varies.
void arrange(report& made, const std::string& column);

// One text for all of the comparisons with a base.
using renderer =
    std::function<std::string(const std::vector<report>& all, const stream_traits& to)>;

struct format_registration {
  // `endings` of file names ask for this format.
  format_registration(std::string name, std::vector<std::string> endings, renderer made);
};

std::vector<std::string> format_names();
// Null when there is no such format.
const renderer* find_format(const std::string& name);
// Empty when the name does not tell.
std::string format_of_file(const std::string& file);

// "+9.6 %", "-0.4 %"; a sign always. Ratios beyond 10 are told as "x12.3".
std::string change_text(double ratio);
// "[+7.1, +12.0] %"
std::string range_text(const results::interval& range);
// "13.6 ns" for times, else the number.
std::string value_text(double number, const std::string& metric);
std::string p_text(double p);
// "2 better, 1 worse, 8 the same, 1 cannot be told"
std::string counts_text(const results::comparison& found);

}  // namespace gobench::cli::compare
