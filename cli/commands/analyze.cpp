#include <chrono>
#include <iostream>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "cli/analyze/report.hpp"
#include "cli/command.hpp"
#include "cli/failure.hpp"
#include "cli/messages.hpp"
#include "cli/nearest.hpp"
#include "cli/signals.hpp"
#include "cli/values.hpp"
#include "detector/offline/engine.hpp"

namespace gobench::cli {

namespace {

namespace offline = detector::offline;

struct options_text {
  std::string file;
  std::string engine = "hb";
  std::string format = "text";
  std::string max_findings;
};

std::vector<std::string> engine_names() {
  std::vector<std::string> names;
  for (const offline::engine_entry& one : offline::all_engines()) names.push_back(one.name);
  return names;
}

std::vector<std::string> format_names() {
  std::vector<std::string> names;
  for (const analyze::format& one : analyze::all_formats()) names.push_back(one.name);
  return names;
}

const offline::engine_entry& engine_called(const std::string& name, const surroundings& around) {
  const offline::engine_entry* const found = offline::find_engine(name);
  if (found == nullptr) {
    throw usage_error(messages::bad_choice(around.origin_of("--engine"), name, engine_names(),
                                           nearest(name, engine_names())));
  }
  return *found;
}

const analyze::format& format_called(const std::string& name, const surroundings& around) {
  for (const analyze::format& one : analyze::all_formats()) {
    if (one.name == name) return one;
  }
  throw usage_error(messages::bad_choice(around.origin_of("--format"), name, format_names(),
                                         nearest(name, format_names())));
}

// Throws trace_error. 0, or the signal that came meanwhile.
int fill(analyze::report& made, const offline::engine_entry& by, const surroundings& around) {
  const auto start = std::chrono::steady_clock::now();
  const std::unique_ptr<offline::trace_source> trace = offline::open_trace(made.file);
  const std::unique_ptr<offline::engine> engine = by.make(*trace);
  while (noted_signal() == 0) {
    const std::span<const offline::event> batch = trace->next();
    if (batch.empty()) break;
    engine->consume(batch);
  }
  made.counts = trace->counts();
  made.position_unit = trace->position_unit();
  made.found = engine->finish();
  made.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const std::string remark = trace->remark();
  if (!remark.empty() && !around.quiet) std::cerr << remark << std::endl;
  return noted_signal();
}

int perform(const options_text& text, const surroundings& around) {
  const offline::engine_entry& engine = engine_called(text.engine, around);
  const analyze::format& format = format_called(text.format, around);
  analyze::report made;
  made.most_findings = format.most_findings;
  if (!text.max_findings.empty()) {
    made.most_findings =
        static_cast<std::size_t>(parse_number(around.origin_of("--max-findings"), text.max_findings,
                                              1, std::numeric_limits<std::int64_t>::max()));
  }
  if (text.file.empty()) throw usage_error(messages::no_trace());
  made.file = text.file;
  made.engine = engine.name;
  try {
    if (const int signal = fill(made, engine, around); signal != 0) {
      std::cerr << messages::interrupted_analysis(made.counts.events) << std::endl;
      return 128 + signal;
    }
    format.write(made, std::cout);
  } catch (const offline::trace_error& refused) {
    throw environment_error(refused.what());
  }
  std::cout.flush();
  if (!std::cout) throw environment_error(messages::cannot_write("standard output takes no more"));
  const bool racy = made.found.racy_events.count() > 0;
  return static_cast<int>(racy ? exit_code::finding : exit_code::done);
}

command_body prepare(CLI::App& verb) {
  const auto text = std::make_shared<options_text>();
  verb.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  verb.add_option("file", text->file,
                  "The trace: a file, also packed with gzip, or - for standard input")
      ->type_name("FILE")
      ->multi_option_policy(CLI::MultiOptionPolicy::Throw);
  verb.add_option("--engine", text->engine, "How to look for races (default hb)")
      ->type_name("NAME");
  verb.add_option("--format", text->format, "Of standard output: text (the default), json or csv")
      ->type_name("NAME");
  verb.add_option("--max-findings", text->max_findings,
                  "Tell at most so many races one by one (default 100 in text);\n"
                  "the lists in json are always whole")
      ->type_name("N");
  return [text](const surroundings& around) { return perform(*text, around); };
}

const command_registration registered{
    {.name = "analyze",
     .about = "Find races in a recorded trace",
     .epilogue = "Exits with 66 when there is a race. Traces are lines such as T1|w(x)|12 "
                 "(docs/traces.md)\n"
                 "or recordings of gobench.\n"
                 "Examples:\n"
                 "  gobench analyze app.std\n"
                 "  gobench analyze app.std.gz --format json > races.json\n"
                 "  zstd -dc app.std.zst | gobench analyze - --max-findings 5",
     .prepare = prepare}};

}  // namespace

}  // namespace gobench::cli
