// From what the user selects to the cases that are measured.
#pragma once

#include <map>
#include <optional>
#include <regex>
#include <string>
#include <vector>

#include "suites/registry.hpp"

namespace gobench::suites {

// What is left empty is not restricted: the suite's own values are taken.
struct selection {
  std::vector<results::vehicle> vehicles;
  std::optional<std::regex> impl;  // found anywhere in the implementation's name
  std::vector<int> procs;
  std::vector<int> tasks;
  std::map<std::string, std::vector<results::value>> parameters;
  std::vector<std::string> peers;  // those that take part; empty: none
  bool quick = false;
};

// A variant at a point. `of` and `what` point into the registry.
struct planned_case {
  const suite* of = nullptr;
  const variant* what = nullptr;
  point where;
};

// "mutex-vs-chan counter gobench.mutex on fibers, 2 procs, 8 tasks, hold_ns 0": names a case in a
// message.
std::string describe(const planned_case& one);

// The cases of a suite, variant after variant in the suite's order. Empty when nothing fits.
std::vector<planned_case> plan(const suite& one, const selection& chosen);

// The columns of these suites' samples.
results::schema columns_of(const std::vector<const suite*>& chosen);

}  // namespace gobench::suites
