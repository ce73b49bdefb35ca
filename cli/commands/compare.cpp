#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>

#include "cli/command.hpp"
#include "cli/compare/report.hpp"
#include "cli/failure.hpp"
#include "cli/inputs.hpp"
#include "cli/messages.hpp"
#include "cli/nearest.hpp"
#include "cli/values.hpp"
#include "results/identity.hpp"

namespace gobench::cli {

namespace {

struct options_text {
  std::vector<std::string> files;
  std::string alpha = "5%";
  std::string threshold = "3%";
  std::string metric = "ns_per_op";
  std::string filter;
  std::string group_by;
  std::string ignore;
  std::string format = "table";
  std::vector<std::string> out;
  bool higher_is_better = false;
  bool fail_on_regression = false;
};

void add_options(CLI::App& verb, options_text& text) {
  verb.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  verb.add_option("file", text.files, "The base, and what is compared with it")
      ->type_name("BASE NEW...")
      ->multi_option_policy(CLI::MultiOptionPolicy::Throw);
  verb.add_option("--threshold", text.threshold, "A smaller change is none (default 3%)")
      ->type_name("SHARE");
  verb.add_option(
          "--alpha", text.alpha,
          "How many of the verdicts may be chance, and what the\nintervals leave out (default 5%)")
      ->type_name("SHARE");
  verb.add_option("--metric", text.metric, "What is compared: a column (default ns_per_op)")
      ->type_name("NAME");
  verb.add_flag("--higher-is-better", text.higher_is_better,
                "A rise of the metric is no regression; known for ops_per_s");
  verb.add_option("--filter", text.filter, "Only cases in whose description this is found")
      ->type_name("REGEX");
  verb.add_option("--group-by", text.group_by, "A part for each value of this column, with a mean")
      ->type_name("NAME");
  verb.add_option("--ignore", text.ignore,
                  "Columns that do not tell cases apart, such as procs,hold_ns")
      ->type_name("NAMES");
  verb.add_flag("--fail-on-regression", text.fail_on_regression, "End with 1 when a case is worse");
  verb.add_option("--format", text.format,
                  fmt::format("Of standard output: {} (default table)",
                              fmt::join(compare::format_names(), ", ")))
      ->type_name("NAME");
  verb.add_option("--out", text.out,
                  "Also write a file, in the format that its name tells\n"
                  "(.txt, .md, .csv, .json, .xml); repeatable")
      ->type_name("FILE")
      ->multi_option_policy(CLI::MultiOptionPolicy::Throw)
      ->allow_extra_args(false);
}

struct request {
  results::collecting what;
  results::judging how;
  std::optional<std::regex> filter;
};

request parse(const options_text& text, const surroundings& around) {
  if (text.files.size() < 2) throw usage_error(messages::no_files_to_compare());
  request made;
  made.what.metric = text.metric;
  if (!text.ignore.empty()) made.what.ignored = split(text.ignore);
  made.how.alpha = parse_share(around.origin_of("--alpha"), text.alpha, 1e-6, 0.5);
  made.how.threshold = parse_share(around.origin_of("--threshold"), text.threshold, 0, 10);
  made.how.higher_is_better = text.higher_is_better || text.metric == "ops_per_s";
  made.how.cpu_may_stand_in = text.metric == "ns_per_op";
  if (!text.filter.empty()) made.filter = parse_regex(around.origin_of("--filter"), text.filter);
  std::vector<std::string> formats = {text.format};
  for (const std::string& file : text.out) {
    formats.push_back(compare::format_of_file(file));
    if (formats.back().empty()) {
      throw usage_error(messages::unknown_format_of_report(file, compare::format_names()));
    }
  }
  const std::vector<std::string> names = compare::format_names();
  if (compare::find_format(text.format) == nullptr) {
    throw usage_error(messages::bad_choice(around.origin_of("--format"), text.format, names,
                                           nearest(text.format, names)));
  }
  return made;
}

std::string some_case(const results::case_collector& in) {
  if (in.cases().empty()) return "none";
  const results::sample& one = in.cases().front().who;
  return fmt::format("\"{} {}\"", one.suite, results::description(one));
}

class reading {
 public:
  reading(const request& asked, const options_text& text, const surroundings& around)
      : asked_(asked), text_(text), around_(around) {}

  results::case_collector file(const std::string& name) const {
    results::case_collector made(asked_.what);
    std::string seen;
    const results::file_content found = read_input(name, [&](results::sample&& one) {
      const std::string description = one.suite + " " + results::description(one);
      if (seen.empty()) seen = description;
      if (asked_.filter && !std::regex_search(description, *asked_.filter)) return;
      try {
        made.add(one);
      } catch (const results::ambiguous_case& ambiguous) {
        throw usage_error(ambiguous.what());
      }
    });
    made.about(found.about);
    if (!around_.quiet) {
      for (const std::string& remark : found.remarks)
        std::cerr << name << ": " << remark << std::endl;
    }
    if (made.cases().empty()) {
      throw usage_error(
          messages::no_case_matches(around_.origin_of("--filter"), text_.filter, '"' + seen + '"'));
    }
    if (!made.has_metric()) throw usage_error(messages::no_such_metric(asked_.what.metric, name));
    return made;
  }

 private:
  const request& asked_;
  const options_text& text_;
  const surroundings& around_;
};

void require_column(const results::comparison& in, const std::string& column,
                    const surroundings& around) {
  std::vector<std::string> names = {"suite", "case", "impl", "vehicle", "procs", "tasks"};
  for (const auto& one : in.cases) {
    for (const auto& field : one.who.parameters) {
      if (std::ranges::find(names, field.name) == names.end()) names.push_back(field.name);
    }
  }
  if (std::ranges::find(names, column) == names.end()) {
    throw usage_error(messages::unknown_column(around.origin_of("--group-by"), column, names,
                                               nearest(column, names)));
  }
}

int perform(const options_text& text, const surroundings& around) {
  const request asked = parse(text, around);
  const reading read(asked, text, around);
  const results::case_collector base = read.file(text.files.front());
  std::vector<compare::report> all;
  all.reserve(text.files.size());  // groups point into their report
  bool worse = false;
  for (std::size_t i = 1; i < text.files.size(); ++i) {
    const results::case_collector fresh = read.file(text.files[i]);
    compare::report& made = all.emplace_back();
    made.base = text.files.front();
    made.fresh = text.files[i];
    made.metric = text.metric;
    made.how = asked.how;
    made.found = results::compare(base, fresh, asked.how);
    if (made.found.cases.empty()) {
      throw usage_error(
          messages::nothing_in_common(made.base, made.fresh, some_case(base), some_case(fresh)));
    }
    if (!text.group_by.empty()) require_column(made.found, text.group_by, around);
    compare::arrange(made, text.group_by);
    worse = worse || made.found.count(results::verdict::worse) > 0;
  }
  for (const std::string& file : text.out) {
    std::ofstream out(file, std::ios::binary);
    out << (*compare::find_format(compare::format_of_file(file)))(all, stream_traits{});
    out.close();
    if (!out) throw environment_error(messages::cannot_write(file));
  }
  std::cout << (*compare::find_format(text.format))(all, around.out) << std::flush;
  return static_cast<int>(worse && text.fail_on_regression ? exit_code::regression
                                                           : exit_code::done);
}

command_body prepare(CLI::App& verb) {
  const auto text = std::make_shared<options_text>();
  add_options(verb, *text);
  return [text](const surroundings& around) { return perform(*text, around); };
}

const command_registration registered{
    {.name = "compare",
     .about = "Say for each case whether it became better or worse",
     .epilogue =
         "Examples:\n"
         "  gobench compare @main new.csv        (the run that was saved as main)\n"
         "  gobench compare old.csv new.csv\n"
         "  gobench compare old.json new.json --fail-on-regression --threshold 5%\n"
         "  gobench compare main.csv a.csv b.csv --filter 'tasks=8' --group-by impl\n"
         "It reads CSV and JSON of gobench run, JSON of any program that uses Google Benchmark\n"
         "(--benchmark_out) and the output of go test -bench. docs/statistics.md says what a "
         "verdict\n"
         "rests on.",
     .prepare = prepare}};

}  // namespace

}  // namespace gobench::cli
