#include "cli/claims/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "results/table/text.hpp"

namespace gobench::cli::claims {

namespace {

namespace table = results::table;

struct format {
  std::vector<std::string> endings;
  renderer render;
};

// A function's static, because formats register themselves before main in no particular order.
std::map<std::string, format>& known() {
  static std::map<std::string, format> formats;
  return formats;
}

std::string unit_text(const std::string& unit) {
  if (unit.empty() || unit == "x" || unit == "k") return unit;
  return " " + unit;
}

std::string digits(double number) {
  return number == 0 ? std::string("0") : table::readable(number);
}

const char* how(examiner by) {
  switch (by) {
    case examiner::compiler:
      return "compiled";
    case examiner::race:
      return "under race";
    case examiner::explore:
      return "explored";
  }
  return "";
}

}  // namespace

format_registration::format_registration(std::string name, std::vector<std::string> endings,
                                         renderer made) {
  known().emplace(std::move(name), format{std::move(endings), std::move(made)});
}

std::vector<std::string> format_names() {
  std::vector<std::string> names;
  for (const auto& [name, what] : known()) names.push_back(name);
  return names;
}

const renderer* find_format(const std::string& name) {
  const auto found = known().find(name);
  return found == known().end() ? nullptr : &found->second.render;
}

std::string format_of_file(const std::string& file) {
  for (const auto& [name, what] : known()) {
    for (const std::string& ending : what.endings) {
      if (file.ends_with(ending)) return name;
    }
  }
  return "";
}

std::size_t report::count(verdict of) const {
  return static_cast<std::size_t>(std::ranges::count(claims, of, &judged_claim::said));
}

std::string number_text(double number, const std::string& unit) {
  return digits(number) + unit_text(unit);
}

std::string measured_text(const judged_figure& one) {
  if (!std::isfinite(one.value)) return "-";
  return fmt::format("{} [{}, {}]{}", digits(one.value), digits(one.range.low),
                     digits(one.range.high), unit_text(one.what->unit));
}

std::string threshold_text(const figure& one) {
  return fmt::format("{} {}", one.is == bound::at_least ? "≥" : "≤",
                     number_text(one.threshold, one.unit));
}

std::string measured_text(const judged_claim& one) {
  if (const judged_figure* shown = one.shown()) return measured_text(*shown);
  if (one.trials.empty()) return "-";
  return fmt::format("{} of {} program{}", one.trials_as_expected(), one.trials.size(),
                     one.trials.size() == 1 ? "" : "s");
}

std::string threshold_text(const judged_claim& one) {
  if (const judged_figure* shown = one.shown()) return threshold_text(*shown->what);
  return one.trials.empty() ? "-" : "all";
}

std::string counts_text(const report& made) {
  return fmt::format(
      "{} of {} claims hold, {} {} not, {} cannot be told", made.count(verdict::holds),
      made.claims.size(), made.count(verdict::does_not_hold),
      made.count(verdict::does_not_hold) == 1 ? "does" : "do", made.count(verdict::cannot_tell));
}

std::string machine_text(const report& made) {
  const results::context& about = made.about;
  std::string text = fmt::format(
      "{}, {} CPU{}, Linux {}", about.cpu_model.empty() ? about.architecture : about.cpu_model,
      about.cpus_allowed, about.cpus_allowed == 1 ? "" : "s", about.kernel);
  if (std::isfinite(about.load_1min)) text += fmt::format(", load {:.2f}", about.load_1min);
  if (std::isfinite(about.others_percent))
    text += fmt::format(", {:.0f} % of the CPUs with other programs", about.others_percent);
  return text + fmt::format(", gobench {}{}, {}", about.version,
                            about.git_commit.empty() ? "" : " (" + about.git_commit + ")",
                            about.start_time);
}

std::vector<part_text> parts_of(const judged_claim& one) {
  std::vector<part_text> made;
  for (const judged_figure& each : one.figures) {
    made.push_back({each.what->about, measured_text(each), threshold_text(*each.what), each.said,
                    each.what->reason, each.why});
  }
  for (const judged_trial& each : one.trials) {
    const std::string expected = each.what->by == examiner::compiler ? "refused where marked"
                                 : each.what->finding.empty()        ? "nothing reported"
                                                                     : each.what->finding;
    made.push_back({fmt::format("{}, {}", each.what->about, how(each.what->by)),
                    each.seen.runs == 0
                        ? "-"
                        : fmt::format("{} of {} runs", each.seen.as_expected, each.seen.runs),
                    expected, each.said, each.what->reason, each.why});
  }
  return made;
}

}  // namespace gobench::cli::claims
