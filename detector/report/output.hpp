// Where reports go: text to stderr, stdout or a file of the process, lines of JSON to the file of findings.
//
// Files are opened for each report and closed again: a program may close all its descriptors or count them.
#pragma once

#include <atomic>
#include <string>
#include <string_view>

#include "detector/report/report.hpp"

namespace gobench::detector::reporting {

class output {
 public:
  void set(const report_options& options);

  void text(std::string_view all);
  void finding(std::string_view line);
  bool color() const;
  bool writes_findings() const noexcept { return !findings_.empty(); }
  // Could some line not be written? May be asked without the lock of the report.
  static bool findings_lost() noexcept { return lost_.load(std::memory_order_relaxed); }

 private:
  void complain(const std::string& path, int error);

  std::string log_;
  std::string findings_;
  color_use color_ = color_use::automatic;
  bool complained_ = false;
  static constinit std::atomic<bool> lost_;
};

// All of it, to this descriptor; 0 or an errno.
int write_all(int file, std::string_view text) noexcept;

}  // namespace gobench::detector::reporting
