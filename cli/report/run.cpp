#include "cli/report/run.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <utility>

#include "cli/failure.hpp"
#include "cli/inputs.hpp"
#include "cli/messages.hpp"
#include "results/identity.hpp"
#include "results/summary.hpp"

namespace gobench::cli::report {

namespace {

void add(std::vector<std::string>& to, const std::string& name) {
  if (std::ranges::find(to, name) == to.end()) to.push_back(name);
}

// Fields of samples repeat from one to the next.
template <typename Names>
std::vector<std::string> names_in(const std::vector<measured_case>& cases, const Names& names) {
  std::vector<std::string> all;
  for (const measured_case& one : cases) {
    for (const results::sample& s : one.samples) names(s, all);
  }
  return all;
}

}  // namespace

std::vector<std::string> run::suites() const {
  std::vector<std::string> all;
  for (const measured_case& one : cases) add(all, one.who().suite);
  return all;
}

std::vector<std::string> run::parameters() const {
  return names_in(cases, [](const results::sample& s, std::vector<std::string>& all) {
    for (const auto& field : s.parameters) add(all, field.name);
  });
}

std::vector<std::string> run::metrics() const {
  return names_in(cases, [](const results::sample& s, std::vector<std::string>& all) {
    for (const auto& field : s.metrics) {
      if (std::isfinite(results::as_number(field.content))) add(all, field.name);
    }
  });
}

run read_run(const std::string& file, const std::optional<std::regex>& filter,
             std::string_view setting, std::string_view typed) {
  run made;
  made.name = file;
  std::unordered_map<std::string, std::size_t> places;
  std::uint64_t at = 0;
  std::uint64_t kept = 0;
  std::string seen;
  made.content = read_input(file, [&](results::sample&& one) {
    const std::uint64_t order = at++;
    if (filter || seen.empty()) {
      const std::string description = one.suite + " " + results::description(one);
      if (seen.empty()) seen = description;
      if (filter && !std::regex_search(description, *filter)) return;
    }
    if (++kept > most_samples) {
      throw environment_error(messages::too_many_samples(file, most_samples));
    }
    const auto [found, fresh] = places.try_emplace(results::identity(one), made.cases.size());
    if (fresh) made.cases.emplace_back();
    measured_case& here = made.cases[found->second];
    here.samples.push_back(std::move(one));
    here.order.push_back(order);
  });
  if (made.cases.empty()) {
    throw usage_error(messages::no_case_matches(setting, typed, '"' + seen + '"'));
  }
  return made;
}

double number_of(const results::sample& one, std::string_view column) {
  if (column == "ns_per_op") return one.ns_per_op;
  if (column == "cpu_ns_per_op") return one.cpu_ns_per_op;
  if (column == "ops_per_s") return one.ops_per_s;
  const results::value* found = one.metrics.find(column);
  return found == nullptr ? results::not_measured : results::as_number(*found);
}

std::vector<double> numbers_of(const measured_case& one, std::string_view column) {
  std::vector<double> all;
  for (const results::sample& s : one.samples) {
    const double number = number_of(s, column);
    if (std::isfinite(number)) all.push_back(number);
  }
  return all;
}

}  // namespace gobench::cli::report
