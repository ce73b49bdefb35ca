// A result with all of its samples, case by case, as pages and plots need it.
#pragma once

#include <cstdint>
#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include "results/reader.hpp"
#include "results/record.hpp"

namespace gobench::cli::report {

// More samples than this are refused: a page with them would not open, and a picture would not show them.
inline constexpr std::uint64_t most_samples = 2'000'000;

struct measured_case {
  std::vector<results::sample> samples;  // one at least, in the order of the file
  std::vector<std::uint64_t> order;      // the place of each in the file, from 0

  const results::sample& who() const { return samples.front(); }
};

struct run {
  std::string name;  // as typed
  results::file_content content;
  std::vector<measured_case> cases;  // in the order of their first samples

  std::vector<std::string> suites() const;      // in the order of the cases
  std::vector<std::string> parameters() const;  // those that occur
  std::vector<std::string> metrics() const;     // those that are numbers
};

// Throws environment_error with a sentence for a file that cannot be read, is no result or has too many samples, and
// usage_error where no case matches `filter`; `setting` is where that came from.
run read_run(const std::string& file, const std::optional<std::regex>& filter,
             std::string_view setting, std::string_view typed);

// The number in a column, which is ns_per_op, cpu_ns_per_op, ops_per_s or a metric; NaN where there is none.
double number_of(const results::sample& one, std::string_view column);

// The numbers of a column of a case that were measured.
std::vector<double> numbers_of(const measured_case& one, std::string_view column);

}  // namespace gobench::cli::report
