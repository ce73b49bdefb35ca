// Start-up and the end.
#pragma once

namespace gobench::detector {

// As the loader gave it; null: libc has it.
extern char** initial_environment;

// Idempotent. Runs from .preinit_array in a program, from a constructor in a shared object, and from the first
// instrumented function that gets there before.
void start_up() noexcept;
// Ends the report and the process at once, without running anything more of the program.
[[noreturn]] void end_process(int status) noexcept;

}  // namespace gobench::detector
