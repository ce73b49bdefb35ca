#include "cli/claims/session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <iostream>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>

#include "cli/claims/messages.hpp"
#include "cli/claims/verdict.hpp"
#include "cli/failure.hpp"
#include "cli/messages.hpp"
#include "cli/progress.hpp"
#include "cli/run/environment.hpp"
#include "cli/signals.hpp"
#include "results/machine.hpp"
#include "results/sink.hpp"
#include "results/store.hpp"
#include "results/whole_file.hpp"
#include "suites/plan.hpp"

namespace gobench::cli::claims {

namespace {

using clock = std::chrono::steady_clock;

constexpr int quick_runs = 1;
constexpr int runs = 5;

class keeper : public results::sink {
 public:
  explicit keeper(std::vector<results::sample>& kept) : kept_(kept) {}
  void begin(const results::context&, const results::schema&) override {}
  void add(const results::sample& one) override { kept_.push_back(one); }
  void finish(const results::context&) override {}

 private:
  std::vector<results::sample>& kept_;
};

class session {
 public:
  session(const request& asked, const surroundings& around, source& from)
      : asked_(asked), around_(around), from_(from) {
    found_.quick = asked.quick;
    ignored_ = run::take_over_environment();
    open_outputs();
  }

  int perform() {
    const auto start = clock::now();
    const fitness machine = from_.examine();
    found_.no_times = machine.no_times;
    found_.no_contention = machine.no_contention;
    found_.procs = machine.procs;
    planned_ =
        plan(asked_.chosen, {.quick = asked_.quick, .procs = machine.procs, .seed = asked_.seed});
    found_.missing = planned_.missing;

    results::machine_probe probe;
    made_.about = probe.begin();
    made_.about.command_line = around_.command_line;
    made_.about.seed = asked_.seed;
    made_.about.warnings = ignored_;
    for (const std::string& warning : ignored_) note(warning);
    gather();
    probe.end(made_.about);
    finish_samples();

    // What ended it before anything was measured is all there is to tell.
    if (ended_ && found_.samples.empty()) explain();
    for (const claim* one : asked_.chosen) made_.claims.push_back(judge(*one, found_));
    made_.quick = asked_.quick;
    made_.in_detail = asked_.in_detail;
    made_.seconds = std::chrono::duration<double>(clock::now() - start).count();
    write_reports();
    return conclude();
  }

 private:
  void open_outputs() {
    std::vector<std::unique_ptr<results::sink>> sinks;
    sinks.push_back(std::make_unique<keeper>(found_.samples));
    try {
      for (const std::string& file : asked_.samples)
        sinks.push_back(results::make_file_sink(*results::format_of_file(file), file));
      if (!asked_.save.empty())
        sinks.push_back(results::make_store_sink(asked_.store, asked_.save));
      for (const report_file& one : asked_.reports)
        files_.emplace_back(one.format, results::whole_file(one.file));
    } catch (const std::system_error& refused) {
      throw environment_error(cli::messages::cannot_write(refused.what()));
    } catch (const results::store_error& refused) {
      throw environment_error(refused.what());
    }
    out_ = results::make_tee(std::move(sinks));
  }

  // Measures and tries. What ends it early is kept, to be told below what was found.
  void gather() {
    std::vector<const suites::suite*> suites;
    for (const suite_plan& one : planned_.suites) suites.push_back(one.of);
    try {
      out_->begin(made_.about, suites::columns_of(suites));
      measure();
      if (noted_signal() == 0) try_programs();
    } catch (const std::exception&) {
      ended_ = std::current_exception();
    }
    if (ended_ || noted_signal() != 0) note_what_was_left_out();
  }

  void measure() {
    progress_line line(around_.err.terminal && !around_.quiet, around_.err.width);
    const std::size_t total = planned_.samples();
    suites::observer watching;
    watching.stop = [] { return noted_signal() != 0; };
    watching.starting = [&](const suites::progress& now) {
      line.update(found_.samples.size(), total, suites::describe(*now.next));
    };
    for (const suite_plan& one : planned_.suites) {
      if (!from_.measure(one, *out_, found_, watching)) return;
    }
  }

  // As many at once as there are CPUs: most of the time goes into compilers.
  void try_programs() {
    progress_line line(around_.err.terminal && !around_.quiet, around_.err.width);
    const std::size_t count = planned_.trials.size();
    std::vector<tried> all(count);
    std::atomic<std::size_t> next{0};
    std::atomic<std::size_t> done{0};  // for the line on the terminal only
    const auto work = [&] {
      for (;;) {
        const std::size_t index = next.fetch_add(1);
        if (index >= count || noted_signal() != 0) return;
        all[index] = from_.attempt(*planned_.trials[index], asked_.quick ? quick_runs : runs);
        done.fetch_add(1);
      }
    };
    {
      std::vector<std::jthread> others;
      for (int i = 1; i < found_.procs && others.size() + 1 < count; ++i) others.emplace_back(work);
      for (std::size_t index = next.fetch_add(1); index < count && noted_signal() == 0;
           index = next.fetch_add(1)) {
        line.update(done.load(), count, planned_.trials[index]->about);
        all[index] = from_.attempt(*planned_.trials[index], asked_.quick ? quick_runs : runs);
        done.fetch_add(1);
      }
    }
    for (std::size_t i = 0; i < count; ++i) found_.trials[describe(*planned_.trials[i])] = all[i];
  }

  void note_what_was_left_out() {
    for (const suite_plan& one : planned_.suites) {
      for (const std::string& place : one.places) {
        if (!found_.busy.contains(one.of->name))
          found_.missing.emplace(place, messages::stopped_early());
      }
    }
    for (const trial* one : planned_.trials) {
      tried& seen = found_.trials[describe(*one)];
      if (seen.runs == 0 && seen.impossible.empty()) seen.impossible = messages::stopped_early();
    }
  }

  void finish_samples() {
    try {
      out_->finish(made_.about);
    } catch (const std::exception&) {
      if (!ended_) ended_ = std::current_exception();
    }
  }

  void write_reports() {
    std::cout << (*find_format(asked_.format))(made_, around_.out) << std::flush;
    try {
      for (auto& [format, file] : files_)
        file.replace((*find_format(format))(made_, stream_traits{}));
    } catch (const std::system_error& refused) {
      throw environment_error(cli::messages::cannot_write(refused.what()));
    }
  }

  int conclude() {
    if (ended_) explain();
    if (noted_signal() != 0) {
      std::cerr << messages::interrupted() << std::endl;
      return 128 + noted_signal();
    }
    std::vector<std::string> failed;
    for (const judged_claim& one : made_.claims) {
      if (one.said == verdict::does_not_hold) failed.push_back(one.what->id);
    }
    if (!asked_.strict || failed.empty()) return static_cast<int>(exit_code::done);
    std::cerr << messages::failed_claims(failed) << std::endl;
    return static_cast<int>(exit_code::regression);
  }

  [[noreturn]] void explain() const {
    try {
      std::rethrow_exception(ended_);
    } catch (const suites::wrong_result& wrong) {
      throw bug(cli::messages::wrong_sample(wrong.what(), found_.samples.size()));
    } catch (const std::system_error& refused) {
      throw environment_error(cli::messages::cannot_write(refused.what()));
    } catch (const results::store_error& refused) {
      throw environment_error(refused.what());
    }
  }

  void note(const std::string& sentence) const {
    if (!around_.quiet) std::cerr << sentence << std::endl;
  }

  const request& asked_;
  const surroundings& around_;
  source& from_;
  evidence found_;
  plan_of_claims planned_;
  report made_;
  std::unique_ptr<results::sink> out_;
  std::vector<std::pair<std::string, results::whole_file>> files_;
  std::vector<std::string> ignored_;
  std::exception_ptr ended_;
};

}  // namespace

int perform(const request& asked, const surroundings& around, source& from) {
  return session(asked, around, from).perform();
}

}  // namespace gobench::cli::claims
