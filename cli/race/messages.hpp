// What `gobench race` says to its user.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "detector/findings/collection.hpp"

namespace gobench::cli::race::messages {

// The program.
std::string nothing_to_run(std::string_view verb);
std::string no_program(std::string_view name);
std::string unreachable_program(std::string_view name, std::string_view cause);
std::string program_is_folder(std::string_view name);
std::string not_executable(std::string_view name);
std::string not_instrumented(std::string_view name);
std::string foreign_detector(std::string_view name);
std::string both_detectors(std::string_view name);
std::string statically_linked(std::string_view name);
std::string other_machine(std::string_view name);
std::string cannot_start(std::string_view cause);

// Options.
std::string bad_option_value(std::string_view setting, std::string_view name,
                             std::string_view allowed, std::string_view typed);
std::string option_without_value(std::string_view setting, std::string_view name);
std::string open_quote(std::string_view setting, std::string_view name);
std::string unknown_detector_option(std::string_view setting, std::string_view name,
                                    std::string_view nearest);
std::string both_quotes(std::string_view name, std::string_view value);
std::string set_by_race(std::string_view setting, std::string_view name, std::string_view instead);
std::string unreadable_suppressions(std::string_view file, std::string_view cause);
std::string malformed_suppression(std::string_view file, std::size_t line, std::string_view text);
std::string update_without_baseline();
std::string bad_most_findings(std::string_view setting, std::string_view typed);
std::string same_file_twice(std::string_view file);

// The run.
std::string cannot_write(std::string_view cause);
std::string no_place_for_findings(std::string_view cause);
std::string ended_by_signal(std::string_view program, int signal);
std::string nothing_checked(std::string_view program);
std::string nothing_checked_in_children(std::string_view program);
std::string unreadable_lines(std::size_t count);
std::string still_running(std::size_t count);
std::string baseline_updated(std::string_view file, std::size_t entries, std::size_t fresh,
                             std::size_t expired);
std::string summary(const detector::findings::tally& counts, const std::vector<std::string>& files,
                    std::string_view command);
std::string left_out(std::size_t count);

// The self-test.
std::string self_test_no_place(std::string_view cause);
std::string self_test_not_compiled(std::string_view command, std::string_view output);
std::string self_test_failed_to_run(std::string_view what, std::string_view output);
std::string self_test_silent();
std::string self_test_not_started(std::string_view what);
std::string self_test_false_alarm(std::string_view message);
std::string self_test_passed(double seconds);

}  // namespace gobench::cli::race::messages
