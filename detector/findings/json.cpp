// Everything about a run, for programs: docs/findings.schema.json describes it.
#include "detector/findings/exporter.hpp"

namespace gobench::detector::findings {

namespace {

json null_or(const std::string& text) { return text.empty() ? json(nullptr) : json(text); }

json to_json(const entry& one, const std::string& reproduce) {
  json made = to_json(one.what);
  made["status"] = std::string(to_string(one.how));
  made["count"] = one.count;
  made["suppressed_by"] = one.what.suppressed_by ? json(*one.what.suppressed_by) : json(nullptr);
  made["baseline"] = nullptr;
  if (!one.accepted.fingerprint.empty()) {
    made["baseline"] = {{"owner", one.accepted.owner},
                        {"expires", null_or(one.accepted.expires)},
                        {"reason", one.accepted.reason}};
  }
  made["reproduce"] = one.what.reproduce.empty() ? reproduce : one.what.reproduce;
  return made;
}

std::string render(const document& told) {
  const collection& found = told.found;
  const run_facts& run = told.run;
  json list = json::array();
  for (const entry& one : found.entries()) list.push_back(to_json(one, run.reproduce));
  const tally& counts = found.counts();
  json made = {{"version", 1},
               {"tool", {{"name", "gobench"}, {"version", run.version}}},
               {"program", run.program},
               {"command", run.command},
               {"directory", run.directory.string()},
               {"reproduce", run.reproduce},
               {"started", run.started},
               {"ended", null_or(run.ended)},
               {"complete", run.complete},
               {"exit_code", nullptr},
               {"signal", nullptr},
               {"counts",
                {{"new", counts.fresh},
                 {"expired", counts.expired},
                 {"known", counts.known},
                 {"suppressed", counts.suppressed},
                 {"left_out", found.left_out()}}},
               {"notes", found.notes()},
               {"unused_suppressions", found.unused_suppressions()},
               {"findings", list}};
  if (run.exit_code) made["exit_code"] = *run.exit_code;
  if (run.signal) made["signal"] = *run.signal;
  return made.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

const exporter_registration registered{
    {.name = "json", .about = "Write the findings as JSON", .render = render}};

}  // namespace

}  // namespace gobench::detector::findings
