#include "results/record.hpp"

#include <algorithm>

namespace gobench::results {

namespace {

void add_missing(std::vector<std::string>& to, std::string_view name) {
  if (std::ranges::find(to, name) == to.end()) to.emplace_back(name);
}

}  // namespace

std::string_view to_string(vehicle v) {
  switch (v) {
    case vehicle::process:
      return "process";
    case vehicle::thread:
      return "thread";
    case vehicle::fiber:
      return "fiber";
    case vehicle::coroutine:
      return "coroutine";
  }
  return "unknown";
}

void fields::set(std::string_view name, value content) {
  const auto found = std::ranges::find(entries_, name, &entry::name);
  if (found != entries_.end()) {
    found->content = std::move(content);
  } else {
    entries_.push_back({std::string(name), std::move(content)});
  }
}

const value* fields::find(std::string_view name) const {
  const auto found = std::ranges::find(entries_, name, &entry::name);
  return found == entries_.end() ? nullptr : &found->content;
}

void sample::time(double wall_ns_per_op, double cpu_ns_per_operation) {
  ns_per_op = wall_ns_per_op;
  cpu_ns_per_op = cpu_ns_per_operation;
  ops_per_s = 1e9 / wall_ns_per_op;
}

void schema::add_parameters(std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) add_missing(parameters, name);
}

void schema::add_metrics(std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) add_missing(metrics, name);
}

void schema::add_shown(std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) add_missing(shown, name);
}

void schema::merge(const schema& other) {
  for (const std::string& name : other.parameters) add_missing(parameters, name);
  for (const std::string& name : other.metrics) add_missing(metrics, name);
  for (const std::string& name : other.shown) add_missing(shown, name);
  repetitions = std::max(repetitions, other.repetitions);
}

}  // namespace gobench::results
