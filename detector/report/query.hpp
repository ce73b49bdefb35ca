// The report that the program may ask about while its hook runs.
#pragma once

#include "detector/report/finding.hpp"
#include "detector/report/raw_finding.hpp"

namespace gobench::detector::reporting {

struct current_report {
  finding told;
  raw_finding raw;
};

// While it lives, __tsan_get_current_report() gives this report. Under the lock of the report.
class current_report_scope {
 public:
  explicit current_report_scope(const current_report& shown) noexcept;
  ~current_report_scope();
  current_report_scope(const current_report_scope&) = delete;
  current_report_scope& operator=(const current_report_scope&) = delete;
};

}  // namespace gobench::detector::reporting
