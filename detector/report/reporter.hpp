// What a process knows of its findings: which were told, which suppressions there are, where text goes.
//
// Invariants. Every member is called under the lock of the report (report.cpp), but for `totals()` and
// `is_ignored()`, which read atomics. An entry of `known_` is never removed: `by_counters_` points to it.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "detector/report/finding.hpp"
#include "detector/report/output.hpp"
#include "detector/report/query.hpp"
#include "detector/report/report.hpp"
#include "detector/report/suppressions.hpp"
#include "detector/report/symbolizer.hpp"

namespace gobench::detector::reporting {

// The kind and the innermost program counters of both sides, the smaller one first.
using counters = std::tuple<finding_type, address, address>;
counters key_of(finding_type type, address one, address other) noexcept;

class reporter {
 public:
  void start(const report_options& options);
  // True and `told_now`: it is new and was told.
  bool handle(const raw_finding& raw, std::unique_ptr<current_report>& told_now);
  // Was it told or suppressed before? Then it is counted.
  bool count_again(const counters& key);
  void note(std::string_view sentence);
  void note_of(const raw_finding& raw, std::size_t count);
  void end();
  void modules_changed();
  void begin_child();

  static report_totals totals() noexcept;
  static bool is_ignored(address code) noexcept;

 private:
  // What was told (or suppressed) before.
  struct known {
    std::uint64_t fingerprint = 0;
    std::uint64_t times = 0;
    std::string headline;
    suppression* suppressed = nullptr;
    std::vector<std::string> places;  // pairs of lines, to tell those that are new
  };

  [[noreturn]] void refuse(const std::string& sentence);
  void add(const std::string& problem) {
    if (!problem.empty()) refuse(problem);
  }
  void tell_other_place(known& entry, const finding& what);
  void find_ignored_code();
  std::string suppressions_text() const;

  output out_;
  symbolizer names_;
  suppressions suppressions_;
  std::map<std::pair<std::uint64_t, bool>, known> known_;  // by fingerprint, and whether suppressed
  std::map<counters, known*> by_counters_;
  std::uint64_t most_reports_ = 0;
  bool print_ = true;
  bool print_suppressions_ = false;
  bool ended_ = false;
};

}  // namespace gobench::detector::reporting
