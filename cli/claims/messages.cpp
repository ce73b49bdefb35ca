#include "cli/claims/messages.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gobench::cli::claims::messages {

std::string unknown_claim(std::string_view typed, std::string_view nearest) {
  if (nearest.empty())
    return fmt::format("There is no claim {}; gobench claims --list shows the claims.", typed);
  return fmt::format("There is no claim {}; did you mean {}?", typed, nearest);
}

std::string unknown_format_of_file(std::string_view file, const std::vector<std::string>& formats) {
  return fmt::format("The name of {} does not tell its format; let it end in one of {}.", file,
                     fmt::join(formats, ", "));
}

std::string not_measured() { return "Nothing was measured for it."; }

std::string too_few_samples(std::size_t count, std::size_t needed) {
  return fmt::format("There {} only {} sample{}, and an interval takes {}.",
                     count == 1 ? "is" : "are", count, count == 1 ? "" : "s", needed);
}

std::string crosses_threshold(double share_of_others) {
  if (share_of_others < 0.01)
    return "The interval crosses the threshold; a run without --quick has a narrower one.";
  return fmt::format(
      "The interval crosses the threshold: other programs had {:.0f} % of the CPUs, which widens "
      "it. Measure again when they have ended.",
      100 * share_of_others);
}

std::string too_busy(double share_of_others) {
  return fmt::format(
      "Other programs had {:.0f} % of the CPUs, and who wakes up waits for them. Measure again "
      "when they have ended.",
      100 * share_of_others);
}

std::string ran_serially() {
  return "The tasks ran one after another and not at the same time; gobench doctor may know why.";
}

std::string no_such_suite(std::string_view suite) {
  return fmt::format("This build has no suite {}.", suite);
}

std::string no_such_variant(std::string_view suite, std::string_view variant) {
  return fmt::format("This build's suite {} cannot measure {} here.", suite, variant);
}

std::string stopped_early() { return "The run was stopped before it was measured."; }

std::string not_tried() { return "Its program was not run."; }

std::string no_place(std::string_view cause) {
  return fmt::format(
      "Its programs cannot be built: {}. Set TMPDIR to a folder that can be written.", cause);
}

std::string not_compiled(std::string_view program, std::string_view first_line) {
  return fmt::format(
      "{} could not be built: {}. gobench race --self-test tells whether the compiler and the "
      "detector are there.",
      program, first_line);
}

std::string no_such_command(std::string_view command) {
  return fmt::format("This build of gobench has no command {}.", command);
}

std::string broken_tool(std::string_view command, int code, std::string_view last_line) {
  return fmt::format("gobench {} ended with {} and no report: {}", command, code,
                     last_line.empty() ? "it said nothing." : last_line);
}

std::string took_too_long(std::string_view command, int seconds) {
  return fmt::format("gobench {} had not ended after {} s.", command, seconds);
}

std::string other_finding(std::string_view wanted, std::string_view found) {
  return fmt::format("It reported {} and no {}.", found, wanted);
}

std::string unexpected_finding(std::string_view found) {
  return fmt::format("It reported {}, and there is nothing to report.", found);
}

std::string nothing_found(std::string_view wanted) {
  return fmt::format("It reported no {}.", wanted);
}

std::string not_mentioned(std::string_view words) {
  return fmt::format("Its report does not say '{}'.", words);
}

std::string program_failed() {
  return "The finding was reported, and the program itself has seen what it should not.";
}

std::string not_refused(std::string_view program, std::size_t line) {
  return fmt::format("The compiler takes line {} of {}, which it should refuse.", line, program);
}

std::string wrongly_refused(std::string_view program, std::size_t line) {
  return fmt::format("The compiler refuses line {} of {}, which is right.", line, program);
}

std::string interrupted() {
  return "The run was stopped; what had not been measured is told as cannot tell.";
}

std::string failed_claims(const std::vector<std::string>& ids) {
  return fmt::format("{} claim{} {} not hold here: {}.", ids.size(), ids.size() == 1 ? "" : "s",
                     ids.size() == 1 ? "does" : "do", fmt::join(ids, ", "));
}

}  // namespace gobench::cli::claims::messages
