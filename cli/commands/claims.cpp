#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <iostream>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "cli/claims/claim.hpp"
#include "cli/claims/messages.hpp"
#include "cli/claims/report.hpp"
#include "cli/claims/session.hpp"
#include "cli/claims/source.hpp"
#include "cli/command.hpp"
#include "cli/failure.hpp"
#include "cli/messages.hpp"
#include "cli/nearest.hpp"
#include "cli/values.hpp"
#include "results/sink.hpp"
#include "results/store.hpp"
#include "results/table/text.hpp"

namespace gobench::cli {

namespace {

using claims::claim;

struct options_text {
  std::vector<std::string> ids;
  std::string format;
  std::vector<std::string> out;
  std::vector<std::string> samples;
  std::string save;
  std::string store;
  std::string seed;
  bool quick = false;
  bool strict = false;
  bool list = false;
};

void add_options(CLI::App& verb, options_text& text) {
  verb.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  verb.add_option("id", text.ids, "Claims, such as C1 or all of S (default: every one)")
      ->type_name("ID")
      ->multi_option_policy(CLI::MultiOptionPolicy::Throw);
  verb.add_flag("--quick", text.quick, "In less than three minutes, with wider intervals");
  verb.add_flag("--list", text.list, "Show the claims and their thresholds, and measure nothing");
  verb.add_option("--format", text.format,
                  fmt::format("Of standard output: {} (default table)",
                              fmt::join(claims::format_names(), ", ")))
      ->type_name("NAME");
  verb.add_option("--out", text.out,
                  "Also write the verdicts to a file, in the format that its\n"
                  "name tells (.txt, .md, .csv, .json, .html); repeatable")
      ->type_name("FILE")
      ->multi_option_policy(CLI::MultiOptionPolicy::Throw)
      ->allow_extra_args(false);
  verb.add_option("--samples", text.samples,
                  "Also write the samples to a file, as gobench run --out\n"
                  "does (.csv, .json, .gbench.json, .bench, .txt); repeatable")
      ->type_name("FILE")
      ->multi_option_policy(CLI::MultiOptionPolicy::Throw)
      ->allow_extra_args(false);
  verb.add_option("--save", text.save, "Also keep the samples in the store, under this name")
      ->type_name("NAME");
  verb.add_option("--store", text.store,
                  "The store (default ~/.local/share/gobench/history.sqlite)")
      ->type_name("FILE");
  verb.add_option("--seed", text.seed, "Of the order of the samples and of the work (default 1)")
      ->type_name("N");
  verb.add_flag("--strict", text.strict, "End with 1 where a claim does not hold");
}

std::vector<const claim*> chosen_claims(const std::vector<std::string>& ids) {
  std::vector<std::string> known;
  for (const claim& one : claims::all_claims()) known.push_back(one.id);
  std::vector<const claim*> chosen;
  for (const claim& one : claims::all_claims()) {
    if (ids.empty()) chosen.push_back(&one);
  }
  for (const std::string& typed : ids) {
    std::string id = typed;
    std::ranges::transform(id, id.begin(), [](unsigned char c) { return std::toupper(c); });
    bool found = false;
    for (const claim& one : claims::all_claims()) {
      // V is all of V1, V2, ...
      if (one.id != id && !(id.size() == 1 && one.id.starts_with(id))) continue;
      found = true;
      if (std::ranges::find(chosen, &one) == chosen.end()) chosen.push_back(&one);
    }
    if (!found) throw usage_error(claims::messages::unknown_claim(typed, nearest(id, known)));
  }
  return chosen;
}

void require_distinct(const std::vector<std::string>& files) {
  for (std::size_t i = 0; i < files.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (std::filesystem::path(files[i]).lexically_normal() ==
          std::filesystem::path(files[j]).lexically_normal())
        throw usage_error(messages::same_output_twice(files[i]));
    }
  }
}

claims::request parse(const options_text& text, const surroundings& around) {
  claims::request made;
  made.chosen = chosen_claims(text.ids);
  made.quick = text.quick;
  made.strict = text.strict;
  made.in_detail = !text.ids.empty() && made.chosen.size() <= 3;
  made.save = text.save;
  made.store = text.store.empty() ? results::default_store() : std::filesystem::path(text.store);
  if (!text.seed.empty()) {
    made.seed = static_cast<std::uint64_t>(parse_number(around.origin_of("--seed"), text.seed, 0,
                                                        std::numeric_limits<std::int64_t>::max()));
  }
  const std::vector<std::string> formats = claims::format_names();
  if (!text.format.empty()) made.format = text.format;
  if (claims::find_format(made.format) == nullptr) {
    throw usage_error(messages::bad_choice(around.origin_of("--format"), made.format, formats,
                                           nearest(made.format, formats)));
  }
  for (const std::string& file : text.out) {
    const std::string format = claims::format_of_file(file);
    if (format.empty())
      throw usage_error(claims::messages::unknown_format_of_file(
          file, {".txt", ".md", ".csv", ".json", ".html"}));
    made.reports.push_back({file, format});
  }
  for (const std::string& file : text.samples) {
    if (!results::format_of_file(file))
      throw usage_error(claims::messages::unknown_format_of_file(
          file, {".csv", ".json", ".gbench.json", ".bench", ".txt"}));
    made.samples.push_back(file);
  }
  std::vector<std::string> files = text.out;
  files.insert(files.end(), text.samples.begin(), text.samples.end());
  require_distinct(files);
  return made;
}

void list(const std::vector<const claim*>& chosen, const stream_traits& out) {
  for (const claim* one : chosen) {
    std::cout << fmt::format("{:<4}", one->id) << wrapped(one->text, "    ", out.width).substr(4);
    for (const claims::figure& each : one->figures) {
      std::cout << wrapped(
          fmt::format("{}: {}. {}", each.about, claims::threshold_text(each), each.reason),
          "      ", out.width);
    }
    for (const claims::trial& each : one->trials)
      std::cout << wrapped(fmt::format("{}. {}", each.about, each.reason), "      ", out.width);
    std::cout << wrapped("-> " + one->look_closer, "    ", out.width);
  }
  std::cout << std::flush;
}

command_body prepare(CLI::App& verb) {
  const auto text = std::make_shared<options_text>();
  add_options(verb, *text);
  return [text](const surroundings& around) {
    const claims::request asked = parse(*text, around);
    if (text->list) {
      list(asked.chosen, around.out);
      return 0;
    }
    const auto machine =
        claims::make_machine_source(std::filesystem::read_symlink("/proc/self/exe").string());
    return claims::perform(asked, around, *machine);
  };
}

const command_registration registered{
    {.name = "claims",
     .about = "Measure the claims about goroutines, threads, locks and channels here",
     .epilogue =
         "Examples:\n"
         "  gobench claims --quick\n"
         "  gobench claims C1 C2                     (in detail, with the reasons)\n"
         "  gobench claims --format md --samples claims.csv > claims.md\n"
         "  gobench claims --strict V S --out claims.html\n"
         "A claim holds, does not hold, or cannot be told: then the interval of what was measured\n"
         "contains the threshold, or the machine is unfit. Nothing is stored; every verdict is of\n"
         "this run. The correctness claims run small programs that are built for it by gobench "
         "cxx.",
     .prepare = prepare}};

}  // namespace

}  // namespace gobench::cli
