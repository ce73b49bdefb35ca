#include "cli/run/session.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "cli/command_line.hpp"
#include "cli/compare/report.hpp"
#include "cli/failure.hpp"
#include "cli/messages.hpp"
#include "cli/progress.hpp"
#include "cli/run/environment.hpp"
#include "cli/signals.hpp"
#include "cli/terminal.hpp"
#include "results/build_info.hpp"
#include "results/comparison.hpp"
#include "results/machine.hpp"
#include "results/reader.hpp"
#include "results/store.hpp"
#include "runtime/trace.hpp"

namespace gobench::cli::run {

namespace {

// Remembers the samples for the answer, and how many there are.
class keeper : public results::sink {
 public:
  explicit keeper(std::vector<results::sample>& kept) : kept_(kept) {}
  void begin(const results::context&, const results::schema&) override {}
  void add(const results::sample& one) override { kept_.push_back(one); }
  void finish(const results::context&) override {}

 private:
  std::vector<results::sample>& kept_;
};

std::unique_ptr<results::sink> opened(const output& one, const surroundings& around) {
  const results::sink_options how{.width = around.out.width, .colour = around.out.color};
  try {
    return one.file.empty() ? results::make_stream_sink(one.format, std::cout, how)
                            : results::make_file_sink(one.format, one.file);
  } catch (const std::system_error& refused) {
    throw environment_error(messages::cannot_write(refused.what()));
  }
}

}  // namespace

session::session(const request& asked, const surroundings& around)
    : asked_(asked), around_(around) {
  ignored_ = take_over_environment();
  prepare_peers();
  begin_trace();
  std::vector<std::unique_ptr<results::sink>> sinks;
  sinks.push_back(std::make_unique<keeper>(samples_));
  for (const output& one : asked.outputs) sinks.push_back(opened(one, around));
  if (!asked.save.empty()) {
    try {
      sinks.push_back(results::make_store_sink(asked.store, asked.save));
    } catch (const results::store_error& refused) {
      throw environment_error(refused.what());
    }
  }
  out_ = results::make_tee(std::move(sinks));
}

// Before any output is opened, so that a run that cannot begin replaces no file.
void session::prepare_peers() const {
  for (const std::string& remark : asked_.remarks) note(remark);
  try {
    for (const suites::peer* one : asked_.peers) {
      one->prepare([this](const std::string& sentence) { note(sentence); });
    }
  } catch (const suites::peer_missing& missing) {
    throw environment_error(missing.what());
  }
}

// Before any output is opened, as above.
void session::begin_trace() const {
  // The runtime would take it for its own at the first run; the settings have taken it already.
  ::unsetenv("GOBENCH_TRACE");
  if (asked_.trace.empty()) return;
  try {
    gobench::trace_to(asked_.trace);
  } catch (const std::system_error& refused) {
    throw environment_error(messages::cannot_trace(refused.what()));
  } catch (const std::invalid_argument& wrong) {
    throw usage_error(std::string(wrong.what()) + ".");
  }
}

void session::note(const std::string& sentence) const {
  if (!around_.quiet) std::cerr << sentence << std::endl;
}

void session::warn_before() {
  about_.warnings = ignored_;
  const results::build_info& build = results::this_build();
  if (build.flags.find("-O2") == std::string_view::npos &&
      build.flags.find("-O3") == std::string_view::npos) {
    about_.warnings.push_back(messages::debug_build(build.build_type));
  }
  if (!asked_.trace.empty()) about_.warnings.push_back(messages::traced());
  for (const std::string& warning : about_.warnings) note(warning);
}

bool session::measure() {
  progress_line line(around_.err.terminal && !around_.quiet, around_.err.width);
  const std::size_t total = asked_.samples();
  suites::observer watching;
  watching.stop = [] { return noted_signal() != 0; };
  watching.starting = [&](const suites::progress& now) {
    line.update(samples_.size(), total, suites::describe(*now.next));
  };
  return std::ranges::all_of(asked_.parts, [&](const part& one) {
    return suites::measure_all(one.cases, one.how, *out_, watching);
  });
}

int session::perform() {
  results::machine_probe machine;
  about_ = machine.begin();
  about_.command_line = around_.command_line;
  about_.seed = asked_.seed;
  for (const suites::peer* one : asked_.peers) about_.versions.set(one->name, one->version());
  warn_before();

  std::vector<const suites::suite*> suites;
  int repetitions = asked_.parts.front().how.repetitions;
  for (const part& one : asked_.parts) {
    suites.push_back(one.of);
    if (one.how.repetitions != repetitions) repetitions = 0;
  }
  results::schema columns = suites::columns_of(suites);
  columns.repetitions = repetitions;

  // What ended the measuring early is told last, below what was measured.
  std::exception_ptr ended;
  bool complete = false;
  try {
    out_->begin(about_, columns);
    complete = measure();
  } catch (const std::exception&) {
    ended = std::current_exception();
  }
  machine.end(about_);
  try {
    out_->finish(about_);
  } catch (const std::system_error&) {
    if (!ended) ended = std::current_exception();
  } catch (const results::store_error&) {
    if (!ended) ended = std::current_exception();
  }
  if (ended) explain(ended);
  conclude(complete);
  return complete ? 0 : 128 + noted_signal();
}

void session::explain(const std::exception_ptr& ended) const {
  const std::size_t done = samples_.size();
  try {
    std::rethrow_exception(ended);
  } catch (const suites::wrong_result& wrong) {
    throw bug(messages::wrong_sample(wrong.what(), done));
  } catch (const suites::failed_case& failed) {
    if (refused_by_system(failed)) {
      throw environment_error(messages::refused_by_system(failed.what(), done));
    }
    throw bug(messages::failed_case(failed.what(), done));
  } catch (const std::system_error& refused) {
    throw environment_error(messages::cannot_write(refused.what()));
  } catch (const results::store_error& refused) {
    throw environment_error(refused.what());
  }
}

// The first half of the repetitions against the second: both measured the same.
void session::compare_halves() const {
  const results::collecting what;
  results::case_collector first(what);
  results::case_collector second(what);
  for (const part& one : asked_.parts) {
    for (const results::sample& s : samples_) {
      if (s.suite != one.of->name) continue;
      (2 * s.rep < one.how.repetitions ? first : second).add(s);
    }
  }
  first.about(about_);
  second.about(about_);
  std::vector<compare::report> all(1);
  all[0].base = "first half";
  all[0].fresh = "second half";
  all[0].metric = what.metric;
  all[0].found = results::compare(first, second, all[0].how);
  if (all[0].found.cases.empty()) return;
  compare::arrange(all[0], "");
  std::cout << "\n" << (*compare::find_format("table"))(all, around_.out) << std::flush;
}

void session::conclude(bool complete) {
  const bool table = asked_.outputs.front().format == "table";
  // The answer belongs to the table; beside data for programs it is a remark.
  for (const part& one : asked_.parts) {
    if (!one.of->answer) continue;
    std::vector<results::sample> own;
    std::ranges::copy_if(samples_, std::back_inserter(own),
                         [&](const results::sample& s) { return s.suite == one.of->name; });
    const std::string answer = one.of->answer(own);
    if (answer.empty()) continue;
    if (table) {
      std::cout << "\n" << wrapped(answer, "", around_.out.width) << std::flush;
    } else {
      note(answer);
    }
  }
  if (asked_.aa && table) compare_halves();
  if (!complete) {
    std::cerr << (samples_.empty() ? messages::interrupted_before_first()
                                   : messages::interrupted(samples_.size(), asked_.samples()))
              << std::endl;
  }
  if (!complete || !table) return;
  if (asked_.outputs.size() == 1 && asked_.save.empty()) {
    note(messages::csv_hint(csv_command()));
  }
  const std::string file = asked_.outputs.size() > 1 ? readable_file()
                           : asked_.save.empty()     ? asked_.parts.front().of->name + ".csv"
                                                     : "@" + asked_.save;
  // A run kept in another store than the usual one has no name that plot would know.
  if (file.empty() || (file.front() == '@' && asked_.store != results::default_store())) return;
  note(messages::picture_hint(typed_program(around_), quoted(file)));
}

// The first of the files that plot and report read; empty where there is none.
std::string session::readable_file() const {
  const std::vector<std::string> readable = results::readable_formats();
  for (const output& one : asked_.outputs) {
    if (!one.file.empty() && std::ranges::find(readable, one.format) != readable.end()) {
      return one.file.string();
    }
  }
  return "";
}

// The same command with a file for the samples.
std::string session::csv_command() const {
  return fmt::format("{} --out {}.csv", typed_command(around_), asked_.parts.front().of->name);
}

}  // namespace gobench::cli::run
