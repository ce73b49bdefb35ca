#include "cli/explore/replay.hpp"

#include <algorithm>
#include <chrono>
#include <iostream>
#include <optional>
#include <set>
#include <system_error>

#include "cli/command_line.hpp"
#include "cli/explore/messages.hpp"
#include "cli/explore/outcome.hpp"
#include "cli/explore/runner.hpp"
#include "cli/explore/sources.hpp"
#include "cli/explore/target.hpp"
#include "cli/failure.hpp"
#include "cli/progress.hpp"
#include "cli/race/messages.hpp"
#include "cli/race/report_files.hpp"
#include "cli/race/run_facts.hpp"
#include "cli/signals.hpp"
#include "detector/exploration/interleaving.hpp"
#include "detector/findings/exporter.hpp"

namespace gobench::cli::explore {

namespace {

using namespace std::chrono_literals;
namespace exploration = detector::exploration;
namespace findings = detector::findings;

void say(const std::string& text) { std::cerr << text << std::endl; }

target target_of(const replay_request& asked, const surroundings& around) {
  std::map<std::string, std::string> detector = asked.checked.detector;
  detector["print_report"] = "true";
  if (around.color == color_choice::automatic && around.err.color) detector["color"] = "always";
  return {asked.checked.path, asked.checked.command, detector, {}};
}

void show(const exploration::schedule_log& log, const target& program, const surroundings& around) {
  sources lines(program.path(), log.header.program_base);
  say("\n" + exploration::interleaving_text(
                 log, {.width = std::max(60u, around.err.width),
                       .most_rows = 60,
                       .locate = [&](std::uint64_t pc) { return lines.at(pc); }}));
}

int debug(const replay_request& asked, const target& program, const surroundings& around) {
  const scratch_folder folder("gobench-replay");
  const run_files files = {folder.path() / "log0", folder.path() / "findings0",
                           folder.path() / "follow0", folder.path() / "hot0"};
  write_plan(asked.token.what, {}, files);
  start_options how;
  how.environment = program.variables(asked.token.what, files);
  how.arguments = {"gdb",    "-q",
                   "-ex",    "set startup-with-shell off",
                   "-ex",    "set disable-randomization on",
                   "-ex",    "unset environment LINES",
                   "-ex",    "unset environment COLUMNS",
                   "--args", program.path()};
  const auto& command = program.command();
  how.arguments.insert(how.arguments.end(), command.begin() + 1, command.end());
  std::vector<std::string> words = {"env"};
  for (const auto& [name, value] : how.environment) words.push_back(name + "=" + value);
  words.insert(words.end(), how.arguments.begin(), how.arguments.end());
  if (!around.quiet) say(messages::debugger_command(quoted(words)));
  const auto gdb = found_on_path("gdb");
  if (!gdb) throw environment_error(messages::no_debugger("there is none"));
  how.path = *gdb;
  try {
    return run_through(how).code();
  } catch (const std::system_error& refused) {
    throw environment_error(messages::no_debugger(refused.what()));
  }
}

// How many differ from the first one.
std::size_t repeat(const replay_request& asked, runner& runs, const surroundings& around,
                   std::optional<run_result>& first) {
  progress_line progress(around.err.terminal && !around.quiet, around.err.width, "replays");
  std::string wanted;
  std::size_t started = 0;
  std::size_t done = 0;
  std::size_t different = 0;
  while (done < asked.times && noted_signal() == 0) {
    while (started < asked.times && runs.free() > 0) {
      runs.start({.number = started++, .what = asked.token.what, .asleep = {}});
    }
    std::optional<finished_job> one = runs.next(1000ms);
    if (!one) continue;
    ++done;
    if (!first) {
      wanted = identity_of(one->result);
      first = std::move(one->result);
    } else if (identity_of(one->result) != wanted) {
      ++different;
    }
    progress.update(done, asked.times, different == 0 ? "all equal so far" : "they differ");
  }
  return different;
}

}  // namespace

int replay(const replay_request& asked, const surroundings& around) {
  fix_addresses();
  const target program = target_of(asked, around);
  if (asked.gdb) return debug(asked, program, around);

  findings::collection found(asked.checked.known, findings::today(), asked.checked.most);
  findings::run_facts facts = race::facts_at_start(asked.checked, around);
  const findings::places places(race::here(), race::workspace());
  race::report_files files(asked.checked.outputs);
  files.write({found, facts, places});
  if (!files.trouble().empty()) throw environment_error(files.trouble());

  std::optional<run_result> first;
  std::size_t different = 0;
  const auto start = std::chrono::steady_clock::now();
  try {
    runner runs(program, std::min(asked.jobs, asked.times));
    different = repeat(asked, runs, around, first);
  } catch (const std::system_error& refused) {
    throw environment_error(messages::no_place(refused.what()));
  }
  const int signal = noted_signal();
  if (!first) return 128 + signal;
  if (!first->log.present()) {
    throw environment_error(messages::not_explored(asked.checked.program, first->said));
  }
  for (const std::string& line : first->findings) found.take(line);
  if (const auto own = seen_from_outside(*first, asked.checked.program)) found.take_finding(*own);
  facts.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  facts.ended = race::now_text();
  facts.complete = signal == 0;
  facts.exit_code = first->how.exit_code;
  facts.signal = first->how.signal;
  files.write({found, facts, places});

  // What the program said, then what happened.
  std::cerr << first->said << std::flush;
  if (!around.quiet) show(first->log, program, around);
  for (const findings::entry& one : found.entries())
    say(findings::standing_text(one) + ": " + one.what.message);
  if (!files.trouble().empty()) say(files.trouble());
  if (signal != 0) {
    say(messages::interrupted(signal));
    return 128 + signal;
  }
  if (different > 0) {
    say(messages::not_equal(asked.times, different));
    return static_cast<int>(exit_code::environment);
  }
  if (asked.times > 1) say(messages::all_equal(asked.times));
  if (found.counts().failing() > 0) return asked.checked.finding_code;
  if (!around.quiet) say(messages::nothing_failed(asked.token_text));
  return files.trouble().empty() ? 0 : static_cast<int>(exit_code::environment);
}

}  // namespace gobench::cli::explore
