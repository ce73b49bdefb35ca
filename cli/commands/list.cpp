#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <variant>
#include <vector>

#include "cli/command.hpp"
#include "cli/terminal.hpp"
#include "suites/peers/peer.hpp"
#include "suites/registry.hpp"

namespace gobench::cli {

namespace {

using nlohmann::ordered_json;
using suites::suite;

std::string text_of(const results::value& v) {
  return std::visit([](const auto& content) { return fmt::format("{}", content); }, v);
}

ordered_json json_of(const results::value& v) {
  return std::visit([](const auto& content) { return ordered_json(content); }, v);
}

std::string joined(const std::vector<results::value>& values) {
  std::vector<std::string> texts;
  for (const results::value& v : values) texts.push_back(text_of(v));
  return fmt::format("{}", fmt::join(texts, ","));
}

// The names that occur, each once, in order of appearance.
template <class Get>
std::vector<std::string> each_once(const suite& one, Get get) {
  std::vector<std::string> names;
  for (const suites::variant& v : one.variants) {
    for (const std::string& name : get(v)) {
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
  }
  return names;
}

std::vector<std::string> vehicle_names(const suites::variant& v) {
  std::vector<std::string> names;
  for (const results::vehicle one : v.vehicles) names.emplace_back(results::to_string(one));
  return names;
}

std::string state_of(const suites::peer& one) {
  const std::string version = one.version();
  return version.empty() ? one.absent : version;
}

// The peers whose implementations the suite has, as far as `gobench run` would need their names.
std::vector<std::string> peer_names(const suite& one) {
  std::vector<std::string> names = each_once(one, [](const auto& v) {
    return v.peer.empty() ? std::vector<std::string>{} : std::vector<std::string>{v.peer};
  });
  for (std::string& name : names) {
    const suites::peer* found = suites::find_peer(name);
    if (found != nullptr) name += fmt::format(" ({})", state_of(*found));
  }
  return names;
}

// "impl: a, b, ..." over as many lines as it takes.
void print_names(std::string_view label, const std::vector<std::string>& names, std::size_t width) {
  std::string line = fmt::format("  {:<9} ", label);
  const std::size_t indent = line.size();
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string next = names[i] + (i + 1 < names.size() ? "," : "");
    if (line.size() > indent && line.size() + 1 + next.size() > width) {
      std::cout << line << "\n";
      line.assign(indent, ' ');
    }
    line += (line.size() > indent ? " " : "") + next;
  }
  std::cout << line << "\n";
}

void print_text(std::size_t width) {
  for (const suite& one : suites::all_suites()) {
    std::cout << fmt::format("{}\n  {}\n", one.name, one.about);
    print_names("claims", one.claims, width);
    print_names("case",
                each_once(one, [](const auto& v) { return std::vector<std::string>{v.case_name}; }),
                width);
    print_names("impl",
                each_once(one, [](const auto& v) { return std::vector<std::string>{v.impl}; }),
                width);
    if (const auto peers = peer_names(one); !peers.empty()) print_names("peer", peers, width);
    print_names("vehicle", each_once(one, vehicle_names), width);
    std::cout << fmt::format("  {:<9} {}\n", "tasks", fmt::join(one.tasks, ","));
    for (const suites::parameter& p : one.parameters) {
      std::cout << fmt::format("  {:<9} {}={} ({})\n", "param", p.name, joined(p.usual), p.about);
    }
  }
  std::cout << "peers (gobench run SUITE --peer NAMES)\n";
  for (const suites::peer& one : suites::all_peers()) {
    const std::string label = fmt::format("  {:<9} ", one.name);
    const std::string text = fmt::format("{} ({})", one.about, state_of(one));
    std::string lines = wrapped(text, std::string(label.size(), ' '), width);
    std::cout << lines.replace(0, label.size(), label);
  }
}

ordered_json json_of(const suite& one) {
  ordered_json cases = ordered_json::array();
  for (const suites::variant& v : one.variants) {
    cases.push_back({{"case", v.case_name},
                     {"impl", v.impl},
                     {"vehicles", vehicle_names(v)},
                     {"parameters", v.parameters},
                     {"baseline", v.baseline},
                     {"peer", v.peer}});
  }
  ordered_json parameters = ordered_json::array();
  for (const suites::parameter& p : one.parameters) {
    ordered_json usual = ordered_json::array();
    ordered_json quick = ordered_json::array();
    for (const results::value& v : p.usual) usual.push_back(json_of(v));
    for (const results::value& v : p.quick) quick.push_back(json_of(v));
    parameters.push_back({{"name", p.name},
                          {"about", p.about},
                          {"default", usual},
                          {"quick", quick},
                          {"allowed", suites::allowed_values(p)}});
  }
  return {{"name", one.name},
          {"about", one.about},
          {"claims", one.claims},
          {"tasks", one.tasks},
          {"quick_tasks", one.quick_tasks},
          {"parameters", parameters},
          {"metrics", one.metrics},
          {"cases", cases}};
}

ordered_json json_of(const suites::peer& one) {
  const std::string version = one.version();
  return {{"name", one.name},
          {"about", one.about},
          {"version", version.empty() ? ordered_json() : ordered_json(version)},
          {"absent", version.empty() ? ordered_json(one.absent) : ordered_json()}};
}

command_body prepare(CLI::App& verb) {
  const auto json = std::make_shared<bool>(false);
  verb.add_flag("--json", *json, "As JSON, with every case and the values of every parameter");
  return [json](const surroundings& around) {
    if (*json) {
      ordered_json all = ordered_json::array();
      for (const suite& one : suites::all_suites()) all.push_back(json_of(one));
      ordered_json peers = ordered_json::array();
      for (const suites::peer& one : suites::all_peers()) peers.push_back(json_of(one));
      std::cout << ordered_json{{"suites", all}, {"peers", peers}}.dump(2) << "\n";
    } else {
      print_text(around.out.width);
    }
    std::cout.flush();
    return 0;
  };
}

const command_registration registered{
    {.name = "list",
     .about = "Show the suites: their question, cases and parameters; and the peers",
     .epilogue = "gobench run SUITE --dry-run shows the single cases of a run.",
     .prepare = prepare}};

}  // namespace

}  // namespace gobench::cli
