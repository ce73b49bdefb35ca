// What is told about tasks when something is wrong.
#pragma once

#include <cstdint>
#include <exception>
#include <string>

#include "runtime/internal/control.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {

// "receiving from channel 0x7f... for 20 ms": what a task waits for, on what, and how long at `now`.
std::string waiting_line(const control& task, std::int64_t now);

// The exception gobench::deadlock with the list of all tasks of the run. While none of them runs.
std::exception_ptr describe_deadlock(std::uint64_t run);

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
