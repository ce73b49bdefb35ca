// Findings and events as lines of JSON, for `gobench race` and whoever reads them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "detector/report/finding.hpp"

namespace gobench::detector::reporting {

// Each ends with a newline.
std::string json_of(const finding& what);
std::string start_line(std::string_view program);
std::string note_line(std::string_view text);

struct repeated {
  std::uint64_t fingerprint;
  std::uint64_t times;
};
struct end_of_report {
  std::uint64_t findings = 0;
  std::uint64_t suppressed = 0;
  std::vector<repeated> seen_again;
  std::vector<std::string> unused_suppressions;  // "race:pattern"
};
std::string end_line(const end_of_report& what);

// In quotes. What is not UTF-8 becomes U+FFFD.
std::string json_string(std::string_view text);

// "2026-01-31T12:00:00.123Z"
std::string time_now();

}  // namespace gobench::detector::reporting
