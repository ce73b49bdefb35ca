// The findings that are known and accepted for now, kept in a file beside the sources.
//
//   {"version": 1, "findings": [
//     {"fingerprint": "00f3...", "kind": "data-race", "functions": "reset and worker",
//      "owner": "net team", "expires": "2027-01-31", "reason": "ticket 812", "last_seen": "2026-11-25"}]}
//
// A finding that is in it and has not expired does not fail a gate. `expires` is the last day on which it
// is accepted, null for no end. A baseline never changes what somebody wrote into it: owner, expiry and
// reason stay as they are, also when it is updated, so that nothing is un-expired by a machine.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "detector/findings/finding.hpp"

namespace gobench::detector::findings {

// A baseline that cannot be read. what() is a sentence with the file and what is wrong in it.
struct bad_baseline : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct accepted_finding {
  std::string fingerprint;
  std::string kind;
  std::string functions;
  std::string owner;
  std::string expires;  // YYYY-MM-DD; empty: never
  std::string reason;
  std::string last_seen;  // YYYY-MM-DD; empty: not known

  bool expired(std::string_view today) const { return !expires.empty() && expires < today; }
};

class baseline {
 public:
  // Without entries.
  baseline() = default;

  // Throws bad_baseline.
  static baseline read(const std::filesystem::path& file);
  static baseline parse(std::string_view text, const std::string& name);

  // Null when it is not known.
  const accepted_finding* find(std::string_view fingerprint) const;
  const std::vector<accepted_finding>& entries() const { return entries_; }

  // Takes note that the finding occurred on that day: its entry gets the date, or there is a new one
  // without owner and expiry. Returns whether it is new.
  bool note(const finding& one, std::string_view today);

  // Sorted by fingerprint, one member per line, so that two versions can be compared line by line.
  std::string text() const;

 private:
  std::vector<accepted_finding> entries_;
};

// YYYY-MM-DD in UTC.
std::string today();

}  // namespace gobench::detector::findings
