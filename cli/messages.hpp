// Every sentence that the command line says to its user, each with what to do next.
//
// `nearest` is the name that was probably meant; empty when there is none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gobench::cli::messages {

// Verbs and options.
std::string no_verb(const std::vector<std::string>& verbs);
std::string unknown_verb(std::string_view typed, std::string_view nearest);
std::string unknown_option(std::string_view typed, std::string_view verb, std::string_view nearest);
std::string unexpected_argument(std::string_view typed, std::string_view verb);
std::string missing_value(std::string_view option, std::string_view verb);
std::string bad_command_line(std::string_view cause, std::string_view verb);

// Values. `setting` is where the value came from: "--reps", "GOBENCH_REPS", "run.reps in gobench.toml".
std::string bad_number(std::string_view setting, std::string_view typed, std::string_view range);
std::string bad_duration(std::string_view setting, std::string_view typed);
std::string bad_regex(std::string_view setting, std::string_view typed, std::string_view cause);
std::string bad_choice(std::string_view setting, std::string_view typed,
                       const std::vector<std::string>& choices, std::string_view nearest);
std::string bad_switch(std::string_view setting, std::string_view typed);
std::string bad_parameter(std::string_view setting, std::string_view typed);
std::string unknown_parameter(std::string_view typed, const std::vector<std::string>& known,
                              std::string_view nearest);
std::string bad_parameter_value(std::string_view parameter, std::string_view typed,
                                std::string_view allowed);

// The settings file.
std::string unreadable_settings(std::string_view file, std::string_view cause);
std::string unknown_setting(std::string_view file, std::string_view name, std::string_view nearest);

// Suites and cases.
std::string no_suite(const std::vector<std::string>& suites);
std::string unknown_suite(std::string_view typed, std::string_view nearest);
std::string repeated_suite(std::string_view name);
std::string nothing_selected(std::string_view suite, std::string_view filter,
                             const std::vector<std::string>& there_is);
std::string nothing_selected_together(std::string_view suite);

// Plugins.
std::string unloadable_plugin(std::string_view file, std::string_view cause);
std::string wrong_plugin(std::string_view file, std::string_view sentence);
std::string plugin_without_suite(std::string_view file);

// Peers.
std::string not_for_peer(std::string_view suite, std::string_view peer);
std::string left_out_peers(const std::vector<std::string>& peers);
std::string peer_needed(std::string_view filter, std::string_view peer);

// Traces.
std::string no_trace();
std::string interrupted_analysis(std::uint64_t events);

// Output.
std::string unknown_format_of_file(std::string_view file, const std::vector<std::string>& formats);
std::string same_output_twice(std::string_view file);
std::string cannot_write(std::string_view cause);
std::string cannot_trace(std::string_view cause);
std::string csv_hint(std::string_view command);
std::string picture_hint(std::string_view gobench, std::string_view file);

// Results that are read.
std::string cannot_read(std::string_view cause);
// Pages and pictures.
std::string nothing_to_report(std::string_view verb, std::string_view out);
std::string built_without_uplot();
std::string too_many_samples(std::string_view file, std::uint64_t most);
std::string no_findings(std::string_view file, std::size_t line, std::string_view cause);
std::string page_written(std::string_view file);
std::string several_suites(std::string_view file, const std::vector<std::string>& suites);
std::string no_picture_format(std::string_view file);
std::string no_quantiles(std::string_view file);
std::string nothing_to_draw_with();
std::string cannot_draw_with(std::string_view program, std::string_view install);
std::string drawing_failed(std::string_view program, std::string_view output);

std::string no_files_to_compare();
std::string no_files_to_merge();
std::string nothing_in_common(std::string_view base, std::string_view fresh,
                              std::string_view base_has, std::string_view new_has);
std::string no_case_matches(std::string_view setting, std::string_view typed,
                            std::string_view there_is);
std::string no_such_metric(std::string_view metric, std::string_view file);
std::string unknown_column(std::string_view setting, std::string_view typed,
                           const std::vector<std::string>& columns, std::string_view nearest);
std::string bad_share(std::string_view setting, std::string_view typed, std::string_view range);
std::string no_saved_run(std::string_view suite);
std::string unknown_format_of_report(std::string_view file,
                                     const std::vector<std::string>& formats);

// During and after a run.
std::string debug_build(std::string_view build_type);
std::string ignored_backend();
std::string ignored_setting(std::string_view name, std::string_view instead);
std::string traced();
std::string interrupted(std::size_t done, std::size_t total);
std::string interrupted_before_first();
std::string wrong_sample(std::string_view cause, std::size_t done);
std::string failed_case(std::string_view cause, std::size_t done);
std::string refused_by_system(std::string_view cause, std::size_t done);
std::string internal_error(std::string_view cause);

}  // namespace gobench::cli::messages
