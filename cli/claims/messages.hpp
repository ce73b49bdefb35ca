// Every sentence that `gobench claims` says, each with what to do next where there is something to do.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gobench::cli::claims::messages {

// What was asked for.
std::string unknown_claim(std::string_view typed, std::string_view nearest);
std::string unknown_format_of_file(std::string_view file, const std::vector<std::string>& formats);

// Why something cannot be told.
std::string not_measured();
std::string too_few_samples(std::size_t count, std::size_t needed);
std::string crosses_threshold(double share_of_others);
std::string too_busy(double share_of_others);
std::string ran_serially();
std::string no_such_suite(std::string_view suite);
std::string no_such_variant(std::string_view suite, std::string_view variant);
std::string stopped_early();

// Trials.
std::string not_tried();
std::string no_place(std::string_view cause);
std::string not_compiled(std::string_view program, std::string_view first_line);
std::string no_such_command(std::string_view command);
std::string broken_tool(std::string_view command, int code, std::string_view last_line);
std::string took_too_long(std::string_view command, int seconds);
std::string other_finding(std::string_view wanted, std::string_view found);
std::string unexpected_finding(std::string_view found);
std::string nothing_found(std::string_view wanted);
std::string not_mentioned(std::string_view words);
std::string program_failed();
std::string not_refused(std::string_view program, std::size_t line);
std::string wrongly_refused(std::string_view program, std::size_t line);

// After a run.
std::string interrupted();
std::string failed_claims(const std::vector<std::string>& ids);

}  // namespace gobench::cli::claims::messages
