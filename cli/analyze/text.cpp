#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "cli/analyze/report.hpp"

namespace gobench::cli::analyze {

namespace {

using detector::offline::race;
using detector::offline::told_access;

// Names come out of a file: whatever a terminal would act on is told as \x1b.
std::string printable(std::string_view name) {
  std::string made;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      made += fmt::format("\\x{:02x}", byte);
    } else {
      made += c;
    }
  }
  return made;
}

std::string counted(std::uint64_t count, std::string_view one) {
  return fmt::format("{} {}{}", count, one, count == 1 ? "" : "s");
}

std::string told(const told_access& access, const std::string& unit) {
  const std::string at =
      access.location.empty() ? std::string() : fmt::format(" at {}", printable(access.location));
  return fmt::format("{} {}: {} by {}{}", unit, access.position, access.operation,
                     printable(access.task), at);
}

void write_race(const race& one, const std::string& unit, std::ostream& to) {
  to << fmt::format("race on {}\n", printable(one.variable));
  to << fmt::format("  {}\n", told(one.later, unit));
  to << fmt::format("  {}; nothing orders it before the other\n", told(one.earlier, unit));
  if (one.racy_events > 1) {
    to << fmt::format("  {} more on this variable\n", counted(one.racy_events - 1, "racy event"));
  }
  to << "\n";
}

}  // namespace

void write_text(const report& made, std::ostream& to) {
  const std::vector<race>& races = made.found.races;
  const std::size_t shown = std::min(races.size(), made.most_findings);
  for (std::size_t i = 0; i < shown; ++i) write_race(races[i], made.position_unit, to);
  if (shown < races.size()) {
    to << fmt::format("{} more not shown; --max-findings {} shows all.\n\n",
                      counted(races.size() - shown, "racy variable"), races.size());
  }
  const std::string size =
      fmt::format("{}, {}, {}, {}", counted(made.counts.events, "event"),
                  counted(made.counts.threads, "thread"), counted(made.counts.locks, "lock"),
                  counted(made.found.variables, "variable"));
  if (races.empty()) {
    to << fmt::format("{}: no race by engine {} in {}.\n", made.file, made.engine, size);
  } else {
    to << fmt::format("{}: {} on {} by engine {} in {}.\n", made.file,
                      counted(made.found.racy_events.count(), "racy event"),
                      counted(races.size(), "variable"), made.engine, size);
  }
}

}  // namespace gobench::cli::analyze
