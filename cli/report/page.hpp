// The page as one text: results, comparison and findings as data, and the program that shows them.
#pragma once

#include <string>
#include <vector>

#include "cli/report/run.hpp"
#include "results/internal/json.hpp"

namespace gobench::cli::report {

struct findings_file {
  std::string name;
  results::internal::json findings;  // an array
};

struct content {
  std::vector<run> runs;
  std::vector<findings_file> findings;
  results::internal::json comparisons = results::internal::json::array();  // of compare's JSON
};

// Whether uPlot was there when gobench was built.
bool can_make_page();

// HTML. Whatever the content's names are, none of them is read as HTML or as program.
std::string page_of(const content& what);

}  // namespace gobench::cli::report
