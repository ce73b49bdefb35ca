// What `gobench explore` and `gobench replay` say to their user.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "detector/findings/collection.hpp"

namespace gobench::cli::explore::messages {

// What was typed.
std::string bad_shard(std::string_view setting, std::string_view typed);
std::string no_shard_in_environment();
std::string shard_without_count(std::string_view variable);
std::string nothing_to_replay();
std::string token_without_program();
std::string times_in_debugger();
std::string other_build(std::string_view token, std::string_view program);

// The run.
std::string not_explored(std::string_view program, std::string_view said);
std::string no_place(std::string_view cause);
std::string failing_schedule(std::uint64_t number, std::string_view strategy,
                             std::string_view message);
std::string not_repeated(std::string_view token);
std::string shrinking_stopped(std::size_t trials);
std::string how_often(std::size_t failing, std::size_t schedules);
std::string replay_with(std::string_view command);
std::string interrupted(int signal);
std::string summary(const detector::findings::tally& counts, const std::vector<std::string>& files,
                    std::string_view command);

// Replay.
std::string all_equal(std::size_t times);
std::string not_equal(std::size_t times, std::size_t different);
std::string nothing_failed(std::string_view token);
std::string debugger_command(std::string_view command);
std::string no_debugger(std::string_view cause);

}  // namespace gobench::cli::explore::messages
