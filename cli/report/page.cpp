#include "cli/report/page.hpp"

#include <algorithm>
#include <string_view>

#include "cli/report/page_parts.hpp"
#include "cli/report/sentence.hpp"
#include "results/build_info.hpp"
#include "results/internal/text.hpp"
#include "results/statistics.hpp"
#include "results/summary.hpp"

namespace gobench::cli::report {

namespace {

using results::internal::json;
using results::internal::to_json;

constexpr const char* times[] = {"ns_per_op", "cpu_ns_per_op", "ops_per_s"};
// Nothing from anywhere: what the page must not do, a browser does not let it do.
constexpr std::string_view policy =
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'";

std::string_view part(std::string_view name) {
  const auto parts = page_parts();
  const auto found = std::ranges::find(parts, name, &page_part::name);
  return found == parts.end() ? std::string_view() : found->text;
}

json case_of(const measured_case& one, std::size_t run, const std::vector<std::string>& columns) {
  const results::sample& who = one.who();
  json made = {{"run", run},
               {"suite", who.suite},
               {"case", who.case_name},
               {"impl", who.impl},
               {"vehicle", results::to_string(who.runs_on)},
               {"procs", who.procs},
               {"tasks", who.tasks},
               {"parameters", json::object()}};
  for (const auto& field : who.parameters) made["parameters"][field.name] = to_json(field.content);
  const results::summary told = results::summarise(one.samples);
  made["summary"] = {{"count", one.samples.size()},
                     {"spread", to_json(told.spread)},
                     {"noisy", told.noisy},
                     {"serial", told.serial}};
  made["order"] = one.order;
  json reps = json::array();
  for (const results::sample& s : one.samples) reps.push_back(s.rep);
  made["rep"] = std::move(reps);
  made["columns"] = json::object();
  made["statistics"] = json::object();
  for (const std::string& column : columns) {
    const std::vector<double> numbers = numbers_of(one, column);
    if (numbers.empty()) continue;
    json all = json::array();
    for (const results::sample& s : one.samples) all.push_back(to_json(number_of(s, column)));
    made["columns"][column] = std::move(all);
    const results::interval range = results::median_interval(numbers);
    made["statistics"][column] = {results::median(numbers), range.low, range.high};
  }
  return made;
}

json run_of(const run& in) {
  json suites = json::array();
  for (const std::string& suite : in.suites()) {
    suites.push_back({{"name", suite}, {"sentence", sentence_about(in, suite)}});
  }
  return {{"name", in.name},
          {"context", to_json(in.content.about)},
          {"remarks", in.content.remarks},
          {"suites", suites}};
}

void merge(std::vector<std::string>& to, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (std::ranges::find(to, name) == to.end()) to.push_back(name);
  }
}

json data_of(const content& what) {
  std::vector<std::string> columns(std::begin(times), std::end(times));
  std::vector<std::string> parameters;
  for (const run& one : what.runs) {
    merge(columns, one.metrics());
    merge(parameters, one.parameters());
  }
  json runs = json::array();
  json cases = json::array();
  for (std::size_t i = 0; i < what.runs.size(); ++i) {
    runs.push_back(run_of(what.runs[i]));
    for (const measured_case& one : what.runs[i].cases) cases.push_back(case_of(one, i, columns));
  }
  json findings = json::array();
  for (const findings_file& one : what.findings) {
    findings.push_back({{"name", one.name}, {"findings", one.findings}});
  }
  return {{"version", results::this_build().version},
          {"licence", part("LICENSE")},
          {"runs", std::move(runs)},
          {"parameters", parameters},
          {"columns", columns},
          {"cases", std::move(cases)},
          {"comparisons", what.comparisons},
          {"findings", std::move(findings)}};
}

}  // namespace

bool can_make_page() { return !part("uPlot.iife.min.js").empty(); }

std::string page_of(const content& what) {
  // A script element ends at "</script" whatever is around it, and "<!--" changes how it is read.
  const std::string data =
      results::internal::replaced(results::internal::dump(data_of(what)), "<", "\\u003c");
  std::string made;
  made.reserve(data.size() + 200'000);
  const auto add = [&](auto... texts) { (made.append(std::string_view(texts)), ...); };
  add("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n",
      "<meta http-equiv=\"Content-Security-Policy\" content=\"", policy, "\">\n",
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n",
      "<title>gobench</title>\n");
  add("<style>\n", part("uPlot.min.css"), "\n", part("page.css"), "</style>\n</head>\n<body>\n",
      "<noscript>This page draws its plots and tables itself, for which it needs JavaScript; ",
      "gobench plot makes pictures that do not.</noscript>\n");
  add("<script type=\"application/json\" id=\"data\">", data, "</script>\n");
  add("<!-- uPlot, whose licence is:\n", part("LICENSE"), "\n-->\n<script>",
      part("uPlot.iife.min.js"), "</script>\n<script>\n(() => {\n\"use strict\";\n");
  for (const char* name :
       {"data.js", "table.js", "series.js", "plot.js", "sections.js", "main.js"}) {
    add(part(name), "\n");
  }
  add("})();\n</script>\n</body>\n</html>\n");
  return made;
}

}  // namespace gobench::cli::report
