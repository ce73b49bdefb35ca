// Findings that the user does not want to hear of, in the format that ThreadSanitizer's files have:
//
//   # a comment
//   race:TYPE_OR_FUNCTION     a function, source file or module of any frame, or the global variable
//   race_top:FUNCTION         the same, but only the innermost frame of each side
//   thread: mutex: signal: deadlock:        the other kinds of findings, by any frame
//   called_from_lib:LIBRARY   calls that this library makes to libc and pthread are not looked at
//
// A pattern matches anywhere in the name; `*` stands for any text, a leading `^` and a trailing `$` hold it
// to the beginning and the end.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "detector/report/finding.hpp"
#include "detector/report/frame.hpp"

namespace gobench::detector::reporting {

bool matches(std::string_view pattern, std::string_view text);

enum class suppression_kind : std::uint8_t {
  race,
  race_top,
  thread,
  mutex,
  signal,
  deadlock,
  called_from_lib
};

struct suppression {
  suppression_kind kind;
  std::string pattern;
  std::string origin;  // file:line
  std::uint64_t hits = 0;

  std::string text() const;  // "race:pattern"
};

class suppressions {
 public:
  // Adds what `text` says. Returns an empty string or a sentence with origin and line on what is wrong.
  std::string parse(std::string_view text, std::string_view origin);
  // The same with a file; relative names are looked for in the working directory, then beside the program.
  std::string read(const std::string& path);

  // The first that matches and has been counted, or null.
  suppression* find(const finding& what);
  bool any_called_from_lib() const noexcept { return called_from_lib_; }
  // Counted as well.
  bool is_called_from_lib(std::string_view module);

  const std::vector<suppression>& all() const noexcept { return all_; }

 private:
  std::vector<suppression> all_;
  bool called_from_lib_ = false;
};

}  // namespace gobench::detector::reporting
