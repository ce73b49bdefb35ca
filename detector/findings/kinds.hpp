// What the kinds of findings are called and what they mean: rules, where an exporter has those.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gobench::detector::findings {

struct kind_info {
  std::string_view id;     // data-race
  std::string_view name;   // DataRace
  std::string_view title;  // data race
  std::string_view meaning;
  std::string_view remedy;
};

// Every kind that has a meaning of its own here.
const std::vector<kind_info>& all_kinds();

// Of a kind that is not among them, what can be said without knowing it.
kind_info kind_of(std::string_view id);

}  // namespace gobench::detector::findings
