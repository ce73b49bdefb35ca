#include "detector/findings/baseline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>

namespace gobench::detector::findings {

namespace {

constexpr int version = 1;

bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  for (const std::size_t at : {0U, 1U, 2U, 3U, 5U, 6U, 8U, 9U}) {
    if (std::isdigit(static_cast<unsigned char>(text[at])) == 0) return false;
  }
  const auto two = [&](std::size_t at) { return (text[at] - '0') * 10 + (text[at + 1] - '0'); };
  return two(5) >= 1 && two(5) <= 12 && two(8) >= 1 && two(8) <= 31;
}

// Line of the byte at `offset`, 1-based.
std::ptrdiff_t line_at(std::string_view text, std::size_t offset) {
  const std::size_t end = std::min(offset, text.size());
  return 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end), '\n');
}

[[noreturn]] void refuse(const std::string& name, const std::string& cause) {
  throw bad_baseline(
      fmt::format("The baseline {} cannot be used: {}; correct it, or remove it and "
                  "make a new one with --update-baseline.",
                  name, cause));
}

// A member that is a text or null.
std::string text_of(const json& entry, const char* member, const std::string& name,
                    std::size_t number) {
  const auto found = entry.find(member);
  if (found == entry.end() || found->is_null()) return {};
  if (!found->is_string()) {
    refuse(name, fmt::format("\"{}\" of finding {} is no text", member, number));
  }
  return found->get<std::string>();
}

json null_or(const std::string& text) { return text.empty() ? json(nullptr) : json(text); }

}  // namespace

baseline baseline::read(const std::filesystem::path& file) {
  std::error_code ignored;
  std::ifstream in(file, std::ios::binary);
  if (!in || std::filesystem::is_directory(file, ignored)) {
    const int cause = in ? EISDIR : errno;
    throw bad_baseline(
        fmt::format("The baseline {} cannot be read: {}; --update-baseline makes one.",
                    file.string(), std::strerror(cause)));
  }
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return parse(text, file.string());
}

baseline baseline::parse(std::string_view text, const std::string& name) {
  json document;
  try {
    document = json::parse(text);
  } catch (const json::parse_error& error) {
    refuse(name, fmt::format("it is no JSON from line {} on", line_at(text, error.byte)));
  }
  if (!document.is_object() || !document.contains("findings") || !document["findings"].is_array()) {
    refuse(name, "it has no list \"findings\"");
  }
  if (const auto made_for = document.find("version");
      made_for != document.end() && *made_for != version) {
    refuse(name, fmt::format("it is of version {}, and this gobench knows version {}",
                             made_for->dump(), version));
  }
  baseline made;
  std::size_t number = 0;
  for (const json& entry : document["findings"]) {
    ++number;
    if (!entry.is_object()) refuse(name, fmt::format("finding {} is no object", number));
    accepted_finding one{.fingerprint = text_of(entry, "fingerprint", name, number),
                         .kind = text_of(entry, "kind", name, number),
                         .functions = text_of(entry, "functions", name, number),
                         .owner = text_of(entry, "owner", name, number),
                         .expires = text_of(entry, "expires", name, number),
                         .reason = text_of(entry, "reason", name, number),
                         .last_seen = text_of(entry, "last_seen", name, number)};
    if (one.fingerprint.empty()) {
      refuse(name, fmt::format("finding {} has no \"fingerprint\"", number));
    }
    if (!one.expires.empty() && !is_date(one.expires)) {
      refuse(name, fmt::format("\"expires\" of finding {} is \"{}\" and should be a date such as "
                               "2027-01-31, or null",
                               number, one.expires));
    }
    if (made.find(one.fingerprint) != nullptr) {
      refuse(name, fmt::format("finding {} has the same fingerprint as one before it ({})", number,
                               one.fingerprint));
    }
    made.entries_.push_back(std::move(one));
  }
  return made;
}

const accepted_finding* baseline::find(std::string_view fingerprint) const {
  const auto found = std::ranges::find(entries_, fingerprint, &accepted_finding::fingerprint);
  return found == entries_.end() ? nullptr : &*found;
}

bool baseline::note(const finding& one, std::string_view today) {
  const auto found = std::ranges::find(entries_, one.fingerprint, &accepted_finding::fingerprint);
  if (found != entries_.end()) {
    found->last_seen = today;
    return false;
  }
  entries_.push_back({.fingerprint = one.fingerprint,
                      .kind = one.kind,
                      .functions = functions_of(one),
                      .owner = {},
                      .expires = {},
                      .reason = {},
                      .last_seen = std::string(today)});
  return true;
}

std::string baseline::text() const {
  std::vector<accepted_finding> sorted = entries_;
  std::ranges::sort(sorted, {}, &accepted_finding::fingerprint);
  json list = json::array();
  for (const accepted_finding& one : sorted) {
    list.push_back({{"fingerprint", one.fingerprint},
                    {"kind", one.kind},
                    {"functions", one.functions},
                    {"owner", one.owner},
                    {"expires", null_or(one.expires)},
                    {"reason", one.reason},
                    {"last_seen", null_or(one.last_seen)}});
  }
  const json document = {{"version", version}, {"findings", list}};
  return document.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

std::string today() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::array<char, 16> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d", &parts);
  return text.data();
}

}  // namespace gobench::detector::findings
