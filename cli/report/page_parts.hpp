// The sources of the page, built in: those of cli/report/page/ and uPlot's (cmake/gobench_page.cmake).
#pragma once

#include <span>
#include <string_view>

namespace gobench::cli::report {

struct page_part {
  std::string_view name;  // "plot.js", "uPlot.iife.min.js"
  std::string_view text;
};

// Without uPlot's files where it was not there when gobench was built.
std::span<const page_part> page_parts();

}  // namespace gobench::cli::report
