#include "cli/race/request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>
#include <string_view>
#include <system_error>

#include "cli/failure.hpp"
#include "cli/race/messages.hpp"
#include "cli/race/options.hpp"
#include "cli/race/program_file.hpp"

namespace gobench::cli::race {

namespace {

namespace fs = std::filesystem;
using detector::findings::all_exporters;
using detector::findings::exporter;

// Options of the detector that this command sets, with what to use instead.
struct own_option {
  std::string_view name;
  std::string_view instead;
};
constexpr std::array own_options = {
    own_option{"findings", "--json FILE"}, own_option{"suppressions", "--suppressions FILE"},
    own_option{"record", "--record FILE"}, own_option{"print_report", "--quiet"},
    own_option{"color", "--color WHEN"}};

bool is_own(std::string_view name) {
  return std::ranges::find(own_options, name, &own_option::name) != own_options.end();
}

bool is_given(const options_text& text, const std::string& name) {
  const auto found = text.given.find(name);
  return found != text.given.end() && found->second->count() > 0;
}

// Whether the value of an option comes from the settings file, which GOBENCH_RACE goes before.
bool from_settings_file(const surroundings& around, const std::string& option) {
  return around.origin_of(option).find(" in ") != std::string::npos;
}

std::string absolute(const std::string& file) {
  std::error_code ignored;
  const fs::path made = fs::absolute(file, ignored);
  return made.empty() ? file : made.string();
}

void add_detector_options(const options_text& text, const surroundings& around,
                          std::map<std::string, std::string>& values) {
  const auto put = [&](const std::string& option, const std::string& name,
                       const std::string& value) {
    require_value(*find_option(name), around.origin_of(option), value);
    if (from_settings_file(around, option)) {
      values.try_emplace(name, value);
    } else {
      values[name] = value;
    }
  };
  for (const std::string& one : text.named) {
    const std::string setting = around.origin_of("--option");
    const std::size_t equals = one.find('=');
    const std::string name = one.substr(0, equals);
    // Not through the parser of GOBENCH_RACE whole: a value given here may have separators in it.
    if (equals == std::string::npos || find_option(name) == nullptr) {
      parse_options(setting, name + (equals == std::string::npos ? "" : "="));
      throw usage_error(messages::option_without_value(setting, name));
    }
    for (const own_option& own : own_options) {
      if (name == own.name) throw usage_error(messages::set_by_race(setting, name, own.instead));
    }
    put("--option", name, one.substr(equals + 1));
  }
  for (const detector_option& one : detector_options()) {
    const std::string flag = flag_of(one);
    if (is_own(one.name) || !is_given(text, flag)) continue;
    const bool on = one.type == option_type::flag && text.flags.at(one.name);
    put(flag, one.name,
        one.type == option_type::flag ? (on ? "true" : "false") : text.values.at(one.name));
  }
}

void check_program(const std::string& name, program_kind kind, bool children) {
  switch (kind) {
    case program_kind::checked:
    case program_kind::script:
      break;
    case program_kind::plain:
      if (!children) throw environment_error(messages::not_instrumented(name));
      break;
    case program_kind::foreign_detector:
      throw environment_error(messages::foreign_detector(name));
    case program_kind::both_detectors:
      throw environment_error(messages::both_detectors(name));
    case program_kind::statically_linked:
      if (!children) throw environment_error(messages::statically_linked(name));
      break;
    case program_kind::other_machine:
      if (!children) throw environment_error(messages::other_machine(name));
      break;
  }
}

std::size_t parse_most(const std::string& text, const surroundings& around) {
  if (text.empty()) return static_cast<std::size_t>(-1);
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value == 0) {
    throw usage_error(messages::bad_most_findings(around.origin_of("--max-findings"), text));
  }
  return value;
}

}  // namespace

void add_options(CLI::App& verb, options_text& text) {
  add_finding_options(verb, text);
  verb.add_option("--record", text.record, "Write a trace for gobench analyze")->type_name("FILE");
  verb.add_flag("--children", text.children,
                "Not the program is instrumented, but what it starts or loads");
  verb.add_flag("--self-test", text.self_test, "See whether the detector works on this machine");
}

void add_finding_options(CLI::App& verb, options_text& text) {
  verb.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  // Only for the help: these words are taken before the options are parsed.
  static std::vector<std::string> unused;
  verb.add_option("PROGRAM", unused, "The program to check, and after it its arguments")
      ->type_name("");
  for (const exporter& one : all_exporters()) {
    verb.add_option("--" + one.name, text.files[one.name], one.about)->type_name("FILE");
  }
  verb.add_option("--suppressions", text.suppressions,
                  "Findings not to tell, as ThreadSanitizer has them")
      ->type_name("FILE");
  verb.add_option("--baseline", text.baseline, "Findings that are known and do not fail the gate")
      ->type_name("FILE");
  verb.add_flag("--update-baseline", text.update_baseline,
                "Add what is new to the baseline, which then does not fail");
  verb.add_option("--max-findings", text.most, "Most findings to write; all of them are counted")
      ->type_name("N");
  verb.add_option("--option", text.named,
                  "An option of the detector, by its name below; repeatable")
      ->type_name("NAME=VALUE")
      ->multi_option_policy(CLI::MultiOptionPolicy::Throw)
      ->allow_extra_args(false);
  const std::string group =
      "Options of the detector (--name=false turns one off; also "
      "GOBENCH_RACE=name=value:name=value)";
  for (const detector_option& one : detector_options()) {
    if (is_own(one.name)) continue;
    const std::string flag = flag_of(one);
    const std::string help = fmt::format("{} [{}]", one.help, one.standard);
    CLI::Option* option = nullptr;
    switch (one.type) {
      case option_type::flag:
        option = verb.add_flag(flag, text.flags[one.name], help);
        break;
      case option_type::number:
        option = verb.add_option(flag, text.values[one.name], help)->type_name("N");
        break;
      case option_type::text:
        option = verb.add_option(flag, text.values[one.name], help)->type_name("TEXT");
        break;
    }
    option->group(group);
    text.given[flag] = option;
  }
}

void check_suppressions(const std::string& file) {
  std::error_code ignored;
  std::ifstream in(file);
  if (!in || fs::is_directory(file, ignored)) {
    throw environment_error(
        messages::unreadable_suppressions(file, std::strerror(in ? EISDIR : errno)));
  }
  constexpr std::array<std::string_view, 7> kinds = {
      "race:", "race_top:", "thread:", "mutex:", "signal:", "called_from_lib:", "deadlock:"};
  std::size_t number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    const std::size_t first = line.find_first_not_of(" \t\r");
    if (first == std::string::npos || line[first] == '#') continue;
    const std::string_view text = std::string_view(line).substr(first);
    if (std::ranges::any_of(kinds, [&](std::string_view kind) { return text.starts_with(kind); })) {
      continue;
    }
    throw environment_error(messages::malformed_suppression(file, number, text));
  }
}

request parse(const options_text& text, const surroundings& around, std::string_view verb) {
  request made;
  if (around.rest.empty()) throw usage_error(messages::nothing_to_run(verb));
  made.command = around.rest;
  made.program = made.command.front();
  made.most = parse_most(text.most, around);
  made.update_baseline = text.update_baseline;
  made.baseline_file = text.baseline;
  if (text.update_baseline && text.baseline.empty()) {
    throw usage_error(messages::update_without_baseline());
  }

  std::set<std::string> files;
  const auto use_once = [&](const std::string& file) {
    std::error_code ignored;
    const fs::path real = fs::weakly_canonical(absolute(file), ignored);
    if (!files.insert(real.empty() ? file : real.string()).second) {
      throw usage_error(messages::same_file_twice(file));
    }
  };
  if (!text.baseline.empty()) use_once(text.baseline);
  for (const exporter& one : all_exporters()) {
    const std::string& file = text.files.at(one.name);
    if (file.empty()) continue;
    use_once(file);
    made.outputs.push_back({.form = &one, .file = file});
  }

  if (const char* set = std::getenv("GOBENCH_RACE"); set != nullptr) {
    made.detector = parse_options("GOBENCH_RACE", set);
    if (made.detector.contains("findings")) {
      throw usage_error(messages::set_by_race("GOBENCH_RACE", "findings", "--json FILE"));
    }
  }
  add_detector_options(text, around, made.detector);
  for (const auto& [name, file] :
       {std::pair{"suppressions", text.suppressions}, std::pair{"record", text.record}}) {
    if (!file.empty()) made.detector[name] = file;
    // The program may start others from another folder.
    if (auto& value = made.detector[name]; !value.empty()) {
      value = absolute(value);
    } else {
      made.detector.erase(name);
    }
  }
  if (const auto found = made.detector.find("suppressions"); found != made.detector.end()) {
    check_suppressions(text.suppressions.empty() ? found->second : text.suppressions);
  }
  if (around.quiet) made.detector["print_report"] = "false";
  switch (around.color) {
    case color_choice::automatic:
      break;
    case color_choice::always:
      made.detector["color"] = "always";
      break;
    case color_choice::never:
      made.detector["color"] = "never";
      break;
  }
  // The program ends with its own code, and the gate is decided here.
  if (const auto found = made.detector.find("exitcode"); found != made.detector.end()) {
    made.finding_code = std::atoi(found->second.c_str()) & 0xff;
  }
  made.detector["exitcode"] = "0";
  format_options(made.detector);  // throws for what cannot be told

  if (!text.baseline.empty()) {
    std::error_code ignored;
    if (!text.update_baseline || fs::exists(text.baseline, ignored)) {
      try {
        made.known = detector::findings::baseline::read(text.baseline);
      } catch (const detector::findings::bad_baseline& bad) {
        throw environment_error(bad.what());
      }
    }
  }

  made.path = find_program(made.program);
  const program_kind kind = look_at(made.path);
  check_program(made.program, kind, text.children);
  made.instrumented = kind == program_kind::checked && !text.children;
  return made;
}

}  // namespace gobench::cli::race
