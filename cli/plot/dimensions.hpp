// What tells the cases of a picture apart.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/report/run.hpp"

namespace gobench::cli::plot {

struct place {
  const report::measured_case* what;
  const report::run* in;
};

// The content of a dimension as text: run, case, impl, vehicle, procs, tasks or a parameter. Empty: it has none.
std::string text_of(const place& one, const std::string& dimension);
// The same as a number, where it is one.
std::optional<double> number_of(const place& one, const std::string& dimension);
bool all_numbers(const std::vector<place>& all, const std::string& dimension);

// The different values; numbers by size, all else in the order of the cases.
std::vector<std::string> values_of(const std::vector<place>& all, const std::string& dimension);
// The dimensions with several values.
std::vector<std::string> varying(const std::vector<place>& all);

// "tasks 8", "gobench.mutex": as a name or a subtitle tells it.
std::string told(const std::string& dimension, const std::string& value);
// "hold_ns" -> "hold (ns)"
std::string axis_title(const std::string& column);

}  // namespace gobench::cli::plot
