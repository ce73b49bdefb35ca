// What is told about tasks when something is wrong.
#pragma once

#include <cstdint>
#include <exception>
#include <string>

#include "runtime/internal/control.hpp"
#include "runtime/park.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {

// "locking mutex 0x1234", "reading from fd 7": what a task waits for.
std::string describe_wait(wait_reason reason, const void* object);
// The same and for how long, at `now`.
std::string waiting_line(const control& task, std::int64_t now);

// The exception gobench::deadlock with the list of all tasks of the run. While none of them runs.
std::exception_ptr describe_deadlock(std::uint64_t run);

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
