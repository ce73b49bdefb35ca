// A row per racy variable, with its first race.
#include <fmt/format.h>

#include <string_view>

#include "cli/analyze/report.hpp"

namespace gobench::cli::analyze {

namespace {

std::string cell(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string made = "\"";
  for (const char c : text) {
    if (c == '"') made += '"';
    made += c;
  }
  return made + '"';
}

std::string cells(const detector::offline::told_access& access) {
  return fmt::format("{},{},{},{}", access.position, cell(access.task), access.operation,
                     cell(access.location));
}

}  // namespace

void write_csv(const report& made, std::ostream& to) {
  const std::string& unit = made.position_unit;
  to << fmt::format(
      "variable,racy_events,{0},thread,operation,location,earlier_{0},earlier_thread,"
      "earlier_operation,earlier_location\n",
      unit);
  std::size_t shown = 0;
  for (const auto& one : made.found.races) {
    if (shown++ == made.most_findings) break;
    to << fmt::format("{},{},{},{}\n", cell(one.variable), one.racy_events, cells(one.later),
                      cells(one.earlier));
  }
}

}  // namespace gobench::cli::analyze
