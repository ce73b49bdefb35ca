// {"comparisons": [{"base", "new", ..., "cases": [...]}]}
#include "results/internal/json.hpp"
#include "cli/compare/report.hpp"
#include "results/identity.hpp"

namespace gobench::cli::compare {

namespace {

using results::internal::json;
using results::internal::to_json;

json names_of(const std::vector<results::sample>& cases) {
  json made = json::array();
  for (const auto& one : cases) made.push_back(one.suite + " " + results::description(one));
  return made;
}

json case_of(const results::compared& one) {
  const results::judged& what = one.what;
  const bool told = what.change.range.coverage > 0;
  json made = to_json(one.who);
  for (const char* unused :
       {"rep", "iterations", "ns_per_op", "cpu_ns_per_op", "ops_per_s", "metrics"}) {
    made.erase(unused);
  }
  made["verdict"] = to_string(what.said);
  made["cpu_time"] = what.by_cpu;
  made["base"] = {{"median", to_json(what.base)}, {"samples", what.base_count}};
  made["new"] = {{"median", to_json(what.fresh)}, {"samples", what.new_count}};
  made["ratio"] = to_json(what.change.value);
  made["ratio_interval"] =
      told ? json{to_json(what.change.range.low), to_json(what.change.range.high)} : json();
  made["p"] = to_json(what.p);
  made["p_corrected"] = to_json(what.q);
  made["noise_floor"] = what.floor;
  made["notes"] = one.notes;
  return made;
}

std::string render(const std::vector<report>& all, const stream_traits&) {
  json list = json::array();
  for (const report& in : all) {
    json cases = json::array();
    for (const auto& one : in.found.cases) cases.push_back(case_of(one));
    json means = json::array();
    for (const group& one : in.groups) {
      means.push_back(
          {{"group", one.name}, {"cases", one.mean.count}, {"ratio", to_json(one.mean.value)}});
    }
    list.push_back({{"base", in.base},
                    {"new", in.fresh},
                    {"metric", in.metric},
                    {"alpha", in.how.alpha},
                    {"threshold", in.how.threshold},
                    {"better", in.found.count(results::verdict::better)},
                    {"worse", in.found.count(results::verdict::worse)},
                    {"same", in.found.count(results::verdict::same)},
                    {"cannot_tell", in.found.count(results::verdict::cannot_tell)},
                    {"geometric_means", means},
                    {"only_in_base", names_of(in.found.only_in_base)},
                    {"only_in_new", names_of(in.found.only_in_new)},
                    {"cases", cases}});
  }
  return results::internal::dump(json{{"comparisons", list}}, 2) + "\n";
}

const format_registration registered{"json", {".json"}, render};

}  // namespace

}  // namespace gobench::cli::compare
