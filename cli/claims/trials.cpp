#include "cli/claims/trials.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "cli/claims/messages.hpp"
#include "cli/claims/timed_run.hpp"

namespace gobench::cli::claims {

namespace {

constexpr int build_seconds = 120;
constexpr int race_seconds = 20;
constexpr int explore_seconds = 60;

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

// The first line that tells of an error, else the last one that says anything.
std::string telling_line(const std::string& output) {
  std::string last;
  for (const std::string_view line : lines_of(output)) {
    if (line.find("error") != std::string_view::npos) return std::string(line);
    if (!line.empty()) last = line;
  }
  return last;
}

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

const program_source* find_program_source(std::string_view name) {
  const auto all = program_sources();
  const auto found = std::ranges::find(all, name, &program_source::name);
  return found == all.end() ? nullptr : &*found;
}

std::set<std::size_t> refused_lines(std::string_view text) {
  std::set<std::size_t> found;
  std::size_t number = 0;
  for (const std::string_view line : lines_of(text)) {
    ++number;
    if (line.ends_with("// refused")) found.insert(number);
  }
  return found;
}

// file:12:20: error: ..., the column being optional.
std::set<std::size_t> lines_with_errors(std::string_view output, std::string_view file) {
  std::set<std::size_t> found;
  for (const std::string_view line : lines_of(output)) {
    const std::size_t name = line.find(file);
    if (name == std::string_view::npos) continue;
    std::string_view rest = line.substr(name + file.size());
    std::size_t number = 0;
    for (int i = 0; i < 2 && rest.starts_with(":"); ++i) {
      const std::size_t end = rest.find_first_not_of("0123456789", 1);
      if (end == 1 || end == std::string_view::npos) break;
      if (i == 0) number = std::stoul(std::string(rest.substr(1, end - 1)));
      rest.remove_prefix(end);
    }
    if (number > 0 && (rest.starts_with(": error:") || rest.starts_with(": fatal error:")))
      found.insert(number);
  }
  return found;
}

std::string compared_with_report(const trial& one, std::string_view report) {
  const auto document = nlohmann::json::parse(report);
  const auto& findings = document.at("findings");
  std::string others;
  for (const auto& each : findings) {
    const std::string kind = each.at("kind");
    if (kind != one.finding) {
      if (others.empty())
        others = fmt::format("a {} ({})", kind, each.at("message").get<std::string>());
      continue;
    }
    const std::string text = each.dump();
    for (const std::string& words : one.mentions) {
      if (text.find(words) == std::string::npos) return messages::not_mentioned(words);
    }
    if (one.succeeds && document.value("exit_code", nlohmann::json(nullptr)) != 0)
      return messages::program_failed();
    return "";
  }
  if (one.finding.empty()) return others.empty() ? "" : messages::unexpected_finding(others);
  return others.empty() ? messages::nothing_found(one.finding)
                        : messages::other_finding(one.finding, others);
}

const std::string& trial_runner::folder() {
  // guard_ is held.
  if (!folder_) folder_.emplace("gobench-claims");
  return folder_->path().native();
}

tried trial_runner::attempt(const trial& one, int runs) {
  const program_source* source = find_program_source(one.program);
  if (source == nullptr)
    return {.impossible = messages::not_compiled(one.program, "it is not part of this build")};
  try {
    switch (one.by) {
      case examiner::compiler:
        return compile(one, *source);
      case examiner::race:
        break;
      case examiner::explore:
        if (!has_command("explore")) return {.impossible = messages::no_such_command("explore")};
        break;
    }
    const built made = build(*source);
    if (!made.impossible.empty()) return {.impossible = made.impossible};
    return run(one, made.path, runs);
  } catch (const std::system_error& refused) {
    return {.impossible = messages::no_place(refused.what())};
  }
}

bool trial_runner::has_command(const std::string& name) {
  const std::lock_guard held(guard_);
  const auto known = commands_.find(name);
  if (known != commands_.end()) return known->second;
  const timed_run asked = run_timed({program_, name, "--help"}, race_seconds);
  return commands_[name] = asked.code == 0;
}

trial_runner::built trial_runner::build(const program_source& source) {
  slot* home = nullptr;
  std::string base;
  {
    const std::lock_guard held(guard_);
    home = &programs_[std::string(source.name)];
    base = folder() + "/" + std::string(source.name);
  }
  const std::lock_guard held(home->building);
  if (home->made) return *home->made;
  std::ofstream(base) << source.text;
  const std::string path = base.substr(0, base.rfind('.'));
  const timed_run compiled =
      run_timed({program_, "cxx", "-std=c++20", "-g", "-O1", base, "-o", path}, build_seconds);
  home->made.emplace();
  if (compiled.timed_out) {
    home->made->impossible = messages::took_too_long("cxx", build_seconds);
  } else if (compiled.code != 0) {
    home->made->impossible = messages::not_compiled(source.name, telling_line(compiled.output));
  } else {
    home->made->path = path;
  }
  return *home->made;
}

tried trial_runner::compile(const trial& one, const program_source& source) {
  std::string file;
  {
    const std::lock_guard held(guard_);
    file = folder() + "/" + std::string(source.name);
  }
  std::ofstream(file) << source.text;
  const timed_run compiled = run_timed(
      {program_, "cxx", "-std=c++20", "-fmax-errors=0", "-fsyntax-only", file}, build_seconds);
  const std::set<std::size_t> wanted = refused_lines(source.text);
  const std::set<std::size_t> found = lines_with_errors(compiled.output, source.name);
  // Errors elsewhere, or none that are places: the compiler itself, or a header, is missing.
  if (compiled.timed_out) return {.impossible = messages::took_too_long("cxx", build_seconds)};
  if (found.empty() && compiled.code != 0)
    return {.impossible = messages::not_compiled(source.name, telling_line(compiled.output))};
  tried made{.runs = 1, .as_expected = 1};
  for (const std::size_t line : wanted) {
    if (!found.contains(line)) made.otherwise = messages::not_refused(one.program, line);
  }
  for (const std::size_t line : found) {
    if (!wanted.contains(line)) made.otherwise = messages::wrongly_refused(one.program, line);
  }
  if (!made.otherwise.empty()) made.as_expected = 0;
  return made;
}

tried trial_runner::run(const trial& one, const std::string& path, int runs) {
  const bool explores = one.by == examiner::explore;
  const std::string verb = explores ? "explore" : "race";
  const int limit = explores ? explore_seconds : race_seconds;
  tried made;
  for (int i = 0; i < runs; ++i) {
    std::string report;
    {
      const std::lock_guard held(guard_);
      report = fmt::format("{}/report-{}.json", folder(), ++reports_);
    }
    std::vector<std::string> words = {program_, verb, "--json", report};
    words.insert(words.end(), one.options.begin(), one.options.end());
    words.push_back(path);
    words.insert(words.end(), one.arguments.begin(), one.arguments.end());
    const timed_run seen = run_timed(words, limit);
    std::string otherwise;
    try {
      otherwise = compared_with_report(one, read_file(report));
    } catch (const nlohmann::json::exception&) {
      // No report: the tool and not the program is to blame.
      return {.impossible = seen.timed_out ? messages::took_too_long(verb, limit)
                                           : messages::broken_tool(verb, seen.code,
                                                                   telling_line(seen.output))};
    }
    if (otherwise.empty() && one.finding.empty()) {
      if (seen.timed_out)
        otherwise = messages::took_too_long(verb, limit);
      else if (seen.code != 0)
        otherwise = messages::broken_tool(verb, seen.code, telling_line(seen.output));
    }
    ++made.runs;
    if (otherwise.empty())
      ++made.as_expected;
    else if (made.otherwise.empty())
      made.otherwise = otherwise;
  }
  return made;
}

}  // namespace gobench::cli::claims
