// One object, a line for each of its members. Lists of racy events can be as long as the trace, so they
// are written piece by piece.
#include <fmt/format.h>

#include <iterator>
#include <nlohmann/json.hpp>

#include "cli/analyze/report.hpp"

namespace gobench::cli::analyze {

namespace {

std::string quoted(const std::string& text) {
  // Names are bytes of a file and need not be UTF-8.
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

void write_json(const report& made, std::ostream& to) {
  to << fmt::format(
      "{{\n\"engine\": {},\n\"events\": {},\n\"threads\": {},\n\"locks\": {},\n\"variables\": "
      "{},\n",
      quoted(made.engine), made.counts.events, made.counts.threads, made.counts.locks,
      made.found.variables);

  fmt::memory_buffer piece;
  const auto put = [&] {
    to.write(piece.data(), static_cast<std::streamsize>(piece.size()));
    piece.clear();
  };
  const char* separator = "";
  to << "\"racy_events\": [";
  made.found.racy_events.each([&](std::uint64_t position) {
    fmt::format_to(std::back_inserter(piece), "{}{}", separator, position);
    separator = ", ";
    if (piece.size() > 32 * 1024) put();
  });
  put();
  to << "],\n\"racy_variables\": [";
  separator = "";
  for (const auto& one : made.found.races) {
    to << separator << quoted(one.variable);
    separator = ", ";
  }
  to << "],\n\"first_race\": {";
  separator = "";
  for (const auto& one : made.found.races) {
    to << separator << quoted(one.variable) << ": " << one.later.position;
    separator = ", ";
  }
  to << fmt::format("}},\n\"seconds\": {:.6f}\n}}\n", made.seconds);
}

}  // namespace gobench::cli::analyze
