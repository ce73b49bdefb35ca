#include <fmt/format.h>

#include <iostream>
#include <memory>
#include <optional>
#include <system_error>

#include "cli/command.hpp"
#include "cli/compare/report.hpp"
#include "cli/failure.hpp"
#include "cli/messages.hpp"
#include "cli/report/findings.hpp"
#include "cli/report/page.hpp"
#include "cli/values.hpp"
#include "results/comparison.hpp"
#include "results/whole_file.hpp"

namespace gobench::cli {

namespace {

struct options_text {
  std::vector<std::string> files;
  std::vector<std::string> findings;
  std::string out = "report.html";
  std::string filter;
};

void add_options(CLI::App& verb, options_text& text) {
  verb.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  verb.add_option("result", text.files, "Result files; the second is compared with the first")
      ->type_name("RESULT...")
      ->multi_option_policy(CLI::MultiOptionPolicy::Throw);
  verb.add_option("--out", text.out, "The page (default report.html)")->type_name("FILE");
  verb.add_option("--findings", text.findings,
                  "Also show the findings that gobench race --json FILE wrote;\nrepeatable")
      ->type_name("FILE")
      ->multi_option_policy(CLI::MultiOptionPolicy::Throw)
      ->allow_extra_args(false);
  verb.add_option("--filter", text.filter, "Only cases in whose description this is found")
      ->type_name("REGEX");
}

// Nothing to tell where they share no case: the page shows both all the same.
std::optional<results::internal::json> comparison_of(const report::run& base,
                                                     const report::run& fresh) {
  const results::collecting what;
  results::case_collector before(what);
  results::case_collector after(what);
  for (const auto& [in, to] : {std::pair{&base, &before}, std::pair{&fresh, &after}}) {
    for (const report::measured_case& one : in->cases) {
      for (const results::sample& s : one.samples) to->add(s);
    }
    to->about(in->content.about);
  }
  std::vector<compare::report> all(1);
  all[0].base = base.name;
  all[0].fresh = fresh.name;
  all[0].metric = what.metric;
  all[0].found = results::compare(before, after, all[0].how);
  if (all[0].found.cases.empty()) return std::nullopt;
  compare::arrange(all[0], "");
  auto made = results::internal::json::parse((*compare::find_format("json"))(all, {}));
  return made.at("comparisons").at(0);
}

int perform(const options_text& text, const surroundings& around) {
  if (text.files.empty() && text.findings.empty()) {
    throw usage_error(messages::nothing_to_report("report", "--out report.html"));
  }
  if (!report::can_make_page()) throw environment_error(messages::built_without_uplot());
  std::optional<std::regex> filter;
  const std::string setting = around.origin_of("--filter");
  if (!text.filter.empty()) filter = parse_regex(setting, text.filter);
  report::content shown;
  for (const std::string& file : text.files) {
    shown.runs.push_back(report::read_run(file, filter, setting, text.filter));
  }
  for (const std::string& file : text.findings) {
    shown.findings.push_back(report::read_findings(file));
  }
  if (shown.runs.size() == 2) {
    if (auto found = comparison_of(shown.runs[0], shown.runs[1])) {
      shown.comparisons.push_back(std::move(*found));
    }
  }
  const std::string page = report::page_of(shown);
  if (text.out == "-") {
    std::cout << page << std::flush;
    return 0;
  }
  try {
    results::whole_file(text.out).replace(page);
  } catch (const std::system_error& refused) {
    throw environment_error(messages::cannot_write(refused.what()));
  }
  if (!around.quiet) std::cerr << messages::page_written(text.out) << std::endl;
  return 0;
}

command_body prepare(CLI::App& verb) {
  const auto text = std::make_shared<options_text>();
  add_options(verb, *text);
  return [text](const surroundings& around) { return perform(*text, around); };
}

const command_registration registered{
    {.name = "report",
     .about = "Make a page of results that opens in any browser",
     .epilogue = "Examples:\n"
                 "  gobench report result.csv\n"
                 "  gobench report old.csv new.csv --out change.html\n"
                 "  gobench report result.csv --findings findings.json --out all.html\n"
                 "The page is a single file that loads nothing from elsewhere. RESULT is what\n"
                 "gobench compare reads as well, with @RUN for a run that was saved.",
     .prepare = prepare}};

}  // namespace

}  // namespace gobench::cli
