// Writing the log (log.hpp): what is in the file is whole at each moment.
#pragma once

#include "detector/explore/log.hpp"

namespace gobench::detector::explore::log_file {

// Ends the process with a sentence where the file cannot be made. An empty path: nothing is written.
void open(const char* path) noexcept;
void append(const log_record& record) noexcept;
// The first reason counts. Cuts the file to its length; nothing is written afterwards.
void end(end_reason why, int exit_status, std::uint64_t virtual_ns, std::uint32_t threads) noexcept;
// In the child of a fork, whose steps are not those of the schedule.
void leave() noexcept;

}  // namespace gobench::detector::explore::log_file
