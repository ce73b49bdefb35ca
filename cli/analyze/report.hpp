// What `gobench analyze` writes about a trace, one function per format.
#pragma once

#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

#include "detector/offline/engine.hpp"

namespace gobench::cli::analyze {

struct report {
  std::string file;
  std::string engine;
  std::string position_unit;  // what positions count: "line" or "event"
  detector::offline::trace_counts counts;
  detector::offline::verdict found;
  double seconds = 0;
  std::size_t most_findings = 0;  // of races told one by one
};

struct format {
  std::string name;
  std::size_t most_findings;  // where --max-findings was not given
  void (*write)(const report& made, std::ostream& to);
};

void write_text(const report& made, std::ostream& to);
void write_json(const report& made, std::ostream& to);
void write_csv(const report& made, std::ostream& to);

const std::vector<format>& all_formats();

}  // namespace gobench::cli::analyze
