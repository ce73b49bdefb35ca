// A schedule for people: one column per thread, a line of the program per row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "detector/exploration/schedule_log.hpp"

namespace gobench::detector::exploration {

// A line of the program; `file` is empty where it is not known.
struct source_line {
  std::string file;  // without folders
  int line = 0;
  std::string text;  // without spaces around it; empty where the source is not at hand
};

struct interleaving_style {
  std::size_t width = 100;
  std::size_t most_rows = 60;  // what is further from a decision that matters is left out
  std::function<source_line(std::uint64_t pc)> locate;
};

// "These 2 of 57 decisions matter" and the rows; lines end in \n. Rows with '>' are where the schedule deviates from the
// default rule.
std::string interleaving_text(const schedule_log& log, const interleaving_style& style);

// "lock", "atomic store"
std::string_view to_string(explore::operation what);

// "main thread", "thread 2", "clock"
std::string thread_name(std::uint32_t thread);

}  // namespace gobench::detector::exploration
