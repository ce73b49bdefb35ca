#include "cli/explore/outcome.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <sstream>

#include "detector/explore/log.hpp"

namespace gobench::cli::explore {

namespace {

namespace findings = detector::findings;
using detector::explore::end_reason;

// The line that says most about why the program failed; empty where it said nothing.
std::string telling_line(const std::string& said) {
  constexpr std::string_view words[] = {"Assertion", "assertion", "terminate called",
                                        "what():",   "FAILED",    "Failure",
                                        "rror",      "xpected"};
  std::string last;
  std::string best;
  std::size_t rank = std::size(words);
  std::istringstream in(said);
  for (std::string line; std::getline(in, line);) {
    const std::size_t first = line.find_first_not_of(" \t");
    if (first == std::string::npos) continue;
    last = line.substr(first);
    for (std::size_t i = 0; i < rank; ++i) {
      if (line.find(words[i]) == std::string::npos) continue;
      rank = i;
      best = last;
    }
  }
  std::string text = best.empty() ? last : best;
  constexpr std::size_t longest = 200;
  if (text.size() > longest) text = text.substr(0, longest) + "...";
  return text;
}

// What a message says apart from numbers, which differ from run to run and from build to build.
std::string without_numbers(const std::string& text) {
  std::string made;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool digit = std::isdigit(static_cast<unsigned char>(text[i])) != 0;
    if (!digit) {
      made += text[i];
      continue;
    }
    made += '#';
    while (i + 1 < text.size() && std::isxdigit(static_cast<unsigned char>(text[i + 1])) != 0) ++i;
    if (i + 1 < text.size() && text[i + 1] == 'x') {
      ++i;
      while (i + 1 < text.size() && std::isxdigit(static_cast<unsigned char>(text[i + 1])) != 0)
        ++i;
    }
  }
  return made;
}

std::string fingerprint_of(const findings::finding& one, const std::string& program) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  const std::string text = one.kind + '\n' + one.type + '\n' + without_numbers(one.message) + '\n' +
                           std::filesystem::path(program).filename().string();
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return fmt::format("{:016x}", hash);
}

bool told(const std::vector<findings::finding>& all, std::string_view kind) {
  return std::ranges::find(all, kind, &findings::finding::kind) != all.end();
}

std::string with(std::string text, const std::string& line) {
  return line.empty() ? text : text + ": " + line;
}

}  // namespace

std::vector<findings::finding> findings_of(const run_result& result) {
  std::vector<findings::finding> all;
  for (const std::string& line : result.findings) {
    const findings::json read = findings::json::parse(line, nullptr, false);
    if (!read.is_object() || read.contains("event")) continue;
    try {
      all.push_back(findings::to_finding(read));
    } catch (const std::exception&) {
      // Counted by whoever takes the lines.
    }
  }
  return all;
}

std::optional<findings::finding> seen_from_outside(const run_result& result,
                                                   const std::string& program) {
  const std::vector<findings::finding> all = findings_of(result);
  const std::string line = telling_line(result.said);
  findings::finding made;
  if (result.too_slow) {
    if (told(all, "hang")) return std::nullopt;
    made.kind = "hang";
    made.type = "no end";
    made.message = "hang: the program did not end";
  } else if (result.log.header.end == end_reason::deadlock) {
    if (told(all, "deadlock")) return std::nullopt;
    made.kind = "deadlock";
    made.type = "all threads wait";
    made.message = "deadlock: all threads wait, and nothing can wake them";
  } else if (result.log.header.end == end_reason::hang) {
    if (told(all, "hang")) return std::nullopt;
    made.kind = "hang";
    made.type = "no progress";
    made.message = "hang: the program makes steps but no progress";
  } else if (result.how.signal) {
    if (told(all, "crash") || told(all, "assertion")) return std::nullopt;
    const int number = *result.how.signal;
    const char* name = ::sigabbrev_np(number);
    const std::string signal =
        name == nullptr ? fmt::format("signal {}", number) : fmt::format("SIG{}", name);
    const bool asserted = number == SIGABRT && (line.find("ssertion") != std::string::npos);
    made.kind = asserted ? "assertion" : "crash";
    made.type = signal;
    made.message = with(asserted ? "failed assertion" : "ended by " + signal, line);
  } else if (result.how.code() != 0) {
    if (told(all, "crash") || told(all, "assertion")) return std::nullopt;
    made.kind = "assertion";
    made.type = fmt::format("exit code {}", result.how.code());
    made.message = with(made.type, line);
  } else {
    return std::nullopt;
  }
  made.fingerprint = fingerprint_of(made, program);
  return made;
}

std::vector<std::string> fingerprints_of(const run_result& result, const std::string& program) {
  std::vector<std::string> all;
  for (const findings::finding& one : findings_of(result)) {
    if (!one.suppressed_by) all.push_back(one.fingerprint);
  }
  if (const auto own = seen_from_outside(result, program)) all.push_back(own->fingerprint);
  return all;
}

std::string identity_of(const run_result& result) {
  std::string text = fmt::format("end {} {} {}\n", static_cast<int>(result.log.header.end),
                                 result.how.exit_code.value_or(-1), result.how.signal.value_or(0));
  for (const detector::explore::log_record& one : result.log.records) {
    text += fmt::format("{} {} {} {} {:x} {:x}\n", one.thread, static_cast<int>(one.what),
                        one.chosen, one.count, one.object, one.pc);
  }
  for (const std::string& line : result.findings) {
    findings::json read = findings::json::parse(line, nullptr, false);
    if (read.is_object()) {
      for (const char* other : {"time", "pid", "seconds"}) read.erase(other);
    }
    text += read.is_discarded()
                ? line
                : read.dump(-1, ' ', false, findings::json::error_handler_t::replace);
    text += '\n';
  }
  return text;
}

std::vector<std::uint64_t> conflicting_places(const std::vector<findings::finding>& found,
                                              const std::string& program, std::uint64_t base) {
  std::vector<std::uint64_t> all;
  const std::string name = std::filesystem::path(program).filename().string();
  for (const findings::finding& one : found) {
    if (one.kind != "data-race") continue;
    for (const findings::access& each : one.accesses) {
      if (each.where.empty()) continue;
      const findings::frame& inner = each.where.front();
      if (std::filesystem::path(inner.module).filename().string() != name) continue;
      const std::uint64_t offset = std::strtoull(inner.offset.c_str(), nullptr, 16);
      if (offset > base) all.push_back(offset - base);
    }
  }
  std::ranges::sort(all);
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

}  // namespace gobench::cli::explore
