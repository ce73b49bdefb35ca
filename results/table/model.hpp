// Samples arranged for people: which are compared with each other, and who is the fastest.
//
// A section holds what answers one question: one case on one vehicle with one setting of everything
// else. Its rows are implementations, its columns the values of the dimension that is looked along:
// `tasks` when it has several values, else the numeric parameter with the most values, else `procs`.
// A parameter that varies and that only some implementations of the case have is part of their labels.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "results/record.hpp"
#include "results/summary.hpp"

namespace gobench::results::table {

struct cell {
  std::optional<summary> found;      // nothing: not measured there
  bool best = false;                 // the fastest, or too close to it to tell
  std::vector<double> metrics = {};  // medians of section::shown; not_measured where there is none
};

struct row {
  std::string label;
  std::vector<cell> cells;  // one per column
};

struct section {
  std::string title = {};  // counter on fibers, hold_ns 0
  std::string dimension = {};
  std::vector<std::string> columns = {};
  std::vector<std::string> shown = {};  // metrics beside the times, those that occur
  std::vector<row> rows = {};
};

struct block {
  std::string suite = {};
  std::vector<std::string> constants =
      {};                  // what has one value wherever it applies: procs 2, read_pct 50
  std::size_t fewest = 0;  // samples in a cell
  std::size_t most = 0;
  std::vector<section> sections = {};
};

// `parameters` are the names of those that samples may have, in the order in which titles tell them.
//
// Suites, sections and columns come in the order of their names and values. Rows: the baseline first
// (implementations called plain.*, which do the work unprotected and are not ranked), then the fastest
// in the last column. Samples without a time are left out.
//
// Of the metrics in `shown` a section has those that some sample of it has.
//
// Fastest are those whose interval overlaps that of the lowest median; noisy and serial ones take no
// part, and one alone has nothing to win.
std::vector<block> arrange(std::span<const sample> samples,
                           const std::vector<std::string>& parameters,
                           const std::vector<std::string>& shown = {});

}  // namespace gobench::results::table
