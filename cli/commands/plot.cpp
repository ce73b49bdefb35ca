#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <optional>
#include <system_error>

#include "cli/command.hpp"
#include "cli/failure.hpp"
#include "cli/messages.hpp"
#include "cli/nearest.hpp"
#include "cli/plot/drawer.hpp"
#include "cli/values.hpp"
#include "results/whole_file.hpp"

namespace gobench::cli {

namespace {

struct options_text {
  std::vector<std::string> files;
  std::string out = "plot.svg";
  std::string filter;
  std::string keep_script;
  std::string with;
  plot::wishes wanted;
};

void add_options(CLI::App& verb, options_text& text) {
  verb.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  verb.add_option("result", text.files, "Result files, of one suite")
      ->type_name("RESULT...")
      ->multi_option_policy(CLI::MultiOptionPolicy::Throw);
  verb.add_option("--out", text.out, "The picture, .svg or .png (default plot.svg)")
      ->type_name("FILE");
  verb.add_option("--kind", text.wanted.kind,
                  "lines, bars, latency (by percentile) or heat (procs x\ntasks); by default what "
                  "fits the suite")
      ->type_name("NAME");
  verb.add_option("--x", text.wanted.x, "What goes along: tasks, procs, impl, a parameter")
      ->type_name("NAME");
  verb.add_option("--metric", text.wanted.metric, "What is shown: a column (default ns_per_op)")
      ->type_name("NAME");
  verb.add_option("--filter", text.filter, "Only cases in whose description this is found")
      ->type_name("REGEX");
  verb.add_option("--with", text.with, "gnuplot or matplotlib (default: whichever is there)")
      ->type_name("NAME");
  verb.add_option("--keep-script", text.keep_script, "Also keep the script that draws the picture")
      ->type_name("FILE");
}

void require_one_suite(const std::vector<report::run>& runs) {
  const std::string first = runs.front().suites().front();
  for (const report::run& in : runs) {
    std::vector<std::string> suites = in.suites();
    if (suites.size() == 1 && suites.front() == first) continue;
    if (suites.size() == 1) suites.insert(suites.begin(), first);
    throw usage_error(messages::several_suites(in.name, suites));
  }
}

int perform(const options_text& text, const surroundings& around) {
  if (text.files.empty()) throw usage_error(messages::nothing_to_report("plot", "--out plot.svg"));
  if (!text.out.ends_with(".svg") && !text.out.ends_with(".png")) {
    throw usage_error(messages::no_picture_format(text.out));
  }
  const std::vector<std::string> kinds = {"lines", "bars", "latency", "heat"};
  const std::string& kind = text.wanted.kind;
  if (!kind.empty() && std::ranges::find(kinds, kind) == kinds.end()) {
    throw usage_error(
        messages::bad_choice(around.origin_of("--kind"), kind, kinds, nearest(kind, kinds)));
  }
  std::optional<std::regex> filter;
  const std::string setting = around.origin_of("--filter");
  if (!text.filter.empty()) filter = parse_regex(setting, text.filter);
  std::vector<report::run> runs;
  for (const std::string& file : text.files) {
    runs.push_back(report::read_run(file, filter, setting, text.filter));
  }
  require_one_suite(runs);
  const plot::picture shown = plot::picture_of(runs, text.wanted);
  const plot::drawer with = plot::find_drawer(text.with, around.origin_of("--with"));
  if (!text.keep_script.empty()) {
    try {
      results::whole_file(text.keep_script).replace(plot::script_for(with, shown, text.out));
    } catch (const std::system_error& refused) {
      throw environment_error(messages::cannot_write(refused.what()));
    }
  }
  plot::draw(with, shown, text.out);
  return 0;
}

command_body prepare(CLI::App& verb) {
  const auto text = std::make_shared<options_text>();
  add_options(verb, *text);
  return [text](const surroundings& around) { return perform(*text, around); };
}

const command_registration registered{
    {.name = "plot",
     .about = "Draw a picture of results",
     .epilogue = "Examples:\n"
                 "  gobench plot result.csv\n"
                 "  gobench plot old.csv new.csv --out change.png --filter 'std'\n"
                 "  gobench plot hog.csv --kind latency --out waits.svg\n"
                 "  gobench plot result.csv --x hold_ns --keep-script result.gp\n"
                 "It is drawn by gnuplot or matplotlib, whichever is installed.",
     .prepare = prepare}};

}  // namespace

}  // namespace gobench::cli
