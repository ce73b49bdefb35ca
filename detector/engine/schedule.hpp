// Where the engine tells a schedule explorer that the program is about to do something (detector/explore).
//
// Not while the caller is internal, and not in code of ours. The explorer may let other threads run before it returns, so
// nothing that is locked may be held, and what was loaded before may have changed.
#pragma once

#include <cstdint>

#include "detector/explore/operation.hpp"
#include "detector/report/raw_finding.hpp"

namespace gobench::detector::schedule {

// Set once, at start-up; false again in the child of a fork.
extern bool explored;  // every atomic operation is a step
extern bool
    accesses_explored;  // accesses to memory may be steps, so all of them take the slow path

// Null while nothing is explored.
using step_function = void (*)(explore::operation what, const void* object, address pc) noexcept;
extern step_function step;
// Of an access: whether it is a step is decided there.
extern step_function access_step;

}  // namespace gobench::detector::schedule

namespace gobench::detector {

// Defined where there is an explorer. Asked before the tables are laid out: whether GOBENCH_EXPLORE is there, so that
// addresses have to be the same in each run.
bool exploration_is_wanted() noexcept __attribute__((weak));
// By the main thread, when the rest of the detector is ready.
void start_exploration() noexcept __attribute__((weak));
// The program has ended by itself, with this status.
void end_exploration(int status) noexcept __attribute__((weak));
// Whether an explored thread waits and nobody has woken it; unknown where the program is not explored.
struct task_state;
enum class explored_wait { unknown, waits, goes_on };
// Virtual time; -1 where the program is not explored.
std::int64_t explored_now() noexcept __attribute__((weak));
explored_wait explored_wait_of(const task_state& task) noexcept __attribute__((weak));

}  // namespace gobench::detector
