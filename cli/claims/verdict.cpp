#include "cli/claims/verdict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "cli/claims/messages.hpp"

namespace gobench::cli::claims {

namespace {

double number_of(const results::sample& one, const std::string& column) {
  if (column == "ns_per_op") return one.ns_per_op;
  if (column == "cpu_ns_per_op") return one.cpu_ns_per_op;
  if (column == "ops_per_s") return one.ops_per_s;
  const results::value* found = one.metrics.find(column);
  if (found == nullptr) return results::not_measured;
  if (const auto* whole = std::get_if<std::int64_t>(found)) return static_cast<double>(*whole);
  const auto* real = std::get_if<double>(found);
  return real == nullptr ? results::not_measured : *real;
}

// Both sides of each repetition that has both; one value each where there is one side only.
std::vector<double> values_of(const figure& what, const evidence& from) {
  const std::vector<const results::sample*> above = samples_of(from, what.of.where);
  std::vector<double> values;
  if (!what.to) {
    for (const results::sample* one : above) values.push_back(number_of(*one, what.of.column));
  } else {
    const std::vector<const results::sample*> below = samples_of(from, what.to->where);
    for (std::size_t i = 0; i < std::min(above.size(), below.size()); ++i) {
      values.push_back(number_of(*above[i], what.of.column) /
                       number_of(*below[i], what.to->column));
    }
  }
  std::erase_if(values, [](double v) { return !std::isfinite(v); });
  for (double& v : values) v *= what.scale;
  return values;
}

// Whether most samples say that their tasks ran one after another.
bool was_serial(const place& where, const evidence& from) {
  std::vector<double> shares;
  for (const results::sample* one : samples_of(from, where)) {
    const double share = number_of(*one, std::string(results::metric_parallel));
    if (std::isfinite(share)) shares.push_back(share);
  }
  return !shares.empty() && results::median(shares) < results::serial_below;
}

std::optional<std::string> missing(const figure& what, const evidence& from) {
  std::vector<const place*> places = {&what.of.where};
  if (what.to) places.push_back(&what.to->where);
  for (const place* one : places) {
    const auto found = from.missing.find(describe(*one, from.quick));
    if (found != from.missing.end()) return found->second;
  }
  return std::nullopt;
}

double busy_share(const figure& what, const evidence& from) {
  double most = 0;
  for (const quantity* one : {&what.of, what.to ? &*what.to : &what.of}) {
    const auto found = from.busy.find(one->where.suite);
    if (found != from.busy.end()) most = std::max(most, found->second.others);
  }
  return std::clamp(most, 0.0, 0.99);
}

// Why nothing can be told whatever the figure is.
std::string unfit(const figure& what, const evidence& from, double share) {
  const bool by_time = what.when_busy != busy_machine::changes_nothing;
  if (by_time && !from.no_times.empty()) return from.no_times;
  if (what.contended) {
    if (!from.no_contention.empty()) return from.no_contention;
    if (was_serial(what.of.where, from) || (what.to && was_serial(what.to->where, from)))
      return messages::ran_serially();
  }
  if (what.when_busy == busy_machine::delays && share > busiest) return messages::too_busy(share);
  return "";
}

verdict compared(const results::interval& range, bound is, double threshold) {
  const bool at_least = is == bound::at_least;
  if (at_least ? range.low >= threshold : range.high <= threshold) return verdict::holds;
  if (at_least ? range.high < threshold : range.low > threshold) return verdict::does_not_hold;
  return verdict::cannot_tell;
}

verdict worse(verdict a, verdict b) {
  if (a == verdict::does_not_hold || b == verdict::does_not_hold) return verdict::does_not_hold;
  if (a == verdict::cannot_tell || b == verdict::cannot_tell) return verdict::cannot_tell;
  return verdict::holds;
}

verdict better(verdict a, verdict b) {
  if (a == verdict::holds || b == verdict::holds) return verdict::holds;
  if (a == verdict::cannot_tell || b == verdict::cannot_tell) return verdict::cannot_tell;
  return verdict::does_not_hold;
}

}  // namespace

std::string_view to_string(verdict said) {
  switch (said) {
    case verdict::holds:
      return "holds";
    case verdict::does_not_hold:
      return "does not hold";
    case verdict::cannot_tell:
      return "cannot tell";
  }
  return "";
}

judged_figure judge(const figure& one, const evidence& from) {
  judged_figure made{.what = &one};
  if (const auto cause = missing(one, from)) {
    made.why = *cause;
    return made;
  }
  const std::vector<double> values = values_of(one, from);
  made.samples = values.size();
  if (values.empty()) {
    made.why = messages::not_measured();
    return made;
  }
  made.value = results::median(values);
  made.range = results::median_interval(values, confidence);
  const double share = busy_share(one, from);
  const bool widened = one.when_busy == busy_machine::slows && share > 0;
  if (widened) {
    made.range.low *= 1 - share;
    made.range.high /= 1 - share;
  }
  made.why = unfit(one, from, share);
  if (!made.why.empty()) return made;
  if (values.size() < fewest_samples) {
    made.why = messages::too_few_samples(values.size(), fewest_samples);
    return made;
  }
  made.said = compared(made.range, one.is, one.threshold);
  if (made.said == verdict::cannot_tell)
    made.why = messages::crosses_threshold(widened ? share : 0);
  return made;
}

judged_trial judge(const trial& one, const evidence& from) {
  judged_trial made{.what = &one};
  const auto found = from.trials.find(describe(one));
  if (found != from.trials.end()) made.seen = found->second;
  if (made.seen.runs == 0) {
    made.why = made.seen.impossible.empty() ? messages::not_tried() : made.seen.impossible;
    return made;
  }
  made.said = made.seen.as_expected == made.seen.runs ? verdict::holds : verdict::does_not_hold;
  made.why = made.seen.otherwise;
  return made;
}

judged_claim judge(const claim& one, const evidence& from) {
  judged_claim made{.what = &one, .said = verdict::holds};
  for (const figure& each : one.figures) made.figures.push_back(judge(each, from));
  for (const trial& each : one.trials) made.trials.push_back(judge(each, from));
  if (one.one_suffices) made.said = verdict::does_not_hold;
  for (const judged_figure& each : made.figures)
    made.said = one.one_suffices ? better(made.said, each.said) : worse(made.said, each.said);
  for (const judged_trial& each : made.trials) made.said = worse(made.said, each.said);
  if (made.said == verdict::holds) return made;
  for (const judged_figure& each : made.figures) {
    if (each.said != made.said) continue;
    made.why = each.why;
    return made;
  }
  for (const judged_trial& each : made.trials) {
    if (each.said != made.said) continue;
    made.why = each.why;
    break;
  }
  return made;
}

const judged_figure* judged_claim::shown() const {
  for (const judged_figure& each : figures) {
    if (each.said == said) return &each;
  }
  return nullptr;
}

std::size_t judged_claim::trials_as_expected() const {
  return static_cast<std::size_t>(std::ranges::count(trials, verdict::holds, &judged_trial::said));
}

}  // namespace gobench::cli::claims
