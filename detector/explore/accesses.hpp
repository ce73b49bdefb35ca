// Which accesses to memory are steps.
#pragma once

namespace gobench::detector::explore {

// By the options. Until then, and where none are, accesses go their fast way.
void start_accesses() noexcept;

}  // namespace gobench::detector::explore
