#include "cli/race/messages.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstring>

#include "detector/findings/exporter.hpp"

namespace gobench::cli::race::messages {

namespace {

constexpr std::string_view how_to_build =
    "compile and link it with gobench cxx, or with CMake link it to gobench::check";

}  // namespace

std::string nothing_to_run(std::string_view verb) {
  return fmt::format(
      "gobench {0} needs the program to check, such as gobench {0} ./app; gobench {0} --help "
      "explains.",
      verb);
}

std::string no_program(std::string_view name) {
  return fmt::format("There is no program {}; give its path, such as ./app.", name);
}

std::string unreachable_program(std::string_view name, std::string_view cause) {
  return fmt::format("The program {} cannot be reached: {}; give another path.", name, cause);
}

std::string program_is_folder(std::string_view name) {
  return fmt::format("{} is a folder; give the path of the program in it.", name);
}

std::string not_executable(std::string_view name) {
  return fmt::format("{} may not be executed; chmod +x makes a program or script executable.",
                     name);
}

std::string not_instrumented(std::string_view name) {
  return fmt::format(
      "{} is not instrumented, so no race in it would be seen: {}; where it only "
      "starts or loads what is instrumented, add --children.",
      name, how_to_build);
}

std::string foreign_detector(std::string_view name) {
  return fmt::format(
      "{} is linked with the compiler's own ThreadSanitizer instead of gobench's "
      "detector: {}, without -fsanitize=thread in the flags for linking.",
      name, how_to_build);
}

std::string both_detectors(std::string_view name) {
  return fmt::format(
      "{} is linked with the compiler's own ThreadSanitizer beside gobench's "
      "detector, and only one can be in a program: leave out -fsanitize=thread in "
      "the flags for linking, also those of its libraries.",
      name);
}

std::string statically_linked(std::string_view name) {
  return fmt::format(
      "{} is statically linked and cannot be checked, because the detector has to "
      "stand before the C library: link it without -static, with gobench cxx or "
      "gobench::check (-static-libgcc and -static-libstdc++ may stay).",
      name);
}

std::string other_machine(std::string_view name) {
  return fmt::format(
      "{} is made for another kind of processor; the detector checks programs for "
      "64-bit x86, so build it for that.",
      name);
}

std::string cannot_start(std::string_view cause) {
  return fmt::format("The program cannot be started: {}; check that it runs by itself.", cause);
}

std::string bad_option_value(std::string_view setting, std::string_view name,
                             std::string_view allowed, std::string_view typed) {
  return fmt::format("{}: {} takes {}, not \"{}\".", setting, name, allowed, typed);
}

std::string option_without_value(std::string_view setting, std::string_view name) {
  return fmt::format(
      "{}: \"{}\" has no value; an option is written as name=value, such as "
      "halt_on_error=1.",
      setting, name);
}

std::string open_quote(std::string_view setting, std::string_view name) {
  return fmt::format("{}: the quote in the value of {} is not closed; close it.", setting, name);
}

std::string unknown_detector_option(std::string_view setting, std::string_view name,
                                    std::string_view nearest) {
  if (!nearest.empty()) {
    return fmt::format("{}: the detector has no option {}; did you mean {}?", setting, name,
                       nearest);
  }
  return fmt::format("{}: the detector has no option {}; gobench race --help lists them.", setting,
                     name);
}

std::string both_quotes(std::string_view name, std::string_view value) {
  return fmt::format(
      "The value of {} has both kinds of quotes, which the detector cannot be told: "
      "{}; use another name for the file.",
      name, value);
}

std::string set_by_race(std::string_view setting, std::string_view name, std::string_view instead) {
  return fmt::format("{}: gobench race sets {} itself; use {}.", setting, name, instead);
}

std::string unreadable_suppressions(std::string_view file, std::string_view cause) {
  return fmt::format(
      "The suppressions in {} cannot be read: {}; correct the path or leave out "
      "--suppressions.",
      file, cause);
}

std::string malformed_suppression(std::string_view file, std::size_t line, std::string_view text) {
  return fmt::format(
      "{}:{}: \"{}\" is no suppression; a line is race:, race_top:, thread:, mutex:, "
      "signal:, deadlock: or called_from_lib: and a name, or a comment after #.",
      file, line, text);
}

std::string update_without_baseline() {
  return "--update-baseline needs to know which file to update; add --baseline FILE.";
}

std::string bad_most_findings(std::string_view setting, std::string_view typed) {
  return fmt::format("{} takes a whole number from 1 on, not \"{}\".", setting, typed);
}

std::string same_file_twice(std::string_view file) {
  return fmt::format("{} was given as output twice; give each format a file of its own.", file);
}

std::string cannot_write(std::string_view cause) {
  return fmt::format("The findings cannot be written: {}; choose another place or make room there.",
                     cause);
}

std::string no_place_for_findings(std::string_view cause) {
  return fmt::format(
      "There is no place where the program can leave its findings: {}; make room "
      "there or set TMPDIR to another folder.",
      cause);
}

std::string ended_by_signal(std::string_view program, int signal) {
  const char* name = ::strsignal(signal);
  return fmt::format("{} was ended by signal {} ({}); what was found until then is kept.", program,
                     signal, name == nullptr ? "unknown" : name);
}

std::string nothing_checked(std::string_view program) {
  return fmt::format(
      "The detector in {} did not report in, so nothing was checked: {}, and see "
      "gobench race --self-test.",
      program, how_to_build);
}

std::string nothing_checked_in_children(std::string_view program) {
  return fmt::format(
      "{} started nothing that is instrumented, so nothing was checked: compile and "
      "link what it starts with gobench cxx or gobench::check.",
      program);
}

std::string unreadable_lines(std::size_t count) {
  return fmt::format(
      "{} line{} of the detector could not be read and may have been findings; please "
      "report that as a bug of gobench, with the command.",
      count, count == 1 ? "" : "s");
}

std::string still_running(std::size_t count) {
  return fmt::format(
      "{} process{} that the program started still run{}; what {} from now on is "
      "not in these results, so let the program wait for them.",
      count, count == 1 ? "" : "es", count == 1 ? "s" : "", count == 1 ? "it finds" : "they find");
}

std::string baseline_updated(std::string_view file, std::size_t entries, std::size_t fresh,
                             std::size_t expired) {
  std::string text = fmt::format("{} has {} finding{} now, {} of them new", file, entries,
                                 entries == 1 ? "" : "s", fresh);
  text += fresh == 0 ? "." : ": give each an owner and a date until which it is accepted.";
  if (expired > 0) {
    text += fmt::format(" {} expired and still fail{}: extend {} by hand or repair {}.", expired,
                        expired == 1 ? "s" : "", expired == 1 ? "its date" : "their dates",
                        expired == 1 ? "it" : "them");
  }
  return text;
}

std::string summary(const detector::findings::tally& counts, const std::vector<std::string>& files,
                    std::string_view command) {
  std::string text = "gobench race: " + detector::findings::tally_text(counts);
  if (!files.empty()) text += fmt::format("; written to {}", fmt::join(files, ", "));
  return text + fmt::format("; run again: {}", command);
}

std::string left_out(std::size_t count) {
  return fmt::format("{} further finding{} left out; raise --max-findings to see {}.", count,
                     count == 1 ? " is" : "s are", count == 1 ? "it" : "them");
}

std::string self_test_no_place(std::string_view cause) {
  return fmt::format(
      "The self-test has no place for its program: {}; make room there or set TMPDIR "
      "to another folder.",
      cause);
}

std::string self_test_not_compiled(std::string_view command, std::string_view output) {
  return fmt::format(
      "The self-test's program could not be built:\n{}{}\nThe compiler's words above "
      "say why; GOBENCH_CXX names another compiler.",
      output, command);
}

std::string self_test_failed_to_run(std::string_view what, std::string_view output) {
  return fmt::format(
      "The self-test's {} did not run as it should:\n{}Check that programs may run "
      "in TMPDIR, and report this as a bug of gobench if they may.",
      what, output);
}

std::string self_test_silent() {
  return "The detector is silent about a race, so a gate with it would always pass: please report "
         "this as a bug of gobench, with the compiler and its version.";
}

std::string self_test_not_started(std::string_view what) {
  return fmt::format(
      "The detector in the self-test's {} did not report in: the library that was "
      "linked is not that of this gobench; install it again whole.",
      what);
}

std::string self_test_false_alarm(std::string_view message) {
  return fmt::format(
      "The detector reports a race where there is none ({}): please report this as a "
      "bug of gobench, with the compiler and its version.",
      message);
}

std::string self_test_passed(double seconds) {
  return fmt::format(
      "The detector works here: it reports a race, and is silent about the same "
      "program with a lock ({:.1f} s).",
      seconds);
}

}  // namespace gobench::cli::race::messages
