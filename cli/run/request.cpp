#include "cli/run/request.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <set>
#include <variant>

#include "cli/failure.hpp"
#include "cli/messages.hpp"
#include "cli/nearest.hpp"
#include "cli/values.hpp"
#include "results/sink.hpp"
#include "results/store.hpp"

namespace gobench::cli::run {

namespace {

using suites::suite;

constexpr int most_procs = 4096;
constexpr int most_tasks = 10'000'000;
constexpr int most_reps = 1'000'000;

std::vector<const suite*> chosen_suites(const options_text& text) {
  std::vector<std::string> names;
  for (const suite& one : suites::all_suites()) names.push_back(one.name);
  if (text.suites.empty()) throw usage_error(messages::no_suite(names));
  std::vector<const suite*> chosen;
  for (const std::string& typed : text.suites) {
    const suite* found = suites::find_suite(typed);
    if (found == nullptr) {
      throw usage_error(messages::unknown_suite(typed, nearest(typed, names)));
    }
    if (std::ranges::find(chosen, found) != chosen.end()) {
      throw usage_error(messages::repeated_suite(typed));
    }
    chosen.push_back(found);
  }
  return chosen;
}

// The values of one --param, checked against every chosen suite that has the parameter.
void add_parameter(suites::selection& to, const std::vector<const suite*>& chosen,
                   const std::string& setting, const std::string& typed) {
  const auto [name, texts] = parse_parameter(setting, typed);
  std::vector<std::string> known;
  bool found = false;
  std::vector<results::value> values;
  for (const std::string& text : texts) values.push_back(parse_value(text));
  for (const suite* one : chosen) {
    for (const suites::parameter& p : one->parameters) {
      if (std::ranges::find(known, p.name) == known.end()) known.push_back(p.name);
      if (p.name != name) continue;
      found = true;
      for (std::size_t i = 0; i < values.size(); ++i) {
        if (!suites::allows(p, values[i])) {
          throw usage_error(messages::bad_parameter_value(name, texts[i], allowed_values(p)));
        }
      }
    }
  }
  if (!found) throw usage_error(messages::unknown_parameter(name, known, nearest(name, known)));
  auto& there = to.parameters[name];
  there.insert(there.end(), values.begin(), values.end());
}

suites::selection selection_of(const options_text& text, const surroundings& around,
                               const std::vector<const suite*>& chosen) {
  suites::selection made;
  made.quick = text.quick;
  if (!text.vehicle.empty()) {
    made.vehicles = parse_vehicles(around.origin_of("--vehicle"), text.vehicle);
  }
  if (!text.impl.empty()) made.impl = parse_regex(around.origin_of("--impl"), text.impl);
  if (!text.procs.empty()) {
    made.procs = parse_counts(around.origin_of("--procs"), text.procs, most_procs);
  }
  if (!text.tasks.empty()) {
    made.tasks = parse_counts(around.origin_of("--tasks"), text.tasks, most_tasks);
  }
  for (const std::string& one : text.params) {
    add_parameter(made, chosen, around.origin_of("--param"), one);
  }
  return made;
}

bool has_part(const suite& one, std::string_view peer) {
  return std::ranges::find(one.variants, peer, &suites::variant::peer) != one.variants.end();
}

// A library that is not built in has no variants anywhere, so nobody knows which suites it would have a
// part in.
bool is_built_in(const suites::peer& one) {
  return std::ranges::any_of(suites::all_suites(),
                             [&](const suite& s) { return has_part(s, one.name); });
}

// Throws environment_error with how to get it.
void require(const suites::peer& one) {
  try {
    one.prepare([](const std::string&) {});
  } catch (const suites::peer_missing& missing) {
    throw environment_error(missing.what());
  }
}

// The peers named by --peer, or with "all" those that are there.
void choose_peers(request& to, const options_text& text, const surroundings& around,
                  const std::vector<const suite*>& chosen) {
  if (text.peer.empty()) return;
  const std::string setting = around.origin_of("--peer");
  std::vector<std::string> names;
  for (const suites::peer& one : suites::all_peers()) names.push_back(one.name);
  names.emplace_back("all");
  std::vector<std::string> left_out;
  for (const std::string& typed : split(text.peer)) {
    if (std::ranges::find(names, typed) == names.end()) {
      throw usage_error(messages::bad_choice(setting, typed, names, nearest(typed, names)));
    }
    for (const suites::peer& one : suites::all_peers()) {
      const bool wanted = typed == one.name;
      if (!wanted && typed != "all") continue;
      const bool measured =
          std::ranges::any_of(chosen, [&](const suite* s) { return has_part(*s, one.name); });
      if (wanted && !measured) {
        if (!is_built_in(one)) require(one);
        throw usage_error(messages::not_for_peer(chosen.front()->name, one.name));
      }
      if (std::ranges::find(to.peers, &one) != to.peers.end()) continue;
      if (measured && (wanted || !one.version().empty())) {
        to.peers.push_back(&one);
      } else if ((measured || !is_built_in(one)) &&
                 std::ranges::find(left_out, one.name) == left_out.end()) {
        left_out.push_back(one.name);
      }
    }
  }
  if (!left_out.empty()) to.remarks.push_back(messages::left_out_peers(left_out));
}

template <class Get>
std::vector<std::string> names_in(const suite& of, Get get) {
  std::set<std::string> names;
  for (const suites::variant& v : of.variants) get(v, names);
  return {names.begin(), names.end()};
}

// Which filter leaves nothing: tried one by one, so that the sentence can name it.
[[noreturn]] void refuse_empty(const suite& of, const suites::selection& chosen,
                               const options_text& text, const surroundings& around) {
  suites::selection only;
  only.impl = chosen.impl;
  only.peers = chosen.peers;
  if (chosen.impl && plan(of, only).empty()) {
    for (const suites::peer& one : suites::all_peers()) {
      only.peers = {one.name};
      if (!plan(of, only).empty()) {
        throw usage_error(
            messages::peer_needed(around.origin_of("--impl") + " " + text.impl, one.name));
      }
    }
    throw usage_error(messages::nothing_selected(of.name,
                                                 around.origin_of("--impl") + " " + text.impl,
                                                 names_in(of, [](const auto& v, auto& names) {
                                                   if (v.peer.empty()) names.insert(v.impl);
                                                 })));
  }
  only = {};
  only.peers = chosen.peers;
  only.vehicles = chosen.vehicles;
  if (plan(of, only).empty()) {
    throw usage_error(messages::nothing_selected(of.name,
                                                 around.origin_of("--vehicle") + " " + text.vehicle,
                                                 names_in(of, [](const auto& v, auto& names) {
                                                   for (const results::vehicle one : v.vehicles)
                                                     names.emplace(results::to_string(one));
                                                 })));
  }
  throw usage_error(messages::nothing_selected_together(of.name));
}

std::vector<output> outputs_of(const options_text& text) {
  if (!text.format.empty()) {
    try {
      results::require_format(text.format);
    } catch (const results::unknown_format& unknown) {
      throw usage_error(unknown.what());
    }
  }
  bool format_is_for_file = false;
  std::vector<output> files;
  for (const std::string& name : text.out) {
    output one{.format = results::format_of_file(name).value_or(""), .file = name};
    if (one.format.empty()) {
      if (text.format.empty()) {
        throw usage_error(messages::unknown_format_of_file(name, results::format_names()));
      }
      one.format = text.format;
      format_is_for_file = true;
    }
    for (const output& before : files) {
      if (before.file.lexically_normal() == one.file.lexically_normal()) {
        throw usage_error(messages::same_output_twice(name));
      }
    }
    files.push_back(std::move(one));
  }
  const bool table = text.format.empty() || format_is_for_file;
  std::vector<output> all = {{.format = table ? "table" : text.format, .file = {}}};
  all.insert(all.end(), files.begin(), files.end());
  return all;
}

suites::timing timing_of(const suite& of, const options_text& text, const surroundings& around,
                         std::uint64_t seed) {
  suites::timing how{.repetitions = text.quick ? of.quick_repetitions : of.repetitions,
                     .min_seconds = text.quick ? of.quick_min_seconds : of.min_seconds,
                     .seed = seed};
  if (!text.reps.empty()) {
    how.repetitions =
        static_cast<int>(parse_number(around.origin_of("--reps"), text.reps, 1, most_reps));
  }
  if (!text.min_time.empty()) {
    how.min_seconds = parse_seconds(around.origin_of("--min-time"), text.min_time);
  }
  return how;
}

}  // namespace

void add_options(CLI::App& verb, options_text& text) {
  const auto peer_names = [] {
    std::vector<std::string> names;
    for (const suites::peer& one : suites::all_peers()) names.push_back(one.name);
    return names;
  };
  verb.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  verb.add_option("suite", text.suites, "What to measure; gobench list shows the suites")
      ->type_name("SUITE")
      ->multi_option_policy(CLI::MultiOptionPolicy::Throw);
  verb.add_option("--vehicle", text.vehicle, "Only these: fiber, coroutine, thread, process")
      ->type_name("NAMES");
  verb.add_option("--impl", text.impl, "Only implementations in whose name this is found")
      ->type_name("REGEX");
  verb.add_option("--procs", text.procs, "Processors, such as 1,2 (default: all CPUs)")
      ->type_name("COUNTS");
  verb.add_option("--tasks", text.tasks, "Tasks that share the work, such as 1,8,64")
      ->type_name("COUNTS");
  verb.add_option("--param", text.params,
                  "Values of a further parameter, such as hold_ns=0,1000; repeatable")
      ->type_name("NAME=VALUES")
      ->multi_option_policy(CLI::MultiOptionPolicy::Throw)
      ->allow_extra_args(false);
  verb.add_option("--reps", text.reps, "Samples of each case")->type_name("N");
  verb.add_option("--min-time", text.min_time, "Shortest time of a sample, such as 0.2s or 20ms")
      ->type_name("TIME");
  verb.add_option("--peer", text.peer,
                  fmt::format("Also measure these beside ours:\n{},\nor all that are there",
                              fmt::join(peer_names(), ", ")))
      ->type_name("NAMES");
  verb.add_flag("--quick", text.quick, "Fewer cases and shorter samples: a first look");
  verb.add_option("--seed", text.seed, "Of the order of the samples and of the work (default 1)")
      ->type_name("N");
  verb.add_option("--format", text.format,
                  "Of standard output: table (the default), csv, json,\nbenchfmt or gbench")
      ->type_name("NAME");
  verb.add_option("--out", text.out,
                  "Also write a file, in the format that its name tells\n"
                  "(.csv, .json, .gbench.json, .bench, .txt) or else --format;\nrepeatable")
      ->type_name("FILE")
      ->multi_option_policy(CLI::MultiOptionPolicy::Throw)
      ->allow_extra_args(false);
  verb.add_option("--save", text.save, "Also keep the run in the store, under this name")
      ->type_name("NAME");
  verb.add_option("--store", text.store,
                  "The store (default ~/.local/share/gobench/history.sqlite)")
      ->type_name("FILE");
  verb.add_flag(
      "--aa", text.aa,
      "Measure everything twice and compare both halves: what\ndiffers here without a cause");
  verb.add_option("--trace", text.trace,
                  "Also write what the tasks did, for ui.perfetto.dev; it costs\n"
                  "time in every sample")
      ->type_name("FILE");
  verb.add_flag("--dry-run", text.dry_run, "List the cases and measure nothing");
}

std::size_t request::samples() const {
  std::size_t count = 0;
  for (const part& one : parts) {
    count += one.cases.size() * static_cast<std::size_t>(one.how.repetitions);
  }
  return count;
}

std::vector<suites::planned_case> request::cases() const {
  std::vector<suites::planned_case> all;
  for (const part& one : parts) all.insert(all.end(), one.cases.begin(), one.cases.end());
  return all;
}

request parse(const options_text& text, const surroundings& around) {
  const std::vector<const suite*> chosen = chosen_suites(text);
  request made;
  made.dry_run = text.dry_run;
  made.trace = text.trace;
  made.save = text.save;
  made.store = text.store.empty() ? results::default_store() : std::filesystem::path(text.store);
  made.aa = text.aa;
  if (!text.seed.empty()) {
    made.seed = static_cast<std::uint64_t>(parse_number(around.origin_of("--seed"), text.seed, 0,
                                                        std::numeric_limits<std::int64_t>::max()));
  }
  suites::selection selected = selection_of(text, around, chosen);
  choose_peers(made, text, around, chosen);
  for (const suites::peer* one : made.peers) selected.peers.push_back(one->name);
  for (const suite* one : chosen) {
    part next{one, plan(*one, selected), timing_of(*one, text, around, made.seed)};
    if (made.aa) next.how.repetitions *= 2;
    if (next.cases.empty()) refuse_empty(*one, selected, text, around);
    made.parts.push_back(std::move(next));
  }
  made.outputs = outputs_of(text);
  return made;
}

}  // namespace gobench::cli::run
