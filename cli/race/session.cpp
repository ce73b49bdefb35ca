#include "cli/race/session.hpp"

#include <fmt/format.h>

#include <iostream>
#include <system_error>

#include "cli/command_line.hpp"
#include "cli/failure.hpp"
#include "cli/race/messages.hpp"
#include "cli/race/run_facts.hpp"
#include "results/build_info.hpp"
#include "results/whole_file.hpp"

namespace gobench::cli::race {

namespace findings = detector::findings;

session::session(const request& asked, const surroundings& around)
    : asked_(asked),
      around_(around),
      found_(asked.known, findings::today(), asked.most),
      places_(here(), workspace()),
      files_(asked.outputs) {
  facts_ = facts_at_start(asked, around);
}

void session::say(const std::string& sentence) const { std::cerr << sentence << std::endl; }

void session::note(const std::string& sentence) const {
  if (!around_.quiet) say(sentence);
}

bool session::nothing_checked() const {
  return found_.processes().empty() && found_.counts().all() == 0;
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

int session::perform() {
  if (!asked_.baseline_file.empty() && asked_.update_baseline) {
    // Whether it can be written is known before the program has run for an hour.
    try {
      const results::whole_file trial(asked_.baseline_file);
    } catch (const std::system_error& refused) {
      throw environment_error(messages::cannot_write(refused.what()));
    }
  }
  const auto start = std::chrono::steady_clock::now();
  const auto seconds = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  files_.write(told());
  if (!files_.trouble().empty()) throw environment_error(files_.trouble());

  start_options how;
  how.path = asked_.path;
  how.arguments = asked_.command;
  const checked_run run = run_checked(how, asked_.detector, found_, [&] {
    facts_.seconds = seconds();
    files_.write(told());
    announce();
  });
  facts_.seconds = seconds();
  facts_.ended = now_text();
  facts_.complete = true;
  facts_.exit_code = run.how.exit_code;
  facts_.signal = run.how.signal;
  files_.write(told());
  trouble_ = files_.trouble();
  if (const std::string why = append_to_job_summary(told()); trouble_.empty()) trouble_ = why;

  std::size_t failing = found_.counts().failing();
  if (asked_.update_baseline) failing = update_baseline();
  conclude(run);
  if (failing > 0) return asked_.finding_code;

  // Nothing here may let a gate pass that has not looked.
  const std::size_t unreadable = found_.unreadable() + (run.cut_off ? 1 : 0);
  if (run.how.code() != 0) return run.how.code();
  if (unreadable > 0) return static_cast<int>(exit_code::bug);
  if (nothing_checked() || !trouble_.empty()) {
    return static_cast<int>(exit_code::environment);
  }
  return 0;
}

// Returns how many findings still fail.
std::size_t session::update_baseline() {
  const findings::baseline updated = found_.updated();
  try {
    results::whole_file(asked_.baseline_file).replace(updated.text());
  } catch (const std::system_error& refused) {
    if (trouble_.empty()) trouble_ = messages::cannot_write(refused.what());
    return found_.counts().failing();
  }
  note(messages::baseline_updated(asked_.baseline_file, updated.entries().size(),
                                  found_.counts().fresh, found_.counts().expired));
  return found_.counts().expired;
}

void session::conclude(const checked_run& run) {
  if (run.how.signal) say(messages::ended_by_signal(asked_.program, *run.how.signal));
  if (run.still_running > 0) say(messages::still_running(run.still_running));
  const std::size_t unreadable = found_.unreadable() + (run.cut_off ? 1 : 0);
  if (unreadable > 0) say(messages::unreadable_lines(unreadable));
  if (!trouble_.empty()) say(trouble_);
  if (found_.left_out() > 0) note(messages::left_out(found_.left_out()));
  if (nothing_checked()) {
    say(asked_.instrumented ? messages::nothing_checked(asked_.program)
                            : messages::nothing_checked_in_children(asked_.program));
  }
  // Last, so that it is what one sees.
  if (!around_.quiet || found_.counts().failing() > 0) {
    say(messages::summary(found_.counts(), files_.names(), facts_.reproduce));
  }
}

}  // namespace gobench::cli::race
