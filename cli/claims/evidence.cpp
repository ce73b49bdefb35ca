#include "cli/claims/evidence.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "results/internal/text.hpp"

namespace gobench::cli::claims {

namespace {

// The parameters at which a run measures.
results::fields parameters_of(const place& one, bool quick) {
  results::fields made = one.parameters;
  if (quick) {
    for (const auto& [name, content] : one.quick_parameters) made.set(name, content);
  }
  return made;
}

}  // namespace

std::string describe(const place& one, bool quick) {
  const int tasks = quick && one.quick_tasks != 0 ? one.quick_tasks : one.tasks;
  std::string text = fmt::format("{} {} {} {} procs={} tasks={}", one.suite, one.case_name,
                                 one.impl, results::to_string(one.runs_on), one.procs, tasks);
  for (const auto& [name, content] : parameters_of(one, quick)) {
    text += fmt::format(" {}={}", name, results::internal::to_text(content));
  }
  return text;
}

std::string describe(const trial& one) {
  std::string text = one.program;
  switch (one.by) {
    case examiner::compiler:
      text += " compiled";
      break;
    case examiner::race:
      text += " race";
      break;
    case examiner::explore:
      text += " explore";
      break;
  }
  return fmt::format("{} {} {} -> {}", text, fmt::join(one.options, " "),
                     fmt::join(one.arguments, " "), one.finding);
}

std::vector<const results::sample*> samples_of(const evidence& from, const place& where) {
  const int tasks = from.quick && where.quick_tasks != 0 ? where.quick_tasks : where.tasks;
  const results::fields wanted = parameters_of(where, from.quick);
  std::vector<const results::sample*> found;
  for (const results::sample& one : from.samples) {
    if (one.suite != where.suite || one.case_name != where.case_name || one.impl != where.impl ||
        one.runs_on != where.runs_on || one.tasks != tasks)
      continue;
    if (one.procs != (where.procs == 0 ? from.procs : where.procs)) continue;
    const bool same = std::ranges::all_of(wanted, [&](const auto& entry) {
      const results::value* has = one.parameters.find(entry.name);
      return has != nullptr && *has == entry.content;
    });
    if (same) found.push_back(&one);
  }
  std::ranges::stable_sort(found, {}, &results::sample::rep);
  return found;
}

}  // namespace gobench::cli::claims
