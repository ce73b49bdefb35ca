// `gobench race --self-test`: whether a gate would notice a race on this machine.
#pragma once

#include "cli/command.hpp"

namespace gobench::cli::race {

// Builds a small program with the user's compiler as `gobench cxx` does and runs it twice: with a race, and
// with a lock in its place. Returns 0 when the first was reported and the second was not; throws a failure
// that says what broke.
int self_test(const surroundings& around);

}  // namespace gobench::cli::race
