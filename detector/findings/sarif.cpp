// SARIF 2.1.0 (OASIS standard, 27 March 2020), within what GitHub's code scanning takes in: it documents at
// most 5000 results of a run that it shows, 1000 steps of a flow, 100 locations of a result, and 10 MB of a
// file as uploaded. What is beyond that is left out, with a notification that says so.
//
// A result's identity is partialFingerprints: ours under our own name, and as primaryLocationLineHash, the
// only one that GitHub looks at, so that an alert stays the same one while lines above it come and go.
// The primary location is the access that completed the finding; the other access, where the tasks were
// started and where the object was made are related locations; one code flow has a thread flow per access,
// from the outermost frame to the access.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "detector/findings/exporter.hpp"
#include "detector/findings/kinds.hpp"
#include "detector/findings/text.hpp"

namespace gobench::detector::findings {

namespace {

constexpr std::size_t most_results = 5000;
constexpr std::size_t most_flow_steps = 1000;
constexpr std::size_t most_locations = 100;
constexpr std::size_t most_bytes = 9'500'000;

constexpr const char* root_name = "%SRCROOT%";

json message(const std::string& text) { return {{"text", text}}; }

json artifact(const std::string& file, const places& where) {
  if (where.below_root(file)) {
    return {{"uri", uri_path(where.shown(file))}, {"uriBaseId", root_name}};
  }
  return {{"uri", "file://" + uri_path(where.shown(file))}};
}

// Without debug information the module stands in, since a place in a file is what readers need.
json location(const frame& one, const places& where) {
  json made = json::object();
  json physical = json::object();
  if (!one.file.empty()) {
    physical["artifactLocation"] = artifact(one.file, where);
    json region = {{"startLine", std::max(one.line, 1)}};
    if (one.column > 0) region["startColumn"] = one.column;
    physical["region"] = region;
  } else if (!one.module.empty()) {
    physical["artifactLocation"] = artifact(one.module, where);
    physical["region"] = {{"startLine", 1}};
  }
  if (!physical.empty()) made["physicalLocation"] = physical;
  if (!one.function.empty()) {
    made["logicalLocations"] =
        json::array({{{"fullyQualifiedName", one.function}, {"kind", "function"}}});
  }
  return made;
}

json location(const frame& one, const places& where, const std::string& text) {
  json made = location(one, where);
  made["message"] = message(text);
  return made;
}

// From the outermost frame to the access. A stack that is too deep keeps its innermost frames.
json thread_flow(const access& one, const places& where, std::size_t most) {
  json steps = json::array();
  const std::size_t depth = std::min(one.where.size(), most);
  for (std::size_t level = depth; level-- > 0;) {
    const frame& at = one.where[level];
    const std::string text = level == 0 ? headline(one) : "in " + function_of(at);
    steps.push_back({{"location", location(at, where, text)},
                     {"nestingLevel", depth - 1 - level},
                     {"importance", level == 0 ? "essential" : "important"}});
  }
  json made = json::object();
  const std::string task = one.task.name.empty() ? std::to_string(one.task.id) : one.task.name;
  made["id"] = fmt::format("{} {}", one.task.kind.empty() ? "task" : one.task.kind, task);
  made["message"] = message(headline(one));
  made["locations"] = steps;
  return made;
}

class related_locations {
 public:
  explicit related_locations(const places& where) : where_(where) {}

  // Returns the id of the location, for links from the message; 0 when there is none.
  std::size_t add(const stack& frames, const std::string& text) {
    const frame* telling = telling_frame(frames);
    if (telling == nullptr || list_.size() + 1 >= most_locations) return 0;
    json one = location(*telling, where_, text);
    if (!one.contains("physicalLocation")) return 0;
    one["id"] = list_.size() + 1;
    list_.push_back(one);
    return list_.size();
  }
  const json& list() const { return list_; }

 private:
  const places& where_;
  json list_ = json::array();
};

const char* level_of(standing how) {
  switch (how) {
    case standing::fresh:
    case standing::expired:
      return "error";
    case standing::known:
    case standing::suppressed:
      break;
  }
  return "note";
}

// Brackets in a message are links unless they are escaped.
std::string plain(const std::string& text) {
  std::string made;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == '\\') made += '\\';
    made += c;
  }
  return made;
}

json result(const entry& one, const document& told, std::size_t rule) {
  const finding& what = one.what;
  const places& where = told.where;
  std::string text = plain(what.message);
  if (!text.empty() && text.back() != '.') text += '.';

  related_locations related(where);
  json flows = json::array();
  const std::size_t share = most_flow_steps / std::max<std::size_t>(what.accesses.size(), 1);
  for (std::size_t i = 0; i < what.accesses.size(); ++i) {
    const access& each = what.accesses[i];
    if (i > 0) {
      const std::size_t id = related.add(each.where, "earlier " + headline(each));
      if (id > 0) text += fmt::format(" The earlier {} is [here]({}).", each.op, id);
    }
    if (!each.where.empty() && share > 0) flows.push_back(thread_flow(each, where, share));
  }
  std::set<std::uint64_t> born;
  for (const access& each : what.accesses) {
    if (!born.insert(each.task.id).second) continue;
    related.add(each.task.born, "here the task of the " + each.op + " was started");
  }
  if (what.object) {
    related.add(what.object->made, what.object->description.empty() ? "here the object was made"
                                                                    : what.object->description);
  }
  if (!what.advice.empty()) text += " " + plain(what.advice);
  if (one.how != standing::fresh) text += fmt::format(" ({})", plain(standing_text(one)));

  json primary = json::object();
  if (!what.accesses.empty()) {
    if (const frame* telling = telling_frame(what.accesses.front().where); telling != nullptr) {
      primary = location(*telling, where);
    }
  }
  if (!primary.contains("physicalLocation")) {
    primary["physicalLocation"] = {{"artifactLocation", artifact(told.run.program, where)},
                                   {"region", {{"startLine", 1}}}};
  }

  json made = {{"ruleId", what.kind},
               {"ruleIndex", rule},
               {"kind", "fail"},
               {"level", level_of(one.how)},
               {"message", message(text)},
               {"locations", json::array({primary})},
               {"partialFingerprints",
                {{"gobenchFinding/v1", what.fingerprint},
                 {"primaryLocationLineHash", what.fingerprint + ":1"}}},
               {"occurrenceCount", one.count},
               {"baselineState", one.how == standing::fresh ? "new" : "unchanged"}};
  if (!related.list().empty()) made["relatedLocations"] = related.list();
  if (!flows.empty()) made["codeFlows"] = json::array({{{"threadFlows", flows}}});
  if (one.how == standing::known) {
    made["suppressions"] = json::array(
        {{{"kind", "external"}, {"status", "accepted"}, {"justification", standing_text(one)}}});
  }
  json properties = {{"status", std::string(to_string(one.how))}};
  if (!what.type.empty()) properties["type"] = what.type;
  if (!one.accepted.owner.empty()) properties["owner"] = one.accepted.owner;
  if (!one.accepted.expires.empty()) properties["expires"] = one.accepted.expires;
  made["properties"] = properties;
  return made;
}

json rule(const std::string& kind) {
  const kind_info about = kind_of(kind);
  const std::string meaning(about.meaning);
  const std::string remedy(about.remedy);
  std::string title(about.title);
  if (!title.empty() && title[0] >= 'a' && title[0] <= 'z')
    title[0] = static_cast<char>(title[0] - 32);
  return {{"id", kind},
          {"name", std::string(about.name)},
          {"shortDescription", message(title)},
          {"fullDescription", message(meaning)},
          {"help", {{"text", meaning + " " + remedy}, {"markdown", meaning + "\n\n" + remedy}}},
          {"defaultConfiguration", {{"level", "error"}}},
          {"properties",
           {{"tags", {"concurrency", "correctness"}},
            {"precision", "very-high"},
            {"problem.severity", "error"}}}};
}

json notification(const std::string& text, const char* level = "note") {
  return {{"level", level}, {"message", message(text)}};
}

std::string render(const document& told) {
  const collection& found = told.found;
  const run_facts& run = told.run;
  json rules = json::array();
  json results = json::array();
  std::map<std::string, std::size_t> rule_of;
  std::size_t bytes = 0;
  std::size_t left_out = found.left_out();
  // What fails a gate goes before what does not, where there is no room for both.
  for (const bool failing : {true, false}) {
    for (const entry& one : found.entries()) {
      const bool fails = one.how == standing::fresh || one.how == standing::expired;
      if (one.how == standing::suppressed || fails != failing) continue;
      const auto [known, first] = rule_of.try_emplace(one.what.kind, rules.size());
      if (first) rules.push_back(rule(one.what.kind));
      json made = result(one, told, known->second);
      // As it is written below: how deep a result lies costs bytes too.
      const std::string text = made.dump(-1, ' ', false, json::error_handler_t::replace);
      if (results.size() >= most_results || bytes + text.size() > most_bytes) {
        ++left_out;
        continue;
      }
      bytes += text.size() + 1;
      results.push_back(std::move(made));
    }
  }

  json notifications = json::array();
  if (left_out > 0) {
    notifications.push_back(notification(
        fmt::format("{} further findings are left out here; --json has no limit.", left_out),
        "warning"));
  }
  if (!run.complete) {
    notifications.push_back(
        notification("The run did not end; this is what was found until then.", "warning"));
  }
  for (const std::string& note : found.notes()) notifications.push_back(notification(note));
  if (found.counts().suppressed > 0) {
    notifications.push_back(notification(
        fmt::format("{} findings are suppressed and not listed here.", found.counts().suppressed)));
  }

  json invocation = {
      {"commandLine", run.reproduce},
      {"executionSuccessful", run.complete},
      {"startTimeUtc", run.started},
      {"workingDirectory", {{"uri", "file://" + uri_path(run.directory.string()) + "/"}}},
      {"toolExecutionNotifications", notifications}};
  if (!run.ended.empty()) invocation["endTimeUtc"] = run.ended;
  if (run.exit_code) invocation["exitCode"] = *run.exit_code;
  if (run.signal) invocation["exitSignalNumber"] = *run.signal;

  const std::string program = std::filesystem::path(run.program).filename().string();
  const json one_run = {
      {"tool",
       {{"driver",
         {{"name", "gobench race"},
          {"version", run.version},
          {"semanticVersion", run.version},
          {"rules", rules}}}}},
      {"automationDetails", {{"id", fmt::format("gobench-race/{}/", program)}}},
      {"invocations", json::array({invocation})},
      {"originalUriBaseIds",
       {{root_name, {{"uri", "file://" + uri_path(told.where.root().string()) + "/"}}}}},
      {"results", results}};
  const json log = {{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                    {"version", "2.1.0"},
                    {"runs", json::array({one_run})}};
  return log.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

const exporter_registration registered{
    {.name = "sarif", .about = "Write the findings as SARIF 2.1.0", .render = render}};

}  // namespace

}  // namespace gobench::detector::findings
