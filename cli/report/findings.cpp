#include "cli/report/findings.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>

#include "cli/failure.hpp"
#include "cli/messages.hpp"
#include "detector/findings/finding.hpp"

namespace gobench::cli::report {

namespace {

using results::internal::json;

constexpr std::size_t most_bytes = 64U << 20U;

std::string text_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  const auto refuse = [&] {
    throw environment_error(
        messages::cannot_read(std::system_error(errno, std::generic_category(), file).what()));
  };
  if (!in) refuse();
  std::string text;
  char piece[65536];
  while (in.read(piece, sizeof piece) || in.gcount() > 0) {
    text.append(piece, static_cast<std::size_t>(in.gcount()));
    if (text.size() > most_bytes) {
      throw environment_error(messages::no_findings(file, 1, "it is larger than 64 MiB"));
    }
  }
  if (in.bad()) refuse();
  return text;
}

std::size_t line_of(const std::string& text, std::size_t byte) {
  const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(byte, text.size()));
  return 1 + static_cast<std::size_t>(std::count(text.begin(), end, '\n'));
}

}  // namespace

findings_file read_findings(const std::string& file) {
  const std::string text = text_of(file);
  findings_file made{file, json::array()};
  try {
    const json all = json::parse(text);
    const auto list = all.is_object() ? all.find("findings") : all.end();
    if (!all.is_object() || list == all.end() || !list->is_array()) {
      throw environment_error(messages::no_findings(file, 1, "it has no list \"findings\""));
    }
    for (const json& one : *list) {
      // What the detector's own reader makes of it, so that the page need not doubt any type.
      const detector::findings::finding known =
          detector::findings::to_finding(detector::findings::json::parse(one.dump()));
      json shown = json::parse(detector::findings::to_json(known).dump(
          -1, ' ', false, detector::findings::json::error_handler_t::replace));
      if (const auto again = one.find("reproduce"); again != one.end() && again->is_string()) {
        shown["reproduce"] = *again;
      } else if (const auto whole = all.find("reproduce");
                 whole != all.end() && whole->is_string()) {
        shown["reproduce"] = *whole;
      }
      made.findings.push_back(std::move(shown));
    }
  } catch (const json::parse_error& wrong) {
    throw environment_error(
        messages::no_findings(file, line_of(text, wrong.byte), "it is no whole JSON"));
  } catch (const std::invalid_argument& wrong) {
    throw environment_error(messages::no_findings(file, 1, wrong.what()));
  } catch (const json::exception& wrong) {
    throw environment_error(messages::no_findings(file, 1, wrong.what()));
  }
  return made;
}

}  // namespace gobench::cli::report
