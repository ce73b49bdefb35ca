#include "results/internal/foreign_name.hpp"

#include <limits>
#include <string>

#include "results/internal/reader.hpp"

namespace gobench::results::internal {

namespace {

// Whether this part says something that a sample has a place for.
bool place(std::string_view key, std::string_view content, sample& into) {
  const auto number = whole_of(content);
  const bool count = number && *number >= 0 && *number <= std::numeric_limits<int>::max();
  if (key == "procs" && count) {
    into.procs = static_cast<int>(*number);
  } else if (key == "tasks" && count) {
    into.tasks = static_cast<int>(*number);
  } else if (key == "vehicle" && vehicle_of(content)) {
    into.runs_on = *vehicle_of(content);
  } else if (key == "impl") {
    into.impl = content;
  } else {
    return false;
  }
  return true;
}

}  // namespace

void take_apart(std::string_view name, char border, sample& into) {
  while (!name.empty()) {
    const std::size_t end = name.find('/');
    const std::string_view part = name.substr(0, end);
    name.remove_prefix(end == std::string_view::npos ? name.size() : end + 1);
    const std::size_t at = part.find(border);
    // A name of C++ may have a colon in it, but two then.
    const bool keyed = at != std::string_view::npos && at > 0 && at + 1 < part.size() &&
                       part.find(border, at + 1) == std::string_view::npos;
    if (!keyed) {
      if (!into.case_name.empty()) into.case_name += '/';
      into.case_name += part;
      continue;
    }
    const std::string_view key = part.substr(0, at);
    const std::string_view content = part.substr(at + 1);
    if (!place(key, content, into)) into.parameters.set(key, value_of(content));
  }
}

}  // namespace gobench::results::internal
