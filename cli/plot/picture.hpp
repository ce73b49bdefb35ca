// What a picture shows, before any program draws it.
#pragma once

#include <string>
#include <vector>

#include "cli/report/run.hpp"

namespace gobench::cli::plot {

enum class kind { lines, bars, latency, heat_map };

struct point {
  double x = 0;  // of bars: the place of the name among the ticks
  double y = 0;  // the median
  double low = 0;
  double high = 0;  // its 95 % interval
};

struct line {
  std::string name;
  std::vector<point> points;  // sorted by x
};

// Names are printable, and short enough for a picture 800 pixels wide.
struct picture {
  kind how = kind::lines;
  std::string title;
  std::string subtitle;  // what all that is shown has in common
  std::string x_label;
  std::string y_label;
  bool log_x = false;
  bool log_y = false;
  std::vector<std::string> ticks;  // names along x, for bars, latency and heat maps
  std::vector<std::string> rows;   // names along y, for heat maps
  std::vector<line> lines;         // of a heat map one for each row
};

struct wishes {
  std::string kind;    // lines, bars, latency, heat; empty: what fits the suite
  std::string x;       // a dimension; empty: what has the most values
  std::string metric;  // empty: ns_per_op
};

// More lines cannot be told apart; where there would be more, only one value of some dimension is shown, and the
// subtitle says which.
inline constexpr std::size_t most_lines = 10;

// The runs have cases of one suite. Throws usage_error for a wish that cannot be.
picture picture_of(const std::vector<report::run>& runs, const wishes& wanted);

}  // namespace gobench::cli::plot
