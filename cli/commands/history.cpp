#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iostream>
#include <memory>

#include "cli/command.hpp"
#include "cli/compare/report.hpp"
#include "cli/failure.hpp"
#include "cli/history/trend.hpp"
#include "cli/inputs.hpp"
#include "cli/messages.hpp"
#include "cli/values.hpp"
#include "results/identity.hpp"
#include "results/internal/json.hpp"
#include "results/table/text.hpp"

namespace gobench::cli {

namespace {

namespace table = results::table;
using history::case_trend;
using results::stored_run;

struct options_text {
  std::string suite;
  std::string last = "50";
  std::string store;
  std::string metric = "ns_per_op";
  std::string filter;
  std::string format = "table";
  std::string take;  // --import
  std::string save;
  std::string give;  // --export
  std::string out;
  std::string remove;
};

void add_options(CLI::App& verb, options_text& text) {
  verb.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  verb.add_option("suite", text.suite, "Whose cases; without it the runs are listed")
      ->type_name("SUITE");
  verb.add_option("--last", text.last, "Of how many runs (default 50)")->type_name("N");
  verb.add_option("--metric", text.metric, "What is followed: a column (default ns_per_op)")
      ->type_name("NAME");
  verb.add_option("--filter", text.filter, "Only cases in whose description this is found")
      ->type_name("REGEX");
  verb.add_option("--format", text.format, "Of standard output: table (the default) or json")
      ->type_name("NAME");
  verb.add_option("--store", text.store,
                  "The store (default ~/.local/share/gobench/history.sqlite)")
      ->type_name("FILE");
  verb.add_option("--import", text.take,
                  "Save the samples of a result file, under the name of --save")
      ->type_name("FILE");
  verb.add_option("--save", text.save, "The name for --import (default: that of the file)")
      ->type_name("NAME");
  verb.add_option("--export", text.give,
                  "Write a run to the file of --out, in the format that its\nname tells")
      ->type_name("RUN");
  verb.add_option("--out", text.out, "The file for --export")->type_name("FILE");
  verb.add_option("--remove", text.remove, "Remove a run for good")->type_name("RUN");
}

std::string day_of(const stored_run& run) { return run.saved_at.substr(0, 10); }

// "3 (nightly, 2024-05-01, abc123)"
std::string called(const stored_run& run) {
  return table::printable(
      fmt::format("{} ({}, {}{})", run.id, run.name, day_of(run),
                  run.about.git_commit.empty() ? "" : ", " + run.about.git_commit));
}

void list_runs(results::store& kept, std::size_t most, const surroundings& around) {
  const std::vector<stored_run> runs = kept.runs("", most);
  if (runs.empty()) {
    std::cout << "No run was saved yet; gobench run SUITE --save NAME saves one.\n";
    return;
  }
  std::cout << fmt::format("{:>5}  {:<20}  {:<16}  {:<14}  {:>7}  {}\n", "run", "saved", "name",
                           "commit", "samples", "suites");
  for (const stored_run& one : runs) {
    const std::string line = fmt::format(
        "{:>5}  {:<20}  {}  {}  {:>7}  {}", one.id, one.saved_at,
        table::pad_right(table::shortened(table::printable(one.name), 16), 16),
        table::pad_right(table::shortened(table::printable(one.about.git_commit), 14), 14),
        one.samples, table::printable(fmt::format("{}", fmt::join(one.suites, ", "))));
    std::cout << table::shortened(line, around.out.width) << "\n";
  }
}

std::string steps_of(const case_trend& one, const std::vector<stored_run>& runs) {
  std::string made;
  for (const results::step& s : one.steps) {
    made += fmt::format("{}{} from run {} on", made.empty() ? "" : ", ",
                        compare::change_text(s.after / s.before), called(runs[one.runs[s.at]]));
  }
  return made;
}

void show_table(const std::vector<case_trend>& all, const std::vector<stored_run>& runs,
                const options_text& text, const surroundings& around) {
  std::size_t label = 4;
  for (const case_trend& one : all) {
    label = std::max(label, table::width_of(table::printable(results::description(one.who))));
  }
  const std::size_t line = std::clamp<std::size_t>(runs.size(), 5, 24);
  const std::size_t others = 2 + 4 * 2 + 9 + 9 + 9 + line;
  label = std::min(label, around.out.width > others + 16 ? around.out.width - others : 16);
  std::cout << painted(table::printable(fmt::format(
                           "{}: {}, {} run{} from {} to {}", text.suite, text.metric, runs.size(),
                           runs.size() == 1 ? "" : "s", day_of(runs.front()), day_of(runs.back()))),
                       "1", around.out.color)
            << "\n";
  std::cout << fmt::format("  {}  {:>9}  {:>9}  {:>9}  {}\n", table::pad_right("case", label),
                           "first", "last", "change", "trend");
  for (const case_trend& one : all) {
    const double change = one.medians.back() / one.medians.front();
    std::cout << fmt::format(
        "  {}  {}  {}  {}  {}\n",
        table::pad_right(table::shortened(table::printable(results::description(one.who)), label),
                         label),
        table::pad_left(compare::value_text(one.medians.front(), text.metric), 9),
        table::pad_left(compare::value_text(one.medians.back(), text.metric), 9),
        table::pad_left(compare::change_text(change), 9), history::sparkline(one.medians, line));
    if (!one.steps.empty())
      std::cout << painted(wrapped(steps_of(one, runs), "    ", around.out.width), "33",
                           around.out.color);
  }
  std::cout << "\n"
            << wrapped(
                   "Each value is the median of a run. A step is told where the level before and "
                   "after it differ by "
                   "more than 2 % and chance would not produce that (1 %), which takes five runs "
                   "on both sides.",
                   "", around.out.width);
}

void show_json(const std::vector<case_trend>& all, const std::vector<stored_run>& runs,
               const options_text& text) {
  using results::internal::json;
  json list = json::array();
  for (const stored_run& one : runs) {
    list.push_back({{"run", one.id},
                    {"name", one.name},
                    {"saved_at", one.saved_at},
                    {"git_commit", one.about.git_commit},
                    {"samples", one.samples}});
  }
  json cases = json::array();
  for (const case_trend& one : all) {
    json ids = json::array();
    for (const std::size_t i : one.runs) ids.push_back(runs[i].id);
    json steps = json::array();
    for (const results::step& s : one.steps) {
      steps.push_back(
          {{"run", runs[one.runs[s.at]].id}, {"before", s.before}, {"after", s.after}, {"p", s.p}});
    }
    cases.push_back(
        {{"case", results::description(one.who)},
         {"runs", ids},
         {"medians", one.medians},
         {"steps", steps},
         {"trend",
          {{"tau", one.over_all.tau}, {"p", one.over_all.p}, {"slope", one.over_all.slope}}}});
  }
  std::cout << results::internal::dump(json{{"suite", text.suite},
                                            {"metric", text.metric},
                                            {"runs", list},
                                            {"cases", cases}},
                                       2)
            << "\n";
}

void show_suite(results::store& kept, std::size_t most, const options_text& text,
                const surroundings& around) {
  const std::vector<stored_run> runs = kept.runs(text.suite, most);
  if (runs.empty()) throw usage_error(messages::no_saved_run(text.suite));
  std::vector<case_trend> all = history::trends_of(kept, runs, text.suite, text.metric);
  if (all.empty()) throw usage_error(messages::no_such_metric(text.metric, text.suite));
  if (!text.filter.empty()) {
    const std::regex filter = parse_regex(around.origin_of("--filter"), text.filter);
    const std::string first = results::description(all.front().who);
    std::erase_if(all, [&](const case_trend& one) {
      return !std::regex_search(results::description(one.who), filter);
    });
    if (all.empty()) {
      throw usage_error(
          messages::no_case_matches(around.origin_of("--filter"), text.filter, '"' + first + '"'));
    }
  }
  if (text.format == "json") {
    show_json(all, runs, text);
  } else {
    show_table(all, runs, text, around);
  }
}

void import_file(results::store& kept, const options_text& text, const surroundings& around) {
  std::vector<results::sample> samples;
  const results::file_content found =
      read_input(text.take, [&](results::sample&& one) { samples.push_back(std::move(one)); });
  const std::string name =
      text.save.empty() ? std::filesystem::path(text.take).stem().string() : text.save;
  const std::int64_t id = kept.save(name, found.about, found.columns, samples);
  if (!around.quiet) {
    std::cerr << fmt::format("Saved {} samples as run {} ({}).", samples.size(), id,
                             table::printable(name))
              << std::endl;
  }
}

void export_run(results::store& kept, const options_text& text) {
  const auto format = results::format_of_file(text.out);
  if (text.out.empty() || !format) {
    throw usage_error(messages::unknown_format_of_file(text.out, results::format_names()));
  }
  const stored_run run = kept.find(text.give);
  // The columns that occur, behind those that are known.
  results::schema columns = run.columns;
  std::vector<results::sample> samples;
  kept.load(run.id, "", [&](results::sample&& one) {
    for (const auto& field : one.parameters) columns.add_parameters({field.name});
    for (const auto& field : one.metrics) columns.add_metrics({field.name});
    samples.push_back(std::move(one));
  });
  try {
    const auto to = results::make_file_sink(*format, text.out);
    to->begin(run.about, columns);
    for (const results::sample& one : samples) to->add(one);
    to->finish(run.about);
  } catch (const std::system_error& refused) {
    throw environment_error(messages::cannot_write(refused.what()));
  }
}

int perform(const options_text& text, const surroundings& around) {
  if (text.format != "table" && text.format != "json") {
    throw usage_error(
        messages::bad_choice(around.origin_of("--format"), text.format, {"table", "json"}, ""));
  }
  const auto most =
      static_cast<std::size_t>(parse_number(around.origin_of("--last"), text.last, 1, 1'000'000));
  try {
    results::store kept(text.store.empty() ? results::default_store()
                                           : std::filesystem::path(text.store));
    if (!text.take.empty()) {
      import_file(kept, text, around);
    } else if (!text.give.empty()) {
      export_run(kept, text);
    } else if (!text.remove.empty()) {
      kept.remove(kept.find(text.remove).id);
    } else if (text.suite.empty()) {
      list_runs(kept, most, around);
    } else {
      show_suite(kept, most, text, around);
    }
  } catch (const results::store_error& refused) {
    throw environment_error(refused.what());
  }
  std::cout.flush();
  return 0;
}

command_body prepare(CLI::App& verb) {
  const auto text = std::make_shared<options_text>();
  add_options(verb, *text);
  return [text](const surroundings& around) { return perform(*text, around); };
}

const command_registration registered{
    {.name = "history",
     .about = "Show what became of a suite over the runs that were saved",
     .epilogue =
         "Examples:\n"
         "  gobench run mutex-vs-chan --save nightly\n"
         "  gobench history mutex-vs-chan --last 50\n"
         "  gobench history --import old.csv --save v1.0\n"
         "  gobench history --export nightly --out nightly.json\n"
         "RUN is a name, of which the last run is taken, or the number of a run; gobench compare\n"
         "takes @RUN in place of a file.",
     .prepare = prepare}};

}  // namespace

}  // namespace gobench::cli
