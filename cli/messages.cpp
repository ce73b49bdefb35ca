#include "cli/messages.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gobench::cli::messages {

namespace {

// " Did you mean run?" or nothing.
std::string guess(std::string_view nearest) {
  return nearest.empty() ? std::string() : fmt::format(" Did you mean {}?", nearest);
}

std::string help_of(std::string_view verb) {
  return verb.empty() ? "gobench --help" : fmt::format("gobench {} --help", verb);
}

// "table, csv or json"
std::string either(const std::vector<std::string>& names) {
  if (names.empty()) return "none";
  if (names.size() == 1) return names.front();
  return fmt::format("{} or {}", fmt::join(names.begin(), names.end() - 1, ", "), names.back());
}

std::string samples(std::size_t count) {
  return count == 1 ? "1 sample" : fmt::format("{} samples", count);
}

std::string kept(std::size_t done) {
  if (done == 0) return "Nothing had been measured before.";
  return fmt::format("The {} measured before {} kept.", samples(done), done == 1 ? "is" : "are");
}

}  // namespace

std::string no_verb(const std::vector<std::string>& verbs) {
  return fmt::format("gobench needs to know what to do: {}; gobench --help explains.",
                     either(verbs));
}

std::string unknown_verb(std::string_view typed, std::string_view nearest) {
  if (!nearest.empty()) {
    return fmt::format("There is no command {}; did you mean {}?", typed, nearest);
  }
  return fmt::format("There is no command {}; gobench --help lists the commands.", typed);
}

std::string unknown_option(std::string_view typed, std::string_view verb,
                           std::string_view nearest) {
  const std::string of = verb.empty() ? std::string("gobench") : fmt::format("gobench {}", verb);
  if (!nearest.empty()) {
    return fmt::format("{} has no option {}; did you mean {}?", of, typed, nearest);
  }
  return fmt::format("{} has no option {}; {} lists them.", of, typed, help_of(verb));
}

std::string unexpected_argument(std::string_view typed, std::string_view verb) {
  return fmt::format("gobench {} does not know what to do with {}; {} shows what it takes.", verb,
                     typed, help_of(verb));
}

std::string missing_value(std::string_view option, std::string_view verb) {
  return fmt::format("{} needs a value; {} shows which.", option, help_of(verb));
}

std::string bad_command_line(std::string_view cause, std::string_view verb) {
  return fmt::format("The command line was not understood ({}); {} shows what it takes.", cause,
                     help_of(verb));
}

std::string bad_number(std::string_view setting, std::string_view typed, std::string_view range) {
  return fmt::format("{} takes {}, not \"{}\".", setting, range, typed);
}

std::string bad_duration(std::string_view setting, std::string_view typed) {
  return fmt::format(
      "{} takes a time from 1us to 1000s with its unit, such as 0.2s or 20ms, not "
      "\"{}\".",
      setting, typed);
}

std::string bad_regex(std::string_view setting, std::string_view typed, std::string_view cause) {
  return fmt::format(
      "{} takes a regular expression, and \"{}\" is none ({}); put a backslash "
      "before characters that are meant as they are.",
      setting, typed, cause);
}

std::string bad_choice(std::string_view setting, std::string_view typed,
                       const std::vector<std::string>& choices, std::string_view nearest) {
  return fmt::format("{} takes {}, not \"{}\".{}", setting, either(choices), typed, guess(nearest));
}

std::string bad_switch(std::string_view setting, std::string_view typed) {
  return fmt::format("{} takes true or false, not \"{}\".", setting, typed);
}

std::string bad_parameter(std::string_view setting, std::string_view typed) {
  return fmt::format("{} takes a name and values, such as hold_ns=0,1000, not \"{}\".", setting,
                     typed);
}

std::string unknown_parameter(std::string_view typed, const std::vector<std::string>& known,
                              std::string_view nearest) {
  if (known.empty()) {
    return fmt::format(
        "There is no parameter {}: the suites chosen have none; gobench list shows "
        "those of each suite.",
        typed);
  }
  return fmt::format("There is no parameter {}; the suites chosen have {}.{}", typed,
                     fmt::join(known, ", "), guess(nearest));
}

std::string bad_parameter_value(std::string_view parameter, std::string_view typed,
                                std::string_view allowed) {
  return fmt::format("The parameter {} takes {}, not \"{}\".", parameter, allowed, typed);
}

std::string unreadable_settings(std::string_view file, std::string_view cause) {
  return fmt::format("The settings in {} cannot be read: {}; correct the file or remove it.", file,
                     cause);
}

std::string unknown_setting(std::string_view file, std::string_view name,
                            std::string_view nearest) {
  if (!nearest.empty()) {
    return fmt::format("{} sets {}, which does not exist; did you mean {}?", file, name, nearest);
  }
  return fmt::format(
      "{} sets {}, which does not exist; a setting is named like an option of gobench, below the "
      "name of its command.",
      file, name);
}

std::string no_suite(const std::vector<std::string>& suites) {
  return fmt::format("gobench run needs the name of a suite: {}; gobench list describes them.",
                     either(suites));
}

std::string unloadable_plugin(std::string_view file, std::string_view cause) {
  return fmt::format(
      "The plugin {} cannot be loaded ({}); check the name, and compile it against this gobench.",
      file, cause);
}

std::string wrong_plugin(std::string_view file, std::string_view sentence) {
  return fmt::format("The plugin {} cannot be used. {}", file, sentence);
}

std::string plugin_without_suite(std::string_view file) {
  return fmt::format(
      "The plugin {} registers no suite; it needs a static object of suites::registration.", file);
}

std::string unknown_suite(std::string_view typed, std::string_view nearest) {
  if (!nearest.empty()) {
    return fmt::format("There is no suite {}; did you mean {}?", typed, nearest);
  }
  return fmt::format("There is no suite {}; gobench list shows the suites.", typed);
}

std::string repeated_suite(std::string_view name) {
  return fmt::format("The suite {} was named twice; name it once and use --reps for more samples.",
                     name);
}

std::string nothing_selected(std::string_view suite, std::string_view filter,
                             const std::vector<std::string>& there_is) {
  return fmt::format("No case of {} is left with {}; there is {}.", suite, filter,
                     fmt::join(there_is, ", "));
}

std::string nothing_selected_together(std::string_view suite) {
  return fmt::format(
      "No case of {} fits all of these filters together; drop one of them, or see "
      "the cases with gobench run {} --dry-run.",
      suite, suite);
}

std::string not_for_peer(std::string_view suite, std::string_view peer) {
  return fmt::format(
      "The suite {} has nothing that {} does too; gobench list shows which suites have, or leave "
      "out "
      "--peer.",
      suite, peer);
}

std::string left_out_peers(const std::vector<std::string>& peers) {
  if (peers.size() == 1) {
    return fmt::format("The peer {} is not installed and left out; --peer {} says how to get it.",
                       peers.front(), peers.front());
  }
  return fmt::format(
      "The peers {} and {} are not installed and left out; gobench list says how to get them.",
      fmt::join(peers.begin(), peers.end() - 1, ", "), peers.back());
}

std::string peer_needed(std::string_view filter, std::string_view peer) {
  return fmt::format("What {} selects is done by the peer {}; add --peer {}.", filter, peer, peer);
}

std::string no_trace() {
  return "gobench analyze needs the file of a trace, or - for standard input; gobench analyze "
         "--help "
         "has examples.";
}

std::string interrupted_analysis(std::uint64_t events) {
  return fmt::format(
      "Interrupted after {} events, so there is no result; start the analysis again for one.",
      events);
}

std::string unknown_format_of_file(std::string_view file, const std::vector<std::string>& formats) {
  return fmt::format(
      "The name {} does not tell the format to write; end it in .csv, .json, "
      ".gbench.json, .bench or .txt, or choose one with --format ({}).",
      file, either(formats));
}

std::string same_output_twice(std::string_view file) {
  return fmt::format("{} was given as output twice; give each --out a file of its own.", file);
}

std::string cannot_write(std::string_view cause) {
  return fmt::format("The results cannot be written: {}; choose another place or make room there.",
                     cause);
}

std::string cannot_trace(std::string_view cause) {
  return fmt::format("The trace cannot be written: {}; choose another place or make room there.",
                     cause);
}

std::string csv_hint(std::string_view command) {
  return fmt::format("Every sample as CSV: {}", command);
}

std::string picture_hint(std::string_view gobench, std::string_view file) {
  return fmt::format("A picture: {0} plot {1}\nA page: {0} report {1}", gobench, file);
}

std::string cannot_read(std::string_view cause) {
  return fmt::format("The results cannot be read: {}; check the name and the permissions.", cause);
}

std::string nothing_to_report(std::string_view verb, std::string_view out) {
  return fmt::format("gobench {0} needs a result file: gobench {0} result.csv {1}.", verb, out);
}

std::string built_without_uplot() {
  return "This gobench was built without uPlot, which draws the plots of the page; install npm "
         "and run ./scripts/bootstrap where it was built, then build it again.";
}

std::string too_many_samples(std::string_view file, std::uint64_t most) {
  return fmt::format(
      "{} has more than {} samples, which is more than can be shown; choose cases with --filter.",
      file, most);
}

std::string no_findings(std::string_view file, std::size_t line, std::string_view cause) {
  return fmt::format(
      "{}:{}: this is no file of findings: {}; gobench race --json FILE PROGRAM writes one.", file,
      line, cause);
}

std::string page_written(std::string_view file) {
  return fmt::format("{} opens in any browser.", file);
}

std::string several_suites(std::string_view file, const std::vector<std::string>& suites) {
  return fmt::format(
      "{} has the suites {}, and a picture shows one; choose it with --filter '^{} '.", file,
      fmt::join(suites, ", "), suites.front());
}

std::string no_picture_format(std::string_view file) {
  return fmt::format(
      "A picture is an SVG or a PNG, and {} is neither; end its name in .svg or .png.", file);
}

std::string no_quantiles(std::string_view file) {
  return fmt::format(
      "{} has no quantiles of latencies (p50_us, p99_us, ...), which --kind latency shows; choose "
      "another kind, or measure a suite that has them, such as hog.",
      file);
}

std::string nothing_to_draw_with() {
  return "There is neither gnuplot nor a python3 with matplotlib to draw with: install one of them "
         "(apt-get install gnuplot-nox, or python3-matplotlib).";
}

std::string cannot_draw_with(std::string_view program, std::string_view install) {
  return fmt::format("{} is not there to draw with; install it ({}), or leave out --with.", program,
                     install);
}

std::string drawing_failed(std::string_view program, std::string_view output) {
  return fmt::format(
      "{} could not draw the picture: {}; --keep-script FILE keeps what it was given.", program,
      output);
}

std::string no_files_to_compare() {
  return "gobench compare needs two result files or more, the base first: gobench compare old.csv "
         "new.csv.";
}

std::string no_files_to_merge() {
  return "gobench merge needs result files: gobench merge monday.csv tuesday.csv --out both.csv.";
}

std::string nothing_in_common(std::string_view base, std::string_view fresh,
                              std::string_view base_has, std::string_view new_has) {
  return fmt::format(
      "{} and {} have no case in common: the first has {}, the second {}; measure the same cases, "
      "or "
      "name with --ignore the columns that do not matter.",
      base, fresh, base_has, new_has);
}

std::string no_case_matches(std::string_view setting, std::string_view typed,
                            std::string_view there_is) {
  return fmt::format("No case matches {} {}; there is {}.", setting, typed, there_is);
}

std::string no_such_metric(std::string_view metric, std::string_view file) {
  return fmt::format(
      "No sample of {} has a number called {}; --metric takes the name of a column, such as "
      "ns_per_op or ops_per_s.",
      file, metric);
}

std::string unknown_column(std::string_view setting, std::string_view typed,
                           const std::vector<std::string>& columns, std::string_view nearest) {
  return fmt::format("{} names the column {}, which no case has; there are {}.{}", setting, typed,
                     fmt::join(columns, ", "), guess(nearest));
}

std::string bad_share(std::string_view setting, std::string_view typed, std::string_view range) {
  return fmt::format("{} takes a share {}, such as 5% or 0.05, not \"{}\".", setting, range, typed);
}

std::string no_saved_run(std::string_view suite) {
  return fmt::format(
      "No run of {} was saved; gobench run {} --save NAME saves one, and gobench history lists "
      "what "
      "there is.",
      suite, suite);
}

std::string unknown_format_of_report(std::string_view file,
                                     const std::vector<std::string>& formats) {
  return fmt::format(
      "The name {} does not tell the format to write ({}); choose one with --format.", file,
      either(formats));
}

std::string debug_build(std::string_view build_type) {
  return fmt::format(
      "This is a {} build, and its figures are not those of optimised code; measure "
      "with a release build (./scripts/gobench makes one).",
      build_type);
}

std::string ignored_backend() {
  return "GOBENCH_BACKEND is ignored here, because each case names its own vehicle; use --vehicle "
         "to choose among them.";
}

std::string ignored_setting(std::string_view name, std::string_view instead) {
  return fmt::format("{} is ignored here, because each case says for itself; use {} to choose.",
                     name, instead);
}

std::string traced() {
  return "The tasks are traced, which costs time in every sample; leave out --trace for figures to "
         "compare.";
}

std::string interrupted(std::size_t done, std::size_t total) {
  return fmt::format("Interrupted after {} of {}; the rest was not measured.", done,
                     samples(total));
}

std::string interrupted_before_first() {
  return "Interrupted before the first sample was finished; there is nothing to show.";
}

std::string wrong_sample(std::string_view cause, std::size_t done) {
  return fmt::format(
      "{} {} This is a bug in gobench or in what it measured: please report it with "
      "this sentence and the command.",
      cause, kept(done));
}

std::string failed_case(std::string_view cause, std::size_t done) {
  return fmt::format(
      "{} {} This is a bug in gobench: please report it with this sentence and the "
      "command.",
      cause, kept(done));
}

std::string refused_by_system(std::string_view cause, std::size_t done) {
  return fmt::format(
      "{} {} gobench doctor shows the limits of this machine; measure with fewer "
      "--tasks or raise the limit.",
      cause, kept(done));
}

std::string internal_error(std::string_view cause) {
  return fmt::format("gobench made a mistake: {}; please report it with the command that led here.",
                     cause);
}

}  // namespace gobench::cli::messages
