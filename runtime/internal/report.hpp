// What is told about tasks when something is wrong.
#pragma once

#include <cstdint>
#include <exception>

#include "runtime/flavour.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {

// The exception gobench::deadlock with the list of all tasks of the run. While none of them runs.
std::exception_ptr describe_deadlock(std::uint64_t run);

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
