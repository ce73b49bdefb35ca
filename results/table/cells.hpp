// One cell of a table, and how it looks.
#pragma once

#include <cstddef>
#include <string>

#include "results/table/model.hpp"
#include "results/table/text.hpp"

namespace gobench::results::table {

inline constexpr std::size_t margin = 2;  // before labels and between columns

// ANSI escapes (SGR), or nothing.
class paint {
 public:
  explicit paint(bool on) : on_(on) {}
  std::string bold(const std::string& text) const { return with("1", text); }
  std::string dim(const std::string& text) const { return with("2", text); }
  std::string best(const std::string& text) const { return with("1;32", text); }
  std::string warn(const std::string& text) const { return with("33", text); }

 private:
  std::string with(const char* code, const std::string& text) const {
    return on_ ? std::string("\x1b[") + code + "m" + text + "\x1b[0m" : text;
  }
  bool on_;
};

// Those that occurred; the legend explains them.
struct marks {
  bool best = false;
  bool noisy = false;
  bool serial = false;
  bool spread = false;
  bool interval = false;  // some cell has enough samples for an interval of 95%
  bool range = false;     // some has not
};

// One cell in its three parts, before they are aligned with the others of the section.
struct parts {
  std::string time;
  std::string spread;
  std::string mark;
};

parts parts_of(const cell& one, const time_unit& unit, marks& seen);

// The unit that fits the times of a section.
time_unit unit_of(const section& in);

}  // namespace gobench::results::table
