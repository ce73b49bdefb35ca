#include "cli/explore/session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <iostream>
#include <map>
#include <system_error>

#include "cli/command_line.hpp"
#include "cli/explore/messages.hpp"
#include "cli/explore/outcome.hpp"
#include "cli/failure.hpp"
#include "cli/race/messages.hpp"
#include "cli/race/run_facts.hpp"
#include "cli/signals.hpp"
#include "detector/exploration/interleaving.hpp"
#include "detector/exploration/shrink.hpp"
#include "results/whole_file.hpp"

namespace gobench::cli::explore {

namespace {

using namespace std::chrono_literals;
namespace exploration = detector::exploration;
namespace findings = detector::findings;

// Schedules that show where the program has races, before accesses there become steps.
constexpr std::uint64_t first_ones = 16;

// Shrinking one failure stops after this time, too: a schedule that hangs takes long.
constexpr auto longest_shrinking = 15s;

std::map<std::string, std::string> controller_options(const request& asked) {
  std::map<std::string, std::string> made;
  if (asked.steps != 0) made["steps"] = std::to_string(asked.steps);
  return made;
}

std::map<std::string, std::string> detector_options(const request& asked,
                                                    const surroundings& around) {
  std::map<std::string, std::string> made = asked.checked.detector;
  // Its words are shown by us, on our terminal.
  made["print_report"] = "true";
  if (around.color == color_choice::automatic && around.err.color) made["color"] = "always";
  return made;
}

}  // namespace

session::session(const request& asked, const surroundings& around)
    : asked_(asked),
      around_(around),
      program_(asked.checked.path, asked.checked.command, detector_options(asked, around),
               controller_options(asked)),
      found_(asked.checked.known, findings::today(), asked.checked.most),
      facts_(race::facts_at_start(asked.checked, around)),
      places_(race::here(), race::workspace()),
      files_(asked.checked.outputs),
      progress_(around.err.terminal && !around.quiet, around.err.width, "schedules") {}

double session::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

bool session::time_is_over() const { return asked_.seconds && seconds() >= *asked_.seconds; }

void session::say(const std::string& text) const { std::cerr << text << std::endl; }

void session::write() {
  facts_.seconds = seconds();
  files_.write({found_, facts_, places_});
}

void session::announce() {
  for (; announced_ < found_.entries().size(); ++announced_) {
    for (const findings::announcer& one : findings::all_announcers()) {
      if (!one.wanted()) continue;
      const std::string text =
          one.announce(found_.entries()[announced_], places_, announcements_ + 1);
      if (text.empty()) continue;
      ++announcements_;
      std::cerr << text << std::flush;
    }
  }
}

bool session::fails(const std::string& fingerprint) const {
  return std::ranges::any_of(found_.entries(), [&](const findings::entry& one) {
    return one.what.fingerprint == fingerprint &&
           (one.how == findings::standing::fresh || one.how == findings::standing::expired);
  });
}

std::string session::replay_command(const exploration::plan& what) const {
  std::vector<std::string> words = {"gobench", "replay",
                                    exploration::to_token(what, program_.build())};
  words.insert(words.end(), asked_.checked.command.begin(), asked_.checked.command.end());
  return quoted(words);
}

exploration::plan session::plan_of(std::uint64_t number) const {
  exploration::plan made;
  made.strategy = asked_.strategy.searches ? "follow" : asked_.strategy.of_schedule(number);
  made.seed = asked_.seed;
  made.schedule = number;
  if (made.strategy.starts_with("pct")) made.length = length_;
  made.steps = asked_.steps;
  made.spurious = asked_.spurious;
  made.accesses = asked_.accesses;
  if (number >= hot_from_) made.hot.assign(hot_.begin(), hot_.end());
  return made;
}

void session::run(const std::function<std::optional<job>()>& next,
                  const std::function<bool(finished_job&)>& take) {
  std::deque<std::uint64_t> order;
  std::map<std::uint64_t, finished_job> ready;
  bool more = true;
  while (noted_signal() == 0) {
    while (more && runner_->free() > 0 && !time_is_over()) {
      std::optional<job> one = next();
      more = one.has_value();
      if (!more) break;
      order.push_back(one->number);
      runner_->start(std::move(*one));
    }
    if (order.empty()) return;
    std::optional<finished_job> done = runner_->next(1000ms);
    if (!done) continue;
    const std::uint64_t number = done->what.number;
    ready.emplace(number, std::move(*done));
    while (!order.empty() && ready.contains(order.front())) {
      auto one = ready.extract(order.front());
      order.pop_front();
      if (take(one.mapped())) continue;
      runner_->kill_all();
      return;
    }
  }
  runner_->kill_all();
}

// What later schedules depend on.
void session::look_at_first_ones(const finished_job& done) {
  if (done.what.number == 0) length_ = done.result.log.records.size();
  if (!asked_.accesses.empty() || done.what.number >= first_ones) return;
  if (sources_ == nullptr) {
    sources_ = std::make_unique<sources>(program_.path(), done.result.log.header.program_base);
  }
  for (const std::uint64_t one :
       conflicting_places(findings_of(done.result), program_.path(), sources_->linked_at())) {
    hot_.insert(one);
  }
}

bool session::take(finished_job& done, bool told) {
  const run_result& result = done.result;
  if (!result.log.present()) {
    throw environment_error(messages::not_explored(asked_.checked.program, result.said));
  }
  look_at_first_ones(done);
  if (!told) return true;
  covered_.add(done.what.what.strategy, result.log);
  const std::size_t known = found_.entries().size();
  for (const std::string& line : result.findings) found_.take(line);
  if (const auto own = seen_from_outside(result, asked_.checked.program)) found_.take_finding(*own);
  bool failed = false;
  for (const std::string& one : fingerprints_of(result, asked_.checked.program)) {
    failed = failed || fails(one);
  }
  if (failed) ++failing_schedules_;
  for (std::size_t i = known; i < found_.entries().size(); ++i) {
    const findings::finding one = found_.entries()[i].what;
    found_.set_reproduce(one.fingerprint, replay_command(done.what.what));
    if (!fails(one.fingerprint)) continue;
    failures_.push_back(
        {one.fingerprint, one.message, done.what.number, done.what.what, result.log, result.said});
    progress_.clear();
    const std::string strategy =
        asked_.strategy.searches ? asked_.strategy.name : done.what.what.strategy;
    say(messages::failing_schedule(done.what.number, strategy, one.message));
  }
  if (found_.entries().size() > known) {
    write();
    announce();
  }
  const std::string failing = failing_schedules_ == 0
                                  ? "nothing found so far"
                                  : fmt::format("{} failed", failing_schedules_);
  const std::uint64_t total = (asked_.schedules - asked_.shard + asked_.shards - 1) / asked_.shards;
  progress_.update(covered_.schedules(), std::max<std::uint64_t>(total, covered_.schedules()),
                   failing);
  return asked_.keep_going || !failed;
}

void session::sample() {
  const auto mine = [&](std::uint64_t number) { return number % asked_.shards == asked_.shard; };
  bool stopped = false;
  // Numbers from one to below another, in order.
  const auto range = [&](std::uint64_t from, std::uint64_t to, bool all) {
    std::uint64_t number = from;
    run(
        [&]() -> std::optional<job> {
          while (number < to && !all && !mine(number)) ++number;
          if (number >= to) return std::nullopt;
          const std::uint64_t one = number++;
          return job{.number = one, .what = plan_of(one), .asleep = {}};
        },
        [&](finished_job& done) {
          stopped = !take(done, mine(done.what.number));
          return !stopped;
        });
  };
  hot_from_ = std::min(first_ones, asked_.schedules);
  range(0, 1, true);
  if (!stopped) range(1, hot_from_, asked_.accesses.empty());
  if (!stopped) range(hot_from_, asked_.schedules, false);
}

void session::search() {
  exploration::bounded_search all(
      {.bound = asked_.strategy.bound, .shard = asked_.shard, .shards = asked_.shards});
  std::uint64_t number = 0;
  bool stopped = false;
  hot_from_ = static_cast<std::uint64_t>(-1);  // other steps would be another search
  for (auto items = all.take(); !items.empty() && !stopped; items = all.take()) {
    std::size_t at = 0;
    std::size_t taken = 0;
    run(
        [&]() -> std::optional<job> {
          if (at == items.size() || number == asked_.schedules) return std::nullopt;
          const exploration::search_item& item = items[at++];
          job made{.number = number++, .what = plan_of(0), .asleep = {}};
          made.what.deviations = item.deviations;
          for (const auto& one : item.asleep) made.asleep.push_back(one.thread);
          return made;
        },
        [&](finished_job& done) {
          const exploration::search_item& item = items[taken++];
          // Threads that slept decided too.
          done.what.what.deviations = exploration::deviations_of(done.result.log);
          const bool go_on = take(done, !item.first || asked_.shard == 0);
          all.done(item, done.result.log);
          stopped = !go_on;
          return go_on;
        });
    stopped = stopped || taken < items.size();
  }
  searched_ = {.complete = all.complete(), .bound = asked_.strategy.bound, .shards = asked_.shards};
}

// The schedule as short as can be, what the program said in it, and how to see it again.
void session::explain(failure& one) {
  exploration::plan what = one.what;
  what.strategy = "follow";
  what.length = 0;
  std::string said = one.said;
  exploration::schedule_log log = one.log;
  std::string remark;
  if (asked_.trials > 0 && noted_signal() == 0) {
    const auto until = std::chrono::steady_clock::now() + longest_shrinking;
    std::string last_said;
    const auto attempt = [&](const std::vector<exploration::deviation>& list,
                             const std::vector<std::uint32_t>& asleep) {
      exploration::tried made;
      if (std::chrono::steady_clock::now() >= until) return made;
      job again{.number = 0, .what = what, .asleep = asleep};
      again.what.deviations = list;
      std::optional<run_result> result = runner_->perform(again);
      if (!result) return made;
      const auto shown = fingerprints_of(*result, asked_.checked.program);
      made.fails = std::ranges::find(shown, one.fingerprint) != shown.end();
      if (made.fails) last_said = result->said;
      made.log = std::move(result->log);
      return made;
    };
    progress_.clear();
    if (auto made = exploration::shrink(log, attempt, asked_.trials)) {
      what.deviations = made->deviations;
      log = std::move(made->log);
      // What is told of it is what that schedule has said.
      job again{.number = 0, .what = what, .asleep = {}};
      if (const auto result = runner_->perform(again)) said = result->said;
      if (!made->finished) remark = messages::shrinking_stopped(made->trials);
      one.what = what;
    } else if (noted_signal() == 0) {
      remark = messages::not_repeated(exploration::to_token(one.what, program_.build()));
    }
  }
  const std::string command = replay_command(one.what);
  found_.set_reproduce(one.fingerprint, command);
  if (around_.quiet) return;
  while (said.ends_with('\n')) said.pop_back();
  if (!said.empty()) say("\n" + said);
  if (sources_ == nullptr) {
    sources_ = std::make_unique<sources>(program_.path(), log.header.program_base);
  }
  say("\n" +
      exploration::interleaving_text(
          log, {.width = std::max(60u, around_.err.width),
                .most_rows = 60,
                .locate = [&](std::uint64_t pc) { return sources_->at(pc); }}) +
      (remark.empty() ? "" : remark + "\n") + messages::replay_with(command) + "\n");
}

// Returns how many findings still fail.
std::size_t session::update_baseline() {
  const findings::baseline updated = found_.updated();
  try {
    results::whole_file(asked_.checked.baseline_file).replace(updated.text());
  } catch (const std::system_error& refused) {
    if (trouble_.empty()) trouble_ = race::messages::cannot_write(refused.what());
    return found_.counts().failing();
  }
  if (!around_.quiet) {
    say(race::messages::baseline_updated(asked_.checked.baseline_file, updated.entries().size(),
                                         found_.counts().fresh, found_.counts().expired));
  }
  return found_.counts().expired;
}

int session::perform() {
  fix_addresses();
  try {
    runner_.emplace(program_, asked_.jobs);
  } catch (const std::system_error& refused) {
    throw environment_error(messages::no_place(refused.what()));
  }
  write();
  if (!files_.trouble().empty()) throw environment_error(files_.trouble());
  try {
    asked_.strategy.searches ? search() : sample();
    progress_.clear();
    for (failure& one : failures_) {
      explain(one);
      write();
    }
  } catch (const std::system_error& refused) {
    progress_.clear();
    throw environment_error(messages::no_place(refused.what()));
  }
  const int signal = noted_signal();
  facts_.ended = race::now_text();
  facts_.complete = signal == 0;
  const std::string covered = covered_.sentence(searched_);
  found_.take(findings::json{{"event", "note"}, {"text", covered}}.dump());
  write();
  trouble_ = files_.trouble();
  if (const std::string why = race::append_to_job_summary({found_, facts_, places_});
      trouble_.empty()) {
    trouble_ = why;
  }
  std::size_t failing = found_.counts().failing();
  if (asked_.checked.update_baseline && signal == 0) failing = update_baseline();
  if (found_.unreadable() > 0) say(race::messages::unreadable_lines(found_.unreadable()));
  if (!trouble_.empty()) say(trouble_);
  if (!around_.quiet || failing > 0) {
    if (failing_schedules_ > 0) {
      say(messages::how_often(failing_schedules_, covered_.schedules()));
    }
    say(covered);
    if (found_.left_out() > 0) say(race::messages::left_out(found_.left_out()));
  }
  if (signal != 0) say(messages::interrupted(signal));
  // Last, so that it is what one sees.
  if (!around_.quiet || failing > 0) {
    say(messages::summary(found_.counts(), files_.names(), facts_.reproduce));
  }
  if (signal != 0) return 128 + signal;
  if (failing > 0) return asked_.checked.finding_code;
  if (found_.unreadable() > 0) return static_cast<int>(exit_code::bug);
  return trouble_.empty() ? 0 : static_cast<int>(exit_code::environment);
}

}  // namespace gobench::cli::explore
