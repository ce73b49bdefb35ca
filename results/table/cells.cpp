#include "results/table/cells.hpp"

#include <fmt/format.h>

#include <cmath>
#include <vector>

namespace gobench::results::table {

namespace {

std::string spread_text(const summary& found) {
  if (std::isnan(found.spread)) return "";
  // Beyond that it is noise, and how much of it matters to nobody.
  if (found.spread > 0.994) return "±>99%";
  return fmt::format("±{:.0f}%", found.spread * 100);
}

}  // namespace

parts parts_of(const cell& one, const time_unit& unit, marks& seen) {
  if (!one.found) return {"-", "", ""};
  const summary& found = *one.found;
  parts made{readable(found.median_ns / unit.ns), spread_text(found), ""};
  if (!made.spread.empty()) {
    seen.spread = true;
    (found.range_ns.coverage >= 0.95 ? seen.interval : seen.range) = true;
  }
  if (one.best) made.mark += '*';
  if (found.noisy) made.mark += '~';
  if (found.serial) made.mark += 's';
  seen.best |= one.best;
  seen.noisy |= found.noisy;
  seen.serial |= found.serial;
  return made;
}

time_unit unit_of(const section& in) {
  std::vector<double> medians;
  for (const row& one : in.rows) {
    for (const cell& c : one.cells) {
      if (c.found) medians.push_back(c.found->median_ns);
    }
  }
  return unit_for(medians);
}

}  // namespace gobench::results::table
