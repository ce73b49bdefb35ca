#include "cli/explore/messages.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstring>

#include "detector/findings/exporter.hpp"

namespace gobench::cli::explore::messages {

std::string bad_shard(std::string_view setting, std::string_view typed) {
  return fmt::format(
      "{} takes the part and how many there are, such as 0/4 for the first of four, or auto, not "
      "\"{}\".",
      setting, typed);
}

std::string no_shard_in_environment() {
  return "--shard auto finds nothing in the environment that says which part this job is; give it, "
         "such as --shard 0/4.";
}

std::string shard_without_count(std::string_view variable) {
  return fmt::format(
      "{} says which part this job is but nothing says of how many; add the number, such as "
      "--shard "
      "auto/4.",
      variable);
}

std::string nothing_to_replay() {
  return "gobench replay needs a token and the program, such as gobench replay "
         "x1-0f3a9b21-AQMBEQ-5c1e ./app; gobench explore prints that line.";
}

std::string token_without_program() {
  return "After the token, gobench replay needs the program with its arguments, as they were "
         "explored.";
}

std::string times_in_debugger() { return "--gdb runs the program once; leave out --times."; }

std::string other_build(std::string_view token, std::string_view program) {
  return fmt::format(
      "The token {} is of another build of {}: its schedule means nothing in this one; build that "
      "version again, or explore this one.",
      token, program);
}

std::string not_explored(std::string_view program, std::string_view said) {
  std::string text = fmt::format(
      "{} was not explored, since no detector in it reported in: compile and link it with gobench "
      "cxx of this version, or with CMake link it to gobench::check.",
      program);
  if (!said.empty()) text += fmt::format(" It said:\n{}", said);
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

std::string no_place(std::string_view cause) {
  return fmt::format(
      "There is no place for the logs of schedules: {}; make room there or set TMPDIR to another "
      "folder.",
      cause);
}

std::string failing_schedule(std::uint64_t number, std::string_view strategy,
                             std::string_view message) {
  return number == 0 ? fmt::format("The default schedule fails: {}", message)
                     : fmt::format("Schedule {} ({}) fails: {}", number, strategy, message);
}

std::string not_repeated(std::string_view token) {
  return fmt::format(
      "Following its decisions did not fail in the same way, so something besides the schedule "
      "decides, such as input, files or a device; see gobench replay --times 10 {}.",
      token);
}

std::string shrinking_stopped(std::size_t trials) {
  return fmt::format("A shorter one may exist: {} were tried; --shrink N tries more.", trials);
}

std::string how_often(std::size_t failing, std::size_t schedules) {
  return fmt::format("{} of {} schedule{} failed.", failing, schedules, schedules == 1 ? "" : "s");
}

std::string replay_with(std::string_view command) { return fmt::format("replay: {}", command); }

std::string interrupted(int signal) {
  const char* name = ::strsignal(signal);
  return fmt::format("Stopped by signal {} ({}); what was found until then is kept.", signal,
                     name == nullptr ? "unknown" : name);
}

std::string summary(const detector::findings::tally& counts, const std::vector<std::string>& files,
                    std::string_view command) {
  std::string text = "gobench explore: " + detector::findings::tally_text(counts);
  if (!files.empty()) text += fmt::format("; written to {}", fmt::join(files, ", "));
  return text + fmt::format("; run again: {}", command);
}

std::string all_equal(std::size_t times) {
  return fmt::format("{} replay{}, {} equal.", times, times == 1 ? "" : "s", times);
}

std::string not_equal(std::size_t times, std::size_t different) {
  return fmt::format(
      "{} replays, {} of them not as the first: something besides the schedule decides, such as "
      "input, files or a device; take that out of the program under test.",
      times, different);
}

std::string nothing_failed(std::string_view token) {
  return fmt::format("The schedule of {} does not fail.", token);
}

std::string debugger_command(std::string_view command) {
  return fmt::format("In the debugger: {}", command);
}

std::string no_debugger(std::string_view cause) {
  return fmt::format("gdb cannot be started: {}; install it, or leave out --gdb.", cause);
}

}  // namespace gobench::cli::explore::messages
