// Text in columns on a terminal.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace gobench::results::table {

// Columns that UTF-8 text takes; East Asian wide characters and emoji take two.
std::size_t width_of(std::string_view text);

// With control characters as `?`, so that a name can neither break the layout nor steer the terminal.
std::string printable(std::string_view text);

std::string pad_left(std::string_view text, std::size_t width);
std::string pad_right(std::string_view text, std::size_t width);

// At most `width` columns, by `…` in the middle.
std::string shortened(const std::string& text, std::size_t width);

// With spaces at which wrapped() does not break; it writes them as spaces.
std::string unbroken(std::string_view text);

// Broken between words into lines of at most `width` columns, those after the first indented; words
// that are too long are shortened. Ends with a newline.
std::string wrapped(std::string_view text, std::size_t width, std::size_t indent);

// Three significant digits, all digits of what is larger, thousands parted by commas: 0.124, 1.24, 12.4,
// 124, 12,345. Never wider than 19 columns.
std::string readable(double number);

// The unit in which these times read best: that of their median, but not one in which the smallest
// would be below 0.1.
struct time_unit {
  std::string_view name;
  double ns = 1;
};
time_unit unit_for(std::span<const double> times_ns);

}  // namespace gobench::results::table
