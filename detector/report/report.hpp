// A finding of the engine becomes a report: names are looked up, suppressions asked, what was told before is
// only counted; then it is printed, and written as a line of JSON.
//
// All functions are called inside the detector (internal_scope), may be called from any thread, fiber or stack,
// however small, wait for each other by one lock of their own, throw nothing, and leave errno alone. Before
// report_start() the defaults of report_options hold.
#pragma once

#include <cstdint>
#include <string_view>

#include "detector/report/raw_finding.hpp"

namespace gobench::detector {

enum class color_use : std::uint8_t { automatic, always, never };

// Strings are copied. Relative paths mean the working directory of now.
struct report_options {
  const char* suppressions = "";  // files, separated by commas; "": none
  const char* findings = "";      // file that gets the lines of JSON; "": none
  const char* log_path = "";  // text goes to this name and ".PID"; "", "stderr" or "stdout": there
  bool print = true;          // false: no text of findings, only lines of JSON
  color_use color = color_use::automatic;  // on a terminal, unless NO_COLOR is set or TERM is dumb
  bool print_suppressions = false;  // at the end, with counts, and those that matched nothing
  std::uint64_t most_reports = 0;   // of text; 0: all. Lines of JSON go on
};

// Reads the suppressions, also those of __tsan_default_suppressions(), and writes the start line. If a file
// cannot be read or a line is malformed, says so and ends the process with exit code 4.
void report_start(const report_options& options) noexcept;

// True if it is new and not suppressed: it was told. False: suppressed, or told before. Calls
// __tsan_on_report() and __tsan::OnReport() if the program has them.
bool report(raw_finding&& raw) noexcept;

// The cheap question before the work of making a raw finding: was one with these innermost program
// counters (in any order; 0 for a missing one) reported or suppressed before? If so it is counted again.
bool report_known(finding_type type, address one, address other) noexcept;

// One sentence for people and for the file of findings, such as that precision was reduced.
void report_note(std::string_view sentence) noexcept;

// A note with what a finding would say in one sentence, of which there are so many; it is none. Suppressed: nothing.
void report_note_of(raw_finding&& raw, std::size_t count) noexcept;

struct report_totals {
  std::uint64_t findings = 0;    // told, each once
  std::uint64_t suppressed = 0;  // each once
  bool file_is_short = false;    // the file of findings could not be written in full
};
report_totals report_so_far() noexcept;

// Prints counts and suppressions, writes the end line; once, later calls only tell the totals.
report_totals report_end() noexcept;

// Libraries were loaded or unloaded.
void report_modules_changed() noexcept;

// Does a suppression `called_from_lib:` name the library that has this code? Cheap, takes no lock.
bool report_called_from_library(address code) noexcept;

// Around fork(): the lock is held by the thread that forks, so that it is in order in the child. Counts
// of the child begin at 0; what the parent told is not told again.
void report_before_fork() noexcept;
void report_after_fork(bool in_child) noexcept;

}  // namespace gobench::detector
