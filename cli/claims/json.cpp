// Everything, for programs.
#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/claims/report.hpp"

namespace gobench::cli::claims {

namespace {

using json = nlohmann::ordered_json;

json number(double n) { return std::isfinite(n) ? json(n) : json(nullptr); }
json text_or_null(const std::string& text) { return text.empty() ? json(nullptr) : json(text); }

json told(const judged_figure& one) {
  return {{"about", one.what->about},
          {"measured", number(one.value)},
          {"low", number(one.range.low)},
          {"high", number(one.range.high)},
          {"coverage", number(one.range.coverage)},
          {"unit", one.what->unit},
          {"bound", one.what->is == bound::at_least ? "at least" : "at most"},
          {"threshold", one.what->threshold},
          {"reason", one.what->reason},
          {"samples", one.samples},
          {"verdict", to_string(one.said)},
          {"why", text_or_null(one.why)}};
}

const char* examined_by(examiner by) {
  switch (by) {
    case examiner::compiler:
      return "compiler";
    case examiner::race:
      return "race";
    case examiner::explore:
      return "explore";
  }
  return "";
}

json told(const judged_trial& one) {
  return {{"about", one.what->about},
          {"program", one.what->program},
          {"by", examined_by(one.what->by)},
          {"options", one.what->options},
          {"arguments", one.what->arguments},
          {"finding", text_or_null(one.what->finding)},
          {"reason", one.what->reason},
          {"runs", one.seen.runs},
          {"as_expected", one.seen.as_expected},
          {"verdict", to_string(one.said)},
          {"why", text_or_null(one.why)}};
}

json told(const judged_claim& one) {
  json figures = json::array();
  for (const judged_figure& each : one.figures) figures.push_back(told(each));
  json trials = json::array();
  for (const judged_trial& each : one.trials) trials.push_back(told(each));
  return {{"id", one.what->id},
          {"claim", one.what->text},
          {"verdict", to_string(one.said)},
          {"why", text_or_null(one.why)},
          {"figures", figures},
          {"trials", trials},
          {"look_closer", one.what->look_closer}};
}

json told(const results::context& about) {
  return {{"start_time", about.start_time},
          {"end_time", text_or_null(about.end_time)},
          {"command_line", about.command_line},
          {"host", about.host},
          {"kernel", about.kernel},
          {"cpu_model", about.cpu_model},
          {"cpus_allowed", about.cpus_allowed},
          {"memory_bytes", about.memory_bytes},
          {"load_1min", number(about.load_1min)},
          {"others_percent", number(about.others_percent)},
          {"steal_percent", number(about.steal_percent)},
          {"version", about.version},
          {"git_commit", text_or_null(about.git_commit)},
          {"compiler", about.compiler},
          {"build_type", about.build_type}};
}

const format_registration registered{
    "json", {".json"}, [](const report& made, const stream_traits&) {
      json claims = json::array();
      for (const judged_claim& one : made.claims) claims.push_back(told(one));
      const json document = {{"version", 1},
                             {"context", told(made.about)},
                             {"quick", made.quick},
                             {"seconds", made.seconds},
                             {"counts",
                              {{"holds", made.count(verdict::holds)},
                               {"does_not_hold", made.count(verdict::does_not_hold)},
                               {"cannot_tell", made.count(verdict::cannot_tell)}}},
                             {"claims", claims}};
      return document.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
    }};

}  // namespace

}  // namespace gobench::cli::claims
