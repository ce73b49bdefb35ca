#include "results/identity.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "results/internal/text.hpp"

namespace gobench::results {

namespace {

// Each part with its length before it, so that no content looks like a border.
void append(std::string& to, std::string_view part) {
  to += std::to_string(part.size());
  to += ':';
  to += part;
}

}  // namespace

std::string identity(const sample& one) {
  std::string made;
  append(made, one.suite);
  append(made, one.case_name);
  append(made, one.impl);
  append(made, to_string(one.runs_on));
  append(made, std::to_string(one.procs));
  append(made, std::to_string(one.tasks));
  std::vector<std::pair<std::string_view, std::string>> parameters;
  for (const auto& field : one.parameters) {
    parameters.emplace_back(field.name, internal::to_text(field.content));
  }
  std::ranges::sort(parameters);
  for (const auto& [name, content] : parameters) {
    append(made, name);
    append(made, content);
  }
  return made;
}

std::string description(const sample& one) {
  std::string made = one.case_name;
  if (!one.impl.empty()) {
    made += " " + one.impl;
    made += " " + std::string(to_string(one.runs_on));
  }
  if (one.procs > 0) made += " procs=" + std::to_string(one.procs);
  if (one.tasks > 0) made += " tasks=" + std::to_string(one.tasks);
  for (const auto& field : one.parameters) {
    made += " " + field.name + "=" + internal::to_text(field.content);
  }
  return made;
}

}  // namespace gobench::results
