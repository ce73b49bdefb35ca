// From arguments to an exit code: finds the command, runs it, and turns every way of failing into one
// sentence on standard error.
#pragma once

namespace gobench::cli {

int run_program(int argc, const char* const* argv);

}  // namespace gobench::cli
