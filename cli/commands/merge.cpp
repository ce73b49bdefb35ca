#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "cli/command.hpp"
#include "cli/failure.hpp"
#include "cli/inputs.hpp"
#include "cli/messages.hpp"
#include "cli/nearest.hpp"
#include "results/identity.hpp"
#include "results/sink.hpp"

namespace gobench::cli {

namespace {

struct options_text {
  std::vector<std::string> files;
  std::vector<std::string> out;
  std::string format = "csv";
};

void add_options(CLI::App& verb, options_text& text) {
  verb.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  verb.add_option("file", text.files,
                  "Result files of any format, @NAME for a saved run, - for\nstandard input")
      ->type_name("RESULT...")
      ->multi_option_policy(CLI::MultiOptionPolicy::Throw);
  verb.add_option("--out", text.out, "Write a file, in the format that its name tells; repeatable")
      ->type_name("FILE")
      ->multi_option_policy(CLI::MultiOptionPolicy::Throw)
      ->allow_extra_args(false);
  verb.add_option("--format", text.format,
                  "Of standard output, without --out: as of gobench run (default
                  csv) ")
      ->type_name("NAME");
}

// What several files say, as if one run had measured it.
struct together {
  results::context about;
  results::schema columns;
  std::vector<results::sample> samples;
};

void note(std::vector<std::string>& warnings, std::string sentence) {
  if (std::ranges::find(warnings, sentence) == warnings.end())
    warnings.push_back(std::move(sentence));
}

class merging {
 public:
  explicit merging(bool quiet) : quiet_(quiet) {}

  void add(const std::string& name) {
    std::map<std::string, int> met;  // repetitions of this file so far, by case
    const results::file_content found = read_input(name, [&](results::sample&& one) {
      // The repetitions of a case go on where the file before has left off.
      const std::string who = results::identity(one);
      const int before = counts_[who];
      int& most = met[who];
      one.rep += before;
      most = std::max(most, one.rep + 1);
      made_.samples.push_back(std::move(one));
    });
    for (const auto& [who, count] : met) counts_[who] = count;
    if (!quiet_) {
      for (const std::string& remark : found.remarks)
        std::cerr << name << ": " << remark << std::endl;
    }
    made_.columns.merge(found.columns);
    if (first_.empty()) {
      first_ = name;
      made_.about = found.about;
    } else {
      compare_context(name, found.about);
    }
    made_.columns.repetitions = 0;
  }

  together& result() { return made_; }

 private:
  void compare_context(const std::string& name, const results::context& other) {
    results::context& about = made_.about;
    const auto differs = [&](const char* what, const std::string& here, const std::string& there) {
      if (!here.empty() && !there.empty() && here != there)
        note(about.warnings, fmt::format("{} and {} are of different {}: {} and {}.", first_, name,
                                         what, here, there));
    };
    differs("machines", about.host, other.host);
    differs("processors", about.cpu_model, other.cpu_model);
    differs("commits", about.git_commit, other.git_commit);
    differs("versions of gobench", about.version, other.version);
    for (const std::string& warning : other.warnings) note(about.warnings, warning);
    about.end_time = std::max(about.end_time, other.end_time);
    if (!other.start_time.empty() &&
        (about.start_time.empty() || other.start_time < about.start_time))
      about.start_time = other.start_time;
  }

  bool quiet_;
  std::string first_;
  std::map<std::string, int> counts_;
  together made_;
};

void write(const together& all, results::sink& to) {
  to.begin(all.about, all.columns);
  for (const results::sample& one : all.samples) to.add(one);
  to.finish(all.about);
}

int perform(const options_text& text, const surroundings& around) {
  if (text.files.empty()) throw usage_error(messages::no_files_to_merge());
  for (const std::string& file : text.out) {
    if (!results::format_of_file(file))
      throw usage_error(messages::unknown_format_of_file(file, results::format_names()));
  }
  const std::vector<std::string> names = results::format_names();
  if (std::ranges::find(names, text.format) == names.end()) {
    throw usage_error(messages::bad_choice(around.origin_of("--format"), text.format, names,
                                           nearest(text.format, names)));
  }
  merging all(around.quiet);
  for (const std::string& file : text.files) all.add(file);
  // All of it is read before an output is touched: one may be among the inputs.
  try {
    std::vector<std::unique_ptr<results::sink>> to;
    const results::sink_options how{.width = around.out.width, .colour = around.out.color};
    for (const std::string& file : text.out)
      to.push_back(results::make_file_sink(*results::format_of_file(file), file));
    if (to.empty()) to.push_back(results::make_stream_sink(text.format, std::cout, how));
    write(all.result(), *results::make_tee(std::move(to)));
  } catch (const std::system_error& refused) {
    throw environment_error(messages::cannot_write(refused.what()));
  }
  if (!around.quiet) {
    for (const std::string& warning : all.result().about.warnings)
      std::cerr << warning << std::endl;
  }
  return 0;
}

command_body prepare(CLI::App& verb) {
  const auto text = std::make_shared<options_text>();
  add_options(verb, *text);
  return [text](const surroundings& around) { return perform(*text, around); };
}

const command_registration registered{
    {.name = "merge",
     .about = "Make one result of several",
     .epilogue =
         "Examples:\n"
         "  gobench merge monday.csv tuesday.csv --out both.csv\n"
         "  gobench merge mutex.json @rwmutex --format table\n"
         "The samples of all files, as if one run had measured them: repetitions of the same case\n"
         "follow one another. It warns where the files are not of one machine.",
     .prepare = prepare}};

}  // namespace

}  // namespace gobench::cli
